"""Callbacks that run in the browser, written in JavaScript under assets/."""

from dash import ClientsideFunction, Dash, Input, Output, State


def run_in_browser(
    app: Dash,
    function: str,
    *wires: Output | Input | State,
    prevent_initial_call: bool = False,
) -> None:
    """Wire up `function`, such as "review.typed", of `window.dash_clientside`."""
    namespace, name = function.split(".")
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash has no types here.
        ClientsideFunction(namespace, name), *wires, prevent_initial_call=prevent_initial_call
    )

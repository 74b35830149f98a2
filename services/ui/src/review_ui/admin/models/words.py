"""How versions, their roles, verdicts and numbers are shown."""

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from review_ui.admin.models.registry import GateVerdict, ModelVersion
from review_ui.admin.words import flattened, share_text

VERSION_PATH = "/admin/models/version"
VERDICT_COLOURS = {"pass": "success", "fail": "danger", "skipped": "secondary"}
VERDICT_NAMES = {"pass": "passed", "fail": "failed", "skipped": "skipped"}
ROLE_COLOURS = {"production": "success", "canary": "warning"}
# What a version's metrics are called in the table of versions, best known first.
HEADLINES = {"accuracy": "accuracy", "weighted_f1": "F1"}


def version_link(name: str, version: str) -> Component:
    """The link to a version's own page."""
    address = f"{VERSION_PATH}?{urlencode({'name': name, 'version': version})}"
    return html.A(f"{name} {version}", href=address)


def role_chip(role: str) -> Component:
    """What a version is used for."""
    return html.Span(role, className=f"chip chip-{ROLE_COLOURS.get(role, 'secondary')}")


def verdict_chip(verdict: str) -> Component:
    """What the gate, or one of its checks, says."""
    return html.Span(VERDICT_NAMES[verdict], className=f"chip chip-{VERDICT_COLOURS[verdict]}")


def gate_view(gate: GateVerdict | None) -> Component:
    """The verdict of the latest gate report."""
    if gate is None:
        return html.Span("no report", className="quiet")
    return verdict_chip(gate.verdict)


def headline(version: ModelVersion) -> str:
    """The best known of a version's metrics, wherever they stand in them."""
    found = dict(flattened(version.metrics or {}))
    parts = []
    for name, spoken in HEADLINES.items():
        path = next((path for path in found if path.split(" · ")[-1] == name), None)
        if path and isinstance(found[path], float):
            parts.append(f"{spoken} {share_text(found[path], 1)}")
    return ", ".join(parts)

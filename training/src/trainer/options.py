"""The command line's options, made of the configuration: each is said once, in `trainer.config`."""

import inspect
import types
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from pydantic.fields import FieldInfo

from trainer.config import SECTIONS

LONGEST_DEFAULT = 30
"""Characters; a longer default is in the documentation, not in the help."""


def with_config_options(main: Callable[..., None]) -> Callable[..., None]:
    """Return `main` with an option for each value of the configuration in place of `**options`.

    What is not given on the command line is None.
    """
    own = [
        parameter
        for parameter in inspect.signature(main).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]

    def command(**given: Any) -> None:  # noqa: ANN401  # Every option has a type of its own.
        main(**given)

    parameters = [*own, *config_parameters()]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # A function; typer reads this of it.
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__doc__, command.__module__ = main.__doc__, main.__module__
    return command


def config_parameters() -> list[inspect.Parameter]:
    """Return a parameter for each value of the configuration, in its order."""
    return [
        _parameter(section, field, get_type_hints(section, include_extras=True)[field.name])
        for section in SECTIONS.values()
        for field in fields(section)
    ]


def as_sections(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the options that were given as {section: {option: value}}."""
    return {
        name: {
            field.name: options[field.name]
            for field in fields(section)
            if options.get(field.name) is not None
        }
        for name, section in SECTIONS.items()
    }


def overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of both; a value of `above` wins."""
    return {name: {**below.get(name, {}), **above.get(name, {})} for name in {**below, **above}}


def _parameter(section: Any, field: Field[Any], hint: Any) -> inspect.Parameter:  # noqa: ANN401
    option = typer.Option(
        help=_description(hint),
        rich_help_panel=str(section.__doc__).rstrip("."),
        show_default=_shown(field.default),
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[plain(hint) | None, option],
    )


def _shown(default: object) -> str | bool:
    if default in (None, (), "", MISSING):
        return False
    text = ("off", "on")[default] if isinstance(default, bool) else str(default)
    return text if len(text) <= LONGEST_DEFAULT else False


def _description(hint: Any) -> str:  # noqa: ANN401  # Annotations have no common type.
    infos = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, FieldInfo)]
    return next((info.description for info in infos if info.description), "")


def plain(hint: Any) -> Any:  # noqa: ANN401  # Annotations have no common type.
    """Return a type without what is annotated, and without None; tuples become lists."""
    if get_origin(hint) is Annotated:
        return plain(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return next(plain(one) for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is tuple:
        item = plain(get_args(hint)[0])
        # Typer has no lists of choices; the configuration checks them.
        return list[str if get_origin(item) is Literal else item]  # type: ignore[misc]
    return hint

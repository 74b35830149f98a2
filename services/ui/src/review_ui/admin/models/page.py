"""The page Models: what is in use, how it does, and which versions there are."""

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from review_ui.admin.actions import action_button
from review_ui.admin.models.actions import NO_TARGET, PER_PERCENT
from review_ui.admin.models.comparison import comparison_view
from review_ui.admin.models.events import EVENTS_PATH, events_view
from review_ui.admin.models.registry import (
    Alias,
    AliasMeaning,
    Canary,
    ModelVersion,
    Policy,
    fetch_aliases,
    fetch_canary,
    fetch_comparison,
    fetch_events,
    fetch_versions,
)
from review_ui.admin.models.words import gate_view, headline, role_chip, version_link
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import cursor_address, empty_view, pager_view, table_view
from review_ui.admin.words import NOTHING, count_text, date_text, time_view
from review_ui.owner_calls import Listing, OwnerCalls

NOT_SET: Mapping[Alias, str] = {
    "production": "No version yet: every place serves the one that it was shipped with.",
    "canary": "None. Make a version the canary to try it on a part of the visitors.",
    "previous": "None yet. It is there after the second promotion.",
}


def models_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """The page; its address says which page of the versions is shown."""
    versions = fetch_versions(calls, arguments.get("cursor"))
    return html.Div(
        [
            in_use_view(fetch_aliases(calls), fetch_canary(calls)),
            comparison_view(fetch_comparison(calls)),
            versions_view(versions),
            _latest_events(calls),
        ]
    )


MODELS = OwnerPage("/admin/models", "Models", models_page)


def in_use_view(aliases: Mapping[Alias, AliasMeaning | None], canary: Canary) -> Component:
    """What each alias means, with what can be done about it."""
    buttons = {
        "production": _production_buttons(aliases),
        "canary": _canary_buttons(),
        "previous": [],
    }
    cards = [
        _alias_card(alias, meaning, _more(alias, canary), buttons[alias])
        for alias, meaning in aliases.items()
    ]
    return html.Section(
        [
            html.H2("In use", className="section-heading"),
            html.Div(cards, className="aliases"),
            _policy_card(canary.policy),
        ],
        className="section",
    )


def versions_view(versions: Listing[ModelVersion]) -> Component:
    """A page of the versions."""
    if not versions.items:
        content: Component = empty_view(
            "No versions yet", "A training run registers the model that it made."
        )
    else:
        columns = ("Version", "Registered (UTC)", "Measured", "Gate", "Trained on")
        rows = [_version_row(version) for version in versions.items]
        content = table_view("Versions", columns, rows, actions=True)
    pages = pager_view(
        "Pages of versions", cursor_address(versions.previous), cursor_address(versions.next)
    )
    at_least = "" if versions.is_exact else "more than "
    heading = html.Div(
        [
            html.H2("Versions", className="section-heading"),
            html.Span(f"{at_least}{count_text(versions.total, 'version')}", className="quiet"),
        ],
        className="heading-line",
    )
    return html.Section([heading, content, *([pages] if pages else [])], className="section")


def version_buttons(version: ModelVersion) -> list[Component]:
    """What can be done with a version as it is used now."""
    if "production" in version.aliases:
        return []
    about = f"{version.name} {version.version}"
    promote = action_button("promote", version.key, "Promote", about)
    if "canary" in version.aliases:
        return [promote]
    return [promote, action_button("make-canary", version.key, "Make canary", about)]


def _alias_card(
    alias: Alias, meaning: AliasMeaning | None, more: list[Component], buttons: list[Component]
) -> Component:
    name = html.H3(alias.capitalize(), className="card-heading")
    if meaning is None:
        return html.Div([name, html.P(NOT_SET[alias], className="quiet")], className="card alias")
    model = meaning.model
    return html.Div(
        [
            name,
            html.Div(version_link(model.name, model.version), className="alias-version"),
            html.P(f"since {date_text(meaning.changed)}", className="quiet"),
            *more,
            html.Div(buttons, className="buttons"),
        ],
        className="card alias",
    )


def _more(alias: Alias, canary: Canary) -> list[Component]:
    if alias != "canary":
        return []
    return [
        html.P(f"{canary.weight / PER_PERCENT:g} % of the visitors", className="alias-share"),
        html.P(
            f"{canary.shadow / PER_PERCENT:g} % of the reviews in the shadow", className="quiet"
        ),
    ]


def _production_buttons(aliases: Mapping[Alias, AliasMeaning | None]) -> list[Component]:
    previous = aliases["previous"]
    if previous is None:
        return []
    return [action_button("roll-back", NO_TARGET, f"Roll back to {previous.model.version}")]


def _canary_buttons() -> list[Component]:
    return [
        action_button("weight", NO_TARGET, "Set weight"),
        action_button("shadow", NO_TARGET, "Set shadow"),
        action_button("remove-canary", NO_TARGET, "Remove"),
    ]


def _policy_card(policy: Policy) -> Component:
    heading = html.Div(
        [
            html.H3("Policy", className="card-heading"),
            html.Span(
                "on" if policy.enabled else "off",
                className=f"chip chip-{'success' if policy.enabled else 'secondary'}",
            ),
            action_button("policy", NO_TARGET, "Change the policy"),
        ],
        className="heading-line",
    )
    return html.Div(
        [heading, html.P(policy_text(policy), className="quiet")], className="card policy"
    )


def policy_text(policy: Policy) -> str:
    """The rules in words."""
    end = "is promoted" if policy.promote else "stays there"
    return (
        f"Every {policy.interval_seconds} s, once there are {policy.least_answers:,} answers and "
        f"{policy.least_rated:,} rated reviews: a canary with less than "
        f"{100 * policy.success_rate:g} % success, more than 1 % of its calls slower than "
        f"{policy.p99_ms:g} ms, or {100 * policy.agreement_drop:g} % less agreement than "
        f"production is removed; a good one gets {policy.step / PER_PERCENT:g} % more visitors up "
        f"to {policy.max / PER_PERCENT:g} %, and {end}."
    )


def _version_row(version: ModelVersion) -> tuple[Component | str, ...]:
    name = html.Div(
        [version_link(version.name, version.version), *map(role_chip, version.aliases)],
        className="cell-lines",
    )
    rows = sum((version.rows or {}).values())
    return (
        name,
        time_view(version.created_date),
        headline(version) or NOTHING,
        gate_view(version.gate),
        count_text(rows, "review") if rows else NOTHING,
        html.Div(version_buttons(version), className="buttons"),
    )


def _latest_events(calls: OwnerCalls) -> Component:
    events = fetch_events(calls)
    more = html.A("All events", href=EVENTS_PATH) if events.next else None
    heading = html.Div(
        [html.H2("Events", className="section-heading"), *([more] if more else [])],
        className="heading-line",
    )
    return html.Section([heading, events_view(events.items)], className="section")

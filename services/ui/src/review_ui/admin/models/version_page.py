"""One version: where it comes from, how it measured, and what the gate found."""

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from review_ui.admin.models.page import MODELS, version_buttons
from review_ui.admin.models.registry import (
    GateCheck,
    GateReport,
    ModelVersion,
    fetch_reports,
    fetch_version,
)
from review_ui.admin.models.words import (
    VERSION_PATH,
    role_chip,
    verdict_chip,
    version_link,
)
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import Cell, facts_view, table_view
from review_ui.admin.words import (
    NOTHING,
    date_text,
    flattened,
    measure_text,
    number_text,
    size_text,
    value_text,
)
from review_ui.owner_calls import OwnerCalls


def version_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """The version that the address names."""
    key = f"{arguments.get('name', '')}/{arguments.get('version', '')}"
    version = fetch_version(calls, key)
    return html.Div(
        [_head(version), card_view(version), gate_reports_view(fetch_reports(calls, key))]
    )


def name_of(arguments: Arguments) -> str:
    """The version that the address names, as a heading."""
    return f"{arguments.get('name', '')} {arguments.get('version', '')}"


VERSION = OwnerPage(VERSION_PATH, "A version", version_page, MODELS.path, name_of)


def card_view(version: ModelVersion) -> Component:
    """Lineage, metrics and configuration."""
    metrics = [(name, value_text(value)) for name, value in flattened(version.metrics or {})]
    return html.Div(
        [
            _card("Lineage", facts_view(_lineage(version))),
            _card("Measured", facts_view(metrics) if metrics else _nothing("No metrics.")),
            *_json_card("Configuration", version.configuration),
            *_json_card("Profile of the training set", version.profile),
        ],
        className="section",
    )


def gate_reports_view(reports: Sequence[GateReport]) -> Component:
    """All gate reports, the newest open."""
    heading = html.H2("Gate", className="section-heading")
    if not reports:
        return html.Section(
            [heading, _nothing("The gate has not looked at it.")], className="section"
        )
    parts = [_report(report, is_open=at == 0) for at, report in enumerate(reports)]
    return html.Section([heading, *parts], className="section")


def _head(version: ModelVersion) -> Component:
    return html.Div(
        [
            html.Div([*map(role_chip, version.aliases)], className="buttons"),
            html.Div(version_buttons(version), className="buttons"),
        ],
        className="heading-line",
    )


def _lineage(version: ModelVersion) -> list[tuple[str, Cell]]:
    sources = ", ".join(f"{source} {count:,}" for source, count in (version.rows or {}).items())
    parent = version_link(version.name, version.parent) if version.parent else NOTHING
    return [
        ("Registered (UTC)", date_text(version.created_date)),
        ("Parent", parent),
        ("Trained on", sources or NOTHING),
        ("Size", size_text(version.size_bytes)),
        ("Code", version.code_revision or NOTHING),
        ("Digest of the data", version.data_digest or NOTHING),
        ("SHA-256", html.Span(version.sha256, className="digest")),
        ("Signature", html.Span(version.signature or "not signed", className="digest")),
        ("Where it is", version.uri),
    ]


def _report(report: GateReport, *, is_open: bool) -> Component:
    against = f"against {report.against}" if report.against else "on its own"
    summary = html.Summary(
        [verdict_chip(report.verdict), html.Span(f"{date_text(report.created_date)}, {against}")]
    )
    reasons = html.Ul([html.Li(reason) for reason in report.reasons], className="reasons")
    columns = ("Check", "Verdict", "Measured", "Limit", "Detail")
    checks = table_view("Checks of the gate", columns, [_check(check) for check in report.checks])
    figures = facts_view((name, value_text(value)) for name, value in flattened(report.figures))
    parts = [*([reasons] if report.reasons else []), checks, figures]
    return html.Details(
        [summary, html.Div(parts, className="section")], open=is_open, className="report"
    )


def _check(check: GateCheck) -> tuple[Cell, ...]:
    return (
        check.name,
        verdict_chip(check.verdict),
        measure_text(check.measured),
        measure_text(check.limit),
        check.detail or NOTHING,
    )


def _card(title: str, content: Component) -> Component:
    return html.Section(
        [html.H2(title, className="card-heading"), content], className="card version-card"
    )


def _json_card(title: str, value: dict[str, Any] | None) -> list[Component]:
    """A card of an object, which is long; none where it is not known."""
    if value is None:
        return []
    text = json.dumps(value, indent=2, ensure_ascii=False)
    summary = html.Summary(f"{number_text(len(value))} entries")
    details = html.Details([summary, html.Pre(text, className="json")], className="chart-numbers")
    return [_card(title, details)]


def _nothing(text: str) -> Component:
    return html.P(text, className="quiet")

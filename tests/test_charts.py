"""The charts' values, their schema and their tables agree, and so do the images' Dockerfiles."""

import importlib.util
import json
import re

import jsonschema_rs
import pytest
import yaml

from model_server.settings import Settings as ModelServerSettings
from review_api.settings import Settings as ApiSettings
from review_scraper.settings import Settings as ScraperSettings
from review_ui import create_server
from review_ui.settings import Settings as UiSettings

CHARTS = ("candor", "postgres")
TORCH_ROOMS = ("services/model_server", "training")
ROOMS = ("services/api", "services/ui", *TORCH_ROOMS, "scraping")

SETTINGS = {
    "api/config.yaml": ApiSettings,
    "api/deployment.yaml": ApiSettings,
    "worker/deployment.yaml": ApiSettings,
    "ui/config.yaml": UiSettings,
    "ui/deployment.yaml": UiSettings,
    "model-server/config.yaml": ModelServerSettings,
    "model-server/_deployment.tpl": ModelServerSettings,
    "scraping/_job.tpl": ScraperSettings,
}
"""Whose settings a template sets."""
VARIABLE = re.compile(
    r"^  ([A-Z_]+): |name: ([A-Z_]+),|secretVariable. \(list \"([A-Z_]+)\"", re.MULTILINE
)


@pytest.fixture(scope="module")
def values_table(checkout):
    path = checkout / "charts/values_table.py"
    spec = importlib.util.spec_from_file_location("values_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=CHARTS)
def chart(request, checkout):
    return checkout / "charts" / request.param


def values_of(chart):
    return yaml.safe_load((chart / "values.yaml").read_text())


def schema_of(chart):
    return json.loads((chart / "values.schema.json").read_text())


def refusal(chart, values):
    validator = jsonschema_rs.Draft7Validator(schema_of(chart))
    return "; ".join(error.message for error in validator.iter_errors(values))


def properties(schema, node, path=""):
    """Every value that the schema knows, down to those that are whole to it."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    inner = node.get("properties", {})
    if not inner or "requests" in inner:
        yield path
        return
    for name, child in inner.items():
        yield from properties(schema, child, f"{path}.{name}".strip("."))


def test_the_table_in_the_readme_is_that_of_the_values(chart, values_table):
    readme = (chart / "README.md").read_text()
    values = (chart / "values.yaml").read_text()
    assert values_table.with_table(readme, values) == readme


def test_every_value_is_described_and_in_the_schema(chart, values_table):
    described = {one.path for one in values_table.read_values((chart / "values.yaml").read_text())}
    schema = schema_of(chart)
    assert described == set(properties(schema, schema)) - {"global"}


def test_the_values_and_those_for_kind_fit_the_schema(chart, checkout):
    assert refusal(chart, values_of(chart)) == ""
    kind = {"candor": "values.yaml", "postgres": "postgres.yaml"}[chart.name]
    assert refusal(chart, yaml.safe_load((checkout / "k8s/kind" / kind).read_text())) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"api": {"replica": 3}},
        {"api": {"autoscaling": {"minReplicas": 0}}},
        {"logLevel": "verbose"},
        {"networkPolicy": {"ingressPeers": [{}]}},
        {"training": {"schedule": "daily"}},
        {"modelStore": {"uri": "/models"}},
        {"unknown": True},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(checkout, wrong):
    assert refusal(checkout / "charts/candor", wrong)


def test_the_ingress_has_every_address_of_the_pages_and_none_for_operators(checkout):
    templates = checkout / "charts/candor/templates/ingress"
    listed = set(re.findall(r'"(/[^" ]*)"', (templates / "_address.tpl").read_text()))
    for_operators = {"/healthz", "/readyz", "/metrics", "/version"}
    # The last two: whatever is no page, and what only a developer's server answers.
    elsewhere = for_operators | {"/", "/<path:path>", "/_reload-hash"}
    rules = {rule.rule for rule in create_server(UiSettings()).url_map.iter_rules()}
    assert for_operators < rules
    assert {"/" + rule.split("/")[1] for rule in rules - elsewhere} == listed
    ingress, route = (
        (templates / f"{name}.yaml").read_text() for name in ("ingress", "http-route")
    )
    assert "- path: /\n            pathType: Exact\n" in ingress
    assert "{type: Exact, value: /}" in route


@pytest.mark.parametrize("template", SETTINGS)
def test_a_variable_that_a_template_sets_is_a_setting_of_its_room(checkout, template):
    text = (checkout / "charts/candor/templates" / template).read_text()
    variables = {next(filter(None, found)) for found in VARIABLE.findall(text)}
    assert variables
    assert variables <= {name.upper() for name in SETTINGS[template].model_fields}


@pytest.mark.parametrize("room", ROOMS)
def test_an_image_starts_as_a_numbered_user_without_a_shell(checkout, room):
    lines = (checkout / room / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    starts = [line for line in lines if line.startswith(("CMD", "ENTRYPOINT"))]
    assert starts
    assert all(re.fullmatch(r'(CMD|ENTRYPOINT) \[".*"\]', line) for line in starts)


@pytest.mark.parametrize("room", ROOMS)
def test_an_image_is_built_with_the_uv_of_the_makefile(checkout, room):
    makefile = (checkout / "Makefile").read_text()
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)[1]
    found = re.findall(r"UV_VERSION=(\S+)", (checkout / room / "Dockerfile").read_text())
    assert set(found) == {version}


def test_training_and_the_model_server_share_one_layer_with_torch(checkout):
    first, second = (
        (checkout / room / "Dockerfile").read_text().partition("ARG BASE")[2].split("\nFROM ")[:3]
        for room in TORCH_ROOMS
    )
    assert first == second
    assert "AS torch" in first[2]


def test_alerts_and_the_dashboard_ask_for_metrics_that_there_are(checkout):
    chart = checkout / "charts/candor"
    text = (chart / "templates/monitoring/rules.yaml").read_text()
    text += (chart / "files/dashboards/candor.json").read_text()
    asked = {re.sub("_(bucket|total)$", "", name) for name in re.findall(r"([a-z_]+)\{", text)}
    sources = "".join(path.read_text() for path in checkout.glob("services/*/src/**/*.py"))
    known = set(re.findall(r'"([a-z_]+?)(?:_total)?"', sources))
    of_others = {"up", "kube_job_status_failed"}
    assert len(asked) > 10
    assert asked - of_others <= known

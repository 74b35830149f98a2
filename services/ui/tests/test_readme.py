"""The README's tables say what the code says."""

import re
from pathlib import Path

from review_ui import create_server
from review_ui.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text()


def table(heading):
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.*) \|$", section, re.MULTILINE)
    return dict(rows)


def test_the_settings_are_those_of_the_code():
    def row(field):
        default = field.default
        shown = "" if default is None or not str(default) else f"`{default}` "
        return f"{shown}| {field.description}"

    expected = {name.upper(): row(field) for name, field in Settings.model_fields.items()}
    assert table("Settings") == expected


def test_the_endpoints_are_those_of_the_code():
    rules = {rule.rule for rule in create_server(Settings()).url_map.iter_rules()}
    own = {rule for rule in rules if not re.match(r"/(_|assets|<)", rule)}
    assert set(table("Endpoints")) == own | {"/admin"}

"""Which room may import which: the table of the README, held."""

import ast
import subprocess
import sys

import pytest

ROOMS = {
    "services/api/src": {"review_api"},
    "services/ui/src": {"review_ui"},
    "services/model_server/src": {"model_server"},
    "services/model_server/handler.py": {"charcnn"},
    "training": {"charcnn", "trainer"},
    "training/src/charcnn": {"charcnn"},
    "scraping/src": {"review_scraper"},
    "scraping/demo_site": {"demo_site"},
    "local/src": {"candor_local"},
    "bench": {"bench", "candor_local", "charcnn", "review_api", "trainer"},
}
"""What of the project each place may import."""

PACKAGES = set().union(*ROOMS.values())


def sources(checkout, place):
    path = checkout / place
    found = [path] if path.is_file() else path.rglob("*.py")
    return [source for source in found if "tests" not in source.parts]


def imported_packages(source):
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("place", ROOMS)
def test_a_room_imports_of_the_project_only_what_it_may(checkout, place):
    found = sources(checkout, place)
    assert found
    for source in found:
        foreign = set(imported_packages(source)) & PACKAGES - ROOMS[place]
        assert not foreign, f"{source} imports {foreign}"


def test_what_a_server_runs_of_the_archive_needs_no_torch(checkout):
    handler = checkout / "services/model_server/handler.py"
    lines = [line for line in handler.read_text().splitlines() if line.startswith("from charcnn")]
    assert lines
    code = "\n".join([*lines, "import sys", "sys.exit('torch' in sys.modules)"])
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=checkout / "training/src", check=True)


def test_there_is_no_room_for_odds_and_ends(checkout):
    names = {path.name for room in ROOMS for path in (checkout / room).rglob("*") if path.is_dir()}
    assert not names & {"common", "utils", "helpers"}

"""One lap of the loop, by its command: people change the model, and no bad one stays."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def lap(checkout, tmp_path_factory):
    out = tmp_path_factory.mktemp("lap") / "lap.json"
    command = [sys.executable, "-m", "bench.lap", "--out", out]
    # Others may have the second core, and threads that wait for one another would take long.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text())


def test_another_model_is_in_production_after_the_lap(lap):
    assert lap["versions"]["before"] != lap["versions"]["after"]
    assert [gate["verdict"] for gate in lap["gates"]] == ["pass", "pass", "fail"]


def test_what_people_wrote_changes_what_the_model_says(lap):
    assert lap["probes"]
    for probe in lap["probes"]:
        change = probe["after"] - probe["before"]
        assert change > 0 if probe["rating"] == 5 else change < 0


@pytest.mark.parametrize("switch", ["promotion", "rollback"])
def test_no_request_fails_during_a_switch_and_only_the_two_versions_answer(lap, switch):
    seen = lap[switch]
    assert seen["failures"] == 0
    assert set(seen["versions"]) == {lap["versions"]["before"], lap["versions"]["after"]}


def test_both_versions_are_compared_on_live_traffic(lap):
    for version in lap["versions"].values():
        assert lap["canary"][version]["answers"] > 0


def test_a_model_that_likes_everything_passes_no_gate_and_does_not_stay(lap):
    assert lap["sabotage"]["gate"] == "fail"
    assert lap["sabotage"]["refused"]
    assert lap["sabotage"]["caught_seconds"] < 120

"""The server as it is started in earnest."""

import os
import signal
import subprocess
import sys

import pytest
import requests
from urllib3 import Retry

pytestmark = pytest.mark.integration

COMMAND = [
    sys.executable,
    *("-m", "gunicorn", "-c", "python:review_ui.gunicorn_config", "review_ui:create_server()"),
]


@pytest.fixture
def served(free_port):
    address = f"127.0.0.1:{free_port}"
    process = subprocess.Popen(
        COMMAND, env={**os.environ, "UI_BIND": address}, stdout=subprocess.PIPE, text=True
    )
    yield process, f"http://{address}"
    process.kill()
    process.wait()
    process.stdout.close()


def test_gunicorn_serves_logs_json_and_stops_on_a_signal(served):
    process, url = served
    with requests.Session() as session:
        patient = requests.adapters.HTTPAdapter(max_retries=Retry(30, backoff_factor=0.05))
        session.mount(url, patient)
        assert session.get(f"{url}/readyz", timeout=5).json() == {"status": "ready"}
        assert session.get(f"{url}/version", timeout=5).json()["name"] == "review-ui"
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert all(line.startswith("{") for line in output.splitlines())
    assert '"path": "/version"' in output

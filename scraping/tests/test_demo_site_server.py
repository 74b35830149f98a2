import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import accumulate

import psutil
import pytest
import requests

from demo_site.running import running

pytestmark = pytest.mark.integration


def get(address, **options):
    return requests.get(address, timeout=30, allow_redirects=False, **options)


def rows(address):
    return [json.loads(line) for line in get(address).text.splitlines()]


def where(url, hazard):
    return next(url + r["path"] for r in rows(f"{url}/truth/hazards") if r["hazard"] == hazard)


def server_of(url):
    port = int(url.rpartition(":")[2])
    return next(
        psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    )


def test_the_truth_is_that_of_the_options(demo_site):
    url = demo_site(companies=12, reviews=100, today="2026-11-24", hazards="slow,trap")
    assert get(f"{url}/truth").json() == {
        "companies": 12,
        "reviews": 100,
        "today": "2026-11-24",
        "hazards": ["slow", "trap"],
    }
    assert len(rows(f"{url}/truth/companies")) == 12
    assert len(rows(f"{url}/truth/reviews")) == 100


def test_without_a_day_it_is_today():
    before = datetime.now(UTC).date()
    with running() as url:
        shown = date.fromisoformat(get(f"{url}/truth").json()["today"])
    assert before <= shown <= datetime.now(UTC).date()


def test_requests_are_logged_in_order_and_questions_for_the_truth_are_not(demo_site, tmp_path):
    url = demo_site(log=tmp_path / "log.ndjson")
    get(f"{url}/robots.txt", headers={"User-Agent": "somebody"})
    get(f"{url}/truth")
    get(f"{url}/nowhere?page=2")
    requests.head(f"{url}/", timeout=30)
    requests.post(f"{url}/beacon", timeout=30)
    log = rows(f"{url}/log")
    assert [(r["method"], r["path"], r["status"]) for r in log] == [
        ("GET", "/robots.txt", 200),
        ("GET", "/nowhere?page=2", 404),
        ("HEAD", "/", 200),
        ("POST", "/beacon", 405),
    ]
    assert log[0]["user_agent"] == "somebody"
    assert [r["time"] for r in log] == sorted(r["time"] for r in log)
    assert len((tmp_path / "log.ndjson").read_text().splitlines()) == 4


def test_a_long_log_is_given_whole_while_it_grows(demo_site):
    url = demo_site()
    with requests.Session() as session:
        for number in range(700):
            session.get(f"{url}/beacon?{number}", timeout=30)
        answer = session.get(f"{url}/log", timeout=30, stream=True)
        get(f"{url}/later")
        log = [json.loads(line) for line in answer.iter_lines()]
    assert [r["path"] for r in log] == [f"/beacon?{number}" for number in range(700)]
    assert rows(f"{url}/log")[-1]["path"] == "/later"


def test_beyond_the_rate_limit_a_client_is_told_to_wait(demo_site):
    url = demo_site(rate_limit=5)
    answers = [get(f"{url}/") for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)
    assert get(f"{url}/truth").status_code == 200
    time.sleep(1)
    assert get(f"{url}/").status_code == 200


def test_answers_wait_without_keeping_each_other(demo_site):
    url = demo_site(delay=500)
    start = time.monotonic()
    with ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(get, [f"{url}/"] * 20))
    took = time.monotonic() - start
    assert all(answer.elapsed.total_seconds() >= 0.5 for answer in answers)
    assert took < sum(answer.elapsed.total_seconds() for answer in answers)


def test_a_client_that_leaves_before_its_slow_answer_harms_nobody(demo_site, capfd):
    url = demo_site(hazards="slow")
    with pytest.raises(requests.Timeout):
        requests.get(where(url, "slow"), timeout=0.3)
    start = time.monotonic()
    assert get(where(url, "slow")).status_code == 200
    assert time.monotonic() - start >= 3
    assert capfd.readouterr().err == ""


def test_a_huge_page_streams_in_flat_memory_and_may_be_left(demo_site):
    url = demo_site(hazards="huge")
    before = server_of(url).memory_info().rss
    with requests.get(where(url, "huge"), timeout=30, stream=True) as answer:
        sizes = accumulate(len(chunk) for chunk in answer.iter_content(1 << 20))
        assert any(size > 100 << 20 for size in sizes)
        assert server_of(url).memory_info().rss < before + 30_000_000
    assert get(f"{url}/").status_code == 200


def test_elsewhere_is_another_address_that_the_log_tells_apart(demo_site):
    url = demo_site(hazards="elsewhere")
    to = get(where(url, "elsewhere")).headers["Location"]
    assert to.startswith("http://127.0.0.2:")
    assert get(to).status_code == 200
    assert rows(f"{url}/log")[-1]["host"] == to.split("/")[2]


def test_a_million_reviews_are_told_in_flat_memory_while_others_are_served(demo_site):
    url = demo_site(companies=10_000, reviews=1_000_000)
    before = server_of(url).memory_info().rss
    assert get(f"{url}/truth").json()["companies"] == 10_000
    with requests.get(f"{url}/truth/reviews", timeout=30, stream=True) as answer:
        lines = answer.iter_lines()
        told = [json.loads(next(lines))["id"] for _ in range(20_000)]
        assert get(f"{url}/categories").status_code == 200
    assert len(set(told)) == 20_000
    assert server_of(url).memory_info().rss < before + 30_000_000


def run(*options):
    command = [sys.executable, "-m", "demo_site", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "options",
    [["--hazards", "sloww"], ["--today", "soon"], ["--companies", "0"], ["--layout", "odd"],
     ["--rate-limit", "0"], ["--port", "70000"]],
)  # fmt: skip
def test_wrong_use_is_refused_with_a_reason(options):
    ended = run(*options)
    assert ended.returncode == 2
    assert "Invalid value" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_and_a_log_that_cannot_be_written_are_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert (ended.returncode, ended.stderr) == (
        1,
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n",
    )
    ended = run("--log", str(tmp_path / "missing" / "log"))
    assert ended.returncode == 1
    assert ended.stderr == f"Error: {tmp_path}/missing/log: No such file or directory\n"


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_told_to(demo_site, with_signal):
    server = server_of(demo_site())
    os.kill(server.pid, with_signal)
    assert server.wait(10) == 0

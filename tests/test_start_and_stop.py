"""`candor run` with the real parts: what a stop leaves, and what a second start finds."""

import socket
import subprocess

import psutil
import pytest
import requests

pytestmark = pytest.mark.integration


def family(product):
    parent = psutil.Process(product.process.pid)
    return [parent, *parent.children(recursive=True)]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def save_review(product):
    body = {"review": "kept over a restart", "rating": 4, "brand": "Acme"}
    answer = requests.post(f"{product.url('API_PORT')}/api/review", json=body)
    return answer.json()["id"]


def stored_ids(product):
    listed = product.log_in().get(f"{product.url('API_PORT')}/api/reviews").json()
    return [row["id"] for row in listed]


def test_a_stop_leaves_no_process_and_no_port_and_a_second_start_keeps_the_data(
    home, start_product, stop_product
):
    product = start_product(home)
    processes = family(product)
    saved = save_review(product)
    assert stop_product(product) == 0
    assert [process for process in processes if process.is_running()] == []
    assert [name for name, port in product.ports.items() if not is_free(port)] == []

    second = start_product(home)
    assert stored_ids(second) == [saved]
    said = (home / "said.txt").read_text()
    assert said[said.index("Candor is ready") :].count(second.url("UI_PORT")) == 2
    stop_product(second)


def test_a_killed_starter_does_not_block_the_next_start(home, start_product, stop_product):
    product = start_product(home)
    orphans = family(product)[1:]
    saved = save_review(product)
    product.process.kill()
    product.process.wait()

    second = start_product(home)
    assert [process for process in orphans if process.is_running()] == []
    assert stored_ids(second) == [saved]
    stop_product(second)


def test_make_token_prints_a_working_token_on_the_last_line(product, candor):
    said = subprocess.run(
        [candor, "token"], env=product.environment(), capture_output=True, text=True, check=True
    )
    token = said.stdout.splitlines()[-1]
    answer = requests.get(
        f"{product.url('API_PORT')}/api/reviews", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200

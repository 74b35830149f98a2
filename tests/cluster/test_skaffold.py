"""`skaffold dev` on the cluster: a changed line is soon live, in the pod that runs already.

It works on a copy of the checkout. BUILD_IMAGE builds and pushes images (as in `make images`),
into the registry that SKAFFOLD_DEFAULT_REPO names.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import uuid

import pytest
import requests
from playwright.sync_api import Error

MISSING = [name for name in ("BUILD_IMAGE", "SKAFFOLD_DEFAULT_REPO") if not os.environ.get(name)]
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not shutil.which("skaffold"), reason="skaffold is not there"),
    pytest.mark.skipif(bool(MISSING), reason=f"not set: {', '.join(MISSING)}"),
]

FORWARDED = re.compile(r"service/candor-(\w+) in .* -> (http://\S+)")
HEADING = 'html.Label("Your review"'
TITLE = '"title": "Candor review API"'


@pytest.fixture(scope="module")
def copy(checkout, tmp_path_factory):
    """The checkout as it is, without what git ignores."""
    copy = tmp_path_factory.mktemp("skaffold") / "candor"
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=checkout
    )
    for name in filter(None, listed.decode().split("\0")):
        if (checkout / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def namespace(run_command):
    """A namespace in which only restricted pods may run."""
    namespace = f"skaffold-test-{uuid.uuid4().hex[:6]}"
    run_command("kubectl", "create", "namespace", namespace)
    label = "pod-security.kubernetes.io/enforce=restricted"
    run_command("kubectl", "label", "namespace", namespace, label)
    yield namespace
    # Not everything of a release is in its namespace.
    run_command("helm", "-n", namespace, "uninstall", "candor", "--ignore-not-found")
    run_command("kubectl", "delete", "namespace", namespace, "--wait=false")


def command(verb, namespace, *options):
    return ["skaffold", verb, "-p", "cluster-test", "-n", namespace, *options]


@pytest.fixture(scope="module")
def builds(copy):
    """The images, built and pushed; gives the file with their names."""
    builds = copy.parent / "builds.json"
    words = ("skaffold", "build", "-p", "cluster-test", f"--file-output={builds}")
    done = subprocess.run(words, cwd=copy, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return builds


@pytest.fixture(scope="module")
def development(copy, builds, namespace, wait_until):
    """`make dev`, ready; gives the addresses of pages and API."""
    assert builds.exists()
    said = copy.parent / "said.txt"
    options = ("--port-forward=user", "--watch-poll-interval=200", "--cleanup=false")
    with said.open("w") as output:
        process = subprocess.Popen(
            command("dev", namespace, *options), cwd=copy, stdout=output, stderr=subprocess.STDOUT
        )
    begun = time.monotonic()
    try:
        wait_until(lambda: "Watching for changes" in said.read_text(), process, said.read_text)
        print(f"\nwatching {time.monotonic() - begun:.0f} s after skaffold dev")
        yield dict(FORWARDED.findall(said.read_text()))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


@pytest.fixture
def pods(namespace, run_command):
    """The names of the pods that run, and how often they were started again."""

    def pods():
        listed = json.loads(run_command("kubectl", "-n", namespace, "get", "pods", "-o", "json"))
        return {
            (pod["metadata"]["name"], status["restartCount"])
            for pod in listed["items"]
            for status in pod["status"].get("containerStatuses", [])
        }

    return pods


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, f"{path} has another line now"
    path.write_text(text.replace(old, new))


def seconds_until(condition):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < 120
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.parametrize("attempt", range(3))
def test_a_changed_line_of_a_page_is_live_in_the_browser(
    copy, development, pods, browser, attempt, request
):
    before, page = pods(), browser.new_page()
    path = copy / "services/ui/src/review_ui/review/page.py"
    mark = f"Attempt {attempt}"
    edit(path, HEADING, f'html.Label("{mark}"')
    request.addfinalizer(lambda: edit(path, f'html.Label("{mark}"', HEADING))

    def shown():
        label = page.locator("label[for=review-text]")
        try:
            page.goto(development["ui"])
            label.wait_for(timeout=5000)
        except Error:
            # Its calls fell into the restart of the pages: a person would load it again, too.
            return False
        return label.text_content() == mark

    print(f"\na page's line live after {seconds_until(shown):.1f} s")
    page.close()
    assert pods() == before


@pytest.mark.parametrize("attempt", range(3))
def test_a_changed_line_of_the_api_is_live(copy, development, pods, attempt, request):
    before, mark = pods(), f'"title": "Attempt {attempt}"'
    path = copy / "services/api/src/review_api/openapi.py"
    edit(path, TITLE, mark)
    request.addfinalizer(lambda: edit(path, mark, TITLE))
    url = f"{development['api']}/api/openapi.json"

    def answered():
        try:
            return requests.get(url, timeout=30).json()["info"]["title"] in mark
        except requests.RequestException:
            return False

    print(f"\nan API's line live after {seconds_until(answered):.1f} s")
    assert pods() == before


def test_skaffold_verify_posts_a_review_and_finds_it(
    copy, builds, development, namespace, run_command
):
    assert development
    words = command("verify", namespace, f"--build-artifacts={builds}")
    done = subprocess.run(words, cwd=copy, check=False, capture_output=True, text=True)
    assert "found, deleted" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert "candor-verify" not in run_command("kubectl", "-n", namespace, "get", "jobs")

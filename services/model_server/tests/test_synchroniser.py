"""The steps of the synchroniser: a real API over HTTP, real files, and a TorchServe of our own."""

import pytest

from model_server.registry import Registry
from model_server.store import Store, fetched_name
from model_server.synchroniser import Synchroniser
from model_server.torchserve import Served, TorchServeAwayError, TorchServeError

pytestmark = pytest.mark.integration

SMALL = 20_000_000
KEY = b"the key of whoever may publish"


class KilledError(BaseException):
    """What kill -9 is for a test within one process."""


class FakeTorchServe:
    """Keeps what it is told, in order; can be away, have broken versions, and kill who asks."""

    def __init__(self):
        self.archives = {"2.0": "sentiment.mar"}
        self.default = "2.0"
        self.away = False
        self.broken = set()
        self.kills_before = None
        self.calls = []

    def served(self):
        self._note()
        return Served(dict(self.archives), self.default)

    def register(self, archive):
        self._note("register", archive)
        version = archive.removeprefix("sentiment-").rsplit("-", 1)[0]
        assert version not in self.archives
        self.archives[version] = archive

    def start_workers(self, version):
        self._note("start", version)
        if version in self.broken:
            raise TorchServeError("Failed to start workers")

    def warm(self, version):
        self._note("warm", version)

    def set_default(self, version):
        self._note("default", version)
        self.default = version

    def unregister(self, version):
        self._note("unregister", version)
        assert version != self.default
        del self.archives[version]

    def _note(self, *call):
        if self.away:
            raise TorchServeAwayError("TorchServe: it does not answer")
        if call and call[0] == self.kills_before:
            raise KilledError
        if call:
            self.calls.append(call)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def torchserve():
    return FakeTorchServe()


@pytest.fixture
def store(tmp_path, shipped):
    store = Store(tmp_path / "home")
    store.take(shipped)
    return store


@pytest.fixture
def start(api, token, torchserve, store, clock):
    """Give the function that makes a synchroniser, as a new process has it."""

    def make(**changes):
        options = {"drain_seconds": 30, "largest_archive": SMALL, "clock": clock} | changes
        return Synchroniser(Registry(api.url, token, api.alias), torchserve, store, **options)

    return make


@pytest.fixture
def newer(api, make_archive):
    """Publish version 3.0; gives its file name in the store."""
    api.publish(make_archive("3.0"), "3.0")
    return fetched_name("3.0", api.wanted["sha256"])


def look_until_killed(sync, clock):
    for clock.now in (0, 1, 40):
        try:
            sync.look()
        except KilledError:
            return
    pytest.fail("it was not killed")


def files(store):
    return {path.name for path in store.folder.iterdir()}


def test_where_nothing_is_in_production_what_is_served_stays(start, torchserve):
    sync = start()
    sync.look()
    assert torchserve.calls == []
    assert sync.status.as_dict() == {
        "alias": "production",
        "serving": "2.0",
        "wanted": None,
        "problem": None,
    }


def test_a_new_version_is_the_default_only_when_its_workers_have_answered(
    start, torchserve, store, newer
):
    start().look()
    assert torchserve.calls == [
        ("register", newer),
        ("start", "3.0"),
        ("warm", "3.0"),
        ("default", "3.0"),
    ]
    assert store.last_served() == newer


def test_the_version_before_is_unregistered_when_it_had_time_to_answer(
    start, torchserve, clock, newer
):
    sync = start()
    sync.look()
    for clock.now in (1, 30.9):
        sync.look()
        assert "2.0" in torchserve.archives
    clock.now = 31
    sync.look()
    assert torchserve.archives == {"3.0": newer}
    assert (sync.status.serving, sync.status.in_order) == ("3.0", True)


def test_what_is_served_already_is_not_fetched_again(start, api, torchserve, shipped, store):
    api.publish(shipped, "2.0")
    sync = start()
    sync.look()
    assert torchserve.calls == []
    assert files(store) == {"sentiment.mar"}
    assert sync.status.problem is None


@pytest.mark.usefixtures("newer")
def test_going_back_while_the_version_before_still_runs_needs_no_new_workers(
    start, api, torchserve, shipped
):
    sync = start()
    sync.look()
    api.publish(shipped, "2.0")
    del torchserve.calls[:]
    sync.look()
    assert torchserve.calls == [("start", "2.0"), ("warm", "2.0"), ("default", "2.0")]


def test_after_many_versions_the_disk_holds_the_shipped_and_the_served_one(
    start, api, torchserve, store, make_archive
):
    sync = start(drain_seconds=0)
    for version in ("3.0", "3.1", "3.2"):
        api.publish(make_archive(version), version)
        for _ in range(3):
            sync.look()
    served = fetched_name("3.2", api.wanted["sha256"])
    assert files(store) == {"sentiment.mar", served}
    assert torchserve.archives == {"3.2": served}


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"), "is not what was published"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "is not what was published"),
        (lambda path: path.write_bytes(bytes(SMALL + 1)), "is larger than 20 MB"),
        (lambda path: path.unlink(), "there is no such file"),
    ],
    ids=["changed", "cut off", "too large", "gone"],
)
def test_a_corrupt_archive_is_never_registered_and_nothing_of_it_stays(
    start, api, torchserve, store, make_archive, harm, reason
):
    archive = make_archive("3.0")
    api.publish(archive, "3.0")
    harm(archive)
    sync = start()
    sync.look()
    assert reason in sync.status.problem
    assert torchserve.calls == []
    assert files(store) == {"sentiment.mar"}


def test_an_archive_of_another_version_than_published_is_refused(
    start, api, torchserve, make_archive
):
    api.publish(make_archive("4.0"), "3.0")
    sync = start()
    sync.look()
    assert sync.status.problem.endswith("says it is version 4.0, not 3.0")
    assert torchserve.calls == []


def test_what_is_no_archive_is_refused(start, api, torchserve, tmp_path):
    (tmp_path / "text.mar").write_text("not a zip")
    api.publish(tmp_path / "text.mar", "3.0")
    sync = start()
    sync.look()
    assert sync.status.problem == "the file is no archive of a model"
    assert torchserve.calls == []


def test_another_archive_under_the_served_version_is_refused(start, api, torchserve, make_archive):
    api.publish(make_archive("2.0"), "2.0")
    sync = start()
    sync.look()
    assert "another archive is served as version 2.0" in sync.status.problem
    assert torchserve.calls == []


@pytest.mark.usefixtures("newer")
def test_a_store_that_is_not_installed_is_a_readable_problem(start, api):
    api.wanted["uri"] = "nostore://bucket/sentiment.mar"
    sync = start()
    sync.look()
    assert sync.status.problem.startswith("nostore://bucket/sentiment.mar cannot be read: ")


def test_a_version_whose_workers_do_not_start_is_taken_away_and_tried_less_and_less_often(
    start, torchserve, clock, newer
):
    torchserve.broken = {"3.0"}
    sync = start()
    sync.look()
    assert torchserve.calls == [("register", newer), ("start", "3.0"), ("unregister", "3.0")]
    tried = []
    for clock.now in range(600):
        del torchserve.calls[:]
        sync.look()
        tried += [clock.now] if torchserve.calls else []
        assert sync.status.problem == "Failed to start workers"
    assert tried == [5, 15, 35, 75, 155, 315]
    assert torchserve.default == "2.0"


@pytest.mark.usefixtures("newer")
def test_after_a_bad_version_a_good_one_is_served_at_once(start, api, torchserve, make_archive):
    torchserve.broken = {"3.0"}
    sync = start()
    sync.look()
    api.publish(make_archive("3.1"), "3.1")
    sync.look()
    assert torchserve.default == "3.1"
    assert sync.status.problem is None


@pytest.mark.parametrize("status", [401, 403, 500, 503])
@pytest.mark.usefixtures("newer")
def test_while_the_api_gives_no_answer_what_is_served_stays(start, api, torchserve, clock, status):
    sync = start()
    sync.look()
    api.status = status
    for clock.now in (1, 40):
        sync.look()
    assert torchserve.default == "3.0"
    assert f"says {status}" in sync.status.problem
    api.status = 200
    sync.look()
    assert sync.status.problem is None


@pytest.mark.usefixtures("newer")
def test_a_new_process_with_the_api_away_changes_nothing(start, api, torchserve):
    start().look()
    api.close()
    del torchserve.calls[:]
    sync = start(drain_seconds=0)
    for _ in range(3):
        sync.look()
    assert torchserve.calls == []
    assert sync.status.serving == "3.0"
    assert sync.status.problem == f"the review API at {api.url}: it does not answer"


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"name": "s", "version": "3.0", "uri": "file:///x", "sha256": "short"},
        {"name": "s", "version": "../../up", "uri": "file:///x", "sha256": "0" * 64},
    ],
)
def test_an_answer_that_makes_no_sense_is_a_problem_and_nothing_else(
    start, api, torchserve, nonsense
):
    api.wanted = nonsense
    sync = start()
    sync.look()
    assert sync.status.problem.startswith("the review API's answer cannot be used: model")
    assert torchserve.calls == []


@pytest.mark.usefixtures("newer")
def test_a_store_that_cannot_be_written_to_is_a_problem_and_no_end(start, torchserve, store):
    (store.home / ".served.json.part").mkdir()
    sync = start()
    sync.look()
    assert sync.status.problem == "the store: Is a directory"
    assert torchserve.default == "3.0"
    (store.home / ".served.json.part").rmdir()
    sync.look()
    assert sync.status.problem is None


def test_a_canary_is_what_its_own_alias_means_and_nothing_where_it_means_nothing(
    start, api, torchserve, make_archive, clock
):
    api.alias = "canary"
    sync = start()
    sync.look()
    assert (torchserve.calls, sync.status.in_order) == ([], True)
    api.publish(make_archive("3.0"), "3.0")
    sync.look()
    assert torchserve.default == "3.0"
    api.wanted = None
    for clock.now in (1, 40):
        sync.look()
    assert torchserve.default == "3.0"
    assert sync.status.as_dict() == {
        "alias": "canary",
        "serving": "3.0",
        "wanted": None,
        "problem": None,
    }


def test_a_signed_version_is_served(start, api, torchserve, store, make_archive):
    api.publish(make_archive("3.0"), "3.0", signing_key=KEY)
    start(signing_key=KEY).look()
    assert torchserve.default == "3.0"
    assert store.last_served(KEY) is not None
    assert store.last_served(b"another key") is None


@pytest.mark.parametrize(
    "change",
    [
        {"signature": None},
        {"signature": ""},
        {"signature": "ä" * 64},
        {"signature": "0" * 64},
        {"name": "other"},
        {"sha256": "0" * 64},
    ],
    ids=str,
)
def test_a_version_without_the_right_signature_is_never_served(
    start, api, torchserve, store, make_archive, change
):
    api.publish(make_archive("3.0"), "3.0", signing_key=KEY)
    api.wanted |= change
    sync = start(signing_key=KEY)
    sync.look()
    assert sync.status.problem == "version 3.0 is not signed with MODEL_SIGNING_KEY"
    assert torchserve.calls == []
    assert files(store) == {"sentiment.mar"}


@pytest.mark.usefixtures("newer")
def test_what_was_served_before_signatures_were_asked_for_is_not_what_a_start_goes_on_with(
    start, store
):
    start().look()
    assert store.last_served() is not None
    assert store.last_served(KEY) is None


@pytest.mark.usefixtures("newer")
def test_while_torchserve_is_away_it_waits(start, torchserve):
    torchserve.away = True
    sync = start()
    sync.look()
    assert sync.status.problem == "TorchServe: it does not answer"
    torchserve.away = False
    sync.look()
    assert torchserve.default == "3.0"


@pytest.mark.parametrize("step", ["register", "start", "warm", "default", "unregister"])
def test_killed_before_any_step_the_next_process_finishes(
    start, torchserve, store, clock, newer, step
):
    torchserve.kills_before = step
    look_until_killed(start(), clock)
    (store.folder / f".{newer}.part").write_bytes(b"half")
    torchserve.kills_before = None
    second = start()
    for clock.now in (100, 101, 140):
        second.look()
    assert torchserve.archives == {"3.0": newer}
    assert torchserve.default == "3.0"
    assert files(store) == {"sentiment.mar", newer}

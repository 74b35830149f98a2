"""The one file that a crawl keeps: an SQLite database, and what is in it.

Write-ahead logging makes every transaction survive the death of the process, and lets the
delivery read while the crawl writes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from review_scraper.errors import ScraperError

VERSION = 1

SCHEMA = f"""
-- A pass is one walk over the whole site; it may take several runs.
CREATE TABLE pass (
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL,
    finished REAL
);

-- The pages of the current pass. A page is known by its address, so that none is fetched twice.
CREATE TABLE page (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    context TEXT NOT NULL,
    series TEXT NOT NULL,       -- the first page of the list or company that this page continues
    number INTEGER NOT NULL,    -- of the page in its series, from 1
    browser INTEGER NOT NULL,
    priority REAL NOT NULL,     -- the smallest comes first
    state TEXT NOT NULL DEFAULT 'waiting',  -- waiting, done or failed
    reason TEXT                 -- why it failed, or what was missed on it
);
CREATE INDEX page_waiting ON page (browser, priority, id) WHERE state = 'waiting';

-- When all new reviews of a company were last read, and in which pass.
CREATE TABLE visit (
    url TEXT PRIMARY KEY,
    pass INTEGER NOT NULL,
    time REAL NOT NULL
) WITHOUT ROWID;

-- Every company and review that is known. What has a revision above the sent one waits.
CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    first_pass INTEGER NOT NULL,
    last_pass INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    sent INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX item_waiting ON item (kind, id) WHERE sent < revision;

-- What did not fit in the current pass.
CREATE TABLE reject (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    page_url TEXT NOT NULL,
    raw TEXT NOT NULL
);
PRAGMA user_version = {VERSION};
"""

WAIT_FOR_LOCK = 60.0
"""Seconds that one writer waits for the other; each holds the lock for milliseconds."""


def open_database(path: Path) -> sqlite3.Connection:
    """Return a connection to the database at `path`, which is made when it is missing.

    Raises:
        ScraperError: the file is no database of this version.
    """
    try:
        connection = sqlite3.connect(path, timeout=WAIT_FOR_LOCK, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        message = f"{path} cannot be used as the crawl's state: {error}"
        raise ScraperError(message) from error
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
    elif version != VERSION:
        message = f"it is of version {version}, and this program needs {VERSION}"
        raise sqlite3.DatabaseError(message)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make all that is done inside happen at once, or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")

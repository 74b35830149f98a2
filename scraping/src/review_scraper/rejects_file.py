"""The file of what did not fit, beside the state: every item with its reason and what was read."""

import json
import sqlite3
from pathlib import Path

from review_scraper.files import replaced


def write_rejects(connection: sqlite3.Connection, path: Path) -> None:
    """Write the rejects of the current pass, one JSON object a line."""
    query = "SELECT kind, reason, page_url, raw FROM reject ORDER BY id"
    with replaced(path) as beside, beside.open("w", encoding="utf-8") as file:
        for kind, reason, page_url, raw in connection.execute(query):
            record = {"kind": kind, "reason": reason, "page_url": page_url, "raw": json.loads(raw)}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

"""Shares a site out among several crawls that run at the same time."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from review_scraper.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """One of `count` shares of a site's lists of companies, by a hash of their first address.

    Every list is in exactly one share. Numbers may start at 0 or at 1: of four shards, 0 and 4
    are the same one, so that the index of a Kubernetes Job fits as well as a person's counting.
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard that `i/n` names."""
        match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
        index, count = map(int, match.groups()) if match else (1, 0)
        if index > count or count == 0:
            message = f"{text!r} is no shard: write i/n with i from 1 to n, such as 1/4"
            raise UsageError(message)
        return cls(index % count, count)

    @property
    def name(self) -> str:
        """The shard in a file's name."""
        return f"{self.index or self.count}-of-{self.count}"

    def owns(self, url: str) -> bool:
        """Say whether the list that starts at `url` is in this share."""
        digest = hashlib.sha256(url.encode()).digest()
        return int.from_bytes(digest[:8]) % self.count == self.index

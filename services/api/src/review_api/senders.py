"""Pseudonyms of client addresses: enough to count a day's reviews of one, not to know whose.

A sender is a keyed hash of an address. Every day (UTC) has a random key of its own, which the
worker deletes when the day is over: from then on nobody can say which address a sender was, or
whether senders of two days are the same. Neither key nor sender is in any answer.
"""

import hashlib
import secrets

from peewee import SQL

from review_api import addresses
from review_api.models import AddressKey

KEY_BYTES = 32
SENDER_BYTES = 16

TODAY = SQL("current_date")


def sender_of(address: addresses.Address | None) -> str | None:
    """Return today's pseudonym of an address, or None of an unknown one."""
    if address is None:
        return None
    name = addresses.counted(address).encode()
    return hashlib.blake2b(name, key=_key(), digest_size=SENDER_BYTES).hexdigest()


def _key() -> bytes:
    """Return today's key, which the first who needs it makes."""
    if key := _stored_key():
        return key
    row = {"day": TODAY, "key": secrets.token_bytes(KEY_BYTES)}
    AddressKey.insert(row).on_conflict_ignore().execute()
    key = _stored_key()
    assert key is not None, "the key of today was just made"  # noqa: S101 (for mypy)
    return key


def _stored_key() -> bytes | None:
    stored = AddressKey.get_or_none(AddressKey.day == TODAY)
    return bytes(stored.key) if stored else None

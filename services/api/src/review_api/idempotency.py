"""``Idempotency-Key``: a review sent twice under one key is stored once.

The key is claimed in the transaction that saves the review. A duplicate that arrives meanwhile
waits for that transaction and then gets its answer, or takes its place when it failed.
"""

import hashlib
import re
from collections.abc import Callable

from flask import request

from review_api.database import database
from review_api.models import IdempotencyKey
from review_api.problems import Problem
from review_api.schemas import Body, SavedReview

KEY = re.compile(r"[!-~]{1,255}")
KEPT_HOURS = 24


def save_once(body: Body, save: Callable[[], SavedReview]) -> str:
    """Save unless this request's key already was; return the answer's JSON either way.

    Raises:
        Problem: 400 for a malformed key, 422 for one that came with another body.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return save().model_dump_json()
    if not KEY.fullmatch(key):
        raise Problem(400, "Idempotency-Key must be 1 to 255 visible ASCII characters")
    body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with database.atomic():
        if _claim(key, body_hash):
            return _keep(key, save())
        return _stored_answer(key, body_hash)


def _claim(key: str, body_hash: str) -> bool:
    row = {"key": key, "body_hash": body_hash}
    claim = IdempotencyKey.insert(row).on_conflict_ignore().returning(IdempotencyKey.key)
    return bool(list(claim.execute()))


def _keep(key: str, saved: SavedReview) -> str:
    answer = saved.model_dump_json()
    fields = {"review": saved.id, "answer": answer}
    IdempotencyKey.update(fields).where(IdempotencyKey.key == key).execute()
    return answer


def _stored_answer(key: str, body_hash: str) -> str:
    stored = IdempotencyKey.get_by_id(key)
    if stored.body_hash != body_hash:
        raise Problem(422, "this Idempotency-Key came with another body")
    return str(stored.answer)

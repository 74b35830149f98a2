"""Times as callers write them: RFC 3339, nothing else."""

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _written_out(value: object) -> object:
    """Take times as RFC 3339 has them only, not pydantic's numbers of seconds."""
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        message = "must be a time such as 2026-01-31T12:00:00Z"
        raise ValueError(message)
    return value


Rfc3339 = Annotated[AwareDatetime, BeforeValidator(_written_out)]

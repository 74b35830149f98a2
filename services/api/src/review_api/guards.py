"""What is left out of training data, and why: guards against copies and against poison.

All is decided on keys, not on texts, into a temporary table of what is left out; the export reads
the rest in the order of its indexes. Postgres sorts on its disk what its memory does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from review_api.settings import Settings

REASONS = ("quarantine", "duplicate", "address", "brand")
"""Why a review is left out; the first that applies counts."""

# Each guard counts only what those before it have let pass: a copy takes no place of its brand.
# Of copies the first is kept, of a sender's day the first reviews, of a brand the latest. Sorting
# by bytes is much faster than sorting by a language's rules.
LEAVE_OUT = """
set local statement_timeout = '5min';
create temporary table left_out on commit drop as
with held as (
    select quarantine.id
    from quarantine
    left join quarantine_decision as decided on decided.review_id = quarantine.id
        and decided.decided_date < %(until)s
        and (decided.superseded_date is null or decided.superseded_date >= %(until)s)
    where held_date < %(until)s and decision is distinct from 'use'
), example as (
    select false as scraped, id, created_date as stored, rating, md5(review)::uuid as text,
           lower(brand) collate "C" as brand, sender collate "C" as sender,
           id in (select id from held) as is_held
    from review
    where created_date < %(until)s
    union all
    select true, id, coalesce(changed_date, stored_date), rating, md5(text)::uuid,
           lower(company), null, false
    from scraped_review
    where coalesce(changed_date, stored_date) < %(until)s
    union all
    select true, review_id, stored_date, rating, md5(text)::uuid, lower(company), null, false
    from scraped_review_past
    where stored_date < %(until)s and superseded_date >= %(until)s
), against_copies as (
    select *, case when is_held then 'quarantine' when 1 < row_number() over (
        partition by is_held, text, rating order by stored, id, scraped
    ) then 'duplicate' end as cause
    from example
), against_senders as (
    select scraped, id, stored, brand, coalesce(cause, case
        when %(address_cap)s > 0 and sender is not null and %(address_cap)s < row_number() over (
            partition by sender, cause order by stored, id
        ) then 'address' end) as cause
    from against_copies
), against_brands as (
    select scraped, id, coalesce(cause, case
        when %(brand_cap)s > 0 and %(brand_cap)s < row_number() over (
            partition by brand, cause order by stored desc, id desc, scraped desc
        ) then 'brand' end) as cause
    from against_senders
)
select scraped, id, cause from against_brands where cause is not null;
create unique index on left_out (scraped, id);
analyze left_out
"""

COUNT = "select cause, count(*) from left_out group by cause"


@dataclass(frozen=True)
class Guards:
    """How many reviews of one sender and of one brand are trained on; 0 is no limit."""

    address_cap: int
    brand_cap: int

    @classmethod
    def of(cls, settings: Settings) -> Guards:
        """Return the guards that the settings ask for."""
        return cls(settings.training_address_cap, settings.training_brand_cap)

    def leave_out(self, connection: Any, until: datetime) -> dict[str, int]:  # noqa: ANN401 (psycopg2's own type)
        """Fill ``left_out`` for this transaction; return how many are in it by reason."""
        caps = {"address_cap": self.address_cap, "brand_cap": self.brand_cap}
        with connection.cursor() as cursor:
            cursor.execute(LEAVE_OUT, {"until": until} | caps)
            cursor.execute(COUNT)
            return dict.fromkeys(REASONS, 0) | dict(cursor.fetchall())

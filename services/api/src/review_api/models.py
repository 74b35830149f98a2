"""The tables, as the migrations leave them."""

from typing import Any

from peewee import (
    SQL,
    AutoField,
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DateField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    SmallIntegerField,
    TextField,
)
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from review_api.database import database

NOW = SQL("default clock_timestamp()")


class Table(Model):
    """What all tables share: the pool."""

    id: Any  # peewee gives every table one that names no other key.

    class Meta:
        """peewee's options."""

        database = database
        legacy_table_names = False


class Review(Table):
    """What somebody wrote about a brand.

    ``suggested_rating``, ``sentiment_score`` and ``shown_version`` are what the writer claims to
    have been shown; ``model_score`` and ``model_version`` are written only by the worker's own
    call. A review is waiting for a score while it has neither ``model_score`` nor
    ``scoring_error`` (the model's reason for refusing it). ``visitor_bucket`` says which part of
    the visitors the writer belongs to, so that the worker chooses the model that they saw.
    ``sender`` is a pseudonym of the writer's address that holds for a day; see `senders`.
    """

    id = BigAutoField()
    created_date = DateTimeTZField(constraints=[NOW])
    review = TextField()
    rating = SmallIntegerField()
    suggested_rating = SmallIntegerField(null=True)
    sentiment_score = DoubleField(null=True)
    shown_version = TextField(null=True)
    brand = TextField()
    user_agent = TextField(null=True)
    ip_address = TextField(null=True)
    model_score = DoubleField(null=True)
    model_version = TextField(null=True)
    scored_date = DateTimeTZField(null=True)
    scoring_attempts = IntegerField(default=0)
    scoring_error = TextField(null=True)
    sender = TextField(null=True)
    visitor_bucket = SmallIntegerField(null=True)


class RowCount(Table):
    """The number of rows of a table, spread over rows that triggers keep; their sum is exact."""

    table_name = TextField()
    slot = IntegerField()
    rows = BigIntegerField()

    class Meta:
        """peewee's options."""

        primary_key = CompositeKey("table_name", "slot")


class Admin(Table):
    """Somebody who may log in."""

    id = AutoField()
    username = TextField(unique=True)
    password_hash = TextField()
    created_date = DateTimeTZField(constraints=[NOW])


class Session(Table):
    """A login, known by the hash of its cookie."""

    token_hash = TextField(primary_key=True)
    admin = ForeignKeyField(Admin, on_delete="CASCADE")
    expires = DateTimeTZField()


class Token(Table):
    """A bearer token, known by its hash; ``scopes`` are separated by spaces."""

    id = AutoField()
    name = TextField()
    scopes = TextField()
    token_hash = TextField(unique=True)
    created_date = DateTimeTZField(constraints=[NOW])
    expires = DateTimeTZField(null=True)


class IdempotencyKey(Table):
    """A key that a client gave to a review, and the answer it got."""

    key = TextField(primary_key=True)
    body_hash = TextField()
    review = ForeignKeyField(Review, null=True, on_delete="CASCADE")
    answer = TextField(null=True)
    created_date = DateTimeTZField(constraints=[NOW])


class RequestLimit(Table):
    """When a client's bucket of requests will be full again."""

    bucket = TextField(primary_key=True)
    free_at = DateTimeTZField()


class Company(Table):
    """A company to write a review about: a well-known brand, or one found on a site.

    ``site`` and ``url`` (its page there) identify a company that was found; brands have neither.
    An unknown website is empty.
    """

    id = AutoField()
    site = TextField(null=True)
    url = TextField(null=True)
    name = TextField()
    website = TextField()
    logo_url = TextField(null=True)
    category = TextField(null=True)
    sub_category = TextField(null=True)
    stored_date = DateTimeTZField(constraints=[NOW])
    changed_date = DateTimeTZField(null=True)


class ScrapedReview(Table):
    """A review found on a site, as it is there now.

    ``site_id`` is the site's own id. ``stored_date`` is when it was first stored,
    ``changed_date`` when its content last became another; a trigger keeps what it said before.
    """

    id = BigAutoField()
    site = TextField()
    site_id = TextField()
    company_url = TextField()
    company = TextField()
    title = TextField(null=True)
    text = TextField()
    rating = SmallIntegerField()
    date = DateField(null=True)
    language = TextField(null=True)
    page_url = TextField()
    stored_date = DateTimeTZField(constraints=[NOW])
    changed_date = DateTimeTZField(null=True)


class ModelVersion(Table):
    """A trained model: where its artifact is, and what it was made of. Never changed."""

    id = AutoField()
    name = TextField()
    version = TextField()
    uri = TextField()
    sha256 = TextField()
    metrics = BinaryJSONField(null=True)
    data_digest = TextField(null=True)
    code_revision = TextField(null=True)
    parent = TextField(null=True)
    rows = BinaryJSONField(null=True)
    configuration = BinaryJSONField(null=True)
    profile = BinaryJSONField(null=True)
    size_bytes = BigIntegerField(null=True)
    signature = TextField(null=True)
    created_date = DateTimeTZField(constraints=[NOW])


class ModelAlias(Table):
    """The version that a name such as ``production`` means, and since when."""

    name = TextField(primary_key=True)
    model = ForeignKeyField(ModelVersion)
    changed_date = DateTimeTZField(constraints=[NOW])


class GateReport(Table):
    """What the gate found when it held a version against another. Never changed."""

    id = BigAutoField()
    model = ForeignKeyField(ModelVersion)
    verdict = TextField()
    against = TextField(null=True)
    reasons = BinaryJSONField()
    checks = BinaryJSONField()
    figures = BinaryJSONField()
    created_date = DateTimeTZField(constraints=[NOW])


class ModelEvent(Table):
    """Who did what to a model version or the canary, and why. Never changed."""

    id = BigAutoField()
    created_date = DateTimeTZField(constraints=[NOW])
    who = TextField()
    action = TextField()
    name = TextField(null=True)
    version = TextField(null=True)
    reason = TextField(null=True)
    details = BinaryJSONField(null=True)


class Canary(Table):
    """How much goes to the canary, in ten thousandths: the one row, and the lock of all aliases.

    ``step`` counts the changes of ``weight``, the last of which was at ``changed_date``.
    """

    weight = IntegerField(default=0)
    shadow = IntegerField(default=0)
    step = BigIntegerField(default=0)
    policy = BinaryJSONField()
    changed_date = DateTimeTZField(constraints=[NOW])


class ModelCallCount(Table):
    """How many of the worker's calls took about as long, by minute; see `measurements`."""

    minute = DateTimeTZField()
    step = BigIntegerField()
    version = TextField()
    role = TextField()
    bucket = SmallIntegerField()
    calls = BigIntegerField()

    class Meta:
        """peewee's options."""

        primary_key = CompositeKey("minute", "step", "version", "role", "bucket")


class ShadowScore(Table):
    """What the canary says, unseen, of a review that production has scored."""

    review = ForeignKeyField(Review, on_delete="CASCADE")
    version = TextField()
    score = DoubleField()
    step = BigIntegerField()
    created_date = DateTimeTZField(constraints=[NOW])

    class Meta:
        """peewee's options."""

        primary_key = CompositeKey("review", "version")


class JobRun(Table):
    """A run of a job that is a process; at most one of a job is waiting or running."""

    id = BigAutoField()
    job = TextField()
    state = TextField()
    started_by = TextField()
    created_date = DateTimeTZField(constraints=[NOW])
    started_date = DateTimeTZField(null=True)
    finished_date = DateTimeTZField(null=True)
    reason = TextField(null=True)
    stop_wanted = BooleanField(default=False)


class AuditEvent(Table):
    """What an admin did. Never changed."""

    id = BigAutoField()
    created_date = DateTimeTZField(constraints=[NOW])
    who = TextField()
    action = TextField()
    subject = TextField()
    details = BinaryJSONField(null=True)


class AddressKey(Table):
    """The key under which the addresses of a day are hashed; deleted when the day is over."""

    day = DateField(primary_key=True)
    key = BlobField()


class Quarantine(Table):
    """A review that is not trained on until the owner says so; ``id`` is the review's."""

    id = BigIntegerField(primary_key=True)
    cause = TextField()
    held_date = DateTimeTZField(constraints=[NOW])


class QuarantineDecision(Table):
    """What the owner decided about a held review, and from when to when that holds."""

    id = BigAutoField()
    review_id = BigIntegerField()
    decision = TextField()
    reason = TextField(null=True)
    who = TextField()
    decided_date = DateTimeTZField(constraints=[NOW])
    superseded_date = DateTimeTZField(null=True)


class Drift(Table):
    """The last report on drift of what an alias means, and when a worker last took it on."""

    name = TextField(primary_key=True, column_name="alias")
    version = TextField(null=True)
    report = BinaryJSONField(null=True)
    claimed_date = DateTimeTZField(constraints=[NOW])

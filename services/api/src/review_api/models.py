"""The tables, as the migrations leave them."""

from peewee import (
    SQL,
    AutoField,
    BigAutoField,
    BigIntegerField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    SmallIntegerField,
    TextField,
)
from playhouse.postgres_ext import DateTimeTZField

from review_api.database import database

NOW = SQL("default now()")


class Table(Model):
    """What all tables share: the pool."""

    class Meta:
        """peewee's options."""

        database = database
        legacy_table_names = False


class Review(Table):
    """What somebody wrote about a brand.

    ``suggested_rating``, ``sentiment_score`` and ``shown_version`` are what the writer claims to
    have been shown; ``model_score`` and ``model_version`` are written only by the worker's own
    call. A review is waiting for a score while it has neither ``model_score`` nor
    ``scoring_error`` (the model's reason for refusing it).
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


class ReviewCount(Table):
    """The number of reviews, spread over rows that triggers keep; their sum is exact."""

    slot = IntegerField(primary_key=True)
    reviews = BigIntegerField()


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
    """A company to write a review about."""

    id = AutoField()
    name = TextField(unique=True)
    website = TextField()
    logo_url = TextField(null=True)

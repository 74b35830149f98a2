"""Put an archive into the model store, register it with the review API and set it live.

python training/publish.py runs/first/sentiment.mar --store file:///var/lib/candor/models
python training/publish.py sentiment.mar --store s3://bucket/models --api https://reviews.example.com
python training/publish.py sentiment.mar --store runs/models --alias ""
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from trainer import command_line
from trainer.errors import PublishError
from trainer.model_store import keep
from trainer.published import describe
from trainer.registry import Registry

TOKEN = "MODELS_TOKEN"  # noqa: S105  # The variable's name, not a token.


def main(
    archive: Annotated[Path, typer.Argument(help="The .mar, with its card (.json) beside it.")],
    store: Annotated[str, typer.Option(help="Folder or fsspec address that archives are kept in.")],
    api: Annotated[str, typer.Option(help="The review API.")] = "http://127.0.0.1:8000",
    alias: Annotated[
        str, typer.Option(help="What the version becomes; empty: it is only registered.")
    ] = "production",
) -> None:
    """Put an archive into the model store, register it and set it live.

    The token is read from MODELS_TOKEN. Doing it twice is harmless.
    """
    token = os.environ.get(TOKEN, "")
    if not token:
        raise PublishError(f"{TOKEN} is not set: it needs a token that may models:write")
    model, registry = describe(archive), Registry(api.rstrip("/"), token)
    uri = keep(archive, model, store)
    is_new = registry.register(model, uri)
    typer.echo(f"{'registered' if is_new else 'known already'}: {model.title}, {uri}")
    if alias:
        typer.echo(f"{alias} is {registry.set_alias(alias, model)}")


if __name__ == "__main__":
    command_line.run(main)

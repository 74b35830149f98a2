"""The file that says which jobs are run as processes, and how."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

JobName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{0,39}$")]


class Command(BaseModel):
    """How a job is run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: list[str] = Field(min_length=1)
    environment: dict[str, str] = {}
    folder: Path | None = None


COMMANDS = TypeAdapter(dict[JobName, Command])


def read_commands(file: Path) -> dict[str, Command]:
    """Return the commands by the names of their jobs.

    Raises:
        ValueError: when there is no such file, or something else is in it.
    """
    try:
        return COMMANDS.validate_json(file.read_bytes())
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise ValueError(message) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        message = f"{file}: {place}: {first['msg']}" if place else f"{file}: {first['msg']}"
        raise ValueError(message) from None

"""What opening a provider has in common with opening any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from adapters.mapping.spec import mistake
from contracts.errors import BusError

Secrets = Callable[[str], str]
"""From a reference (``env:NAME``, ``file:PATH``) to its secret. Raises where the reference leads nowhere."""

_KINDS: Final = ("env:", "file:")


class CannotOpen(BusError):
    """A provider cannot be opened as it is configured; the message says what to mend, and holds no secret."""


def _reference(text: str) -> str:
    kind = next((each for each in _KINDS if text.startswith(each)), None)
    if kind is None or not text.removeprefix(kind).strip():
        # The text itself is never repeated: it may well be the secret.
        remedy = "put it in a file or a variable: file:PATH or env:NAME"
        raise mistake("a secret is never written here itself", remedy, instead="env:IN_CLEAR")
    return text


SecretRef = Annotated[
    str,
    Field(
        description="where the secret is: file:PATH (within the workspace) or env:NAME",
        # Not a constraint: its fault would be told without the remedy.
        json_schema_extra={"pattern": "^(env|file):.+$"},
    ),
    AfterValidator(_reference),
]
"""A reference to a secret; a secret in clear is refused."""


def within(base: Path, name: str) -> Path:
    """The file `name` of the workspace at `base`. CannotOpen where it lies outside or is no file."""
    root, path = base.resolve(), (base / name).resolve()
    if not path.is_relative_to(root):
        raise CannotOpen(f"{name} lies outside the workspace: put the file in it")
    if not path.is_file():
        raise CannotOpen(f"there is no file {name} in the workspace")
    return path

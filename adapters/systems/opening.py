"""What opening a provider has in common with opening any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from adapters.mapping.spec import mistake
from contracts.errors import BusError
from contracts.json_types import JsonValue
from contracts.said import said

Secrets = Callable[[str], str]
"""From a reference (``env:NAME``, ``file:PATH``) to its secret. Raises where the reference leads nowhere."""

_KINDS: Final = ("env:", "file:")


class CannotOpen(BusError):
    """A provider cannot be opened as it is configured; the message says what to mend, and holds no secret."""


def _reference(text: str) -> str:
    kind = next((each for each in _KINDS if text.startswith(each)), None)
    if kind is None or not text.removeprefix(kind).strip():
        # The text itself is never repeated: it may well be the secret.
        remedy = said("put it in a file or a variable: file:PATH or env:NAME")
        raise mistake(said("a secret is never written here itself"), remedy, instead="env:IN_CLEAR")
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


@dataclass(frozen=True, slots=True)
class Clash:
    """Something in an operation, at `loc`, that does not go with the rest of the system's file."""

    loc: tuple[str, ...]
    message: str
    remedy: str


def is_reference(text: str) -> bool:
    """Whether a text is meant as a reference to a secret, where plain texts may stand too."""
    return text.startswith(_KINDS)


def check_references(value: Any) -> Any:  # noqa: ANN401 - any part of the YAML
    """The value; each text in it that is meant as a reference is a right one. Raises what pydantic reports."""
    if isinstance(value, dict):
        for each in value.values():
            check_references(each)
    elif isinstance(value, list):
        for each in value:
            check_references(each)
    elif isinstance(value, str) and is_reference(value):
        _reference(value)
    return value


SecretOrText = Annotated[str, AfterValidator(check_references)]
"""A reference to a secret, or a text that is none."""


def with_secrets(value: JsonValue, secrets: Secrets) -> JsonValue:
    """The value, with each reference in it replaced by its secret. Whatever `secrets` raises."""
    if isinstance(value, dict):
        return {name: with_secrets(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [with_secrets(each, secrets) for each in value]
    return secrets(value) if isinstance(value, str) and is_reference(value) else value


def within(base: Path, name: str) -> Path:
    """The file `name` of the workspace at `base`. CannotOpen where it lies outside or is no file."""
    root, path = base.resolve(), (base / name).resolve()
    if not path.is_relative_to(root):
        raise CannotOpen(f"{name} lies outside the workspace: put the file in it")
    if not path.is_file():
        raise CannotOpen(f"there is no file {name} in the workspace")
    return path

"""Reading `file:` and `env:` references; a secret is never kept anywhere else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from adapters.workspace.snapshot import BusConfig, Workspace
from contracts.said import said
from gateway.auth.keys import TokenKey, read_token_key


class SecretMissing(Exception):
    """A reference leads nowhere; the message names the reference, never a value."""


def secret_reader(root: Path) -> Callable[[str], str]:
    """A function from a reference to its secret; relative paths are against `root`. It raises SecretMissing."""

    def read(reference: str) -> str:
        kind, _, place = reference.partition(":")
        if kind == "env":
            value = os.environ.get(place)
            if value is None:
                raise SecretMissing(said("the environment variable {place} is not set", place=place))
            return value
        if kind == "file":
            try:
                return (root / place).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SecretMissing(
                    said("{reference} cannot be read: {strerror}", reference=reference, strerror=error.strerror)
                ) from None
        raise SecretMissing(said("a secret is given as file:PATH or env:NAME"))

    return read


def token_key_of(workspace: Workspace) -> TokenKey:
    """The token key that `bus.yaml` refers to. TokenKeyError."""
    return token_key_in(workspace.root, workspace.bus)


def token_key_in(root: Path, bus: BusConfig) -> TokenKey:
    """The token key of the workspace in `root`. TokenKeyError."""
    return read_token_key(Path(root, bus.token_key.removeprefix("file:")))

"""What can be done with a workspace without a log: check it, and run its examples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from adapters.workspace.examples import ExampleResult, run_examples
from adapters.workspace.reading import load
from adapters.workspace.schemas import MODELS, json_schema, write_schemas
from adapters.workspace.snapshot import Workspace
from contracts.findings import Finding, Severity

KINDS_OF_FILES = tuple(MODELS)


class InvalidWorkspace(Exception):
    """A workspace has errors; the message lists them."""


def check_workspace(root: Path) -> Sequence[Finding]:
    """Everything there is to mend."""
    return load(root).findings


def test_workspace(root: Path) -> tuple[Sequence[Finding], Sequence[ExampleResult]]:
    """What there is to mend and, where nothing is wrong, how each example came out."""
    loaded = load(root)
    return loaded.findings, [] if loaded.workspace is None else run_examples(loaded.workspace)


def load_workspace(root: Path) -> Workspace:
    """The workspace in `root`. InvalidWorkspace."""
    loaded = load(root)
    errors = [finding for finding in loaded.findings if finding.severity is Severity.ERROR]
    if loaded.workspace is None or errors:
        raise InvalidWorkspace("\n".join(str(finding) for finding in errors) or f"{root} is not a workspace")
    return loaded.workspace


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file; nobody changes it. KeyError."""
    return json_schema(kind)


__all__ = ["KINDS_OF_FILES", "InvalidWorkspace", "check_workspace", "load_workspace", "schema_of", "write_schemas"]

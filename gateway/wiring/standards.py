"""`lienthong standard …`: the contracts that come with the product, and copies of them for a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.workspace.reading import BUS, load
from adapters.workspace.schemas import schema_line
from adapters.workspace.standard_contracts import (
    EXCERPTS,
    StandardContract,
    mapping_text,
    standard_contract,
    standard_lists,
    standard_names,
)
from contracts.avro_types import FieldType
from contracts.findings import Finding, Severity
from contracts.said import said
from contracts.schema import parse_schema
from contracts.spelling import meant
from contracts.views import fields_under

__all__ = [
    "CannotAdd",
    "NoSuchStandard",
    "StandardContract",
    "add_standard",
    "fields_of",
    "mapping_text",
    "standard",
    "standards",
]


class NoSuchStandard(Exception):
    """There is no standard contract of that name; the message says which there are."""


class CannotAdd(Exception):
    """Nothing was written; the message says why."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was written, by its path in the workspace; `excerpts` are lists that hold a part of the whole only.

    `errors` are what is wrong with the workspace now.
    """

    written: Sequence[str]
    excerpts: Sequence[str]
    errors: Sequence[Finding]


def standards() -> list[StandardContract]:
    """All standard contracts, by name."""
    return [standard_contract(name) for name in standard_names()]


def standard(name: str) -> StandardContract:
    """One of them. NoSuchStandard."""
    known = standard_names()
    if name not in known:
        remedy = meant(name, known, said("standard contracts"))
        raise NoSuchStandard(said("there is no standard contract {name}: {remedy}", name=name, remedy=remedy))
    return standard_contract(name)


def fields_of(of: StandardContract) -> list[tuple[str, str, FieldType]]:
    """Every field of its latest version: the schema's part, the pointer, the field."""
    latest = max(name.split("/")[2] for name in of.files if name.endswith(".avsc"))
    found = []
    for name, text in of.files.items():
        _, _, version, *rest = name.split("/")
        if version == latest and rest[0].endswith(".avsc"):
            part = rest[0].removesuffix(".avsc")
            found += [(part, pointer, field) for pointer, field in fields_under(parse_schema(text.decode()))]
    return sorted(found, key=lambda each: each[0] == "reply")


def add_standard(root: Path, names: Sequence[str]) -> Added:
    """Copy standard contracts into the workspace in `root`, and the code lists of theirs that it does not have.

    Nothing is overwritten. NoSuchStandard, CannotAdd, OSError.
    """
    if not (root / BUS).is_file():
        raise CannotAdd(
            said(
                "{root} is not a workspace: make one with `lienthong new workspace DIR`, or give it with -C", root=root
            )
        )
    files: dict[str, bytes] = {}
    wanted: set[str] = set()
    for found in map(standard, names):
        files.update(found.files)
        wanted |= {field.codelist for _, _, field in fields_of(found) if field.codelist is not None}
        head = f"contracts/{found.name}/contract.yaml"
        files[head] = schema_line("contract").encode() + files[head]
    taken = next((name for name in files if (root / name).exists()), None)
    if taken is not None:
        raise CannotAdd(said("{name} exists; nothing is overwritten", name=taken))
    lists = {f"codelists/{name}.csv": text for name, text in standard_lists().items() if name in wanted}
    files.update({name: text for name, text in lists.items() if not (root / name).exists()})
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        with (root / name).open("xb") as file:
            file.write(text)
    excerpts = [name for name in sorted(wanted & EXCERPTS) if f"codelists/{name}.csv" in files]
    errors = [each for each in load(root).findings if each.severity is Severity.ERROR]
    return Added(list(files), excerpts, errors)

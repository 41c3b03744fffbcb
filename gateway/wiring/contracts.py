"""What one version of a contract changes since another, by the workspace on disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.workspace.snapshot import Workspace
from contracts.affected import Changed, Users, changed
from contracts.catalogue import Contract, Schemas
from contracts.changes import changes
from contracts.linting import Advice, linted
from contracts.said import said
from contracts.schema import Schema, parse_schema
from contracts.spelling import meant
from gateway.wiring.offline import load_workspace

_VERSION: Final = re.compile(r"(?P<name>[^@/]+)@(?P<major>[1-9][0-9]{0,3})(?:\.(?P<minor>[0-9]{1,4}))?\Z", re.ASCII)


class NoSuchVersion(LookupError):
    """There is no such contract, version or file; the message says which there are."""


@dataclass(frozen=True, slots=True)
class _Named:
    contract: Contract
    major: int
    schemas: Schemas


def changed_between(root: Path, old: str, new: str) -> list[Changed]:
    """What is other in `new` than in `old`; each is NAME@MAJOR, NAME@MAJOR.MINOR, or a schema's file.

    NoSuchVersion, InvalidWorkspace, SchemaError; ValueError where one is a version and the other a file.
    """
    versions = [_VERSION.match(each) for each in (old, new)]
    if versions[0] is None and versions[1] is None:
        name = Path(new).name
        return [Changed(name, change) for change in changes(_file(old), _file(new))]
    if versions[0] is None or versions[1] is None:
        raise ValueError(said("give two versions of contracts, or two files"))
    workspace = load_workspace(root)
    return list(_between(workspace, _named(workspace, versions[0]), _named(workspace, versions[1])))


def advice_on(root: Path, names: Sequence[str]) -> list[tuple[str, Advice]]:
    """The advice on the contracts of those names, or on all, each with its file. NoSuchVersion, InvalidWorkspace."""
    contracts = load_workspace(root).contracts
    for name in names:
        if name not in contracts:
            remedy = meant(name, contracts, said("contracts"))
            raise NoSuchVersion(said("there is no contract {name}: {remedy}", name=name, remedy=remedy))
    return [
        (f"contracts/{name}/{advice.file}", advice)
        for name in (names or contracts)
        for advice in linted(contracts[name])
    ]


def _between(workspace: Workspace, old: _Named, new: _Named) -> Iterator[Changed]:
    day = datetime.now(workspace.bus.time_zone).date()
    users = Users(workspace.grants, workspace.services, workspace.publishers, day)
    return changed(old.contract, old.major, old.schemas, new.schemas, users)


def _named(workspace: Workspace, version: re.Match[str]) -> _Named:
    name, major, minor = version["name"], int(version["major"]), version["minor"]
    contract = workspace.contracts.get(name)
    if contract is None:
        remedy = meant(name, workspace.contracts, said("contracts"))
        raise NoSuchVersion(said("there is no contract {name}: {remedy}", name=name, remedy=remedy))
    found = contract.versions.get(major)
    known = [*(found.earlier if found else ()), *([Schemas(found.request, found.reply)] if found else [])]
    if not known or int(minor or 0) >= len(known):
        listed = [f"{name}@{each}.{last}" for each, of in contract.versions.items() for last in range(of.minor + 1)]
        remedy = meant(version[0], listed, said("versions"))
        raise NoSuchVersion(said("there is no version {version}: {remedy}", version=version[0], remedy=remedy))
    return _Named(contract, major, known[-1 if minor is None else int(minor)])


def _file(name: str) -> Schema:
    try:
        return parse_schema(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise NoSuchVersion(said("{file} cannot be read: {why}", file=name, why=error.strerror)) from None


__all__ = ["Changed", "NoSuchVersion", "advice_on", "changed_between"]

"""What is other in one workspace than in another, by what it means and not by how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final

from adapters.workspace.difference_fields import (
    Fields,
    Opaque,
    adapter_fields,
    agency_fields,
    bus_fields,
    codelist_fields,
    contract_fields,
    grant_fields,
    law_fields,
    publisher_fields,
    service_fields,
    source_fields,
    system_fields,
    user_fields,
)
from adapters.workspace.snapshot import ServiceConfig, SourceConfig, Workspace
from contracts.catalogue import Grant, Ingress

_MAX_TEXT: Final = 200
_READ: Final = frozenset({".yaml", ".avsc", ".json", ".csv"})


class About(StrEnum):
    """What a difference is about."""

    BUS = "bus"
    AGENCY = "agency"
    SYSTEM = "system"
    CONTRACT = "contract"
    ADAPTER = "adapter"
    SERVICE = "service"
    PUBLISHER = "publisher"
    SOURCE = "source"
    GRANT = "grant"
    LAW = "law"
    CODELIST = "codelist"
    USER = "user"
    FILE = "file"


class How(StrEnum):
    """How it is other."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `field` is "" where the whole thing was added or removed.

    `before` and `after` are texts; "" where there is nothing to show, because only a program can read it.
    """

    about: About
    name: str
    how: How
    field: str = ""
    before: str = ""
    after: str = ""


def differences(
    old: Workspace, old_files: Mapping[str, bytes], new: Workspace, new_files: Mapping[str, bytes]
) -> Sequence[Difference]:
    """Everything that is other in `new`; at last the files that only say the same in another way."""
    found = [
        *_fields(About.BUS, old.bus.name, bus_fields(old.bus), bus_fields(new.bus)),
        *_things(About.AGENCY, old.agencies, new.agencies, agency_fields),
        *_things(About.SYSTEM, old.systems, new.systems, system_fields),
        *_things(About.CONTRACT, old.contracts, new.contracts, contract_fields),
        *_things(About.ADAPTER, old.adapters, new.adapters, adapter_fields),
        *_things(About.SERVICE, _services(old), _services(new), service_fields),
        *_things(About.PUBLISHER, _publishers(old), _publishers(new), publisher_fields),
        *_things(About.SOURCE, _sources(old), _sources(new), source_fields),
        *_things(About.GRANT, _grants(old), _grants(new), grant_fields),
        *_things(About.LAW, old.laws.by_id, new.laws.by_id, law_fields),
        *_things(About.CODELIST, old.codelists, new.codelists, codelist_fields),
        *_things(About.USER, old.users, new.users, user_fields),
    ]
    changed = [name for name in sorted({*old_files, *new_files}) if old_files.get(name) != new_files.get(name)]
    unread = [name for name in changed if PurePosixPath(name).suffix not in _READ]
    found += (_file(name, old_files, new_files) for name in unread)
    return found or [Difference(About.FILE, name, How.REWRITTEN) for name in changed]


def _file(name: str, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Difference:
    """A file whose meaning is not for us to read: code, certificates."""
    if name not in old:
        return Difference(About.FILE, name, How.ADDED)
    return Difference(About.FILE, name, How.CHANGED if name in new else How.REMOVED)


def _things(
    about: About, old: Mapping[str, Any], new: Mapping[str, Any], fields: Callable[[Any, Any], Fields]
) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield Difference(about, name, How.ADDED)
        elif name not in new:
            yield Difference(about, name, How.REMOVED)
        elif old[name] is not new[name]:
            yield from _fields(about, name, fields(old[name], new[name]), fields(new[name], old[name]))


def _fields(about: About, name: str, old: Fields, new: Fields) -> Iterator[Difference]:
    for field in [*old, *(each for each in new if each not in old)]:
        before, after = old.get(field), new.get(field)
        if before == after:
            continue
        if isinstance(before, frozenset) and isinstance(after, frozenset):
            gone, come = before - after, after - before
            if come:
                yield Difference(about, name, How.ADDED, field, after=_shown(come))
            if gone:
                yield Difference(about, name, How.REMOVED, field, before=_shown(gone))
        else:
            yield Difference(about, name, How.CHANGED, field, _shown(before), _shown(after))


def _shown(value: object) -> str:
    """A value in a line; "" for what only a program can read."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return _cut(", ".join(sorted(map(str, value))))
    if isinstance(value, tuple):
        return _cut(", ".join(map(_shown, value)))
    return "" if isinstance(value, Opaque) else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _services(workspace: Workspace) -> dict[str, ServiceConfig]:
    return {
        f"{adapter.system} → {each.contract}@{each.major}": each
        for adapter in workspace.adapters.values()
        for each in adapter.services
    }


def _publishers(workspace: Workspace) -> dict[str, bool]:
    """Whether each publishes through a topic of its own too."""
    topics = set(workspace.ingress)
    return {
        f"{each.system} → {each.contract}@{each.major}": Ingress(each.system, each.contract) in topics
        for each in workspace.publishers
    }


def _sources(workspace: Workspace) -> dict[str, SourceConfig]:
    return {each.id: each for each in workspace.sources}


def _grants(workspace: Workspace) -> dict[str, Grant]:
    return {each.id: each for each in workspace.grants}

"""What is other in one workspace than in another, by what it means and not by how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from adapters.workspace.snapshot import AdapterConfig, BusConfig, ServiceConfig, SourceConfig, Workspace
from contracts.catalogue import Agency, Contract, ContractVersion, Grant, System
from contracts.codelists import CodeList
from contracts.schema import Schema

_MAX_TEXT: Final = 200


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
    CODELIST = "codelist"
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


Fields = Mapping[str, object]


def differences(
    old: Workspace, old_files: Mapping[str, bytes], new: Workspace, new_files: Mapping[str, bytes]
) -> Sequence[Difference]:
    """Everything that is other in `new`; at last the files that only say the same in another way."""
    found = [
        *_fields(About.BUS, old.bus.name, _bus(old.bus), _bus(new.bus)),
        *_things(About.AGENCY, old.agencies, new.agencies, _agency),
        *_things(About.SYSTEM, old.systems, new.systems, _system),
        *_things(About.CONTRACT, old.contracts, new.contracts, _contract),
        *_things(About.ADAPTER, old.adapters, new.adapters, _adapter),
        *_things(About.SERVICE, _services(old), _services(new), _service),
        *_things(About.PUBLISHER, _publishers(old), _publishers(new), lambda _each, _other: {}),
        *_things(About.SOURCE, _sources(old), _sources(new), _source),
        *_things(About.GRANT, _grants(old), _grants(new), _grant),
        *_things(About.CODELIST, old.codelists, new.codelists, _codelist),
    ]
    if found:
        return found
    changed = [name for name in sorted({*old_files, *new_files}) if old_files.get(name) != new_files.get(name)]
    return [Difference(About.FILE, name, How.REWRITTEN) for name in changed]


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
    return "" if isinstance(value, _Opaque) else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


class _Opaque:
    """A value that is compared, and not shown."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Opaque) and self._value == other._value

    def __hash__(self) -> int:
        return 0


def _bus(bus: BusConfig) -> Fields:
    rules = bus.subscriptions
    return {
        "name": bus.name,
        "prefix": bus.prefix,
        "transport": bus.transport,
        "kafka": _Opaque(bus.kafka),
        "ledger": bus.ledger,
        "token_key": bus.token_key,
        "languages": bus.languages,
        "time_zone": str(bus.time_zone),
        "retention_days": bus.retention_days,
        "channels": (bus.channels.inbox, bus.channels.reply, bus.channels.other),
        "http": f"{bus.http.host}:{bus.http.port}",
        "telemetry": bus.otlp,
        "log": bus.log,
        "subscriptions.allow_private": rules.allow_private,
        "subscriptions.retry": _delays(rules.retry_s),
        "subscriptions.disable_after": f"{rules.disable_after_s} s",
        "subscriptions.most": rules.most,
    }


def _agency(agency: Agency, _other: Agency) -> Fields:
    return {
        "name": agency.name,
        "kind": str(agency.kind),
        "parent": agency.parent,
        "valid_from": agency.valid_from,
        "valid_to": agency.valid_to,
        "successors": frozenset(agency.successors),
    }


def _system(system: System, other: System) -> Fields:
    shared = {each.client_id for each in other.credentials}
    return {
        "name": system.name,
        "agency": system.agency,
        "operator": system.operator,
        "credentials": frozenset(each.client_id for each in system.credentials),
        "secrets": _Opaque({each for each in system.credentials if each.client_id in shared}),
    }


def _contract(contract: Contract, other: Contract) -> Fields:
    route = contract.route
    found: dict[str, object] = {
        "title": contract.title,
        "description": contract.description,
        "pattern": str(contract.pattern),
        "requires_end_user": contract.requires_end_user,
        "requires_case_ref": contract.requires_case_ref,
        "deadline_s": contract.deadline_s,
        "max_bytes": contract.max_bytes,
        "route": None if route is None else f"{route.codelist}: {route.code} on {route.on}",
        "ordered": contract.ordered,
        "versions": frozenset(contract.versions),
    }
    if contract.latest == other.latest:
        latest = contract.versions[contract.latest]
        found["examples"] = _Opaque((latest.request_example, latest.reply_example))
    for major in sorted(contract.versions.keys() & other.versions.keys()):
        found.update(_version(contract.versions[major], other.versions[major]))
    return found


def _version(version: ContractVersion, other: ContractVersion) -> Fields:
    found: dict[str, object] = {}
    pairs = (("request", version.request, other.request), ("reply", version.reply, other.reply))
    for part, schema, counterpart in pairs:
        if schema is None or counterpart is None:
            continue
        name = f"{part}@{version.major}"
        fields, theirs = _names(schema), _names(counterpart)
        found[f"fields of {name}"] = fields
        if fields == theirs:
            found[f"schema of {name}"] = _Opaque(schema.sha256)
    return found


def _names(schema: Schema) -> frozenset[str]:
    return frozenset(field.name for field in schema.root.fields)


def _adapter(adapter: AdapterConfig, _other: AdapterConfig) -> Fields:
    rate, breaker = adapter.rate, adapter.breaker
    return {
        "kind": adapter.kind,
        **{f"connection.{name}": value for name, value in _model(adapter.connection).items()},
        "concurrency": adapter.concurrency,
        "breaker": f"{breaker.failures} / {breaker.pause_s:g} s",
        "retry": _delays(adapter.retry_s),
        "rate": None if rate is None else f"{rate.per_second:g}/s, {rate.burst}",
    }


def _service(service: ServiceConfig, _other: ServiceConfig) -> Fields:
    return {
        "idempotent": service.idempotent,
        "operation": _Opaque(service.operation),
        "area": _Opaque(service.area),
        "extra": str(service.extra),
        "request mapping": _Opaque((service.request_map, service.parts_map)),
        "reply mapping": _Opaque(service.reply_map),
        "examples": _Opaque(service.examples),
    }


def _source(source: SourceConfig, _other: SourceConfig) -> Fields:
    return {
        "kind": source.kind,
        "contract": f"{source.contract}@{source.major}",
        **{f"connection.{name}": value for name, value in _model(source.connection).items()},
        "key": source.key,
        "record mapping": _Opaque(source.record_map),
        "examples": _Opaque(source.examples),
    }


def _grant(grant: Grant, _other: Grant) -> Fields:
    return {
        "system": grant.system,
        "contract": f"{grant.contract}@{grant.major}",
        "providers": frozenset(grant.providers),
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "from": grant.valid_from,
        "to": grant.valid_to,
        "quota": None if grant.quota is None else f"{grant.quota.requests} / {grant.quota.per_s:g} s",
        "view": "all" if grant.view is None else frozenset(grant.view),
    }


def _codelist(codes: CodeList, other: CodeList) -> Fields:
    rows = {row.id: row for row in codes.rows}
    shared = rows.keys() & {row.id for row in other.rows}
    return {"rows": frozenset(rows), "meaning of rows": _Opaque({each: rows[each] for each in shared})}


def _model(model: BaseModel) -> Fields:
    """The top of a kind's own model: plain values are shown, what is nested is compared only."""
    dumped = model.model_dump(mode="python")
    plain = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, plain) else _Opaque(value) for name, value in dumped.items()}


def _delays(delays_s: Sequence[int]) -> tuple[str, ...]:
    return tuple(_delay(delay_s) for delay_s in delays_s)


def _delay(delay_s: int) -> str:
    for unit_s, unit in ((3600, "h"), (60, "min")):
        if delay_s % unit_s == 0:
            return f"{delay_s // unit_s} {unit}"
    return f"{delay_s} s"


def _services(workspace: Workspace) -> dict[str, ServiceConfig]:
    return {
        f"{adapter.system} → {each.contract}@{each.major}": each
        for adapter in workspace.adapters.values()
        for each in adapter.services
    }


def _publishers(workspace: Workspace) -> dict[str, object]:
    return {f"{each.system} → {each.contract}@{each.major}": each for each in workspace.publishers}


def _sources(workspace: Workspace) -> dict[str, SourceConfig]:
    return {each.id: each for each in workspace.sources}


def _grants(workspace: Workspace) -> dict[str, Grant]:
    return {each.id: each for each in workspace.grants}

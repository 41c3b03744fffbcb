"""What each kind of thing in a workspace is compared by, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from adapters.workspace.difference_depth import places, row_places, schema_places
from adapters.workspace.snapshot import AdapterConfig, BusConfig, ServiceConfig, SourceConfig
from contracts.catalogue import ENDLESS, Agency, Contract, ContractVersion, Grant, System, User
from contracts.codelists import CodeList
from contracts.languages import Language
from contracts.laws import Law, Provision
from contracts.schema import Schema

_MOST_ROWS: Final = 50

Fields = Mapping[str, object]
"""Values by field: a set is compared member by member, what is `Opaque` as a whole."""


class Opaque:
    """A value that is compared, and not shown."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and self._value == other._value

    def __hash__(self) -> int:
        return 0


def bus_fields(bus: BusConfig) -> Fields:
    """`bus.yaml`."""
    rules = bus.subscriptions
    return {
        "name": bus.name,
        "prefix": bus.prefix,
        "transport": bus.transport,
        "kafka": Opaque(bus.kafka),
        "ledger": bus.ledger,
        "token_key": bus.token_key,
        "languages": bus.languages,
        "time_zone": str(bus.time_zone),
        "retention_days": bus.retention_days,
        "channels": (bus.channels.inbox, bus.channels.reply, bus.channels.other),
        "http": f"{bus.http.host}:{bus.http.port}",
        "telemetry": bus.otlp,
        "log": bus.log,
        "publish.url": bus.publish.url,
        "publish.publisher": bus.publish.publisher,
        "publish.portal": "public" if bus.publish.is_portal_public else "users",
        "subscriptions.allow_private": rules.allow_private,
        "subscriptions.retry": _delays(rules.retry_s),
        "subscriptions.disable_after": f"{rules.disable_after_s} s",
        "subscriptions.most": rules.most,
    }


def agency_fields(agency: Agency, _other: Agency) -> Fields:
    """An agency."""
    return {
        "name": agency.name,
        "kind": str(agency.kind),
        "parent": agency.parent,
        "valid_from": agency.valid_from,
        "valid_to": agency.valid_to,
        "successors": frozenset(agency.successors),
        "addressed_until": agency.addressed_until,
    }


def system_fields(system: System, other: System) -> Fields:
    """A system; of credentials that both have, where their secrets are."""
    shared = {each.client_id for each in other.credentials}
    return {
        "name": system.name,
        "agency": system.agency,
        "operator": system.operator,
        "subjects": frozenset(system.subjects),
        "handed_over": None if system.handed_over is None else system.handed_over.to,
        "answered_until": None if system.handed_over is None else system.handed_over.until,
        "credentials": frozenset(each.client_id for each in system.credentials),
        "secrets": Opaque({each for each in system.credentials if each.client_id in shared}),
    }


def contract_fields(contract: Contract, other: Contract) -> Fields:
    """A contract; of versions that both have, their schemas."""
    route = contract.route
    found: dict[str, object] = {
        "title": contract.title,
        "description": contract.description,
        "english": tuple(contract.english),
        "pattern": str(contract.pattern),
        "requires_end_user": contract.requires_end_user,
        "requires_case_ref": contract.requires_case_ref,
        "deadline_s": contract.deadline_s,
        "max_bytes": contract.max_bytes,
        "route": None if route is None else f"{route.codelist}: {route.code} on {route.on}",
        "ordered": contract.ordered,
        "versions": frozenset(contract.versions),
        "compatibility": str(contract.compatibility),
        "lives": Opaque({major: each.life for major, each in contract.versions.items() if each.life != ENDLESS}),
    }
    if contract.latest == other.latest:
        latest = contract.versions[contract.latest]
        found["examples"] = Opaque((latest.request_example, latest.reply_example))
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
        found[f"fields of {name}"] = frozenset(schema.pointers())
        shared = frozenset(schema.pointers()) & frozenset(counterpart.pointers())
        ours, theirs = (_shared(each, name, shared) for each in (schema, counterpart))
        found.update(ours)
        if ours == theirs and len(shared) == len(schema.pointers()) == len(counterpart.pointers()):
            found[f"schema of {name}"] = Opaque(schema.sha256)
    return found


def _shared(schema: Schema, name: str, pointers: frozenset[str]) -> Fields:
    """What it says of the fields that both have."""
    begin = f"schema of {name} "
    said = schema_places(schema, name).items()
    return {key: value for key, value in said if key.removeprefix(begin).partition(":")[0] in pointers}


def adapter_fields(adapter: AdapterConfig, _other: AdapterConfig) -> Fields:
    """How a system is reached."""
    rate, breaker = adapter.rate, adapter.breaker
    return {
        "kind": adapter.kind,
        **_model(adapter.connection, "connection"),
        "concurrency": adapter.concurrency,
        "breaker": f"{breaker.failures} / {breaker.pause_s:g} s",
        "retry": _delays(adapter.retry_s),
        "rate": None if rate is None else f"{rate.per_second:g}/s, {rate.burst}",
    }


def publisher_fields(has_topic: bool, _other: bool) -> Fields:  # noqa: FBT001
    """A publisher's own words."""
    return {"ingress": has_topic}


def service_fields(service: ServiceConfig, _other: ServiceConfig) -> Fields:
    """How a system provides a contract."""
    return {
        "idempotent": service.idempotent,
        **_model(service.operation, "operation"),
        "area": Opaque(service.area),
        "extra": str(service.extra),
        "request mapping": Opaque((service.request_map, service.parts_map)),
        "reply mapping": Opaque(service.reply_map),
        "examples": Opaque(service.examples),
    }


def source_fields(source: SourceConfig, _other: SourceConfig) -> Fields:
    """How records come in by themselves."""
    return {
        "kind": source.kind,
        "contract": f"{source.contract}@{source.major}",
        **_model(source.connection, "connection"),
        "key": source.key,
        "record mapping": Opaque(source.record_map),
        "examples": Opaque(source.examples),
    }


def law_fields(law: Law, other: Law) -> Fields:
    """A legal document; of articles that both have, what they say."""
    return {
        "kind": str(law.kind),
        "number": law.number,
        "title": law.title[Language.VI],
        "title in English": law.title[Language.EN],
        "from": law.term.valid_from,
        "to": law.term.valid_to,
        "replaced_by": frozenset(law.replaced_by),
        "articles": frozenset(law.provisions),
        **{
            f"article {name}": _provision(law.provisions[name])
            for name in sorted(law.provisions.keys() & other.provisions)
        },
        "confirmed": law.confirmed,
    }


def _provision(provision: Provision) -> str:
    term = provision.term
    days = f"{term.valid_from or '…'} – {term.valid_to or '…'}"
    after = f" → {provision.replaced_by}" if provision.replaced_by else ""
    return f"{provision.title[Language.VI]}, {days}{after}"


def user_fields(user: User, _other: User) -> Fields:
    """Who signs in to the console."""
    return {"name": user.name, "role": str(user.role), "secrets": Opaque(user.password_hash)}


def grant_fields(grant: Grant, _other: Grant) -> Fields:
    """A grant."""
    return {
        "system": grant.system,
        "contract": f"{grant.contract}@{grant.major}",
        "providers": frozenset(grant.providers),
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "cites": frozenset(map(str, grant.grounds)),
        "from": grant.valid_from,
        "to": grant.valid_to,
        "quota": None if grant.quota is None else f"{grant.quota.requests} / {grant.quota.per_s:g} s",
        "view": "all" if grant.view is None else frozenset(grant.view),
    }


def codelist_fields(codes: CodeList, other: CodeList) -> Fields:
    """A code list; of rows that both have, what they say: each where they are few, else only that they differ."""
    rows, others = ({row.id: row for row in each.rows} for each in (codes, other))
    shared = rows.keys() & others.keys()
    differ = row_places(rows, others)
    return {
        "title": codes.about.title,
        "title_en": codes.about.title_en or None,
        "source": codes.about.source or None,
        "rows": frozenset(rows),
        **(differ if len(differ) <= _MOST_ROWS else {"meaning of rows": Opaque({each: rows[each] for each in shared})}),
    }


def _model(model: BaseModel, name: str) -> Fields:
    """A kind's own model: plain values by the path to them; what is none of these is compared only."""
    plain = (str, int, float, bool, type(None))
    found = places(model.model_dump(mode="python"), name)
    return {path: value if isinstance(value, plain) else Opaque(value) for path, value in found}


def _delays(delays_s: Sequence[int]) -> tuple[str, ...]:
    return tuple(_delay(delay_s) for delay_s in delays_s)


def _delay(delay_s: int) -> str:
    for unit_s, unit in ((3600, "h"), (60, "min")):
        if delay_s % unit_s == 0:
            return f"{delay_s // unit_s} {unit}"
    return f"{delay_s} s"

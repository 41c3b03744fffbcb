"""The only way in. Each step takes what the step before it made, so none can be skipped:

Credentials → Principal → Permit → CheckedRecord → Sealed → Accepted
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from contracts.canonical import to_json
from contracts.catalogue import Contract, ContractVersion, Grant, Service, System
from contracts.channels import Inbox, event
from contracts.codec import framed
from contracts.envelope import Envelope, Kind, exchange_id
from contracts.errors import (
    LedgerUnavailable,
    LogOverloaded,
    LogUnavailable,
    LogUnknown,
    field_error,
)
from contracts.json_types import JsonValue
from contracts.outcome import Pattern
from contracts.ports import Known, Ledger, Message, Position, Schemas, Transport
from contracts.said import said
from contracts.spans import NO_SPANS, Spans
from contracts.trace import RandomBytes, TraceContext
from contracts.validation import Encoded
from gateway.addressing import note_old_name, system_addressed
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.body import body_hash_of, read_record
from gateway.case_keys import CaseKeys
from gateway.directory import Directory
from gateway.lives import must_go_on
from gateway.order_keys import OrderKeys
from gateway.problems import Problem
from gateway.quota import Quotas
from gateway.routing import receiver_of, today

_REMEMBERED: Final = 50_000
_BEARER: Final = {"www-authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client sent, before anything is believed. Header values are "" where they were not sent.

    `body` is what came over HTTP, or the JSON value that a source made. `attributes` are further CloudEvents
    attributes, which a source puts on the message for itself. `is_new`: it knows that the key has not been there.
    """

    contract: str
    body: bytes | JsonValue
    to: str = ""
    purpose: str = ""
    end_user: str = ""
    case_ref: str = ""
    idempotency_key: str = ""
    traceparent: str = ""
    tracestate: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """A system, or an operator, that proved who it is."""

    id: str
    system: System | None
    operator: bool


@dataclass(frozen=True, slots=True)
class Permit:
    """What lets a system send: a grant in force that covers `services` or, for an event, that it publishes it.

    `grant` and `purpose` are "" for a publisher, and then there are no services. `directory` is what was known when it
    was given: all later steps go by the same, whatever is applied meanwhile.
    """

    directory: Directory
    system: System
    contract: Contract
    version: ContractVersion
    grant: str
    purpose: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record that fits its contract, with its receiver; "" for an event, which is for whoever may have it.

    `order_key` is "" where the contract has no order.
    """

    permit: Permit
    receiver: str
    payload: bytes
    body_hash: str
    order_key: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope with its message, ready for the log. `key` is the idempotency key, sent or generated.

    `under` is the span of whoever asked, where it is known.
    """

    envelope: Envelope
    message: Message
    key: str
    under: TraceContext | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the log has: where, or what the ledger knows of the same exchange from before.

    `repeated`: the log had it already, and nothing was stored now.
    """

    sealed: Sealed
    position: Position | None
    before: Known | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Remembered:
    body_hash: str
    contract: str
    receiver: str
    position: Position


class Intake:
    """Lets exchanges in. Used from one event loop."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        tokens: Tokens,
        transport: Transport,
        schemas: Schemas,
        ledger: Ledger,
        board: Board,
        quotas: Quotas,
        case_keys: CaseKeys,
        order_keys: OrderKeys,
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
        spans: Spans = NO_SPANS,
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._transport = transport
        self._schemas = schemas
        self._ledger = ledger
        self._board = board
        self._quotas = quotas
        self._case_keys = case_keys
        self._order_keys = order_keys
        self._now_ms = now_ms
        self._random_bytes = random_bytes
        self._spans = spans
        self._recent: OrderedDict[str, _Remembered] = OrderedDict()

    def authenticate(self, authorization: str) -> Principal:
        """Credentials → Principal. Problem `unauthenticated`, `invalid-token`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem("unauthenticated", headers=_BEARER)
        try:
            claims = self._tokens.verify(token.strip())
        except Problem as problem:
            problem.headers.update({"www-authenticate": 'Bearer error="invalid_token"'})
            raise
        system = self._directory().systems.get(claims.subject)
        if system is None and not claims.operator:
            raise Problem("invalid-token", why=said("unknown system"), headers=_BEARER)
        if system is not None and system.handed_over is not None:
            self._still_answered(system)
        return Principal(claims.subject, system, claims.operator or (system is not None and system.operator))

    def _still_answered(self, system: System) -> None:
        """Note that a system goes by an old name. Problem `handed-over` once that is over."""
        directory = self._directory()
        note_old_name(directory, system, today(directory, self._now_ms()))

    def addressed(self, asked: Asked) -> Asked:
        """What was sent, with the system that its receiver means. Problem `receiver-required`, `agency-split`, …"""
        if not asked.to:
            return asked
        directory = self._directory()
        known = directory.systems.get(asked.to)
        if known is not None and known.handed_over is None:
            return asked
        contract = asked.contract.partition("@")[0]
        day = today(directory, self._now_ms())
        return replace(asked, to=system_addressed(directory, contract, asked.to, day))

    def permit(self, principal: Principal, asked: Asked) -> Permit:
        """Principal → Permit. Problem `no-grant`, `wrong-purpose`, `contract-unknown`, `version-ended`,
        `quota-exceeded`."""
        directory = self._directory()
        system = principal.system
        if system is None:
            raise Problem("no-grant", system=principal.id, contract=asked.contract, receiver="")
        name, _, major = asked.contract.partition("@")
        contract = directory.contracts.get(name)
        if contract is None or (major and major not in map(str, contract.versions)):
            granted = sorted({grant.contract for grant in directory.grants if grant.system == system.id})
            raise Problem("contract-unknown", contract=asked.contract, known=", ".join(granted) or "—")
        if contract.pattern is Pattern.EVENT:
            permit = _as_publisher(directory, system, contract, major)
            must_go_on(directory, contract, permit.version, self._now_ms())
            return permit
        grants = directory.grants_of(system.id, name, today(directory, self._now_ms()))
        if major:
            grants = [grant for grant in grants if grant.major == int(major)]
        grant = _chosen(grants, system, contract, asked)
        must_go_on(directory, contract, contract.versions[grant.major], self._now_ms())
        services = directory.services_of(name, grant.major)
        covered = tuple(service for service in services if service.system in grant.providers)
        if not covered:
            raise Problem("no-grant", system=system.id, contract=name, receiver="")
        self._quotas.take(grant)
        return Permit(directory, system, contract, contract.versions[grant.major], grant.id, grant.purpose, covered)

    def check(self, permit: Permit, asked: Asked) -> CheckedRecord:
        """Permit → CheckedRecord. Problem `malformed-body`, `invalid-record`, `body-too-large`, `header-missing`, …"""
        contract, directory = permit.contract, permit.directory
        _require_headers(contract, asked)
        if isinstance(asked.body, bytes):
            _must_fit(contract, len(asked.body))
        now = datetime.fromtimestamp(self._now_ms() / 1000, UTC)
        schema = permit.version.request
        record = read_record(directory.validators.of(schema), asked.body, now, contract.name)
        receiver = self._receiver(permit, asked, record)
        payload = framed(self._schemas.id_of(schema), record.avro)
        if not isinstance(asked.body, bytes):
            # It was never text: it is as large as the log has it.
            _must_fit(contract, len(payload))
        order_key = self._order_keys.of(contract, record)
        return CheckedRecord(permit, receiver, payload, body_hash_of(payload), order_key)

    def _receiver(self, permit: Permit, asked: Asked, record: Encoded) -> str:
        contract, directory = permit.contract, permit.directory
        if contract.pattern is Pattern.EVENT:
            if asked.to:
                raise Problem("receiver-of-event", contract=contract.name)
            return ""
        if not asked.to and contract.route is None and len(permit.services) == 1:
            return permit.services[0].system
        shown = to_json(permit.version.request, record.record, directory.zone) if contract.route is not None else None
        return receiver_of(directory, contract, permit.services, asked.to, shown).system

    def seal(self, checked: CheckedRecord, asked: Asked, key: str, *, reply_to: str) -> Sealed:
        """CheckedRecord → Sealed. `key` is the idempotency key, sent or made. Problem `backlog`, `provider-away`."""
        permit, now_ms = checked.permit, self._now_ms()
        contract = permit.contract
        is_query, is_event = contract.pattern is Pattern.QUERY, contract.pattern is Pattern.EVENT
        if not is_event:
            self._board.admit(Inbox(checked.receiver, contract.name if checked.order_key else None), contract.pattern)
        trace = TraceContext.parse(asked.traceparent, asked.tracestate)
        envelope = Envelope(
            kind=Kind.EVENT if is_event else Kind.REQUEST,
            exchange=exchange_id(permit.system.id, key),
            time_ms=now_ms,
            contract=contract.name,
            major=permit.version.major,
            pattern=contract.pattern,
            sender=permit.system.id,
            receiver=checked.receiver,
            trace=TraceContext.start(self._random_bytes) if trace is None else trace.child(self._random_bytes),
            configuration=permit.directory.configuration,
            grant=permit.grant,
            body_hash=checked.body_hash,
            deadline_ms=now_ms + int(contract.deadline_s * 1000) if is_query else None,
            reply_to=reply_to,
            purpose=permit.purpose,
            end_user=asked.end_user,
            case_ref=asked.case_ref,
            case_key=self._case_keys.of(asked.case_ref),
            order_key=checked.order_key,
        )
        return self._message(envelope, checked.payload, key, asked, trace)

    async def append(self, sealed: Sealed, asked: Asked) -> Accepted:
        """Sealed → Accepted. Problem `idempotency-conflict`, `log-unavailable`, `log-unknown`, `overloaded`."""
        exchange = sealed.envelope.exchange
        if asked.idempotency_key:
            remembered = self._recent.get(exchange)
            if remembered is not None:
                _same_body(sealed, remembered.body_hash, remembered.contract)
                if not sealed.envelope.reply_to:
                    return Accepted(sealed, remembered.position, None, repeated=True)
            elif not asked.is_new:
                try:
                    before = (await self._ledger.known([exchange])).get(exchange)
                except LedgerUnavailable:
                    before = None
                    unverified = replace(sealed.envelope, unverified=True)
                    sealed = self._message(unverified, sealed.message.value, sealed.key, asked, sealed.under)
                if before is not None:
                    _same_body(sealed, before.body_hash, before.contract)
                    return Accepted(sealed, None, before, repeated=True)
        position = await self._store(sealed)
        self._remember(sealed, position)
        return Accepted(sealed, position, None)

    async def _store(self, sealed: Sealed) -> Position:
        key = {"idempotency-key": sealed.key, "retry-after": "1"}
        members = {"id": sealed.envelope.exchange}
        try:
            with self._spans.send(sealed.envelope, sealed.message.channel, sealed.under) as span:
                position = await self._transport.append(sealed.message)
                span.stored(position)
                return position
        except LogOverloaded as error:
            headers = {**key, "retry-after": f"{error.retry_after_s:.0f}"}
            raise Problem("overloaded", retry_after_s=f"{error.retry_after_s:.0f}", headers=headers) from error
        except LogUnavailable as error:
            raise Problem("log-unavailable", headers=key) from error
        except LogUnknown as error:
            raise Problem("log-unknown", headers=key, members=members) from error

    def _remember(self, sealed: Sealed, position: Position) -> None:
        envelope = sealed.envelope
        told = _Remembered(envelope.body_hash, envelope.contract, envelope.receiver, position)
        self._recent.setdefault(envelope.exchange, told)
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _message(
        self, envelope: Envelope, payload: bytes, key: str, asked: Asked, under: TraceContext | None
    ) -> Sealed:
        channel = event(envelope.contract) if envelope.kind is Kind.EVENT else envelope.inbox.channel
        message = Message(channel, envelope.key, payload, envelope.headers(*asked.attributes))
        return Sealed(envelope, message, key, under)


def _as_publisher(directory: Directory, system: System, contract: Contract, major: str) -> Permit:
    """The right to publish, for the highest major where several may be, or for the one asked for."""
    majors = [each for each in directory.published_by(system.id, contract.name) if major in {"", str(each)}]
    if not majors:
        raise Problem("not-publisher", system=system.id, contract=contract.name)
    return Permit(directory, system, contract, contract.versions[majors[0]], "", "", ())


def _chosen(grants: list[Grant], system: System, contract: Contract, asked: Asked) -> Grant:
    """The grant that covers the receiver and the purpose that were asked for; the highest major where several do."""
    if not grants:
        raise Problem("no-grant", system=system.id, contract=contract.name, receiver="")
    if asked.purpose:
        purposes = ", ".join(sorted({grant.purpose for grant in grants}))
        grants = [grant for grant in grants if grant.purpose == asked.purpose]
        if not grants:
            raise Problem("wrong-purpose", system=system.id, contract=contract.name, purposes=purposes)
    if asked.to:
        covering = [grant for grant in grants if asked.to in grant.providers]
        return covering[0] if covering else grants[0]
    return grants[0]


def _must_fit(contract: Contract, size_bytes: int) -> None:
    if size_bytes > contract.max_bytes:
        raise Problem("body-too-large", limit=contract.max_bytes, contract=contract.name)


def _require_headers(contract: Contract, asked: Asked) -> None:
    errors = []
    if contract.requires_end_user and not asked.end_user:
        errors.append(field_error("", "header_missing", name="End-User"))
    if contract.requires_case_ref and not asked.case_ref:
        errors.append(field_error("", "header_missing", name="Case-Ref"))
    if errors:
        raise Problem("header-missing", contract=contract.name, errors=tuple(errors))


def _same_body(sealed: Sealed, body_hash: str, contract: str) -> None:
    envelope = sealed.envelope
    if (body_hash, contract) != (envelope.body_hash, envelope.contract):
        headers = {"idempotency-key": sealed.key}
        raise Problem("idempotency-conflict", id=envelope.exchange, headers=headers)

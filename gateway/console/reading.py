"""Reading what an exchange left on the log: bodies are there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.canonical import to_json
from contracts.channels import REPLY
from contracts.codec import Malformed, decode, split
from contracts.envelope import Envelope, MalformedMessage
from contracts.errors import LogError, UnknownSchema
from contracts.json_types import JsonValue
from contracts.ledger import ExchangeRow, ExchangeSearch
from contracts.outcome import Outcome, Pattern, Result
from contracts.ports import Position, Stored
from contracts.records import mark_from_avro, result_from_avro, step_from_avro
from contracts.schema import Schema
from contracts.views import seen_through
from gateway.context import Gateway

_MOST_LINKED: Final = 30
_UNLIKE: Final = frozenset({Outcome.REFUSED, Outcome.FAILED, Outcome.EXPIRED})


@dataclass(frozen=True, slots=True)
class OnLog:
    """A message with a body that can be read, and its record."""

    stored: Stored
    envelope: Envelope
    schema: Schema
    schema_id: int
    record: JsonValue


@dataclass(frozen=True, slots=True)
class Linked:
    """Exchanges of the same dossier, the newest first; `before` and `after` are those of the same contract and sender
    of which one was refused and the other took its place."""

    all: tuple[ExchangeRow, ...] = ()
    before: ExchangeRow | None = None
    after: ExchangeRow | None = None


async def request_of(gateway: Gateway, row: ExchangeRow) -> tuple[Stored, Envelope] | None:
    """The message by which an exchange was accepted; None where it is not kept any more, or cannot be read now."""
    stored = None if row.accepted_at is None else await _read(gateway, row.accepted_at)
    if stored is None:
        return None
    try:
        return stored, Envelope.read(stored.message.headers)
    except MalformedMessage:
        return None


async def record_of(gateway: Gateway, row: ExchangeRow) -> OnLog | None:
    """The record that was sent; None where it is not kept any more, is sealed, or cannot be read."""
    found = await request_of(gateway, row)
    if found is None:
        return None
    stored, envelope = found
    decoded = await _decoded(gateway, stored)
    return None if decoded is None else OnLog(stored, envelope, *decoded)


async def result_of(gateway: Gateway, row: ExchangeRow) -> Result | None:
    """How the exchange ended, as the log has it; None for a reply with data, and where it has not ended."""
    stored = None if row.settled_at is None else await _read(gateway, row.settled_at)
    if stored is None or row.outcome is None or row.outcome is Outcome.DATA:
        return None
    try:
        record = await gateway.own.decode(stored.message.value)
    except (Malformed, UnknownSchema):
        return None
    if "step" in record:
        return Result(row.outcome, reason=step_from_avro(record).detail)
    return mark_from_avro(record).result if "mark" in record else result_from_avro(record)


async def reply_of(gateway: Gateway, row: ExchangeRow) -> tuple[Schema, JsonValue, tuple[str, ...]] | None:
    """A query's answer with data, and the pointers that its grant keeps back from the sender."""
    if row.outcome is not Outcome.DATA or row.settled_at is None or row.settled_at.channel != REPLY:
        return None
    stored = await _read(gateway, row.settled_at)
    decoded = None if stored is None else await _decoded(gateway, stored)
    if decoded is None:
        return None
    schema, _, record = decoded
    grant = next((each for each in gateway.directory().grants if each.id == row.grant), None)
    withheld = () if grant is None else seen_through(grant.view, schema, record).withheld
    return schema, record, withheld


async def linked_to(gateway: Gateway, row: ExchangeRow) -> Linked:
    """The exchanges of the same dossier."""
    if not row.case_key:
        return Linked()
    found = await gateway.ledger.search(ExchangeSearch(case_key=row.case_key), limit=_MOST_LINKED)
    same = [each for each in found if (each.contract, each.sender) == (row.contract, row.sender)]
    older = (each for each in same if each.sealed_ms < row.sealed_ms and each.outcome in _UNLIKE)
    newer = (each for each in reversed(same) if each.sealed_ms > row.sealed_ms)
    was_refused = row.outcome in _UNLIKE
    return Linked(
        tuple(each for each in found if each.id != row.id),
        next(older, None),
        next(newer, None) if was_refused and row.pattern is not Pattern.QUERY else None,
    )


async def _read(gateway: Gateway, at: Position) -> Stored | None:
    try:
        return await gateway.transport.read(at)
    except (LogError, ValueError):
        # A channel that this configuration does not have any more cannot be read; the ledger still tells of it.
        return None


async def _decoded(gateway: Gateway, stored: Stored) -> tuple[Schema, int, JsonValue] | None:
    try:
        schema_id, payload = split(stored.message.value)
        schema = await gateway.schemas.schema(schema_id)
        return schema, schema_id, to_json(schema, decode(payload, schema), gateway.directory().zone)
    except (Malformed, UnknownSchema):
        return None

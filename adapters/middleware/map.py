"""From the contract's record to the system's own format and back, around the call itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from adapters.clock import Clock
from adapters.delivery.services import BoundService
from adapters.delivery.work import RecordHandler, RecordWork
from adapters.mapping.context import MappingContext
from adapters.middleware.told import ToldCall
from contracts.codec import framed
from contracts.envelope import Envelope
from contracts.errors import Origin, Permanent, Rejected, Withheld
from contracts.json_types import JsonValue
from contracts.outcome import Outcome, Pattern, Result
from contracts.ports import Answer, Call
from contracts.schema import Schema
from contracts.trace import RandomBytes, TraceContext

SchemaId = Callable[[Schema], int]

_NO_HURRY_S = 300.0


def map_(call: ToldCall, schema_id: SchemaId, clock: Clock, random_bytes: RandomBytes) -> RecordHandler:
    """Map, call, map back. What is refused or withheld ends here as an outcome: the system is well."""

    async def handle(work: RecordWork) -> Result:
        try:
            context = work.envelope.trace.child(random_bytes)
            request = outgoing(work, context)
        except Rejected as error:
            return Result(Outcome.REFUSED, reason=error.detail, origin=Origin.BUS, errors=error.fields)
        try:
            answer = await call(request, work.envelope, context)
        except Rejected as error:
            return Result(Outcome.REFUSED, reason=error.detail, origin=error.origin, errors=error.fields)
        except Withheld as error:
            return Result(Outcome.WITHHELD, reason=error.reason, ground=error.ground, origin=error.origin)
        if work.envelope.pattern is not Pattern.QUERY:
            return Result(Outcome.DELIVERED)
        return incoming(work, answer) if answer.found else Result(Outcome.NO_DATA)

    def outgoing(work: RecordWork, trace: TraceContext) -> Call:
        service, envelope = work.service, work.envelope
        context = _context(envelope, service)
        body = work.record if service.request_map is None else service.request_map(work.record, context)
        parts: JsonValue = {} if service.parts_map is None else service.parts_map(work.record, context)
        due_ms = envelope.deadline_ms
        return Call(
            exchange=envelope.exchange,
            contract=envelope.contract,
            service=service.operation,
            body=body,
            parts=parts if isinstance(parts, dict) else {},
            traceparent=trace.traceparent,
            tracestate=trace.state,
            attempt=envelope.attempt,
            deadline_s=_NO_HURRY_S if due_ms is None else max(0.0, (due_ms - clock()) / 1000),
            sender=envelope.sender,
            accepted_ms=envelope.time_ms,
            event=envelope.event,
            withheld=work.withheld,
        )

    def incoming(work: RecordWork, answer: Answer) -> Result:
        service = work.service
        if service.reply is None or service.reply_schema is None:
            raise Permanent(f"{service.contract} has no reply schema", origin=Origin.BUS)
        context = _context(work.envelope, service)
        try:
            mapped = answer.body if service.reply_map is None else service.reply_map(answer.body, context)
            valid = service.reply.encoded_value(
                mapped, now=datetime.fromtimestamp(clock() / 1000, UTC), extra=service.extra
            )
        except Rejected as error:
            raise Permanent(_misfit(service, error)) from error
        record = framed(schema_id(service.reply_schema), valid.avro)
        return Result(Outcome.DATA, record=record, warnings=valid.dropped)

    return handle


def _context(envelope: Envelope, service: BoundService) -> MappingContext:
    return MappingContext(
        exchange=envelope.exchange,
        contract=envelope.contract,
        sender=envelope.sender,
        purpose=envelope.purpose,
        end_user=envelope.end_user,
        case_ref=envelope.case_ref,
        accepted_at=datetime.fromtimestamp(envelope.time_ms / 1000, service.zone),
        zone=service.zone,
        codelists=service.codelists,
    )


def _misfit(service: BoundService, error: Rejected) -> str:
    """Where a provider's answer does not fit; places and kinds of error only, for values may be personal data."""
    places = ", ".join(f"{field.pointer or '(the whole)'} ({field.code})" for field in error.fields[:5])
    return f"the answer of {service.system} does not fit {service.contract}: {places or error.detail}"

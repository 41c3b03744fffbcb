"""What the roles of a bus write to the log, for tests: one method for each thing that happens to an exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from contracts import channels, records
from contracts.envelope import Envelope, Headers, Kind, exchange_id
from contracts.errors import Origin
from contracts.outcome import Outcome, Pattern, Result
from contracts.ports import Message
from contracts.records import Mark, MarkKind, Step, StepKind
from contracts.trace import TraceContext

Encode = Callable[[str, dict[str, Any]], bytes]
"""A record of the Avro schema in the text, in the wire format."""

SENDER = "motcua-hoi-an"
BODY = b"\0\0\0\0\x63a record that no ledger reads"


def submission(key: str, receiver: str = "gddt", *, reply_to: str = "") -> Envelope:
    """The request that a sender's `key` stands for: a submission."""
    return _request(key, "education.student-transfer", Pattern.SUBMISSION, receiver, reply_to)


def query(key: str, receiver: str = "dancu", *, reply_to: str = "gateway-1") -> Envelope:
    """The request that a sender's `key` stands for: a query, for whose answer a gateway waits."""
    return _request(key, "population.person-lookup", Pattern.QUERY, receiver, reply_to)


def _request(key: str, contract: str, pattern: Pattern, receiver: str, reply_to: str) -> Envelope:
    exchange = exchange_id(SENDER, key)
    digits = exchange.replace("-", "")
    return Envelope(
        kind=Kind.REQUEST,
        exchange=exchange,
        time_ms=1_790_000_000_000,
        contract=contract,
        major=1,
        pattern=pattern,
        sender=SENDER,
        receiver=receiver,
        trace=TraceContext(digits, digits[:16]),
        configuration="c" * 64,
        grant="hoi-an-asks",
        body_hash="b" * 64,
        purpose="student-transfer",
        end_user="CB-017",
        case_key="9f" * 16,
        reply_to=reply_to,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """Makes the messages; `encode` brings the bus's own records into the wire format of the log at hand."""

    encode: Encode

    def request(self, request: Envelope) -> Message:
        """Intake accepted it (attempt 1), or the forwarder brought it back."""
        return Message(request.inbox.channel, request.key, BODY, request.headers())

    def mark(self, request: Envelope, mark: Mark, *, due_ms: int | None = None) -> Message:
        """A worker put a mark beside the inbox."""
        extra = [("mark", str(mark.kind))]
        if mark.result is not None:
            extra.append(("outcome", str(mark.result.outcome)))
        if due_ms is not None:
            extra.append(("due", str(due_ms)))
        value = self.encode(records.MARK, records.mark_to_avro(mark))
        headers = _next(request, Kind.MARK).headers(*extra)
        return Message(request.inbox.settled, request.key, value, headers)

    def settled(self, request: Envelope, outcome: Outcome, origin: Origin | None = None) -> Message:
        """A submission ended."""
        return self.mark(request, Mark(MarkKind.SETTLED, result=Result(outcome, origin=origin)))

    def handed_on(self, request: Envelope, detail: str, *, due_ms: int | None) -> Message:
        """An attempt was put on a retry channel or, without `due_ms`, laid down for a person."""
        return self.mark(request, Mark(MarkKind.HANDED_ON, detail), due_ms=due_ms)

    def reply(self, request: Envelope, outcome: Outcome, origin: Origin | None = None) -> Message:
        """A worker told the gateway that waits, or would have."""
        result = records.result_to_avro(Result(outcome, origin=origin))
        value = BODY if outcome is Outcome.DATA else self.encode(records.RESULT, result)
        headers = _next(request, Kind.REPLY).headers(("outcome", outcome))
        return Message(channels.REPLY, request.reply_to.encode(), value, headers)

    def dead(self, request: Envelope, reason: str, origin: Origin = Origin.PROVIDER) -> Message:
        """A worker gave up."""
        headers = _next(request, Kind.DEAD).headers(("deadreason", reason), ("deadorigin", str(origin)))
        return Message(channels.DEAD, request.exchange.encode(), BODY, headers)

    def dead_unread(self, key: bytes, where: str, reason: str) -> Message:
        """A worker found what is no message of the bus, at `where`."""
        headers: Headers = (
            ("ce_deadreason", reason.encode()),
            ("ce_deadorigin", b"bus"),
            ("ce_deadfrom", where.encode()),
        )
        return Message(channels.DEAD, key, BODY, headers)

    def step(self, request: Envelope, step: Step) -> Message:
        """Somebody wrote a line in the journal."""
        extra = [("step", str(step.kind))]
        if step.outcome is not None:
            extra.append(("outcome", str(step.outcome)))
        value = self.encode(records.STEP, records.step_to_avro(step))
        headers = _next(request, Kind.STEP).headers(*extra)
        return Message(channels.JOURNAL, request.exchange.encode(), value, headers)

    def decided(self, request: Envelope, kind: StepKind, outcome: Outcome | None = None) -> Message:
        """An operator did something about an exchange."""
        return self.step(request, Step(kind, "operator", "operator:lan", "asked the school by telephone", outcome))

    def supplied(self, *entries: tuple[Envelope, Outcome, int]) -> Message:
        """A gateway wrote down to whom it gave what, and when (ms)."""
        batch = [
            {
                "exchange": request.exchange,
                "system": request.sender,
                "grant": request.grant,
                "outcome": str(outcome),
                "time_ms": time_ms,
            }
            for request, outcome, time_ms in entries
        ]
        value = self.encode(records.SUPPLIED, {"entries": batch})
        return Message(channels.JOURNAL, b"gateway-1", value, (("ce_step", b"supplied"),))


def _next(request: Envelope, kind: Kind) -> Envelope:
    """What a worker makes of a request's envelope: another kind, and a span of its own below the same trace."""
    span = format((int(request.trace.span_id, 16) + len(kind)) % 2**64, "016x")
    return replace(request, kind=kind, trace=replace(request.trace, span_id=span))

"""What travels on the log: CloudEvents 1.0 in Kafka's binary mode.

An `Envelope` is the typed view of a message's headers. It is frozen: a hop that changes something (the attempt, the
span) makes a new one. The value beside it is the Confluent wire format: byte 0, a 4-byte schema id, Avro binary.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from contracts.channels import Inbox
from contracts.errors import BusError
from contracts.outcome import Pattern
from contracts.trace import TraceContext

Headers = tuple[tuple[str, bytes], ...]

CONTENT_TYPE: Final = b"application/vnd.confluent.avro"
_NAMESPACE: Final = "vn.lienthong"
_CONTRACTS: Final = "/contracts/"


class Kind(StrEnum):
    """What a message is; the last part of its CloudEvents type."""

    REQUEST = "request"
    EVENT = "event"
    REPLY = "reply"
    MARK = "mark"
    DEAD = "dead"
    STEP = "step"
    STATUS = "status"
    SCHEMA = "schema"


class MalformedMessage(BusError):
    """A message on the log lacks a header that every message of its kind has."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about a message but its body.

    `exchange` is the exchange id and, for requests, `ce_id`; replies, marks and dead letters name it as their
    correlation. Times are milliseconds since 1970 UTC. `attempt` counts from 1. `configuration` is the hash of the
    workspace under which the request was accepted. `body_hash` is SHA-256 (hex) over the canonical record.
    `reply_to` is the gateway instance that waits, and the key of the reply on its channel; "" where nobody waits.
    `case_key` is a keyed hash of the dossier, for searching without bodies. `event` is, on a subscriber's copy of an
    event, the event's own exchange id; an event itself has no receiver. The `receiver` of a copy is a system, or a
    subscription that a system made for itself. `order_key` is, where the contract is `ordered`, a keyed hash of what it
    is ordered by. `unverified` marks a request whose idempotency key could not be looked up in the ledger: a worker
    holds it until it can.
    """

    kind: Kind
    exchange: str
    time_ms: int
    contract: str
    major: int
    pattern: Pattern
    sender: str
    receiver: str
    trace: TraceContext
    configuration: str
    grant: str = ""
    body_hash: str = ""
    attempt: int = 1
    deadline_ms: int | None = None
    reply_to: str = ""
    purpose: str = ""
    end_user: str = ""
    case_ref: str = ""
    case_key: str = ""
    event: str = ""
    order_key: str = ""
    unverified: bool = False

    @property
    def inbox(self) -> Inbox:
        """Where a request for its receiver queues."""
        return Inbox(self.receiver, self.contract if self.order_key else None)

    @property
    def key(self) -> bytes:
        """The key of the exchange's messages on event channels, in inboxes and beside them: what has the same one lies
        in the order in which it came."""
        return (self.order_key or self.exchange).encode()

    def as_(self, kind: Kind) -> Envelope:
        """The same exchange, told by a message of another kind."""
        return replace(self, kind=kind)

    @property
    def id(self) -> str:
        """The message's own id, `ce_id`: of a request or an event the exchange's, of all others one made from it."""
        if self.kind in {Kind.REQUEST, Kind.EVENT}:
            return self.exchange
        return f"{self.exchange}.{self.kind}.{self.attempt}"

    def headers(self, *extra: tuple[str, str]) -> Headers:
        """Kafka headers in CloudEvents binary mode; `extra` are further attributes without the ``ce_`` prefix.

        What an attribute of CloudEvents tells already has no header beside it: each costs every reader.
        """
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", self.id.encode()),
            ("ce_source", f"/systems/{self.sender}".encode()),
            ("ce_type", f"{_NAMESPACE}.{self.kind}".encode()),
            ("ce_time", rfc3339(self.time_ms).encode()),
            ("ce_subject", self.exchange.encode()),
            ("ce_dataschema", f"{_CONTRACTS}{self.contract}/{self.major}".encode()),
            ("ce_pattern", self.pattern.encode()),
            ("ce_sender", self.sender.encode()),
            ("ce_configuration", self.configuration.encode()),
            ("content-type", CONTENT_TYPE),
            ("traceparent", self.trace.traceparent.encode()),
        ]
        headers += [(name, value.encode()) for name, value in self._optional() if value]
        headers += [("ce_" + name, value.encode()) for name, value in extra]
        return tuple(headers)

    def _optional(self) -> tuple[tuple[str, str], ...]:
        """The headers that are left out where they are empty."""
        return (
            ("ce_target", self.receiver),
            ("ce_attempt", "" if self.attempt == 1 else str(self.attempt)),
            ("ce_grant", self.grant),
            ("ce_bodyhash", self.body_hash),
            ("ce_deadline", "" if self.deadline_ms is None else str(self.deadline_ms)),
            ("ce_replyto", self.reply_to),
            ("ce_purpose", self.purpose),
            ("ce_enduser", self.end_user),
            ("ce_caseref", self.case_ref),
            ("ce_casekey", self.case_key),
            ("ce_event", self.event),
            ("ce_orderkey", self.order_key),
            ("ce_unverified", "true" if self.unverified else ""),
            ("tracestate", self.trace.state),
        )

    @classmethod
    def read(cls, headers: Headers) -> Envelope:
        """The envelope that `headers` carry. MalformedMessage where one that every message has is absent or wrong."""
        try:
            found = {name: value.decode() for name, value in headers}
            trace = TraceContext.parse(found["traceparent"], found.get("tracestate", ""))
            if trace is None:
                raise MalformedMessage("the header traceparent is not valid")
            contract, major = _contract_of(found["ce_dataschema"])
            return cls(
                kind=Kind(found["ce_type"].removeprefix(_NAMESPACE + ".")),
                exchange=found["ce_subject"],
                time_ms=_time_of(found["ce_time"]),
                contract=contract,
                major=major,
                pattern=Pattern(found["ce_pattern"]),
                sender=found["ce_sender"],
                receiver=found.get("ce_target", ""),
                trace=trace,
                configuration=found["ce_configuration"],
                grant=found.get("ce_grant", ""),
                body_hash=found.get("ce_bodyhash", ""),
                attempt=int(found.get("ce_attempt", "1")),
                deadline_ms=_optional_int(found.get("ce_deadline")),
                reply_to=found.get("ce_replyto", ""),
                purpose=found.get("ce_purpose", ""),
                end_user=found.get("ce_enduser", ""),
                case_ref=found.get("ce_caseref", ""),
                case_key=found.get("ce_casekey", ""),
                event=found.get("ce_event", ""),
                order_key=found.get("ce_orderkey", ""),
                unverified="ce_unverified" in found,
            )
        except KeyError as absent:
            raise MalformedMessage(f"the header {absent.args[0]} is missing") from None
        except ValueError as wrong:
            raise MalformedMessage(f"a header is not valid: {wrong}") from None


def header(headers: Headers, name: str) -> str | None:
    """The text of one header, or None; what is no UTF-8 in it is replaced, for strangers write to a log too."""
    for key, value in headers:
        if key == name:
            return value.decode(errors="replace")
    return None


def exchange_id(sender: str, idempotency_key: str) -> str:
    """The exchange id that a sender's idempotency key stands for: the same pair gives the same id, always.

    A UUID of version 8 (RFC 9562), so that anybody's tools know what to do with it.
    """
    return _uuid(sender.encode() + b"\0" + idempotency_key.encode())


def copy_id(event: str, subscriber: str) -> str:
    """The exchange id of a subscriber's copy of an event: the same pair gives the same id, however often it is made."""
    return _uuid(b"copy\0" + event.encode() + b"\0" + subscriber.encode())


def _uuid(name: bytes) -> str:
    digest = hashlib.sha256(name).digest()[:16]
    number = int.from_bytes(digest, "big")
    number = (number & ~(0xF << 76)) | (8 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def rfc3339(time_ms: int) -> str:
    """A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    seconds, milliseconds = divmod(time_ms, 1000)
    return f"{_to_the_second(seconds)}.{milliseconds:03}Z"


@lru_cache(maxsize=64)
def _to_the_second(seconds: int) -> str:
    """Most messages are of this second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _time_of(text: str) -> int:
    """A time as `rfc3339` writes it, and in no other form, in milliseconds since 1970. ValueError."""
    time_ms = _seconds_of(text[:19]) * 1000 + int(text[20:23])
    if rfc3339(time_ms) != text:
        raise ValueError(f"{text!r} is no time as the bus writes it")
    return time_ms


@lru_cache(maxsize=64)
def _seconds_of(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=1024)
def _contract_of(dataschema: str) -> tuple[str, int]:
    """The contract and its major version. ValueError."""
    contract, slash, major = dataschema.removeprefix(_CONTRACTS).rpartition("/")
    if not slash or not dataschema.startswith(_CONTRACTS):
        raise ValueError(f"{dataschema!r} names no contract")
    return contract, int(major)


def _optional_int(text: str | None) -> int | None:
    return None if text is None else int(text)

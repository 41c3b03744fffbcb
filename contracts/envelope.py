"""What travels on the log: CloudEvents 1.0 in Kafka's binary mode.

An `Envelope` is the typed view of a message's headers. It is frozen: a hop that changes something (the attempt, the
span) makes a new one. The value beside it is the Confluent wire format: byte 0, a 4-byte schema id, Avro binary.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from contracts.errors import BusError
from contracts.outcome import Pattern
from contracts.trace import TraceContext

Headers = tuple[tuple[str, bytes], ...]

CONTENT_TYPE: Final = b"application/vnd.confluent.avro"
_NAMESPACE: Final = "vn.lienthong"


class Kind(StrEnum):
    """What a message is; the last part of its CloudEvents type."""

    REQUEST = "request"
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
    `case_key` is a keyed hash of the dossier, for searching without bodies. `unverified` marks a request whose
    idempotency key could not be looked up in the ledger: a worker holds it until it can.
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
    unverified: bool = False

    def as_(self, kind: Kind) -> Envelope:
        """The same exchange, told by a message of another kind."""
        return replace(self, kind=kind)

    def headers(self, *extra: tuple[str, str]) -> Headers:
        """Kafka headers in CloudEvents binary mode; `extra` are further attributes without the ``ce_`` prefix."""
        pairs: list[tuple[str, str]] = [
            ("specversion", "1.0"),
            (
                "id",
                self.exchange if self.kind is Kind.REQUEST else f"{self.exchange}.{self.kind}.{self.attempt}",
            ),
            ("source", f"/systems/{self.sender}"),
            ("type", f"{_NAMESPACE}.{self.kind}"),
            ("time", rfc3339(self.time_ms)),
            ("subject", self.exchange),
            ("dataschema", f"/contracts/{self.contract}/{self.major}"),
            ("timems", str(self.time_ms)),
            ("contract", self.contract),
            ("major", str(self.major)),
            ("pattern", self.pattern),
            ("sender", self.sender),
            ("target", self.receiver),
            ("configuration", self.configuration),
            ("attempt", str(self.attempt)),
        ]
        optional = (
            ("grant", self.grant),
            ("bodyhash", self.body_hash),
            ("deadline", "" if self.deadline_ms is None else str(self.deadline_ms)),
            ("replyto", self.reply_to),
            ("purpose", self.purpose),
            ("enduser", self.end_user),
            ("caseref", self.case_ref),
            ("casekey", self.case_key),
            ("unverified", "true" if self.unverified else ""),
        )
        pairs.extend(pair for pair in optional if pair[1])
        pairs.extend(extra)
        headers = [("ce_" + name, value.encode()) for name, value in pairs]
        headers.append(("content-type", CONTENT_TYPE))
        headers.append(("traceparent", self.trace.traceparent.encode()))
        if self.trace.state:
            headers.append(("tracestate", self.trace.state.encode()))
        return tuple(headers)

    @classmethod
    def read(cls, headers: Headers) -> Envelope:
        """The envelope that `headers` carry. MalformedMessage where one that every message has is absent."""
        found = {name: value.decode() for name, value in headers}
        try:
            trace = TraceContext.parse(found["traceparent"], found.get("tracestate", ""))
            if trace is None:
                raise MalformedMessage("the header traceparent is not valid")
            return cls(
                kind=Kind(found["ce_type"].removeprefix(_NAMESPACE + ".")),
                exchange=found["ce_subject"],
                time_ms=int(found["ce_timems"]),
                contract=found["ce_contract"],
                major=int(found["ce_major"]),
                pattern=Pattern(found["ce_pattern"]),
                sender=found["ce_sender"],
                receiver=found["ce_target"],
                trace=trace,
                configuration=found["ce_configuration"],
                grant=found.get("ce_grant", ""),
                body_hash=found.get("ce_bodyhash", ""),
                attempt=int(found["ce_attempt"]),
                deadline_ms=_optional_int(found.get("ce_deadline")),
                reply_to=found.get("ce_replyto", ""),
                purpose=found.get("ce_purpose", ""),
                end_user=found.get("ce_enduser", ""),
                case_ref=found.get("ce_caseref", ""),
                case_key=found.get("ce_casekey", ""),
                unverified="ce_unverified" in found,
            )
        except KeyError as absent:
            raise MalformedMessage(f"the header {absent.args[0]} is missing") from None
        except ValueError as wrong:
            raise MalformedMessage(f"a header is not valid: {wrong}") from None


def header(headers: Headers, name: str) -> str | None:
    """The text of one header, or None."""
    for key, value in headers:
        if key == name:
            return value.decode()
    return None


def exchange_id(sender: str, idempotency_key: str) -> str:
    """The exchange id that a sender's idempotency key stands for: the same pair gives the same id, always.

    A UUID of version 8 (RFC 9562), so that anybody's tools know what to do with it.
    """
    digest = hashlib.sha256(sender.encode() + b"\0" + idempotency_key.encode()).digest()[:16]
    number = int.from_bytes(digest, "big")
    number = (number & ~(0xF << 76)) | (8 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=number))


def rfc3339(time_ms: int) -> str:
    """A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _optional_int(text: str | None) -> int | None:
    return None if text is None else int(text)

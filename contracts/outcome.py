"""How an exchange stands and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from contracts.errors import FieldError, Origin


class Pattern(StrEnum):
    """The way a contract is used."""

    QUERY = "query"
    SUBMISSION = "submission"
    EVENT = "event"


SENT_IN: Final = MappingProxyType({Pattern.QUERY: "request", Pattern.SUBMISSION: "request", Pattern.EVENT: "event"})
"""What a contract's record is called on its way in: the name of its schema file."""


class State(StrEnum):
    """Where an exchange stands. Always derived from the log, never written by hand."""

    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    RETRYING = "retrying"
    SETTLED = "settled"


class Outcome(StrEnum):
    """How an exchange ended."""

    DATA = "data"
    NO_DATA = "no_data"
    WITHHELD = "withheld"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome with what a sender needs to understand it.

    `record` is the provider's answer in the contract's own Avro wire format (`data` only). `reason` is for people;
    `ground` names the law behind `withheld`; `errors` name the wrong fields behind `refused`. `origin` is None where
    nothing was refused and nothing failed. `warnings` are pointers of fields that a provider added and the contract
    does not know (`drop_and_report`).
    """

    outcome: Outcome
    record: bytes | None = None
    reason: str = ""
    ground: str = ""
    origin: Origin | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()

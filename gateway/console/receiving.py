"""What the receiving system is sent of a record: a port, for the mapping lives in the adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contracts.envelope import Envelope
from contracts.errors import FieldError
from contracts.json_types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Pair:
    """A place in what the receiver is sent, and the place in the contract's record that its value is made of.

    `codelist` names the list by which a code was converted on the way; "" where none was.
    """

    source: str
    target: str
    codelist: str


@dataclass(frozen=True, slots=True)
class Received:
    """The body and the parts of the address that the mapping makes of a record, or what it refuses the record for."""

    body: JsonValue
    parts: JsonObject
    pairs: tuple[Pair, ...]
    errors: tuple[FieldError, ...]


class Receiving(Protocol):
    """The mappings of the configuration that is current now. Pure: the same record gives the same."""

    def as_received(self, request: Envelope, record: JsonValue) -> Received | None:
        """What `request`'s receiver is sent of `record`; None where it does not provide the contract any more."""

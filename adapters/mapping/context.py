"""What a mapping knows besides the record: who asks, why, when, and the code lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final

from contracts.codelists import CodeList


@dataclass(frozen=True, slots=True)
class MappingContext:
    """The exchange that a record belongs to. `accepted_at` is aware; `zone` is the bus's time zone."""

    exchange: str
    contract: str
    sender: str
    purpose: str
    end_user: str
    case_ref: str
    accepted_at: datetime
    zone: tzinfo
    codelists: Mapping[str, CodeList] = field(repr=False)


NAMED_VALUES: Final[Mapping[str, Callable[[MappingContext], str]]] = MappingProxyType(
    {
        "$exchange": lambda context: context.exchange,
        "$contract": lambda context: context.contract,
        "$sender": lambda context: context.sender,
        "$purpose": lambda context: context.purpose,
        "$end_user": lambda context: context.end_user,
        "$case_ref": lambda context: context.case_ref,
        "$accepted_at": lambda context: context.accepted_at.astimezone(context.zone).isoformat(timespec="milliseconds"),
        "$accepted_on": lambda context: context.accepted_at.astimezone(context.zone).date().isoformat(),
    }
)
"""What a mapping calls by name. Each is text; "" where the exchange has none."""

"""A service as a worker holds it: schemas, mappings and the provider's operation, joined once and ready to call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from adapters.mapping.context import MappingContext
from contracts.codelists import CodeList
from contracts.json_types import JsonValue
from contracts.outcome import Pattern
from contracts.schema import Schema
from contracts.validation import Extra, Validator

Mapped = Callable[[JsonValue, MappingContext], JsonValue]


@dataclass(frozen=True, slots=True)
class BoundService:
    """What a worker needs to carry one contract version to one system.

    `operation` names the provider's operation. A map that is None passes the value on as it is. `reply` validates what
    the reply map made; None for a submission. `ordered`: the contract has an inbox of its own.
    """

    contract: str
    major: int
    system: str
    pattern: Pattern
    idempotent: bool
    operation: str
    request: Schema
    reply: Validator | None
    reply_schema: Schema | None
    request_map: Mapped | None
    parts_map: Mapped | None
    reply_map: Mapped | None
    extra: Extra
    zone: tzinfo
    codelists: Mapping[str, CodeList]
    ordered: bool = False


def service_name(contract: str, major: int) -> str:
    """How a contract version is named: `population.person-lookup@1`."""
    return f"{contract}@{major}"

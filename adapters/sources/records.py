"""From a row to the record that is submitted, and to the key by which the bus knows it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.delivery.services import Mapped
from adapters.mapping.context import MappingContext
from adapters.mapping.language import MapSpec
from adapters.mapping.literals import plain
from adapters.sources.tools import SourceTools
from contracts.envelope import exchange_id
from contracts.errors import FieldError, Rejected, field_error
from contracts.json_types import JsonValue, parts_of, pointer_of
from contracts.wording import Language, worded

_MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes records for one contract of one system. `key` are the columns that tell one row from all others; without
    them a row is known by its file's content and its number. `names_exchange`: the mapping needs the exchange's id.
    `ordered` points to what the contract is ordered by."""

    system: str
    contract: str
    key: tuple[str, ...]
    mapped: Mapped | None
    tools: SourceTools
    names_exchange: bool = True
    ordered: str | None = None

    def key_of(self, row: JsonValue, sha256: str, number: int) -> str:
        """The idempotency key. Rejected where a column that makes it up has no value."""
        if not self.key:
            return f"{self.contract}:{sha256}:{number}"
        values = [plain(row[name]) if isinstance(row, dict) and name in row else None for name in self.key]
        missing = [name for name, value in zip(self.key, values, strict=True) if not value]
        if missing:
            raise Rejected("", tuple(field_error(pointer_of([name]), "map_missing", path=name) for name in missing))
        digest = hashlib.sha256("\x1f".join(value or "" for value in values).encode("utf-8", "surrogatepass"))
        return f"{self.contract}:{digest.hexdigest()}"

    def order_of(self, record: JsonValue) -> str | None:
        """What rows have to keep their order by; None where they need not. A record that lacks it will be rejected."""
        if self.ordered is None:
            return None
        found = record
        for part in parts_of(self.ordered):
            found = found.get(part) if isinstance(found, dict) else None
        return str(found)

    def record(self, row: JsonValue, key: str) -> JsonValue:
        """The contract's record. Rejected, with pointers into the row."""
        if self.mapped is None:
            return row
        tools = self.tools
        context = MappingContext(
            exchange=exchange_id(self.system, key) if self.names_exchange else "",
            contract=self.contract,
            sender=self.system,
            purpose="",
            end_user="",
            case_ref="",
            accepted_at=datetime.fromtimestamp(tools.clock() / 1000, UTC),
            zone=tools.zone,
            codelists=tools.codelists,
        )
        return self.mapped(row, context)


def told(fields: Iterable[FieldError], detail: str, language: Language) -> tuple[str, str]:
    """Where rows are wrong, and what is wrong, in words: the first few of several, in one line each."""
    errors = tuple(fields) or (field_error("", "row_refused", reason=detail),)
    places = "; ".join(error.pointer for error in errors[:_MOST_TOLD] if error.pointer)
    reasons = [" ".join(filter(None, worded(error, language))) for error in errors[:_MOST_TOLD]]
    if len(errors) > _MOST_TOLD:
        reasons.append(f"(+{len(errors) - _MOST_TOLD})")
    return places, " | ".join(" ".join(reason.split()) for reason in reasons)


def columns_of(spec: MapSpec) -> frozenset[str]:
    """The names that a mapping's paths begin with."""
    paths = (text.removeprefix("^") for text in _texts(spec.model_dump(by_alias=True)))
    return frozenset(parts_of(path)[0] for path in paths if path.startswith("/") and len(path) > 1)


def names_exchange(spec: MapSpec) -> bool:
    """Whether a mapping needs the exchange's id, which costs a tenth of a row's time."""
    return "$exchange" in _texts(spec.model_dump(by_alias=True))


def _texts(part: object) -> Iterable[str]:
    if isinstance(part, dict):
        for each in part.values():
            yield from _texts(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _texts(each)
    elif isinstance(part, str):
        yield part

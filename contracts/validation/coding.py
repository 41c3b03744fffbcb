"""What looking up codes needs of a record, where no whole record is made: the codes, and the dates that govern them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from contracts.avro_defaults import default_of
from contracts.avro_types import MESSAGE_TIME, FieldType, RecordType, records_in
from contracts.json_types import parts_of
from contracts.validation.readers import Coded, Compiler, Reading, Scope
from contracts.validation.scalars import Scalar

Note = Callable[[dict[str, object], Reading, Scope | None], Scope]
"""From the JSON of a record that fits: notes its codes, and gives the scope of the records in it."""

_ABSENT: Final = object()


class _Kept(NamedTuple):
    field: FieldType
    read: Scalar


class Coding:
    """Makes the notes of one schema's records. `needed`: it has codes at all; `possible`: notes can say all about them.

    Where a date lies in another record than the code's, or one around it, they cannot.
    """

    def __init__(self, root: RecordType) -> None:
        records = list(records_in(root))
        coded = [field for record in records for field in record.fields if field.codelist is not None]
        ways = [parts_of(field.on) for field in coded if field.on not in {None, MESSAGE_TIME}]
        self._dates = {parts[0] for parts in ways}
        self.needed = bool(coded)
        self.possible = all(len(parts) == 1 for parts in ways) and all(
            _scalar(field) is not None for record in records for field in record.fields if field.name in self._dates
        )

    def note(self, of: RecordType) -> Note:
        """How records of that type are noted."""
        kept: list[_Kept] = []
        for field in of.fields:
            read = _scalar(field) if field.codelist is not None or field.name in self._dates else None
            if read is not None:
                kept.append(_Kept(field, read))

        def note(value: dict[str, object], reading: Reading, around: Scope | None) -> Scope:
            scope = Scope(of, {}, "", around)
            for field, read in kept:
                given = value.get(field.name, _ABSENT)
                stored = default_of(field) if given is _ABSENT else read(given)
                scope.record[field.name] = stored
                if type(stored) is str and field.codelist is not None:
                    reading.coded.append(Coded(field, stored, scope))
            return scope

        return note


def _scalar(field: FieldType) -> Scalar | None:
    return Compiler().reader(field.type).scalar

"""Which record types contain themselves, found in time linear in the schema."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable

from contracts.avro_types import RecordType, Type, children


def inner_records(record: RecordType) -> list[RecordType]:
    """The records that a value of this one may hold without another record in between."""
    found: list[RecordType] = []
    ahead: list[Type] = list(children(record))
    while ahead:
        here = ahead.pop()
        if isinstance(here, RecordType):
            found.append(here)
        else:
            ahead.extend(children(here))
    return found


def needed_records(record: RecordType) -> list[RecordType]:
    """The records that every value of this one must hold."""
    return [field.type for field in record.fields if isinstance(field.type, RecordType)]


def before_a_cycle(
    records: Collection[RecordType], below: Callable[[RecordType], Iterable[RecordType]]
) -> list[RecordType]:
    """Those of `records` from which `below` leads back to a record that it came from: on a cycle, or on the way to one.

    `records` are all that `below` leads to from any of them.
    """
    above: dict[int, list[RecordType]] = {id(record): [] for record in records}
    left: dict[int, int] = {}
    for record in records:
        inner = list(below(record))
        left[id(record)] = len(inner)
        for each in inner:
            above[id(each)].append(record)
    ends = deque(record for record in records if not left[id(record)])
    while ends:
        for record in above[id(ends.popleft())]:
            left[id(record)] -= 1
            if not left[id(record)]:
                ends.append(record)
    return [record for record in records if left[id(record)]]

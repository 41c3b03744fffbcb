"""Content-based routing: whose area a code lies in. The gateway routes by it, and `lienthong check --on` looks ahead
with it."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.catalogue import Service
from contracts.codelists import CodeList, CodeRow


def serving(codes: CodeList, row: CodeRow, services: Iterable[Service]) -> list[Service]:
    """The services in whose area `row` lies, or may lie: several where it was split over their areas."""
    return [service for service in services if part_of(codes, row, service)]


def part_of(codes: CodeList, row: CodeRow, service: Service) -> tuple[CodeRow, ...]:
    """What of `row`, as it was or will be on the day of the service's area, lies in it; empty: nothing."""
    area = service.area
    if area is None:
        return ()
    if row.id in area.rows:
        return (row,)
    return tuple(each for each in codes.candidates(row, area.as_of) if each.id in area.rows)

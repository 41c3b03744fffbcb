"""The whole outlook of a catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from contracts.outlook.codes import breaks_by_codes
from contracts.outlook.rights import breaks_of_agencies, breaks_of_grants
from contracts.outlook.shared import Break, Known


def breaks_of(known: Known, today: date, day: date) -> Iterator[Break]:
    """Everything that works today, as far as anybody noticed, and will not on `day`."""
    yield from breaks_of_grants(known, today, day)
    yield from breaks_of_agencies(known, day)
    yield from breaks_by_codes(known, today, day)

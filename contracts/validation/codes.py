"""Codes against their code lists, on the date that governs each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any, Final

from contracts.avro_types import MESSAGE_TIME, TIMESTAMPS, Kind, Type
from contracts.avro_values import EPOCH_DAY, instant
from contracts.codelists import CodeList, CodeProblem
from contracts.dates import Span, day, span_of
from contracts.governing import governing_kind, target
from contracts.json_types import parts_of, pointer_of
from contracts.validation.misfit import Misfit, expected
from contracts.validation.readers import Coded, Reading, Scope

_ABSENT: Final = object()


class CodeCheck:
    """Looks codes up. `zone` is the bus's: the date of a timestamp is the date there."""

    def __init__(self, codelists: Mapping[str, CodeList], zone: tzinfo) -> None:
        self._codelists = codelists
        self._zone = zone

    def check(self, reading: Reading, now: datetime) -> None:
        """Note every code of a record that has no one meaning on its date. EnoughErrors."""
        empty: set[str] = set()
        for coded in reading.coded:
            when = self._when(coded, reading, now, empty)
            if when is not None and coded.field.codelist is not None:
                self._look_up(self._codelists[coded.field.codelist], coded, when, reading)

    def _look_up(self, codelist: CodeList, coded: Coded, when: Span, reading: Reading) -> None:
        try:
            codelist.look_up(coded.code, when)
        except CodeProblem as problem:
            reading.errors.add(problem.at(coded.scope.at + pointer_of([coded.field.name])))

    def _when(self, coded: Coded, reading: Reading, now: datetime, empty: set[str]) -> Span | None:
        """The days that govern the code. None where that is not known, which is then an error of its own already."""
        on = coded.field.on
        if on is None or on == MESSAGE_TIME:
            return day(now.astimezone(self._zone).date())
        parts = parts_of(on)
        scope, of = _home(coded.scope, parts)
        value = _value(scope, parts)
        if value is _ABSENT:
            return None
        at = scope.at + on
        if value is None:
            if at not in empty:
                empty.add(at)
                reading.misfit(Misfit("missing", name=parts[-1], expected=expected(of)), at)
            return None
        return self._span(governing_kind(of), value)

    def _span(self, kind: Kind | None, value: str | int) -> Span:
        if isinstance(value, str):
            return span_of(value)
        if kind in TIMESTAMPS:
            return day(instant(kind, value).astimezone(self._zone).date())
        return day(date.fromordinal(value + EPOCH_DAY))


def _home(scope: Scope, parts: tuple[str, ...]) -> tuple[Scope, Type]:
    """The nearest record outwards that has the field. A parsed schema always has one."""
    here: Scope | None = scope
    while here is not None:
        of = target(here.type, parts)
        if of is not None:
            return here, of
        here = here.around
    raise LookupError(parts)


def _value(scope: Scope, parts: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever Avro stores
    """What was read at `parts`: None where it or something above it is null, _ABSENT where it was wrong."""
    here: Any = scope.record
    for part in parts:
        if here is None:
            return None
        here = here.get(part, _ABSENT) if isinstance(here, dict) else _ABSENT
    return here

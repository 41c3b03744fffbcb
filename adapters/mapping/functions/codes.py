"""Codes of code lists, which mean what they mean on a date only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Final

from pydantic import AfterValidator

from adapters.mapping.functions.base import Function, Reading, text_needed
from adapters.mapping.functions.timestamps import moment_of
from adapters.mapping.paths import checked_path, is_path
from adapters.mapping.running import Apply, Frame, Refusal, looker, needed, pointer_to, quoted, text_of
from adapters.mapping.shapes import TEXT, Shape
from adapters.mapping.spec import Spec, mistake
from contracts.avro_types import GOVERNING, Kind
from contracts.codelists import CodeList, CodeRow
from contracts.dates import Span, day, span_of
from contracts.errors import field_error
from contracts.json_types import JsonValue
from contracts.said import said
from contracts.validation.misfit import Misfit

ACCEPTED_ON: Final = "$accepted_on"
_EXAMPLE: Final = said(
    "write a path like /home_ward_on, a date like 2024-12-31, or {accepted_on}", accepted_on=ACCEPTED_ON
)
_MAY_GOVERN: Final = GOVERNING | {Kind.STRING}
_CODE: Final = "code"


def _when(text: str) -> str:
    if text == ACCEPTED_ON:
        return text
    if is_path(text):
        return checked_path(text)
    try:
        span = span_of(text)
    except ValueError:
        span = None
    if span is None or span.first != span.last:
        raise mistake(said("“{text}” is no date", text=text), _EXAMPLE)
    return text


When = Annotated[str, AfterValidator(_when)]
"""A path to a date, a date, or the day on which the exchange was accepted."""


class CodeArguments(Spec):
    """Of which list, `on` what date the code is meant, and `to` what date it is converted (as it is, where absent).

    `give` is what comes out: the code, its name, or another column of the list.
    """

    codelist: str
    on: When
    to: When | None = None
    give: str = _CODE


class Code(Function):
    """{code: {codelist: wards, on: /home_ward_on, to: 2024-12-31}}: the code of the same thing on another date.

    One that means several things, or became several, is refused with its candidates; none is ever picked.
    """

    code: CodeArguments

    def compile(self) -> Apply:
        spec = self.code
        on, to = _moment(spec.on), None if spec.to is None else _moment(spec.to)

        def convert(value: JsonValue, frame: Frame) -> JsonValue:
            text = text_of(value)
            codes = frame.context.codelists.get(spec.codelist)
            if codes is None:
                raise Misfit("map_codelist", codelist=spec.codelist)
            if quoted(text) != text:
                raise Misfit("unknown_code", value=quoted(text), codelist=spec.codelist)
            row = codes.look_up(text, on(frame))
            return _given(spec, codes, row, None if to is None else to(frame), frame)

        return convert

    def gives(self, given: Shape) -> Shape:
        text_needed(given, _CODE)
        return given.now(TEXT) if self.code.give == _CODE else Shape(TEXT, absent=True)

    def reads(self) -> Iterable[Reading]:
        for name, text in (("on", self.code.on), ("to", self.code.to)):
            if text is not None and is_path(text):
                yield Reading((_CODE, name), text, _MAY_GOVERN)


def _given(spec: CodeArguments, codes: CodeList, row: CodeRow, to: Span | None, frame: Frame) -> JsonValue:
    if to is not None:
        if to.first != to.last:
            raise Refusal(field_error(pointer_to(spec.to or "", frame), "date_format", value=to))
        if spec.give == _CODE:
            return codes.code_of(row, to.first)
        row = codes.convert(row, to.first)
    if spec.give == _CODE:
        return row.code
    return row.name if spec.give == "name" else row.attributes.get(spec.give) or None


def _moment(text: str) -> Callable[[Frame], Span]:
    """What days a `When` means in a run. Refusal at its path."""
    if text == ACCEPTED_ON:
        return lambda frame: day(frame.context.accepted_at.astimezone(frame.context.zone).date())
    if not is_path(text):
        fixed = span_of(text)
        return lambda _: fixed
    look = looker(text)

    def span(frame: Frame) -> Span:
        found = needed(text, frame, look)
        try:
            if isinstance(found, str):
                return span_of(found)
        except ValueError:
            moment = moment_of(found, frame.context.zone)
            if moment is not None:
                return day(moment.date())
        raise Refusal(field_error(pointer_to(text, frame), "partial_date", value=quoted(found)))

    return span

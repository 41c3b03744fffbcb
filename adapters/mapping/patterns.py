"""Patterns of dates and times: yyyy MM dd HH mm ss SSS, and signs between them. Strict: each letter is one digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Final

from pydantic import AfterValidator

from adapters.mapping.spec import mistake
from contracts.said import said

_TOKEN: Final = re.compile(r"yyyy|MM|dd|HH|mm|ss|SSSSSS|SSS")
_FRACTION: Final = "S"
_MILLIS: Final = 3
_ORDER: Final = ("yyyy", "MM", "dd", "HH", "mm", "ss", _FRACTION)
_LEAST: Final[Mapping[str, int]] = {"yyyy": 1, "MM": 1, "dd": 1, "HH": 0, "mm": 0, "ss": 0, _FRACTION: 0}
_LITERAL: Final = re.compile(r"[^A-Za-z0-9]|T|Z")
_EXAMPLE: Final = said("write it with yyyy, MM, dd, HH, mm, ss, SSS, for example dd/MM/yyyy or yyyy-MM-ddTHH:mm:ss")


class Precision(IntEnum):
    """How much of a date is known."""

    YEAR = 1
    MONTH = 2
    DAY = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, ready to read and write. All texts of one pattern have one length."""

    text: str
    slices: Mapping[str, slice]
    signs: tuple[tuple[int, str], ...]

    @property
    def precision(self) -> Precision:
        """How much of a date it tells."""
        return Precision(min(len(self.slices), Precision.DAY))

    @property
    def shape(self) -> str:
        """What its texts look like: two patterns of one shape cannot be told apart."""
        return _TOKEN.sub(lambda token: "0" * len(token[0]), self.text)

    @property
    def fraction_digits(self) -> int | None:
        """How many digits of a second it tells; None where it does not tell seconds."""
        if "ss" not in self.slices:
            return None
        return self.text.count(_FRACTION)

    def fits(self, text: str) -> bool:
        """Whether a text has digits and signs where the pattern has them."""
        if len(text) != len(self.text):
            return False
        return all(text[at] == sign for at, sign in self.signs) and all(
            text[part].isascii() and text[part].isdigit() for part in self.slices.values()
        )

    def read(self, text: str, precision: Precision = Precision.DAY) -> datetime | None:
        """The time in `text`; what the pattern does not tell, or what lies beyond `precision`, is the first there is.

        None where the text is not of this pattern, or there is no such time.
        """
        if not self.fits(text):
            return None
        parts = [int(text[self.slices[name]]) if name in self.slices else _LEAST[name] for name in _ORDER]
        parts[precision : Precision.DAY] = [1] * (Precision.DAY - precision)
        year, month, day, hour, minute, second, fraction = parts
        try:
            # Not aware: it is what a text says before it is given a zone.
            microsecond = fraction * (1000 if self.fraction_digits == _MILLIS else 1)
            return datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001
        except ValueError:
            return None

    def write(self, moment: datetime, precision: Precision = Precision.DAY, unknown: str = "00") -> str:
        """The text of a time; parts of the date beyond `precision` are written as `unknown`."""
        values = (f"{moment.year:04}", *(f"{part:02}" for part in moment.timetuple()[1:6]))
        shown = dict(zip(_ORDER, (*values, f"{moment.microsecond:06}"), strict=True))
        for name in _ORDER[precision : Precision.DAY]:
            shown[name] = unknown
        return _TOKEN.sub(lambda token: shown[_part(token[0])][: len(token[0])], self.text)


def _part(token: str) -> str:
    """What a token is a part of: of a second there may be three digits or six."""
    return _FRACTION if token.startswith(_FRACTION) else token


def pattern(text: str) -> Pattern:
    """The pattern that a text of the YAML means. Raises what pydantic reports."""
    tokens = [_part(token[0]) for token in _TOKEN.finditer(text)]
    rest = _TOKEN.sub("", text)
    wrong = next((sign for sign in rest if not _LITERAL.fullmatch(sign)), None)
    if wrong is not None:
        raise mistake(said("“{wrong}” means nothing in the pattern “{text}”", wrong=wrong, text=text), _EXAMPLE)
    if len(set(tokens)) < len(tokens):
        raise mistake(said("the pattern “{text}” names a part twice", text=text), _EXAMPLE)
    if set(tokens) != set(_ORDER[: len(tokens)]) or not tokens:
        raise mistake(
            said("the pattern “{text}” leaves out a larger part", text=text),
            said("begin with the year; {example}", example=_EXAMPLE),
        )
    slices = {_part(token[0]): slice(*token.span()) for token in _TOKEN.finditer(text)}
    inside = {at for part in slices.values() for at in range(part.start, part.stop)}
    return Pattern(text, slices, tuple((at, sign) for at, sign in enumerate(text) if at not in inside))


def _of_precision(least: Precision, remedy: str, *, zoned: bool = False) -> Callable[[str], str]:
    def check(text: str) -> str:
        if pattern(text).precision < least:
            raise mistake(said("the pattern “{text}” tells no full date", text=text), remedy)
        if "Z" in text and not zoned:
            raise mistake(said("“Z” means nothing in the pattern “{text}” of a date", text=text), _EXAMPLE)
        return text

    return check


DatePattern = Annotated[str, AfterValidator(_of_precision(Precision.DAY, "for dates known in part: read_partial_date"))]
"""A pattern with year, month and day."""

TimestampPattern = Annotated[
    str, AfterValidator(_of_precision(Precision.DAY, "add the rest: yyyy-MM-ddTHH:mm:ss", zoned=True))
]
"""A pattern with year, month and day, and mostly a time; Z in it stands for UTC."""

PartialPattern = Annotated[str, AfterValidator(_of_precision(Precision.YEAR, ""))]
"""A pattern with at least a year."""

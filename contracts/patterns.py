"""Regular expressions that a contract may hold its texts to: of a kind that costs what the text is long, and no more.

Anybody may write a contract, and its pattern runs on every record. So a pattern is deterministic, as the content models
of XML Schema are: wherever it repeats or may leave something out, the next character alone says how it goes on. Then
a match that fails has nowhere to go back to. It is made of characters, classes, groups, alternatives and repetitions;
what is left out (`\\d`, `^`, back references) means one thing in Python and another in a partner's Java.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.said import said

LONGEST: Final = 500
MOST_REPEATS: Final = 1000
MOST_GROUPS: Final = 20

_TOP: Final = 0x10FFFF
_NONE: Final[Ranges] = ()
_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}")
_IN_CLASS: Final = frozenset("\\^-[]")
_COUNT: Final = re.compile(r"\{([0-9]{1,4})(,?)([0-9]{0,4})\}")
_SIGNS: Final[dict[str, tuple[int, int | None]]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_MEANINGS: Final = {"d": "[0-9]", "w": "[A-Za-z0-9_]", "s": "[ ]"}

Ranges = tuple[tuple[int, int], ...]
"""A set of characters, as ranges of code points."""


class BadPattern(ValueError):
    """A pattern that is none, or not of the kind: what is wrong with it, and what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A pattern that whole texts are held to. Two are equal where they are written alike."""

    text: str
    compiled: re.Pattern[str]

    @property
    def anchored(self) -> str:
        """The same for JSON Schema, which else looks for it anywhere in the text."""
        return f"^(?:{self.text})$"


def text_pattern(text: str) -> TextPattern:
    """The pattern in `text`. BadPattern."""
    if len(text) > LONGEST:
        raise BadPattern(
            said("the pattern is longer than {longest} characters", longest=LONGEST), said("write a shorter one")
        )
    reader = _Reader(text)
    reader.whole()
    return TextPattern(text, re.compile(text))


class _Part(NamedTuple):
    """What is known of a part: whether it may be empty, by what it begins, and by what a match that could end here
    might go on."""

    empty: bool
    first: Ranges
    more: Ranges


class _Reader:
    """Reads a pattern from left to right, and refuses it where two ways are open to one character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> None:
        """Read all of it. Alternatives of the whole may begin alike: each is tried once."""
        while True:
            self._sequence()
            if self._at == len(self._text):
                return
            if self._text[self._at] == ")":
                raise BadPattern(
                    said("the pattern closes a group that it did not open"), said("write \\) for the sign")
                )
            self._at += 1

    def _sequence(self) -> _Part:
        so_far = _Part(empty=True, first=_NONE, more=_NONE)
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            begins = self._at
            part = self._repeated()
            if _meet(so_far.more, part.first):
                raise self._ambiguous(begins)
            so_far = _Part(
                so_far.empty and part.empty,
                so_far.first + (part.first if so_far.empty else _NONE),
                part.more + (so_far.more if part.empty else _NONE),
            )
        return so_far

    def _repeated(self) -> _Part:
        begins = self._at
        part = self._atom()
        counted = self._count()
        if counted is None:
            return part
        least, most = counted
        if part.empty:
            raise BadPattern(
                said("the pattern repeats what may be empty: {part}", part=self._text[begins : self._at]),
                said("repeat what holds at least one character"),
            )
        if most != 1 and _meet(part.more, part.first):
            raise self._ambiguous(begins)
        return _Part(least == 0, part.first, part.more + (part.first if least != most else _NONE))

    def _count(self) -> tuple[int, int | None] | None:
        sign = self._text[self._at : self._at + 1]
        if sign in {"?", "*", "+"}:
            self._at += 1
            found = _SIGNS[sign]
        elif sign == "{":
            match = _COUNT.match(self._text, self._at)
            found = (1, 0) if match is None else (int(match[1]), _most(match))
            least, most = found
            if least > MOST_REPEATS or (most is not None and (not least <= most <= MOST_REPEATS or most == 0)):
                raise BadPattern(
                    said("the pattern counts in a way that cannot be read: {part}", part=self._text[self._at :][:20]),
                    said("write {{2}} or {{2,5}}, up to {most}; for the sign write \\{{", most=MOST_REPEATS),
                )
            self._at += 0 if match is None else len(match[0])
        else:
            return None
        if self._text[self._at : self._at + 1] in {"?", "*", "+", "{"}:
            raise BadPattern(said("the pattern repeats a repetition"), said("put the inner one into a group: (?: … )"))
        return found

    def _atom(self) -> _Part:
        sign = self._text[self._at]
        if sign == "(":
            return self._group()
        if sign == "[":
            found = self._class()
        elif sign == ".":
            self._at += 1
            found = ((0, 9), (11, _TOP))
        elif sign == "\\":
            found = _one(self._escaped(_SPECIAL | {"-", "/"}))
        elif sign in _SPECIAL:
            remedy = said("write \\{sign} for the sign", sign=sign)
            if sign in "^$":
                remedy = said("remove it: a pattern is for the whole text; write \\{sign} for the sign", sign=sign)
            raise BadPattern(said("“{sign}” cannot stand here in the pattern", sign=sign), remedy)
        else:
            self._at += 1
            found = _one(sign)
        return _Part(empty=False, first=found, more=_NONE)

    def _group(self) -> _Part:
        begins = self._at
        self._depth += 1
        if self._depth > MOST_GROUPS:
            raise BadPattern(said("the pattern is nested too deeply"), said("write a simpler one"))
        self._at += 3 if self._text.startswith("(?:", begins) else 1
        if self._text[self._at : self._at + 1] == "?":
            raise BadPattern(
                said("the pattern looks around itself: {part}", part=self._text[begins:][:10]),
                said("use groups of the kind (?: … ) only"),
            )
        either: list[_Part] = []
        while True:
            starts = self._at
            part = self._sequence()
            if any(_meet(part.first, other.first) or (part.empty and other.empty) for other in either):
                raise self._ambiguous(starts)
            either.append(part)
            if self._at == len(self._text):
                raise BadPattern(said("the pattern opens a group and does not close it"), said("add the missing )"))
            self._at += 1
            if self._text[self._at - 1] == ")":
                break
        self._depth -= 1
        empty = any(part.empty for part in either)
        first = _joined(part.first for part in either)
        return _Part(empty, first, _joined(part.more for part in either) + (first if empty else _NONE))

    def _class(self) -> Ranges:
        begins = self._at
        self._at += 1
        other = self._text[self._at : self._at + 1] == "^"
        self._at += other
        found: list[tuple[int, int]] = []
        while self._text[self._at : self._at + 1] != "]":
            low = self._of_class(begins)
            high = low
            if self._text[self._at : self._at + 1] == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                high = self._of_class(begins)
            if ord(low) > ord(high):
                raise BadPattern(
                    said("the range {low}-{high} of the pattern is empty", low=low, high=high), said("turn it round")
                )
            found.append((ord(low), ord(high)))
        self._at += 1
        if not found:
            raise BadPattern(said("a class of the pattern is empty"), said("name its characters: [0-9A-F]"))
        return _all_but(found) if other else tuple(found)

    def _of_class(self, begins: int) -> str:
        sign = self._text[self._at : self._at + 1]
        if not sign:
            raise BadPattern(
                said("the pattern does not close a class: {part}", part=self._text[begins:][:20]),
                said("add the missing ]"),
            )
        if sign == "\\":
            return self._escaped(_SPECIAL | _IN_CLASS | {"/"})
        if sign == "[" or self._text[self._at : self._at + 2] in {"--", "&&", "~~", "||"}:
            raise BadPattern(
                said("“{sign}” cannot stand here in the pattern", sign=sign),
                said("write \\{sign} for the sign", sign=sign),
            )
        self._at += 1
        return sign

    def _escaped(self, signs: frozenset[str]) -> str:
        sign = self._text[self._at + 1 : self._at + 2]
        if sign not in signs or not sign:
            remedy = said("write out what is meant, such as [0-9]")
            if sign in _MEANINGS:
                remedy = said("write {instead}: the other means more in some languages", instead=_MEANINGS[sign])
            raise BadPattern(said("“\\{sign}” means nothing in a pattern here", sign=sign), remedy)
        self._at += 2
        return sign

    def _ambiguous(self, begins: int) -> BadPattern:
        return BadPattern(
            said(
                "the pattern leaves open how to go on: “{part}” begins by what may still belong to what is before it",
                part=self._text[begins:][:30],
            ),
            said("write it so that the next character decides: [0-9]{9}(?:[0-9]{3})?, not (?:[0-9]{9}|[0-9]{12})"),
        )


def _most(match: re.Match[str]) -> int | None:
    if match[3]:
        return int(match[3])
    return None if match[2] else int(match[1])


def _one(sign: str) -> Ranges:
    return ((ord(sign), ord(sign)),)


def _joined(sets: Iterator[Ranges]) -> Ranges:
    return tuple(each for found in sets for each in found)


def _meet(one: Ranges, other: Ranges) -> bool:
    return any(low <= high_too and low_too <= high for low, high in one for low_too, high_too in other)


def _all_but(found: list[tuple[int, int]]) -> Ranges:
    rest, begins = [], 0
    for low, high in sorted(found):
        if begins < low:
            rest.append((begins, low - 1))
        begins = max(begins, high + 1)
    return (*rest, (begins, _TOP)) if begins <= _TOP else tuple(rest)

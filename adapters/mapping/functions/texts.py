"""Functions of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, model_validator

from adapters.mapping.functions.base import SCALARS, Function, text_needed
from adapters.mapping.functions.tones import Tone, with_tone
from adapters.mapping.literals import plain
from adapters.mapping.running import Apply, misfit_format, quoted, text_of
from adapters.mapping.shapes import TEXT, Shape, items_of, must_be
from adapters.mapping.spec import NOT_EMPTY, Spec, mistake
from contracts.avro_types import ArrayType, JsonKind
from contracts.json_types import JsonValue
from contracts.said import said
from contracts.validation.misfit import Misfit, wrong_type
from contracts.validation.text import normalised

_LONGEST_PAD: Final = 200

Some = Annotated[str, Field(min_length=1)]
Place = Annotated[int, Field(ge=1, le=1_000_000)]


class TextName(StrEnum):
    """Functions without parameters, from text to text."""

    TRIM = "trim"
    SQUEEZE = "squeeze"
    UPPER = "upper"
    LOWER = "lower"
    NFC = "nfc"


_WORK: Final[Mapping[TextName, Callable[[str], str]]] = MappingProxyType(
    {
        TextName.TRIM: str.strip,
        TextName.SQUEEZE: lambda text: " ".join(text.split()),
        TextName.UPPER: str.upper,
        TextName.LOWER: str.lower,
        TextName.NFC: normalised,
    }
)


class Plain(Function):
    """trim: no spaces around · squeeze: single ones inside · upper · lower · nfc: one spelling of each letter."""

    name: TextName

    def compile(self) -> Apply:
        work = _WORK[self.name]
        return lambda value, _: work(text_of(value))

    def gives(self, given: Shape) -> Shape:
        text_needed(given, self.name)
        work = _WORK[self.name]
        return given.now(TEXT, None if given.texts is None else frozenset(map(work, given.texts)))


class Text(Function):
    """A number or truth value as text, exactly: 6 → "6", 8.50 → "8.5", true → "true"."""

    def compile(self) -> Apply:
        return lambda value, _: plainly(value)

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "text", said("take one of its parts, or join a list"))
        return given if given.kinds == {JsonKind.STRING} else given.now(TEXT, given.texts)


def plainly(value: JsonValue) -> str:
    """A text, number or truth value as text. Misfit for anything else."""
    text = plain(value)
    if text is None:
        raise wrong_type(TEXT, value) if isinstance(value, list | dict) else Misfit("not_finite")
    return text


class PadArguments(Spec):
    """How long the text becomes, and with what."""

    length: Annotated[int, Field(ge=1, le=_LONGEST_PAD)]
    with_: Annotated[str, Field(alias="with", min_length=1, max_length=1)] = "0"


class PadLeft(Function):
    """{pad_left: {length: 5}}: 634 → "00634". A longer value is refused."""

    pad_left: PadArguments

    def compile(self) -> Apply:
        length, sign = self.pad_left.length, self.pad_left.with_

        def pad(value: JsonValue, _: object) -> JsonValue:
            text = plainly(value)
            if len(text) > length:
                raise misfit_format(value, f"≤ {length}")
            return text.rjust(length, sign)

        return pad

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "pad_left", said("take one of its parts"))
        return given.now(TEXT)


class SubstringArguments(Spec):
    """From which sign to which, counted from 1, both included; to the end where `to` is absent."""

    from_: Annotated[Place, Field(alias="from")] = 1
    to: Place | None = None

    @model_validator(mode="after")
    def _in_order(self) -> SubstringArguments:
        if self.to is not None and self.to < self.from_:
            raise mistake(
                said("{first} to {last} is nothing", first=self.from_, last=self.to),
                said("positions are counted from 1; both are included"),
            )
        return self


class Substring(Function):
    """{substring: {from: 1, to: 3}}: "048214000024" → "048". A value that is too short is refused."""

    substring: SubstringArguments

    def compile(self) -> Apply:
        first, last = self.substring.from_, self.substring.to
        least = first if last is None else last

        def cut(value: JsonValue, _: object) -> JsonValue:
            text = text_of(value)
            if len(text) < least:
                raise misfit_format(value, f"≥ {least}")
            return text[first - 1 : last]

        return cut

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "substring")
        return given.now(TEXT)


class Remove(Function):
    """{remove: " ()-"}: each of these signs goes, wherever it stands."""

    remove: Some

    def compile(self) -> Apply:
        signs = str.maketrans("", "", self.remove)
        return lambda value, _: text_of(value).translate(signs)

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "remove")
        return given.now(TEXT)


class Replace(Function):
    """{replace: {"Q.": "Quận "}}: each of these texts is replaced, one after the other."""

    replace: Annotated[dict[Some, str], NOT_EMPTY]

    def compile(self) -> Apply:
        pairs = tuple(self.replace.items())

        def work(value: JsonValue, _: object) -> JsonValue:
            text = text_of(value)
            for old, new in pairs:
                text = text.replace(old, new)
            return text

        return work

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "replace")
        return given.now(TEXT)


class Unit(Function):
    """{unit: km/h}: "4.0 km/h" → "4.0". A value without the unit is refused: nobody knows what it means."""

    unit: Some

    def compile(self) -> Apply:
        unit = unicodedata.normalize("NFC", self.unit)

        def strip(value: JsonValue, _: object) -> JsonValue:
            text = unicodedata.normalize("NFC", text_of(value).strip())
            if not text.endswith(unit):
                raise misfit_format(value, f"… {unit}")
            return text.removesuffix(unit).rstrip()

        return strip

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "unit")
        return given.now(TEXT)


class WordPart(StrEnum):
    """Which words of a name."""

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


class Words(Function):
    """{words: first}, middle or last: họ, chữ đệm, tên. No middle where there are two words; one word is refused."""

    words: WordPart

    def compile(self) -> Apply:
        part = self.words

        def pick(value: JsonValue, _: object) -> JsonValue:
            found = text_of(value).split()
            if len(found) < 2:
                raise misfit_format(value, "A B / A B C")
            if part is WordPart.MIDDLE:
                return " ".join(found[1:-1]) or None
            return found[0] if part is WordPart.FIRST else found[-1]

        return pick

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "words")
        return Shape(TEXT, absent=given.absent or self.words is WordPart.MIDDLE)


class PutTone(Function):
    """{tone: old}: hoà → hòa, or {tone: new}: hòa → hoà. NFC does not do this."""

    tone: Tone

    def compile(self) -> Apply:
        tone = self.tone
        return lambda value, _: with_tone(normalised(text_of(value)), tone)

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "tone")
        return given.now(TEXT)


class Split(Function):
    """{split: ";"}: "A; B;" → a list of "A" and "B": without spaces around, without empty ones."""

    split: Some

    def compile(self) -> Apply:
        sign = self.split

        def work(value: JsonValue, _: object) -> JsonValue:
            return [part for piece in text_of(value).split(sign) if (part := piece.strip())]

        return work

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "split")
        return given.now(ArrayType(TEXT))


class Join(Function):
    """{join: ";"}: a list of "A" and "B" → "A;B". An item that holds the sign is refused: it would become two."""

    join: str

    def compile(self) -> Apply:
        sign = self.join

        def work(value: JsonValue, _: object) -> JsonValue:
            if not isinstance(value, list):
                raise wrong_type(ArrayType(TEXT), value)
            texts = [plainly(item) for item in value if item is not None]
            holding = next((text for text in texts if sign.strip() and sign in text), None)
            if holding is not None:
                raise Misfit("map_format", value=quoted(holding), expected=f"≠ “{sign}”")
            return sign.join(texts)

        return work

    def gives(self, given: Shape) -> Shape:
        must_be(given, frozenset({JsonKind.ARRAY}), "join", said("make a list of it with: split, or each"))
        items = items_of(given.type)
        if items is not None:
            must_be(Shape(items), SCALARS, "join", said("take one part of each item with: each"))
        return given.now(TEXT)

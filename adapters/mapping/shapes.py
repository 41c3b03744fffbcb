"""What is known of a value before there is one: its type, and what it may come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from contracts.avro_types import (
    NUMBERS,
    TIMESTAMPS,
    ArrayType,
    EnumType,
    JsonKind,
    Kind,
    Primitive,
    Type,
    branches,
    is_nullable,
    json_kind,
    without_null,
)
from contracts.spelling import meant

TEXT: Final = Primitive(Kind.STRING)
DATES: Final = TIMESTAMPS | {Kind.DATE, Kind.PARTIAL_DATE, Kind.TIME_MILLIS, Kind.TIME_MICROS}


class Misuse(Exception):
    """Something in a mapping cannot work: what, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Shape:
    """`type` is None where it is not known. `texts` are all values that a text may have, None where they may be any.

    `written`: it is text in the system's own form, made by one of the functions that write. `absent`: there may be no
    value at all.
    """

    type: Type | None = None
    texts: frozenset[str] | None = None
    written: bool = False
    absent: bool = False

    def now(self, of: Type | None, texts: frozenset[str] | None = None, *, written: bool = False) -> Shape:
        """What a function makes of it."""
        return replace(self, type=of, texts=texts, written=written)

    @property
    def kinds(self) -> frozenset[JsonKind]:
        """The kinds of JSON it may be; all where nothing is known."""
        return frozenset(JsonKind) if self.type is None else frozenset(map(json_kind, branches(self.type)))

    @property
    def kind(self) -> Kind | None:
        """What primitive it is; None where it is none or not known."""
        return self.type.kind if isinstance(self.type, Primitive) else None


def shape_of(of: Type | None) -> Shape:
    """The shape of a value of that type; null counts as no value."""
    if of is None:
        return Shape()
    present = without_null(of)
    texts = frozenset(present.symbols) if isinstance(present, EnumType) else None
    return Shape(present, texts, absent=is_nullable(of))


def items_of(of: Type | None) -> Type | None:
    """The type of the items of a list; None where not known."""
    listed = () if of is None else branches(of)
    return next((branch.items for branch in listed if isinstance(branch, ArrayType)), None)


def must_be(given: Shape, wanted: frozenset[JsonKind], function: str, remedy: str) -> None:
    """Misuse where the value can be of none of the kinds that a function works on."""
    if not given.kinds & wanted:
        kinds = " or ".join(sorted(wanted))
        raise Misuse(f"{function} works on {kinds}, and this is {named(given)}", remedy)


def named(shape: Shape) -> str:
    """The type for people."""
    if shape.kind is not None:
        return shape.kind.value
    return " or ".join(sorted(shape.kinds))


def misfit_of(given: Shape, target: Type) -> Misuse | None:
    """Why a value of that shape cannot go into a field of that type; None where it can, or nobody knows."""
    wanted = without_null(target)
    if given.texts is not None and isinstance(wanted, EnumType):
        return _not_symbols(given.texts, wanted)
    if given.type is None:
        return None
    kinds = frozenset(map(json_kind, branches(wanted)))
    if not given.kinds & kinds:
        return _other_kind(given, kinds)
    return _other_text(given, wanted) if isinstance(wanted, Primitive) else None


def _not_symbols(texts: frozenset[str], wanted: EnumType) -> Misuse | None:
    strange = sorted(texts - set(wanted.symbols))
    if not strange:
        return None
    return Misuse(f"{', '.join(strange)} is none of the field's values", meant(strange[0], wanted.symbols, "values"))


def _other_kind(given: Shape, wanted: frozenset[JsonKind]) -> Misuse:
    names = " or ".join(sorted(wanted))
    remedies = {
        JsonKind.NUMBER: "make it one with: integer, or number",
        JsonKind.STRING: "make it text with: text",
        JsonKind.BOOLEAN: "make it one with: boolean",
        JsonKind.ARRAY: "make a list with: each, or split",
        JsonKind.OBJECT: "make it with: map",
    }
    remedy = next((remedies[kind] for kind in sorted(wanted) if kind in remedies), "take another path")
    return Misuse(f"the field is {names}, and this is {named(given)}", remedy)


def _other_text(given: Shape, wanted: Primitive) -> Misuse | None:
    """Text is not text: a date in the system's form is none in the contract's."""
    if wanted.kind in DATES and given.written:
        message = f"the field is {wanted.kind}, and this is text in the system's own form"
        return Misuse(message, "use the read_ function")
    if given.kind is None or given.kind is wanted.kind or wanted.kind is Kind.STRING or given.kind is Kind.STRING:
        return None
    if wanted.kind in NUMBERS and given.kind in NUMBERS:
        return _narrower(given.kind, wanted.kind)
    if {wanted.kind, given.kind} <= TIMESTAMPS or (wanted.kind, given.kind) == (Kind.PARTIAL_DATE, Kind.DATE):
        return None
    if wanted.kind in DATES | {Kind.DECIMAL, Kind.UUID} or given.kind in DATES | {Kind.DECIMAL}:
        return Misuse(f"the field is {wanted.kind}, and this is {given.kind}", "take another path or another function")
    return None


def _narrower(given: Kind, wanted: Kind) -> Misuse | None:
    if wanted in {Kind.INT, Kind.LONG} and given in {Kind.FLOAT, Kind.DOUBLE}:
        return Misuse(f"the field is {wanted}, and this is {given}", "make it one with: integer")
    return None

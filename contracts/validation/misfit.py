"""One value that does not fit, before anybody knows where it stands."""

from __future__ import annotations

from typing import Final

from contracts.avro_types import (
    ArrayType,
    EnumType,
    FixedType,
    JsonKind,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    branches,
    json_kind,
)
from contracts.errors import FieldError, field_error

_LONGEST_SHOWN: Final = 100
_KINDS: Final[dict[type, JsonKind]] = {
    type(None): JsonKind.NULL,
    bool: JsonKind.BOOLEAN,
    int: JsonKind.NUMBER,
    float: JsonKind.NUMBER,
    str: JsonKind.STRING,
    list: JsonKind.ARRAY,
    dict: JsonKind.OBJECT,
}
_FORMS: Final = {
    Kind.INT: "integer",
    Kind.LONG: "integer",
    Kind.FLOAT: "number",
    Kind.DOUBLE: "number",
    Kind.BYTES: "string (base64)",
    Kind.DATE: "string (YYYY-MM-DD)",
    Kind.PARTIAL_DATE: "string (YYYY, YYYY-MM, YYYY-MM-DD)",
    Kind.TIME_MILLIS: "string (HH:MM:SS.sss)",
    Kind.TIME_MICROS: "string (HH:MM:SS.ssssss)",
    Kind.TIMESTAMP_MILLIS: "string (YYYY-MM-DDTHH:MM:SS.sss+07:00)",
    Kind.TIMESTAMP_MICROS: "string (YYYY-MM-DDTHH:MM:SS.ssssss+07:00)",
}


class Misfit(Exception):
    """A value does not fit its type. `code` names the wording in `contracts.wording`, `params` fill it in."""

    def __init__(self, code: str, /, candidates: tuple[str, ...] = (), **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.candidates = candidates
        self.params = params

    def at(self, pointer: str) -> FieldError:
        """The same as the error of the field at `pointer`."""
        return field_error(pointer, self.code, candidates=self.candidates, **self.params)


def wrong_type(of: Type, value: object) -> Misfit:
    """A value of another JSON kind than the type's."""
    return Misfit("wrong_type", expected=expected(of), got=_KINDS.get(type(value), type(value).__name__))


def expected(of: Type) -> str:
    """What JSON a type wants, in words that every language of the bus can quote."""
    return " / ".join(_form(branch) for branch in branches(of))


def _form(of: Type) -> str:
    match of:
        case Primitive(kind=Kind.DECIMAL):
            return f"string (decimal, {of.precision} digits, {of.scale} after the point)"
        case Primitive():
            return _FORMS.get(of.kind, of.kind)
        case EnumType():
            return f"string ({' | '.join(of.symbols)})"
        case FixedType():
            return f"string (base64, {of.size} bytes)"
        case ArrayType() | MapType() | RecordType():
            return json_kind(of)
        case _:
            return expected(of)


def shown(text: object) -> str:
    """Something a sender wrote, fit to be quoted back: not too long, and always valid Unicode."""
    quoted = shown_name(text)
    if len(quoted) > _LONGEST_SHOWN:
        quoted = quoted[:_LONGEST_SHOWN] + "…"
    return quoted


def shown_name(name: object) -> str:
    """A name a sender wrote, whole, for it is part of a pointer; valid Unicode."""
    text = name if isinstance(name, str) else f"<{type(name).__name__}>"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

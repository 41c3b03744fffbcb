"""The JSON Schema (2020-12) of records in their JSON form."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from contracts.avro_defaults import default_of
from contracts.avro_types import (
    ArrayType,
    EnumType,
    FieldType,
    FixedType,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
    contains_itself,
    without_null,
)
from contracts.avro_values import LIMITS
from contracts.canonical import json_of
from contracts.json_types import JsonObject, JsonValue
from contracts.languages import Language
from contracts.meaning import Words, plain_number
from contracts.schema import Schema

_FLOAT_MAX: Final = 3.4028234663852886e38
_SIGN: Final = "[A-Za-z0-9+/]"
_BASE64: Final = f"^(?:{_SIGN}{{4}})*(?:{_SIGN}{{2}}==|{_SIGN}{{3}}=)?$"
_CLOCK: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_DAY: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TEXTS: Final[dict[Kind, JsonObject]] = {
    Kind.DATE: {"format": "date", "pattern": f"^{_DAY}$"},
    Kind.PARTIAL_DATE: {
        "pattern": "^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?$",
        "description": "a year, a month or a day: what is not known is left out, never filled in",
    },
    Kind.TIME_MILLIS: {"pattern": f"^{_CLOCK}(?:\\.[0-9]{{1,3}}0*)?$"},
    Kind.TIME_MICROS: {"pattern": f"^{_CLOCK}(?:\\.[0-9]{{1,6}}0*)?$"},
    Kind.TIMESTAMP_MILLIS: {
        "format": "date-time",
        "pattern": f"^{_DAY}T{_CLOCK}(?:\\.[0-9]{{1,3}}0*)?(?:Z|[+-][0-2][0-9]:[0-5][0-9])$",
    },
    Kind.TIMESTAMP_MICROS: {
        "format": "date-time",
        "pattern": f"^{_DAY}T{_CLOCK}(?:\\.[0-9]{{1,6}}0*)?(?:Z|[+-][0-2][0-9]:[0-5][0-9])$",
    },
    Kind.UUID: {"format": "uuid", "pattern": "^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    Kind.BYTES: {"contentEncoding": "base64", "pattern": _BASE64},
    Kind.STRING: {},
}


def json_schema(schema: Schema, *, partial: bool = False, language: Language = Language.VI) -> JsonObject:
    """The JSON Schema of a schema's records as senders write them: fields with a default may be absent.

    A record that does not fit it is refused. A few that fit are refused too, for what JSON Schema cannot say: names
    that occur twice, text that is no valid Unicode, days that no calendar has, codes that are in no list on their date.
    References lead to its own `$defs`, by an `$id` of its own, so that it can be put into other documents.
    `partial`: what a reader gets, of which a grant may keep any field back. Titles and descriptions are in `language`,
    and in both under `x-words`.
    """
    writer = _Writer(schema.sha256, partial=partial, language=language)
    root = writer.of(schema.root)
    if not writer.definitions:
        return root
    return {"$id": writer.id, "$defs": writer.definitions, **root}


class _Writer:
    """Writes types in place, and those that contain themselves as definitions."""

    def __init__(self, sha256: str, *, partial: bool, language: Language) -> None:
        spoken = "" if language is Language.VI else f":{language}"
        self.id = f"urn:sha256:{sha256}{':partial' if partial else ''}{spoken}"
        self._language = language
        self._partial = partial
        self.definitions: JsonObject = {}

    def of(self, of: Type) -> JsonObject:
        """The JSON Schema of one type."""
        if isinstance(of, RecordType):
            return self._record(of)
        if isinstance(of, ArrayType):
            return {"type": "array", "items": self.of(of.items)}
        if isinstance(of, MapType):
            return {"type": "object", "additionalProperties": self.of(of.values)}
        if isinstance(of, UnionType):
            return self._union(of)
        if isinstance(of, EnumType):
            return {"type": "string", "enum": list(of.symbols)}
        if isinstance(of, FixedType):
            return {"type": "string", **_TEXTS[Kind.BYTES], "pattern": _fixed_pattern(of.size)}
        return _primitive(of)

    def _record(self, of: RecordType) -> JsonObject:
        if not contains_itself(of):
            return self._object(of)
        if of.name not in self.definitions:
            self.definitions[of.name] = {}
            self.definitions[of.name] = self._object(of)
        return {"$ref": f"#/$defs/{of.name}"}

    def _object(self, of: RecordType) -> JsonObject:
        required: list[JsonValue] = [field.name for field in of.fields if not field.has_default]
        described: JsonObject = {
            "type": "object",
            "title": of.name,
            "properties": {field.name: self._field(field) for field in of.fields},
            "additionalProperties": False,
        }
        return {**described, "required": required} if required and not self._partial else described

    def _field(self, field: FieldType) -> JsonObject:
        described = dict(self.of(field.type))
        meaning = field.meaning
        described.update(_limits(field))
        own = field.doc if meaning.description is None else meaning.description[self._language]
        notes = [own, str(described.get("description", ""))]
        if field.codelist is not None:
            notes.append(f"A code of the code list {field.codelist}, as of {field.on}.")
            described["x-codelist"] = field.codelist
            described["x-codelist-on"] = field.on
        described.update(_known_as(field, self._language))
        if any(notes):
            described["description"] = " ".join(note for note in notes if note)
        if field.has_default:
            of = field.type.branches[0] if isinstance(field.type, UnionType) else field.type
            described["default"] = json_of(of, default_of(field), UTC)
        return described

    def _union(self, of: UnionType) -> JsonObject:
        each = [self.of(branch) for branch in of.branches]
        present = [branch for branch in each if branch != {"type": "null"}]
        if len(present) == 1 and len(each) == 2 and "$ref" not in present[0] and "enum" not in present[0]:
            return {**present[0], "type": [present[0]["type"], "null"]}
        return {"anyOf": list[JsonValue](each)}


def _primitive(of: Primitive) -> JsonObject:
    if of.kind in (Kind.NULL, Kind.BOOLEAN):
        return {"type": str(of.kind)}
    if of.kind in (Kind.INT, Kind.LONG):
        low, high = LIMITS[of.kind]
        return {"type": "integer", "minimum": low, "maximum": high}
    if of.kind is Kind.DOUBLE:
        return {"type": "number"}
    if of.kind is Kind.FLOAT:
        return {"type": "number", "minimum": -_FLOAT_MAX, "maximum": _FLOAT_MAX}
    if of.kind is Kind.DECIMAL:
        return {"type": "string", "pattern": _decimal_pattern(of.precision - of.scale, of.scale)}
    return {"type": "string", **_TEXTS[of.kind]}


def _limits(field: FieldType) -> JsonObject:
    """What the field asks of its values beyond their type."""
    meaning, found = field.meaning, JsonObject()
    if meaning.pattern is not None:
        found["pattern"] = meaning.pattern.anchored
    kind = without_null(field.type)
    # A decimal is text in JSON, which JSON Schema cannot compare.
    prefix = "x-" if isinstance(kind, Primitive) and kind.kind is Kind.DECIMAL else ""
    for name, bound in (("minimum", meaning.minimum), ("maximum", meaning.maximum)):
        if bound is not None:
            found[prefix + name] = f"{bound:f}" if prefix else plain_number(bound)
    return found


def _known_as(field: FieldType, language: Language) -> JsonObject:
    """What people call the field, what kind of data it is, and what other systems call it."""
    meaning, found = field.meaning, JsonObject()
    if meaning.title is not None:
        found["title"] = meaning.title[language]
    words: JsonObject = {
        name: dict[str, JsonValue](text.by_language())
        for name, text in (("title", meaning.title), ("description", meaning.description))
        if isinstance(text, Words)
    }
    if words:
        found["x-words"] = words
    if field.personal is not None:
        found["x-personal"] = str(field.personal)
    if meaning.unit is not None:
        found["x-unit"] = meaning.unit
    if meaning.standards:
        found["x-standard"] = [
            {"name": each.name, "field": each.field, "confirmed": each.confirmed} for each in meaning.standards
        ]
    return found


def _fixed_pattern(size: int) -> str:
    groups, rest = divmod(size, 3)
    return f"^(?:{_SIGN}{{4}}){{{groups}}}{('', _SIGN + '{2}==', _SIGN + '{3}=')[rest]}$"


def _decimal_pattern(whole: int, scale: int) -> str:
    digits = f"(?:0|[1-9][0-9]{{0,{whole - 1}}})" if whole else "0"
    return f"^-?{digits}(?:\\.[0-9]{{1,{scale}}})?$" if scale else f"^-?{digits}$"

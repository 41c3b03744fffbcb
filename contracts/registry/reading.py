"""From a schema's text to what can be registered, or everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.avro_any import AnySchema, any_schema
from contracts.avro_reading import SchemaProblem
from contracts.avro_text import WrongText, read_text
from contracts.json_types import JsonValue
from contracts.registry.avro_form import form_of
from contracts.registry.avro_rules import broken_rules
from contracts.registry.faults import RegistryFault, invalid_schema
from contracts.registry.records import RegisteredSchema
from contracts.registry.written import Reference, SchemaType, Written, identity_of
from contracts.said import in_lines, said
from contracts.schema import SchemaError

_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Referred:
    """A schema that is referred to, by the name that it is referred to by."""

    name: str
    written: Written


@dataclass(frozen=True, slots=True)
class Fit:
    """A schema that can be registered.

    `written` is what is kept; `form` and `normal_form` are the hashes that it is known by. `normal_text` is what would
    be kept of its normal form. `avro` is what it is compared by; None for JSON Schema, which `value` stands for.
    """

    written: Written
    form: bytes
    normal_form: bytes
    normal_text: str
    value: JsonValue
    avro: AnySchema | None

    def normalised(self) -> Fit:
        """The same in its normal form."""
        return replace(self, written=replace(self.written, text=self.normal_text), form=self.normal_form)

    def as_version(self, schema_id: int) -> RegisteredSchema:
        """As it stands in a subject."""
        written = self.written
        return RegisteredSchema(schema_id, written.type, self.form, self.normal_form, written.references)


def read_schema(
    kind: SchemaType, text: str, references: tuple[Reference, ...] = (), referred: Sequence[Referred] = ()
) -> Fit:
    """What `text` is. RegistryFault (42201) that names each wrong place and the rule that it breaks.

    `referred` is all that the schema refers to, and what that refers to: each after those that it needs.
    """
    if not text.strip():
        raise RegistryFault(42201, "Empty schema")
    try:
        if kind is SchemaType.JSON:
            return _json(text, references, referred)
        return _avro(text, references, referred)
    except WrongText as error:
        raise _unfit([error.problem]) from None
    except SchemaError as error:
        raise _unfit(error.problems) from None
    except RecursionError:
        remedy = said("give inner types names of their own")
        raise _unfit([SchemaProblem("", said("the schema is nested too deeply"), remedy)]) from None


def _avro(text: str, references: tuple[Reference, ...], referred: Sequence[Referred]) -> Fit:
    # Some clients send a bare name: `string` for `"string"`.
    bare = text.strip()
    value = bare if bare.isidentifier() and bare not in {"true", "false", "null"} else _text_value(text)
    kept = _text(form_of(value))
    schema = any_schema(kept, [each.written.text for each in referred])
    problems = broken_rules(schema.root)
    if problems:
        raise SchemaError(tuple(problems))
    return _fit(Written(SchemaType.AVRO, kept, references), form_of(value, sort=True), value, schema)


def _json(text: str, references: tuple[Reference, ...], referred: Sequence[Referred]) -> Fit:
    # A bus without foreign clients does without the library and its memory.
    from contracts.registry.json_form import read_json_schema  # noqa: PLC0415

    value = _text_value(text)
    problems = read_json_schema(value, {each.name: read_text(each.written.text) for each in referred})
    if problems:
        raise SchemaError(tuple(problems))
    kept = Written(SchemaType.JSON, _text(value), references)
    return _fit(kept, json.loads(json.dumps(value, sort_keys=True)), value, None)


def _text_value(text: str) -> JsonValue:
    value = read_text(text)
    try:
        # Python reads more than JSON is: NaN, and halves of a character.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as wrong:
        message = said("this is not JSON: {wrong}", wrong=str(wrong).encode("ascii", "replace").decode())
        raise SchemaError((SchemaProblem("", message, said("correct it; a schema is JSON text")),)) from None
    return value


def _fit(written: Written, normal: JsonValue, value: JsonValue, avro: AnySchema | None) -> Fit:
    normal_text = _text(normal)
    return Fit(
        written,
        hashlib.sha256(identity_of(written.type, written.text, written.references)).digest(),
        hashlib.sha256(identity_of(written.type, normal_text, written.references)).digest(),
        normal_text,
        value,
        avro,
    )


def _text(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unfit(problems: Iterable[SchemaProblem]) -> RegistryFault:
    shown = list(problems)
    lines = [
        said("{pointer}: {message} → {remedy}", pointer=each.pointer or "/", message=each.message, remedy=each.remedy)
        for each in shown[:_MOST_TOLD]
    ]
    return invalid_schema(in_lines(lines))

"""A first draft of an Avro schema, from sample records: for somebody to go through and put right.

What a sample cannot show is not made up: a field is required where every sample has it, and a text is a date only where
every sample writes it as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from contracts.json_types import JsonObject, JsonValue

_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_]+")
_TEXTS: Final[Sequence[tuple[re.Pattern[str], JsonValue]]] = (
    (re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII), {"type": "int", "logicalType": "date"}),
    (re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z", re.ASCII), {"type": "string", "logicalType": "partial-date"}),
    (
        re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII),
        {"type": "long", "logicalType": "timestamp-millis"},
    ),
    (
        re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII),
        {"type": "long", "logicalType": "timestamp-micros"},
    ),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"), {"type": "string", "logicalType": "uuid"}),
)
_BARE_YEAR: Final = re.compile(r"\d{4}\Z", re.ASCII)


class CannotInfer(Exception):
    """The samples are no records of one kind; `pointer` says where."""

    def __init__(self, pointer: str, message: str, remedy: str) -> None:
        super().__init__(f"{pointer or 'the whole'}: {message} → {remedy}")


def infer_schema(name: str, namespace: str, samples: Sequence[JsonValue]) -> JsonObject:
    """The schema of a record that each of `samples`, once renamed by `in_avro_names`, fits. CannotInfer."""
    writer = _Writer()
    root = writer.record(name, [in_avro_names(each) for each in samples], "")
    return {"type": "record", "name": root["name"], "namespace": namespace, "fields": root["fields"]}


def in_avro_names(value: JsonValue) -> JsonValue:
    """The value with keys that Avro takes for names: letters, digits and _; “Họ tên” is Ho_ten."""
    if isinstance(value, list):
        return [in_avro_names(each) for each in value]
    if isinstance(value, dict):
        return {avro_name(key): in_avro_names(each) for key, each in value.items()}
    return value


def avro_name(text: str) -> str:
    """The nearest name that Avro takes."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    name = _NOT_A_NAME.sub("_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")
    return f"_{name}" if not name or name[0].isdigit() else name


def type_name(text: str) -> str:
    """A name for a type: education.student-transfer is StudentTransfer."""
    words = re.split(r"[^A-Za-z0-9]+", avro_name(text.rpartition(".")[2]))
    return "".join(word[:1].upper() + word[1:] for word in words) or "Record"


class _Writer:
    def __init__(self) -> None:
        self._names: set[str] = set()

    def record(self, name: str, samples: Sequence[JsonValue], at: str) -> JsonObject:
        """The record that all of them are."""
        records = [each for each in samples if isinstance(each, dict)]
        if len(records) < len(samples) or not records:
            raise CannotInfer(at, "a sample is no JSON object", "give an object, or a list of objects of one kind")
        own = self._free(type_name(name))
        keys = list(dict.fromkeys(key for each in records for key in each))
        if not keys:
            raise CannotInfer(at, "a sample has no fields", "give a sample with its fields")
        return {"type": "record", "name": own, "fields": [self._field(key, records, f"{at}/{key}") for key in keys]}

    def _field(self, key: str, records: Iterable[Mapping[str, JsonValue]], at: str) -> JsonObject:
        found = [each.get(key) for each in records]
        present = [each for each in found if each is not None]
        if not present:
            return {"name": key, "type": ["null", "string"], "default": None, "doc": "the sample has no value here"}
        of = self._type(key, present, at)
        if len(present) < len(found):
            return {"name": key, "type": ["null", of], "default": None}
        return {"name": key, "type": of}

    def _type(self, key: str, values: Sequence[JsonValue], at: str) -> JsonValue:
        kinds = {type(each) for each in values}
        if kinds == {bool}:
            return "boolean"
        if kinds == {int}:
            return "long"
        if kinds <= {int, float}:
            return "double"
        if kinds == {str}:
            return _text(key, [str(each) for each in values])
        if kinds == {dict}:
            return self.record(key, values, at)
        if kinds == {list}:
            items = [item for each in values if isinstance(each, list) for item in each if item is not None]
            return {"type": "array", "items": self._type(key, items, f"{at}/0") if items else "string"}
        raise CannotInfer(at, "it is of several kinds", "write it in one way in all samples")

    def _free(self, name: str) -> str:
        number = 2
        free = name
        while free in self._names:
            free, number = f"{name}{number}", number + 1
        self._names.add(free)
        return free


def _text(key: str, texts: Sequence[str]) -> JsonValue:
    for form, of in _TEXTS:
        if all(map(form.match, texts)):
            # Four digits are a year only where the name says so; most often they are a code.
            if all(map(_BARE_YEAR.match, texts)) and not re.search(r"year|birth|nam|ngay|date", key, re.IGNORECASE):
                continue
            return of
    return "string"

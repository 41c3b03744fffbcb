"""As much of JSON Schema 2020-12 as the published schemas use, written from its specification for these tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from contracts.json_types import JsonValue

KNOWN: Final = frozenset(
    {"$id", "$ref", "$defs", "type", "title", "description", "properties", "required", "additionalProperties", "items",
     "anyOf", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "format", "contentEncoding", "default",
     "x-codelist", "x-codelist-on", "x-words", "x-personal", "x-unit", "x-standard", "x-minimum", "x-maximum"}
)  # fmt: skip


def fits(schema: Any, value: JsonValue, root: Any = None) -> bool:
    """Whether a value fits. KeyError for a keyword that is not among KNOWN or a reference that leads nowhere."""
    root = schema if root is None else root
    unknown = schema.keys() - KNOWN
    if unknown:
        raise KeyError(*unknown)
    if "$ref" in schema and not fits(_target(root, schema["$ref"]), value, root):
        return False
    if "anyOf" in schema and not any(fits(each, value, root) for each in schema["anyOf"]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    types = schema.get("type", [])
    if types and not any(_TYPES[each](value) for each in ([types] if isinstance(types, str) else types)):
        return False
    if isinstance(value, dict):
        return _object_fits(schema, value, root)
    if isinstance(value, list):
        return all(fits(schema.get("items", {}), each, root) for each in value)
    return _text_fits(schema, value) if isinstance(value, str) else _number_fits(schema, value)


def _target(root: Any, reference: str) -> Any:
    assert reference.startswith("#/"), reference
    here = root
    for part in reference[2:].split("/"):
        here = here[part]
    return here


def _object_fits(schema: Any, value: dict[str, JsonValue], root: Any) -> bool:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not set(schema.get("required", ())) <= value.keys():
        return False
    for name, each in value.items():
        of = properties.get(name, {} if others is True else others)
        if of is False or not fits(of, each, root):
            return False
    return True


def _text_fits(schema: Any, value: str) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    return "pattern" not in schema or re.search(schema["pattern"].replace("$", r"\Z"), value) is not None


def _number_fits(schema: Any, value: JsonValue) -> bool:
    if not _is_number(value):
        return True
    assert isinstance(value, int | float)
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

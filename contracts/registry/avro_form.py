"""The one form that an Avro schema is kept in, and its normal form.

The walk follows types, never the names of keys: a field may be called `array`, `map` or `type`. It is for schemas that
`contracts.avro_any` takes; anything else goes through as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.json_types import JsonObject, JsonValue

_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
_RECORD: Final = ("type", "name", "namespace", "doc", "fields")
_IN_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "record": _RECORD,
    "error": _RECORD,
    "enum": ("type", "name", "namespace", "doc", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "doc", "size"),
    "array": ("type", "items"),
    "map": ("type", "values"),
    "field": ("name", "type", "doc", "default", "order", "aliases"),
}
"""The attributes that Avro gives a meaning, as its own library for Java writes them down; all others follow."""


def form_of(value: JsonValue, *, sort: bool = False, space: str = "") -> JsonValue:
    """The same schema in one form: attributes in order, names short where their namespace says the rest.

    All that was said stays: documentation, defaults, aliases, properties. `sort`: the normal form, with properties in
    the order of their names, so that only what they say counts. `space` is the namespace around it.
    """
    if isinstance(value, list):
        return [form_of(branch, sort=sort, space=space) for branch in value]
    if isinstance(value, str):
        return _short(value, space)
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if not isinstance(kind, str) or kind == "field":
        return {**value, "type": form_of(kind, sort=sort, space=space)} if len(value) > 1 else form_of(kind, sort=sort)
    if kind in _NAMED:
        return _named(kind, value, sort=sort, space=space)
    made = _arranged(value, kind, sort=sort)
    for inner in ("items", "values"):
        if inner in _IN_ORDER.get(kind, ()) and inner in made:
            made[inner] = form_of(made[inner], sort=sort, space=space)
    if kind in _IN_ORDER:
        return made
    made["type"] = _short(kind, space)
    return made if len(made) > 1 else made["type"]


def _named(kind: str, value: JsonObject, *, sort: bool, space: str) -> JsonObject:
    name, own = str(value.get("name")), value.get("namespace")
    of, _, short = name.rpartition(".")
    inside = of or (own if isinstance(own, str) else space)
    aside = {key: each for key, each in value.items() if key not in {"name", "namespace"}}
    named: JsonObject = {**aside, "name": short}
    if inside != space:
        named["namespace"] = inside
    made = _arranged(named, kind, sort=sort)
    fields = made.get("fields")
    if isinstance(fields, list):
        made["fields"] = [_field(each, sort=sort, space=inside) for each in fields]
    return made


def _field(value: JsonValue, *, sort: bool, space: str) -> JsonValue:
    if not isinstance(value, dict):
        return value
    made = _arranged(value, "field", sort=sort)
    made["type"] = form_of(made.get("type"), sort=sort, space=space)
    if made.get("order") == "ascending":
        del made["order"]
    return made


def _arranged(value: JsonObject, kind: str, *, sort: bool) -> JsonObject:
    """The attributes in their order, then the properties: as they came or, where they are to be sorted, by name."""
    known = _IN_ORDER.get(kind, ("type",))
    made: JsonObject = {key: value[key] for key in known if key in value}
    rest = [key for key in value if key not in made]
    made.update({key: _sorted(value[key]) if sort else value[key] for key in (sorted(rest) if sort else rest)})
    return made


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return value


def _short(name: str, space: str) -> str:
    of, _, short = name.rpartition(".")
    return short if of and of == space else name

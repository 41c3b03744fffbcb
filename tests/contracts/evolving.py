"""Avro schemas of any kind, changed at random places, and values that fit them, for property tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from contracts.json_types import JsonObject, JsonValue

_PRIMITIVES: Final[list[JsonValue]] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
_DEFAULTS: Final[dict[str, JsonValue]] = {
    "null": None,
    "boolean": True,
    "int": 1,
    "long": 2,
    "float": 0.5,
    "double": 1,
    "bytes": "\u00ff",
    "string": "x",
}
_SYMBOLS: Final = ["A", "B", "C"]


@st.composite
def versions(draw: st.DrawFn) -> tuple[JsonValue, JsonValue]:
    """Two schemas of a record, the second the first with some changes. Neither need be good."""
    first = _record(draw, 2, ["R"])
    return first, _changed(draw, first)


def _record(draw: st.DrawFn, depth: int, names: list[str]) -> JsonObject:
    name = names[-1]
    fields: list[JsonValue] = [
        _field(draw, each, _type(draw, depth, names)) for each in draw(st.lists(st.sampled_from("abc"), unique=True))
    ]
    if draw(st.integers(0, 3)) == 0:
        fields.append({"name": "again", "type": ["null", name], "default": None})
    return {"type": "record", "name": name, "fields": fields}


def _field(draw: st.DrawFn, name: str, of: JsonValue) -> JsonObject:
    first = of[0] if isinstance(of, list) and of else of
    if isinstance(first, str) and first in _DEFAULTS and draw(st.booleans()):
        return {"name": name, "type": of, "default": _DEFAULTS[first]}
    return {"name": name, "type": of}


def _type(draw: st.DrawFn, depth: int, names: list[str]) -> JsonValue:
    sort = draw(
        st.sampled_from(["primitive"] * 3 + (["record", "array", "map", "union", "enum", "fixed"] if depth else []))
    )
    if sort == "primitive":
        return draw(st.sampled_from(_PRIMITIVES))
    if sort == "array":
        return {"type": "array", "items": _type(draw, depth - 1, names)}
    if sort == "map":
        return {"type": "map", "values": _type(draw, depth - 1, names)}
    if sort == "union":
        return [_type(draw, depth - 1, names) for _ in range(draw(st.integers(1, 3)))]
    names.append(f"N{len(names)}")
    if sort == "record":
        return _record(draw, depth - 1, names)
    if sort == "fixed":
        return {"type": "fixed", "name": names[-1], "size": draw(st.integers(1, 2))}
    symbols = draw(st.lists(st.sampled_from(_SYMBOLS), min_size=1, unique=True))
    default = {"default": draw(st.sampled_from(symbols))} if draw(st.booleans()) else {}
    return {"type": "enum", "name": names[-1], "symbols": list[JsonValue](symbols), **default}


def _changed(draw: st.DrawFn, value: JsonValue) -> JsonValue:
    """The same schema with changes here and there."""
    if isinstance(value, str):
        others: list[JsonValue] = [*_PRIMITIVES, ["null", value]]
        return draw(st.sampled_from([*[value] * 6, *others]))
    if isinstance(value, list):
        return draw(st.permutations([_changed(draw, each) for each in value]))
    if not isinstance(value, dict):
        return value
    changed: JsonObject = dict(value)
    for key in ("items", "values"):
        if key in value:
            changed[key] = _changed(draw, value[key])
    if value["type"] == "enum" and draw(st.booleans()):
        changed["symbols"] = list[JsonValue](draw(st.permutations(_SYMBOLS))[: draw(st.integers(1, 3))])
    if value["type"] == "fixed" and draw(st.integers(0, 3)) == 0:
        changed["size"] = 3
    if value["type"] == "record":
        changed["fields"] = _changed_fields(draw, value["fields"])
    if "name" in value and value["name"] != "R" and draw(st.integers(0, 3)) == 0:
        changed |= {"name": f"{value['name']}x", "aliases": [value["name"]]}
    return changed


def _changed_fields(draw: st.DrawFn, fields: JsonValue) -> list[JsonValue]:
    kept: list[JsonValue] = []
    for each in fields if isinstance(fields, list) else []:
        fate = draw(st.sampled_from(["keep"] * 4 + ["drop", "rename"]))
        if isinstance(each, dict) and fate != "drop":
            renamed: JsonObject = {"name": draw(st.sampled_from("abcd")), "aliases": [each["name"]]}
            kept.append({**each, "type": _changed(draw, each["type"]), **(renamed if fate == "rename" else {})})
    if draw(st.integers(0, 2)) == 0:
        kept.append(_field(draw, "e", draw(st.sampled_from(_PRIMITIVES))))
    return list(draw(st.permutations(kept)))


def values(of: JsonValue, named: dict[str, JsonValue] | None = None, depth: int = 4) -> st.SearchStrategy[object]:
    """Values of that type, which both parsers took; branches of unions are named, as fastavro wants it."""
    known = {} if named is None else named
    if isinstance(of, list):
        return _branches(of, known, depth)
    if isinstance(of, str):
        return values(known[of], known, depth) if of in known else _PLAIN[of]
    assert isinstance(of, dict)
    if "name" in of:
        known[str(of["name"])] = of
    if of["type"] == "record":
        fields = [each for each in _list(of["fields"]) if isinstance(each, dict)]
        return st.fixed_dictionaries({str(each["name"]): values(each["type"], known, depth) for each in fields})
    if of["type"] == "enum":
        return st.sampled_from(_list(of["symbols"]))
    if of["type"] == "fixed":
        size = int(str(of["size"]))
        return st.binary(min_size=size, max_size=size)
    inner = values(of["items" if of["type"] == "array" else "values"], known, depth)
    return (
        st.lists(inner, max_size=2)
        if of["type"] == "array"
        else st.dictionaries(st.text(max_size=2), inner, max_size=2)
    )


def _branches(of: list[JsonValue], known: dict[str, JsonValue], depth: int) -> st.SearchStrategy[object]:
    found = []
    for branch in of:
        if isinstance(branch, str) and branch in known:
            if depth:
                found.append(st.deferred(_named(branch, known, depth)))
            continue
        inner = values(branch, known, depth)
        name = branch.get("name") if isinstance(branch, dict) else None
        found.append(inner if name is None else st.tuples(st.just(name), inner))
    return st.one_of(found)


def _named(name: str, known: dict[str, JsonValue], depth: int) -> Callable[[], st.SearchStrategy[object]]:
    return lambda: st.tuples(st.just(name), values(known[name], known, depth - 1))


def _list(value: JsonValue) -> list[JsonValue]:
    assert isinstance(value, list)
    return value


_PLAIN: Final[dict[str, st.SearchStrategy[object]]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=3),
    "string": st.text(max_size=3),
}

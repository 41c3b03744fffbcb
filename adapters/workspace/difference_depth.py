"""Below the surface of a schema, a code list or a connection: each place in it by a name, with its value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from contracts.codelists import CodeRow
from contracts.schema import Schema

_NO_VALUES: Final = frozenset({"name", "fields"})


def schema_places(schema: Schema, name: str) -> dict[str, object]:
    """What a schema says of each of its fields, by `schema of <name> <pointer>: <property>`."""
    return {f"schema of {name} {pointer}: {key}": value for pointer, key, value in _said(json.loads(schema.text), "")}


def row_places(rows: Mapping[str, CodeRow], others: Mapping[str, CodeRow]) -> dict[str, object]:
    """What each row says that says something else in `others`, by `row <id>`."""
    return {f"row {name}": row_text(row) for name, row in rows.items() if name in others and others[name] != row}


def row_text(row: CodeRow) -> str:
    """A row in a line: its code and name, its days, and what came after it."""
    days = f"{row.valid_from or '…'} – {row.valid_to or '…'}"
    after = f" → {', '.join(row.successors)}" if row.successors else ""
    more = "".join(f", {key}: {value}" for key, value in sorted(row.attributes.items()))
    return f"{row.label}, {days}{after}{more}"


def places(value: object, name: str) -> Iterator[tuple[str, object]]:
    """Plain values in a tree of objects, by the path to each, joined with dots; lists as JSON."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from places(inner, f"{name}.{key}")
    elif isinstance(value, (list, tuple)):
        yield name, json.dumps(value, ensure_ascii=False, default=str)
    else:
        yield name, value


def _said(definition: Any, pointer: str) -> Iterator[tuple[str, str, object]]:  # noqa: ANN401 - JSON
    for each in definition.get("fields", ()):
        at = f"{pointer}/{each['name']}"
        for key, value in each.items():
            if key not in _NO_VALUES:
                yield at, key, _shape(value) if key == "type" else _plain(value)
        for where, inner in _records(each["type"], at):
            yield from _said(inner, where)


def _records(shape: Any, at: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    """The records that are defined within a type."""
    if isinstance(shape, list):
        for branch in shape:
            yield from _records(branch, at)
    elif isinstance(shape, dict):
        if shape.get("type") == "record":
            yield at, shape
        for key in ("items", "values", "type"):
            yield from _records(shape.get(key), f"{at}/*" if key != "type" else at)


def _shape(shape: Any) -> str:  # noqa: ANN401 - JSON
    """A type in a line; of a record its name."""
    if isinstance(shape, list):
        return " | ".join(map(_shape, shape))
    if not isinstance(shape, dict):
        return str(shape)
    kind = shape.get("type")
    if kind in {"array", "map"}:
        return f"{kind}<{_shape(shape.get('items', shape.get('values')))}>"
    if kind in {"record", "enum", "fixed"}:
        symbols = f"({', '.join(shape['symbols'])})" if "symbols" in shape else ""
        return f"{kind} {shape['name']}{symbols}"
    properties = ", ".join(
        f"{key} {_plain(value)}" for key, value in shape.items() if key not in {"type", "logicalType"}
    )
    name = str(shape.get("logicalType") or _shape(kind))
    return f"{name}({properties})" if properties else name


def _plain(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

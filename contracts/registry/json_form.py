"""Whether a JSON Schema is one: its meta-schema holds, its references lead somewhere, and checking with it ends.

`jsonschema` and `referencing` do the checking; nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError as WrongSchema
from jsonschema.validators import validator_for
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT7, Schema, UnknownDialect, specification_with

from contracts.avro_reading import SchemaProblem
from contracts.json_types import JsonObject, JsonValue, pointer_of
from contracts.said import said

_MOST_PROBLEMS: Final = 50
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf")
_IN_PLACE_ONE: Final = ("not", "if", "then", "else")
_IN_PLACE_NAMED: Final = ("dependentSchemas", "dependencies")


def read_json_schema(value: JsonValue, documents: Mapping[str, JsonValue]) -> list[SchemaProblem]:
    """Everything that is wrong with it. `documents` are what its references name, by name."""
    if not isinstance(value, dict | bool):
        message = said("a JSON Schema is an object, true or false")
        return [SchemaProblem("", message, said('write one, such as {"type": "object"}'))]
    if isinstance(value, bool):
        return []
    problems = list(_against_its_meta_schema(value))[:_MOST_PROBLEMS]
    return problems or _References(documents).problems(value)[:_MOST_PROBLEMS]


def _against_its_meta_schema(value: JsonObject) -> Iterator[SchemaProblem]:
    try:
        if "$schema" in value:
            specification_with(str(value["$schema"]))
    except UnknownDialect:
        message = said("this dialect of JSON Schema is not known")
        yield SchemaProblem("/$schema", message, said("use draft 4, 6, 7, 2019-09 or 2020-12"))
        return
    try:
        validator_for(value, default=Draft7Validator).check_schema(value)
    except WrongSchema as wrong:
        message = said("JSON Schema refuses it: {wrong}", wrong=wrong.message[:300])
        yield SchemaProblem(pointer_of(wrong.absolute_path), message, said("correct it"))


class _References:
    """Follows every reference once, from schema to schema. `edges` are those that look at the same value."""

    def __init__(self, documents: Mapping[str, JsonValue]) -> None:
        found = [(name, _resource(each)) for name, each in documents.items()]
        self._registry: Registry[Schema] = Registry().with_resources(found)
        self._ahead: list[tuple[str, Resource[Schema], Any]] = []
        self._edges: dict[int, list[int]] = {}
        self._places: dict[int, str] = {}

    def problems(self, value: JsonObject) -> list[SchemaProblem]:
        """Those that lead nowhere, or in a circle."""
        root = _resource(value)
        base = root.id() or ""
        self._ahead.append(("", root, self._registry.with_resource(base, root).resolver(base)))
        lost: list[SchemaProblem] = []
        while self._ahead:
            at, resource, resolver = self._ahead.pop()
            contents = resource.contents
            if id(contents) in self._places:
                continue
            self._places[id(contents)] = at
            self._edges[id(contents)] = [id(each) for each in _in_place(contents)]
            if isinstance(contents, Mapping):
                lost.extend(self._followed(at, contents, resolver))
            for inner in resource.subresources():
                self._ahead.append((at, inner, resolver.in_subresource(inner)))
        return lost or _endless(self._edges, self._places)

    def _followed(self, at: str, contents: Mapping[str, Any], resolver: Any) -> Iterator[SchemaProblem]:  # noqa: ANN401
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            reference = contents.get(key)
            if not isinstance(reference, str):
                continue
            try:
                found = resolver.lookup(reference)
            except Unresolvable:
                message = said("{ref} leads nowhere", ref=f"{key} {reference[:200]}")
                remedy = said("define it here, or name the schema that does under “references”")
                yield SchemaProblem(f"{at}/{key}", message, remedy)
                continue
            self._edges[id(contents)].append(id(found.contents))
            self._ahead.append((at, _resource(found.contents), found.resolver))


def _resource(value: Any) -> Resource[Schema]:  # noqa: ANN401
    return Resource.from_contents(value, default_specification=DRAFT7)


def _in_place(contents: object) -> Iterator[object]:
    """The schemas inside of one that look at the same value as itself."""
    if not isinstance(contents, dict):
        return
    for key in _IN_PLACE:
        if isinstance(contents.get(key), list):
            yield from contents[key]
    for key in _IN_PLACE_ONE:
        if key in contents:
            yield contents[key]
    for key in _IN_PLACE_NAMED:
        if isinstance(contents.get(key), dict):
            yield from contents[key].values()


def _endless(edges: Mapping[int, list[int]], places: Mapping[int, str]) -> list[SchemaProblem]:
    """Schemas that lead back to themselves without looking at anything smaller: no check would end."""
    done: set[int] = set()
    for start in edges:
        trail: list[tuple[int, int]] = [(start, 0)]
        on_trail = {start}
        while trail:
            node, index = trail.pop()
            inner = edges.get(node, [])
            if index >= len(inner) or node in done:
                on_trail.discard(node)
                done.add(node)
                continue
            trail.append((node, index + 1))
            if inner[index] in on_trail:
                message = said("this schema refers to itself in a circle: no check with it would end")
                return [
                    SchemaProblem(
                        places.get(node, ""), message, said("let the circle go through a property or an item")
                    )
                ]
            if inner[index] not in done:
                on_trail.add(inner[index])
                trail.append((inner[index], 0))
    return []

"""JSON Schemas of a workspace's YAML, from the models that read it: editors complete and check with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from adapters.sources.kinds import SOURCE_KINDS
from adapters.systems.kinds import KINDS
from adapters.workspace.adapter_models import AdapterModel
from adapters.workspace.bus_models import BusModel
from adapters.workspace.law_models import LawsModel
from adapters.workspace.models import AgenciesModel, CodeListModel, ContractModel, GrantsModel, UsersModel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FOLDER: Final = ".schemas"
"""Where a workspace keeps them, for the editors of those who work on it."""

MODELS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "bus": BusModel,
        "agencies": AgenciesModel,
        "contract": ContractModel,
        "system": AdapterModel,
        "grants": GrantsModel,
        "laws": LawsModel,
        "users": UsersModel,
        "codelist": CodeListModel,
    }
)
"""By kind of file."""

_TITLES: Final = {
    "bus": "bus.yaml: the bus itself",
    "agencies": "agencies/*.yaml: agencies and their systems",
    "contract": "contracts/<name>/contract.yaml: what is exchanged",
    "system": "systems/<system>.yaml: how the bus talks to a system",
    "grants": "grants/*.yaml: who may use what",
    "laws": "laws/*.yaml: legal documents, and since when and until when they hold",
    "users": "users/*.yaml: who signs in to the console",
    "codelist": "codelists/<name>.yaml: what is said of a code list",
}
_DEPTHS: Final = {
    "bus": 0,
    "agencies": 1,
    "contract": 2,
    "system": 1,
    "grants": 1,
    "laws": 1,
    "users": 1,
    "codelist": 1,
}
# The short forms of functions become these while they are read; nobody writes them.
_NEVER_WRITTEN: Final = ({"$ref": "#/$defs/Plain"}, {"$ref": "#/$defs/Text"})


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file. KeyError: there is no such kind."""
    described = _schema_of(MODELS[kind])
    if kind == "system":
        _add_kinds(described)
    _tidy(described)
    return {"$schema": DIALECT, "title": _TITLES[kind], **described}


def schema_line(kind: str) -> str:
    """The first line of a file of that kind, from which an editor takes the schema."""
    return f"# yaml-language-server: $schema={'../' * _DEPTHS.get(kind, 1)}{FOLDER}/{kind}.json\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write all of them into `folder`, over those of another version. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in MODELS:
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(json_schema(kind), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


class _Writer(GenerateJsonSchema):
    """Without titles that only repeat the key."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        """Without the default null: a key that is left out is no key that says null."""
        found = super().default_schema(schema)
        if found.get("default", 0) is None:
            del found["default"]
        return found


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Writer)


def _add_kinds(schema: dict[str, Any]) -> None:
    """What `connection` and `operation` may say depends on `kind`."""
    embedded = partial(_embedded, schema)
    schema["properties"]["kind"] = {**_without_null(schema["properties"]["kind"]), "enum": sorted(KINDS)}
    schema["allOf"] = [
        _where_kind_is(
            kind.name,
            {
                "connection": embedded(kind.connection),
                "services": {"items": {"properties": {"operation": embedded(kind.operation)}}},
            },
        )
        for kind in KINDS.values()
    ]
    schema["anyOf"] = [
        {"required": names} for names in (["kind", "connection", "services"], ["sources"], ["publishes"])
    ]
    source = schema["$defs"]["SourceModel"]
    source["properties"]["kind"]["enum"] = sorted(SOURCE_KINDS)
    source["allOf"] = [
        _where_kind_is(kind.name, {"connection": embedded(kind.connection)}) for kind in SOURCE_KINDS.values()
    ]


def _where_kind_is(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
        "then": {"properties": properties},
    }


def _embedded(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    found = _schema_of(model)
    definitions = schema.setdefault("$defs", {})
    definitions.update(found.pop("$defs", {}))
    definitions[model.__name__] = found
    return {"$ref": f"#/$defs/{model.__name__}"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that, where it is not wanted, is left out."""
    rest = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return {**rest[0], **{key: schema[key] for key in schema if key != "anyOf"}} if len(rest) == 1 else schema


def _tidy(schema: dict[str, Any]) -> None:
    """Say everything in the words of who writes the YAML."""
    for part in list(_parts(schema)):
        part.pop("title", None) if "properties" in part or "enum" in part else None
        if isinstance(part.get("anyOf"), list):
            part["anyOf"] = [each for each in part["anyOf"] if each not in _NEVER_WRITTEN]
        # A text may stand without quotes, and what looks like a number is read as the text that it is.
        if part.get("type") == "string" and not {"enum", "const", "pattern", "format"} & part.keys():
            part["type"] = ["string", "number"]
        words = part.get("description")
        properties = part.get("properties")
        if words and isinstance(properties, dict) and part.get("additionalProperties") is False:
            for each in properties.values():
                # “{code: …}: the code of …” is about the one key that it shows.
                of_value = "" if words.startswith("{") else _words_of(each, schema.get("$defs", {}))
                each.setdefault("description", of_value or words)
    for name in ("Plain", "Text"):
        schema.get("$defs", {}).pop(name, None)


def _words_of(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Of a key that a model reads: that model's."""
    references = [each["$ref"] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    if len(references) != 1:
        return ""
    return str(definitions[references[0].rpartition("/")[2]].get("description", ""))


def _parts(schema: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from _parts(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _parts(each)

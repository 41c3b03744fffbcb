"""JSON Schemas of a workspace's YAML, from the models that read it: editors complete and check with them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from adapters.sources.kinds import SOURCE_KINDS
from adapters.systems.kinds import KINDS
from adapters.workspace.models import AdapterModel, AgenciesModel, BusModel, ContractModel, GrantsModel, UsersModel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

MODELS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "bus": BusModel,
        "agencies": AgenciesModel,
        "contract": ContractModel,
        "system": AdapterModel,
        "grants": GrantsModel,
        "users": UsersModel,
    }
)
"""By kind of file."""


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file. KeyError: there is no such kind."""
    schema = {"$schema": DIALECT, **_schema_of(MODELS[kind])}
    if kind == "system":
        _add_kinds(schema)
    return schema


def _add_kinds(schema: dict[str, Any]) -> None:
    """What `connection` and `operation` may say depends on `kind`."""
    schema["properties"]["kind"]["enum"] = sorted(KINDS)
    schema["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind.name}}},
            "then": {
                "properties": {
                    "connection": _embedded(schema, kind.connection),
                    "services": {"items": {"properties": {"operation": _embedded(schema, kind.operation)}}},
                }
            },
        }
        for kind in KINDS.values()
    ]
    schema["anyOf"] = [{"required": ["kind", "connection", "services"]}, {"required": ["sources"]}]
    source = schema["$defs"]["SourceModel"]
    source["properties"]["kind"]["enum"] = sorted(SOURCE_KINDS)
    source["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind.name}}},
            "then": {"properties": {"connection": _embedded(schema, kind.connection)}},
        }
        for kind in SOURCE_KINDS.values()
    ]


def _embedded(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    found = _schema_of(model)
    schema.setdefault("$defs", {}).update(found.pop("$defs", {}))
    return found


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, mode="validation")

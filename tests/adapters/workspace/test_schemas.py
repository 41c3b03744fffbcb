"""The JSON Schemas that editors use say what the reader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.workspace.schemas import DIALECT, MODELS, json_schema

CITY = Path(__file__).parents[3] / "deploy" / "demo" / "workspace"


@pytest.mark.parametrize("kind", MODELS)
def test_there_is_a_schema_for_every_kind_of_file(kind: str) -> None:
    schema = json_schema(kind)
    assert schema["$schema"] == DIALECT
    assert schema["additionalProperties"] is False
    json.dumps(schema)


@pytest.mark.parametrize("kind", MODELS)
def test_every_reference_leads_somewhere(kind: str) -> None:
    schema = json_schema(kind)
    references = set(_references(schema))
    assert references <= {f"#/$defs/{name}" for name in schema.get("$defs", {})}


def test_keys_are_those_of_the_yaml() -> None:
    grant = json_schema("grants")["$defs"]["GrantModel"]["properties"]
    assert {"from", "to", "view", "quota"} <= set(grant)
    assert "valid_from" not in grant


def test_a_systems_connection_depends_on_its_kind() -> None:
    rules = {rule["if"]["properties"]["kind"]["const"]: rule["then"] for rule in json_schema("system")["allOf"]}
    assert "allow_private" in rules["rest"]["properties"]["connection"]["properties"]
    operation = rules["rest"]["properties"]["services"]["items"]["properties"]["operation"]
    assert {"method", "path", "answers"} <= set(operation["properties"])


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for each in part.values() for found in _references(each)]
    if isinstance(part, list):
        return [found for each in part for found in _references(each)]
    return []

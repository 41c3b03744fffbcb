"""What the tests of mappings share: a context, a code list with real traps, and short ways to run a mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import yaml

from adapters.mapping.compile import compile_mapping
from adapters.mapping.context import MappingContext
from adapters.mapping.language import MapSpec
from contracts.codelists import read_code_list
from contracts.errors import FieldError, Rejected
from contracts.json_types import JsonValue

# The wards of Hội An around 1 July 2025, one that was split, and an island district that never had a code.
WARDS = """\
id,code,name,valid_from,valid_to,successors,province
20398-old,20398,Minh An,,2025-07-01,hoi-an,49
20404-old,20404,Cẩm Phô,,2025-07-01,hoi-an,49
20410-old,20410,Sơn Phong,,2025-07-01,hoi-an,49
hoi-an,20410,Hội An,2025-07-01,,,48
20296-old,20296,Hòa Liên,,2025-07-01,lien-chieu hai-van,48
lien-chieu,20197,Liên Chiểu,2025-07-01,,,48
hai-van,20194,Hải Vân,2025-07-01,,,48
hoang-sa-old,,Hoàng Sa,,2025-07-01,hoang-sa,48
hoang-sa,20333,Hoàng Sa,2025-07-01,,,48
"""

CONTEXT = MappingContext(
    exchange="0b6f6a9e-6c0e-8a4c-9d55-0f0c2f5d1a11",
    contract="population.person-lookup",
    sender="motcua-hoi-an",
    purpose="khai sinh",
    end_user="cb-0042",
    case_ref="H17.1-250901-0001",
    accepted_at=datetime(2025, 8, 31, 18, 30, tzinfo=UTC),
    zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    codelists={"wards": read_code_list("wards", WARDS)},
)


def read(text: str) -> object:
    """YAML as the workspace reads it: every scalar is text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def spec(text: str) -> MapSpec:
    """The mapping in a text of YAML."""
    return MapSpec.model_validate(read(text))


def run(text: str, source: JsonValue) -> JsonValue:
    """What the mapping in a text of YAML makes of a record."""
    return compile_mapping(spec(text))(source, CONTEXT)


def errors(text: str, source: JsonValue) -> list[FieldError]:
    """Why the mapping refuses a record."""
    try:
        made = run(text, source)
    except Rejected as refused:
        return list(refused.fields)
    raise AssertionError(f"it was not refused: {made!r}")


def refusals(text: str, source: JsonValue) -> list[tuple[str, str]]:
    """Pointer and code of every error."""
    return [(error.pointer, error.code) for error in errors(text, source)]


def through(function: str, value: JsonValue, **beside: JsonValue) -> JsonValue:
    """What one function makes of a value; `beside` are its neighbours in the record."""
    return run(f"from: /x\nthrough: [{function}]", {"x": value, **beside})


def refused(function: str, value: JsonValue, **beside: JsonValue) -> list[tuple[str, str]]:
    """Pointer and code of why one function refuses a value."""
    return refusals(f"from: /x\nthrough: [{function}]", {"x": value, **beside})

"""Contracts of every kind for tests of what is published, and the bus that publishes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import deploy
from adapters.workspace.reading import load
from contracts.catalogue import Agency, AgencyKind, Contract, ContractVersion
from contracts.json_types import JsonValue
from contracts.languages import Language
from contracts.outcome import Pattern
from contracts.publish.about import About
from contracts.schema import Schema
from tests.contracts.avsc import array, field, map_of, schema

ABOUT: Final = About("thanh-pho", "https://lgsp.example.vn", "0.1.0", Language.VI)
CITY: Final = Agency("H17", "Uỷ ban nhân dân thành phố", AgencyKind.STATE)
SCHOOLS: Final = Agency("H17.10", "Sở Giáo dục và Đào tạo", AgencyKind.STATE, "H17")
TREE: Final = schema(field("name", "string"), field("parts", array("R"), default=[]))
READING: Final = schema(field("station", "string"), field("pm25", "double"), field("more", map_of("string")))


def contract(
    name: str, pattern: Pattern, *requests: Schema, reply: Schema | None = None, example: JsonValue = None
) -> Contract:
    """A contract with a version for each request."""
    versions = {
        major: ContractVersion(major, each, reply, example if major == len(requests) else None)
        for major, each in enumerate(requests, 1)
    }
    return Contract(name, f"Tên của {name}", pattern, versions)


def of_the_city() -> list[Contract]:
    """The contracts of the model city."""
    found = load(Path(deploy.__file__).parent / "demo" / "workspace").workspace
    assert found is not None
    return list(found.contracts.values())

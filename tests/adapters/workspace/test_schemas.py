"""The JSON Schemas that editors use say what the reader says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.workspace.documents import json_of, read_document
from adapters.workspace.reading import load
from adapters.workspace.schemas import DIALECT, FOLDER, MODELS, json_schema, schema_line, write_schemas

ROOT = Path(__file__).parents[3]
CITY = ROOT / "deploy" / "demo" / "workspace"
PUBLISHED = ROOT / "docs" / "schemas"
KINDS = {
    "agencies": "agencies",
    "contracts": "contract",
    "systems": "system",
    "grants": "grants",
    "laws": "laws",
    "users": "users",
    "codelists": "codelist",
    "bus.yaml": "bus",
}
FILES = sorted(path.relative_to(CITY).as_posix() for path in CITY.rglob("*.yaml"))

UNQUOTED = """kind: rest
connection: {url: https://a}
services:
  - contract: a
    idempotent: true
    operation: {path: /x}
    request: {map: {b: {from: /b, through: [trim, {table: {1: x}}], default: 0}, c: {const: {number: 1}}}}
"""


@cache
def validator(kind: str) -> Draft202012Validator:
    """For files of one kind."""
    return Draft202012Validator(json_schema(kind))


def kind_of(name: str) -> str:
    """The kind of a file, by where it lies."""
    return KINDS[name.partition("/")[0]]


def as_an_editor_sees_it(text: str) -> Any:
    """The YAML with its scalars as in YAML 1.2: numbers and truth values are such where they have no quotes."""
    return json_of(read_document("x", text).tree)


@pytest.mark.parametrize("kind", MODELS)
def test_there_is_a_schema_for_every_kind_of_file(kind: str) -> None:
    schema = json_schema(kind)
    assert schema["$schema"] == DIALECT
    assert schema["additionalProperties"] is False
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", MODELS)
def test_the_published_schemas_are_current(kind: str) -> None:
    """Where this fails: lienthong schema --into docs/schemas"""
    assert json.loads((PUBLISHED / f"{kind}.json").read_text("utf-8")) == json_schema(kind)
    assert {path.stem for path in PUBLISHED.iterdir()} == set(MODELS)


@pytest.mark.parametrize("kind", MODELS)
def test_every_reference_leads_somewhere(kind: str) -> None:
    schema = json_schema(kind)
    references = {part["$ref"] for part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert references <= {f"#/$defs/{name}" for name in schema.get("$defs", {})}


@pytest.mark.parametrize("kind", MODELS)
def test_every_key_is_described_for_who_has_only_the_editor(kind: str) -> None:
    schema = json_schema(kind)
    assert schema["title"]
    bare = [
        name
        for part in parts(schema)
        if part.get("additionalProperties") is False
        for name, of in part["properties"].items()
        if not of.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("name", FILES)
def test_the_model_citys_files_fit_their_schemas(name: str) -> None:
    content = as_an_editor_sees_it((CITY / name).read_text("utf-8"))
    assert [error.message for error in validator(kind_of(name)).iter_errors(content)] == []


@pytest.mark.parametrize("name", FILES)
def test_an_editor_finds_the_schema_by_the_first_line(name: str) -> None:
    """In the repository and in every city that the demo sets up."""
    line = (CITY / name).read_text("utf-8").partition("\n")[0] + "\n"
    assert line == schema_line(kind_of(name))
    place = line.strip().partition("$schema=")[2]
    assert (CITY / name).parent.joinpath(place).resolve() == PUBLISHED / f"{kind_of(name)}.json"


@pytest.mark.parametrize("name", FILES)
def test_a_key_that_check_does_not_know_is_refused_by_the_schema_too(name: str, tmp_path: Path) -> None:
    """Each key of each file of the model city, one after the other, with a letter too many."""
    # Unknown keys are told without the 13,000 wards too, and much sooner.
    root = Path(shutil.copytree(CITY, tmp_path / "city", ignore=shutil.ignore_patterns(FOLDER, "*.csv", "examples")))
    before = (root / name).read_text("utf-8")
    document = read_document(name, before)
    lines = before.splitlines(keepends=True)
    refused = 0
    for loc, place in document.keys.items():
        line = lines[place.line - 1]
        if "{" in line or line[place.column - 1] in "\"'":
            # Flow mappings of the mapping language hold names of the partner's beside its own keys.
            continue
        end = place.column - 1 + len(str(loc[-1]))
        spoilt = "".join([*lines[: place.line - 1], line[:end] + "q" + line[end:], *lines[place.line :]])
        (root / name).write_text(spoilt, "utf-8")
        if any(f"unknown key “{loc[-1]}q”" in finding.message for finding in load(root).findings):
            refused += 1
            assert not validator(kind_of(name)).is_valid(as_an_editor_sees_it(spoilt)), loc
    assert refused >= 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bus", 'name: Not A Name\ntransport: "memory:"\nledger: "sqlite:x"\ntoken_key: "file:x"\n'),
        ("agencies", "agencies: [{code: H17, name: A, kind: ministry}]"),
        ("contract", "title: A\npattern: question\n"),
        ("system", "kind: rest\nconnection: {url: http://a, alow_private: true}\nservices: []\n"),
        ("system", "kind: webhook\nconnection: {url: http://a}\nservices: [{contract: a, idempotent: true, operation: {}}]"),
        ("system", "kind: python\nconnection: {file: a.py}\nservices: [{contract: a, idempotent: true, operation: {}}]"),
        ("system", "sources: [{kind: files, contract: a, connection: {folder: x, pattern: x, complete: now, format: csv}}]"),
        ("system", "sources: [{kind: mail, contract: a, connection: {}}]"),
        ("system", "kind: smoke\nconnection: {}\nservices: []"),
        ("grants", "grants: [{id: a, system: a, contract: a, providers: [b], purpose: x, legal_basis: x, from: today, view: all}]"),
        ("grants", "grants: [{id: a, system: a, contract: a, providers: [b], purpose: x, legal_basis: x, from: 2025-01-01, view: none}]"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(kind: str, text: str) -> None:
    checked = Draft202012Validator(json_schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert not checked.is_valid(as_an_editor_sees_it(text))


@pytest.mark.parametrize(
    "text",
    [
        "publishes: [a.b]",
        "kind: python\nconnection: {file: a.py, class: A}\nservices: [{contract: a, idempotent: true, operation: {}}]",
        UNQUOTED,
    ],
)
def test_what_the_reader_takes_is_not_refused(text: str) -> None:
    """Unquoted digits are text to the reader, and no mistake in an editor."""
    found = [error.message for error in validator("system").iter_errors(as_an_editor_sees_it(text))]
    assert found == []


def test_keys_are_those_of_the_yaml() -> None:
    grant = json_schema("grants")["$defs"]["GrantModel"]["properties"]
    assert {"from", "to", "view", "quota"} <= set(grant)
    assert "valid_from" not in grant


def test_a_systems_connection_depends_on_its_kind() -> None:
    schema = json_schema("system")
    rules = {rule["if"]["properties"]["kind"]["const"]: rule["then"]["properties"] for rule in schema["allOf"]}
    assert set(rules) == {"rest", "webhook", "python"}
    connection = schema["$defs"][rules["rest"]["connection"]["$ref"].rpartition("/")[2]]
    assert "allow_private" in connection["properties"]


def test_they_are_written_over_those_of_another_version(tmp_path: Path) -> None:
    (tmp_path / "bus.json").write_text("{}")
    assert {path.name for path in write_schemas(tmp_path)} == {f"{kind}.json" for kind in MODELS}
    assert json.loads((tmp_path / "bus.json").read_text("utf-8")) == json_schema("bus")


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from parts(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from parts(each)

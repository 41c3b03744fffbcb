"""Advice is given on what keeps a contract from being understood, and on nothing that is well said."""

from __future__ import annotations

from contracts.catalogue import Contract, ContractVersion, EnglishWords
from contracts.json_types import JsonObject
from contracts.linting import linted
from contracts.outcome import Pattern
from tests.contracts.avsc import array, field, record, schema

WORDS: JsonObject = {"title": {"vi": "Tên", "en": "Name"}, "description": {"vi": "Mô tả", "en": "What it is"}}
GOOD = field("note", "string", **WORDS)


def said(*fields: JsonObject, english: str = "Note", description: str = "Ghi chú", about: str = "A note") -> list[str]:
    """The advice on a contract of one version with these fields."""
    words = EnglishWords(english, about)
    versions = {1: ContractVersion(1, schema(*fields), None)}
    contract = Contract("a.b", "Ghi chú", Pattern.SUBMISSION, versions, description, english=words)
    return [f"{each.file} {each.pointer}: {each.message}" for each in linted(contract)]


def test_what_is_well_said_is_left_alone() -> None:
    """Titles and descriptions in both languages, and codes with their list."""
    ward = field("ward", "string", codelist="wards", on="message-time", **WORDS)
    assert said(GOOD, ward, field("full_name", "string", personal="basic", **WORDS)) == []


def test_a_contract_is_read_in_both_languages() -> None:
    """And says what it is for."""
    assert said(GOOD, english="", about="") == [
        "contract.yaml : the title is in one language only",
        "contract.yaml : the description is in one language only",
    ]
    assert said(GOOD, description="", about="") == ["contract.yaml : nothing says what the contract is for"]


def test_each_field_says_what_it_is() -> None:
    """Also those further down."""
    lines = field("lines", array(record("Line", field("text", "string"))), **WORDS)
    assert said(lines, field("a", "int", title="A", doc="a number")) == [
        "v1/request.avsc /a: the title is in one language only",
        "v1/request.avsc /lines/*/text: the field has no title",
        "v1/request.avsc /lines/*/text: nothing says what stands in the field",
    ]


def test_names_that_give_away_more_than_the_schema_says() -> None:
    """Data about people, and codes."""
    found = said(field("birth_date", "string", **WORDS), field("home_ward", "string", **WORDS))
    assert found == [
        "v1/request.avsc /birth_date: by its name the field is about a person, and it has no class of personal data",
        "v1/request.avsc /home_ward: by its name the field is a code, and it has no code list",
    ]


def test_names_that_are_mistaken_for_each_other() -> None:
    """Two ways of spelling, and letters that are large here and small there."""
    found = said(*(field(name, "int", **WORDS) for name in ("first_name", "lastName", "first_Name")))
    assert found == [
        "v1/request.avsc : R mixes two ways to spell names: first_name, lastName",
        "v1/request.avsc : first_name and first_Name differ by large and small letters only",
    ]


def test_a_value_of_several_types() -> None:
    """Few programs can tell them apart."""
    assert said(field("a", ["null", "string", "int"], default=None, **WORDS)) == [
        "v1/request.avsc /a: the value may be of several types, which few programs can tell apart"
    ]

"""What a contract lacks to be found, understood and trusted by people who have never met: advice, not errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from contracts.avro_types import FieldType, Kind, Primitive, RecordType, UnionType, branches, records_in, without_null
from contracts.catalogue import Contract
from contracts.json_types import parts_of
from contracts.outcome import SENT_IN
from contracts.said import Said, said
from contracts.schema import Schema
from contracts.views import fields_under

_MOST_FIELDS: Final = 5_000
_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z", re.ASCII)
_CAMEL: Final = re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\Z", re.ASCII)
_OF_PERSON: Final = re.compile(
    r"(?:^|_)(?:person_id|citizen_id|passport(?:_number)?|full_name|given_name|family_name|birth_(?:date|year|place)|gender"
    r"|ethnicity|religion|phone|email|home_address|diagnosis|insurance_number)(?:$|_)"
)
_CODED: Final = re.compile(r"(?:^|_)(?:ward|district|province|country|ethnicity|nationality|gender)(?:_code)?$|_code$")


class Advice(NamedTuple):
    """What could be better. `file` is relative to the contract's folder; `pointer` is a field, "" the whole."""

    file: str
    pointer: str
    message: Said
    remedy: Said


def linted(contract: Contract) -> Iterator[Advice]:
    """All advice on a contract, on its newest version's schemas alone: older ones are as they are."""
    yield from _of_contract(contract)
    version = contract.versions[contract.latest]
    schemas = [(SENT_IN[contract.pattern], version.request)]
    schemas += [] if version.reply is None else [("reply", version.reply)]
    for part, schema in schemas:
        file = f"v{version.major}/{part}.avsc"
        for pointer, message, remedy in _of_schema(schema):
            yield Advice(file, pointer, message, remedy)


def _of_contract(contract: Contract) -> Iterator[Advice]:
    file, both = "contract.yaml", said("write {vi: …, en: …}")
    if not contract.english.title:
        yield Advice(file, "", said("the title is in one language only"), both)
    if not contract.description:
        yield Advice(file, "", said("nothing says what the contract is for"), said("add a description"))
    elif not contract.english.description:
        yield Advice(file, "", said("the description is in one language only"), both)


_Found = Iterator[tuple[str, Said, Said]]


def _of_schema(schema: Schema) -> _Found:
    for record in records_in(schema.root):
        yield from _of_names(record)
    seen: set[int] = set()
    for pointer, field in islice(fields_under(schema), _MOST_FIELDS):
        if id(field) not in seen:
            seen.add(id(field))
            yield from _of_field(pointer, field)


def _of_names(record: RecordType) -> _Found:
    """Names of one record are spelt in one way, and are not told apart by large letters alone."""
    names = [field.name for field in record.fields]
    camel = [name for name in names if _CAMEL.match(name)]
    snake = [name for name in names if _SNAKE.match(name) and "_" in name]
    if camel and snake:
        message = said(
            "{record} mixes two ways to spell names: {one}, {other}", record=record.name, one=snake[0], other=camel[0]
        )
        yield "", message, said("choose one for all fields of a contract")
    folded: dict[str, str] = {}
    for name in names:
        twin = folded.setdefault(name.casefold(), name)
        if twin != name:
            message = said("{one} and {other} differ by large and small letters only", one=twin, other=name)
            yield "", message, said("give them names that cannot be taken for each other")


def _of_field(pointer: str, field: FieldType) -> _Found:
    title, text = field.meaning.title, field.meaning.description
    if title is None:
        yield pointer, said("the field has no title"), said('add "title": {"vi": "…", "en": "…"}')
    elif title.vi == title.en:
        yield pointer, said("the title is in one language only"), said('write {"vi": "…", "en": "…"}')
    if text is None and not field.doc:
        yield pointer, said("nothing says what stands in the field"), said('add "description"')
    name = parts_of(pointer)[-1]
    if field.personal is None and _OF_PERSON.search(name):
        remedy = said('add "personal": "basic" or "sensitive"')
        yield pointer, said("by its name the field is about a person, and it has no class of personal data"), remedy
    kind = without_null(field.type)
    if field.codelist is None and isinstance(kind, Primitive) and kind.kind is Kind.STRING and _CODED.search(name):
        yield pointer, said("by its name the field is a code, and it has no code list"), said('add "codelist" and "on"')
    if isinstance(kind, UnionType) and len(branches(kind)) > 1:
        remedy = said("make a field of each, or a record that says which")
        yield pointer, said("the value may be of several types, which few programs can tell apart"), remedy

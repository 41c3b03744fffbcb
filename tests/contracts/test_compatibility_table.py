"""The decision table of schema changes, each decision proved by really reading bytes of one version with the other."""

from __future__ import annotations

import json

import pytest

from contracts.avro_any import AnySchema, any_schema
from contracts.compatibility import Incompatible, reading
from contracts.json_types import JsonValue
from tests.contracts.changes import CHANGES, Change
from tests.contracts.resolving import FAILS, approved_by_avro, by_avro, by_fastavro

each_change = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)


def parsed(value: JsonValue) -> AnySchema:
    """As a registry gets it."""
    return any_schema(json.dumps(value))


def kinds(reader: JsonValue, writer: JsonValue) -> set[Incompatible]:
    """Why one cannot read the other."""
    return {each.kind for each in reading(parsed(reader), parsed(writer))}


@each_change
def test_each_kind_of_change_has_its_decision(change: Change) -> None:
    """In either direction a change is taken, or refused for the one reason that it has."""
    assert kinds(change.new, change.old) == ({change.backward} - {None})
    assert kinds(change.old, change.new) == ({change.forward} - {None})


@each_change
@pytest.mark.parametrize("direction", ["backward", "forward"])
def test_a_decision_is_what_a_reader_does(change: Change, direction: str) -> None:
    """What is taken is read, by both libraries unless the table says otherwise; what is refused is not, or is misread."""
    if direction == "backward":
        written, value, read, why, expected = change.old, change.old_value, change.new, change.backward, change.read_new
    else:
        written, value, read, why, expected = change.new, change.new_value, change.old, change.forward, change.read_old
    got = by_fastavro(written, value, read)
    if why is not None:
        assert (got == FAILS) == (direction not in change.misread)
        return
    wanted = value if expected is None else expected
    assert got == wanted
    assert by_avro(written, value, read) == (FAILS if direction in change.only_fastavro else wanted)


@pytest.mark.parametrize(
    "name",
    ["an alias for a field that is still there", "an alias in two fields", "bytes to optional text"],
)
def test_what_the_other_librarys_check_approves_is_no_proof(name: str) -> None:
    """Its check says yes, and no reader reads it: the bus's own says no."""
    change = next(each for each in CHANGES if each.name == name)
    assert approved_by_avro(change.old, change.new)
    assert by_avro(change.old, change.old_value, change.new) == FAILS
    assert by_fastavro(change.old, change.old_value, change.new) == FAILS
    assert kinds(change.new, change.old)

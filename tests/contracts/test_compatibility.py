"""Versions follow each other by their mode; what is let through is read, and no schema is too strange to be compared."""

from __future__ import annotations

import json
from contextlib import suppress
from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.avro_any import AnySchema, any_schema
from contracts.avro_parsers import for_fastavro
from contracts.compatibility import Incompatible, Mode, Reader, against, reading
from contracts.json_types import JsonValue
from contracts.schema import SchemaError
from tests.contracts.avsc import array, enum, field, record
from tests.contracts.evolving import values, versions


def parsed(value: JsonValue, *references: JsonValue) -> AnySchema:
    """As a registry gets it."""
    return any_schema(json.dumps(value), [json.dumps(each) for each in references])


_A = field("a", "int")
FIRST = parsed(record("R", _A))
WIDER = parsed(record("R", field("a", "long")))
MORE = parsed(record("R", _A, field("b", "int")))
OTHER = parsed(record("R", field("a", "string")))


class TestModes:
    """Each mode asks what it says, of the last version or of all."""

    @pytest.mark.parametrize(
        ("mode", "wider", "more"),
        [
            (Mode.NONE, True, True),
            (Mode.BACKWARD, True, False),
            (Mode.FORWARD, False, True),
            (Mode.FULL, False, False),
        ],
    )
    def test_one_direction_or_both(self, mode: Mode, wider: bool, more: bool) -> None:  # noqa: FBT001 - a table
        """A wider type can be read backward, one more field without a default forward."""
        assert (against(mode, WIDER, [FIRST]) == ()) is wider
        assert (against(mode, MORE, [FIRST]) == ()) is more

    @pytest.mark.parametrize("kind", ["BACKWARD", "FORWARD", "FULL"])
    def test_the_last_or_all(self, kind: str) -> None:
        """Only the transitive kinds look further back than the last version, and name the one that is in the way."""
        assert against(Mode(kind), FIRST, [OTHER, FIRST]) == ()
        found = against(Mode(f"{kind}_TRANSITIVE"), FIRST, [OTHER, FIRST])
        assert {each.index for each in found} == {0}

    def test_the_first_version_follows_nothing(self) -> None:
        """Nothing is in its way in any mode."""
        assert all(against(mode, FIRST, []) == () for mode in Mode)

    def test_who_cannot_read(self) -> None:
        """It is said whether the new reader fails or the old one."""
        assert [each.reader for each in against(Mode.FULL, WIDER, [FIRST])] == [Reader.OLD]
        assert [each.reader for each in against(Mode.FULL, MORE, [FIRST])] == [Reader.NEW]


class TestPlaces:
    """A refusal says where, in words, and as Confluent's registry puts it."""

    def test_through_names_and_lists(self) -> None:
        """The shortest path leads through the reader's schema."""
        old = record("R", field("list", array(record("Q", _A))), field("one", "Q"))
        new = record("R", field("list", array(record("Q", field("a", "string")))), field("one", "Q"))
        (found,) = reading(parsed(new), parsed(old))
        assert found.path == "/fields/1/type/fields/0/type"
        assert found.message == "it is string, and was written as int"
        assert found.info == "reader type: STRING not compatible with writer type: INT"

    def test_what_is_missing_is_named(self) -> None:
        """A field by its name, symbols in a list, a branch by its type."""
        old = record("R", field("e", enum("E", "A", "B", "C")), field("u", ["int", "string"]))
        new = record("R", field("e", enum("E", "A")), field("u", ["int"]), field("new", "int"))
        found = {each.path: each.info for each in reading(parsed(new), parsed(old))}
        assert found == {
            "/fields/0/type/symbols": "[B, C]",
            "/fields/1/type/1": "reader union lacking writer type: STRING",
            "/fields/2": "new",
        }


class TestRead:
    """What a registry is given is read whole, by the same rules for all."""

    def test_references_are_types_of_before(self) -> None:
        """A schema uses the named types of those that it refers to, and of nothing else."""
        school = record("School", field("id", "string"))
        pupil = record("Pupil", field("school", "School"))
        assert reading(parsed(pupil, school), parsed(pupil, school)) == ()
        with pytest.raises(SchemaError, match=r"/fields/0/type: there is no type named School"):
            parsed(pupil)

    @pytest.mark.parametrize(
        ("value", "place"),
        [
            (record("R", field("a", "int", default="x")), "/fields/0/default"),
            (record("R", field("a", ["null", "int"], default=1.5)), "/fields/0/default"),
            (record("R", field("a", record("Q", _A), default={})), "/fields/0/default"),
            (record("R", field("a", ["int", "int"])), "/fields/0/type/1"),
            (record("R", field("a", [["int"]])), "/fields/0/type/0"),
            (record("R", field("a", "int"), field("a", "int")), "/fields/1/name"),
            (record("R", field("a", record("R"))), "/fields/0/type/name"),
            (record("R", field("a", enum("E", "A", "A"))), "/fields/0/type/symbols"),
            (record("R", field("a", {"type": "fixed", "name": "F", "size": -1})), "/fields/0/type/size"),
            (record("1R"), "/name"),
            ({"type": "record", "name": "R"}, "/fields"),
            ({"type": "array"}, "/items"),
            ({}, ""),
        ],
    )
    def test_what_is_wrong_has_its_place(self, value: JsonValue, place: str) -> None:
        """The error names the place in the schema, and a remedy."""
        with pytest.raises(SchemaError) as refused:
            parsed(value)
        assert place in {problem.pointer for problem in refused.value.problems}
        assert all(problem.remedy for problem in refused.value.problems)

    def test_other_than_records(self) -> None:
        """A registry also keeps bare types: keys of a topic are often a plain text."""
        assert reading(parsed("long"), parsed("int")) == ()
        assert [each.kind for each in reading(parsed("string"), parsed(["int"]))] == [Incompatible.TYPE_MISMATCH]


class TestBounds:
    """Nobody's schema keeps the bus from its work."""

    def test_deep(self) -> None:
        """Ten thousand levels are refused, not followed."""
        text = '{"type": "array", "items": ' * 10_000 + '"int"' + "}" * 10_000
        with pytest.raises(SchemaError, match="nested too deeply"):
            any_schema(text)

    def test_deep_through_names(self) -> None:
        """Records that each lie within the next are compared without following them on the stack."""

        def chain(of: str) -> AnySchema:
            inner = [field("f0", record("N0", field("a", of)))]
            inner += [field(f"f{i}", record(f"N{i}", field("a", f"N{i - 1}"))) for i in range(1, 1_500)]
            return parsed(record("R", *inner))

        assert reading(chain("long"), chain("int")) == ()
        assert [each.path for each in reading(chain("string"), chain("int"))] == ["/fields/0/type/fields/0/type"]

    def test_large(self) -> None:
        """A text longer than a message of the log is refused before it is read."""
        with pytest.raises(SchemaError, match="500000"):
            any_schema('"' + "x" * 1_000_000 + '"')

    def test_a_union_of_thousands(self) -> None:
        """Branches are found by their names, not by trying each."""
        branches: list[JsonValue] = [{"type": "fixed", "name": f"F{i}", "size": 1} for i in range(3_000)]
        assert reading(parsed(branches), parsed([*reversed(branches)])) == ()

    def test_wide(self) -> None:
        """A record of thousands of fields is refused, for a parser compares each with all before it."""
        with pytest.raises(SchemaError, match="2000"):
            parsed(record("R", *(field(f"f{i}", "int") for i in range(2_001))))

    def test_types_that_meet_crosswise(self) -> None:
        """Schemas in which each of some hundreds of types meets each are given up on, and that is a no."""

        def crosswise(start: int) -> AnySchema:
            count = 350
            chain = [field("c0", record("n0.X", field("a", "int")))]
            chain += [field(f"c{i}", record(f"n{i}.X", field("a", f"n{i - 1}.X"))) for i in range(1, count)]
            return parsed(record("R", *chain, *(field(f"d{i}", f"n{max(i, start)}.X") for i in range(count))))

        assert [each.kind for each in reading(crosswise(0), crosswise(349))][-1] is Incompatible.TOO_INTRICATE


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions(), st.data())
def test_what_is_let_through_is_read(pair: tuple[JsonValue, JsonValue], data: st.DataObject) -> None:
    """Whatever an earlier version wrote, the bus reads it with any version that was taken."""
    with suppress(SchemaError):
        old, new = parsed(pair[0]), parsed(pair[1])
        if not reading(new, old):
            _write_and_read(*pair, data.draw(values(pair[0])))


def _write_and_read(old: JsonValue, new: JsonValue, written: Any) -> None:
    out = BytesIO()
    fastavro.schemaless_writer(out, for_fastavro(old), written)
    out.seek(0)
    fastavro.schemaless_reader(out, for_fastavro(old), for_fastavro(new))

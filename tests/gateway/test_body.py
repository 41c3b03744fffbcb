"""From bytes to a record that fits, or a problem that says where it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from contracts.codec import encode
from contracts.schema import parse_schema
from contracts.validation import Validator
from contracts.wording import Language
from gateway.body import body_hash_of, read_record
from gateway.problems import Problem, problem_response

SCHEMA = parse_schema('{"type": "record", "name": "R", "fields": [{"name": "grade", "type": "int"}]}')
VALIDATOR = Validator(SCHEMA, UTC, {})
NOW = datetime(2025, 9, 1, tzinfo=UTC)


def refused(body: bytes) -> Problem:
    with pytest.raises(Problem) as found:
        read_record(VALIDATOR, body, NOW, "education.student-transfer")
    return found.value


def test_a_good_body_is_its_record() -> None:
    """As Avro stores it."""
    assert read_record(VALIDATOR, b' {"grade": 6}', NOW, "c").record == {"grade": 6}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 1000])
def test_a_body_that_is_no_json_is_a_400(body: bytes) -> None:
    """The client's program is at fault, not its data."""
    problem = refused(body)
    assert (problem.kind, problem.status) == ("malformed-body", 400)
    assert [error.pointer for error in problem.errors] == [""]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"grade": "six"}', "/grade"),
        (b"{}", "/grade"),
        (b'{"grade": 6, "grade": 7}', "/grade"),
        (b'{"grade": 6, "class": 1}', "/class"),
        (b"[]", ""),
    ],
)
def test_a_record_that_does_not_fit_is_a_422_with_its_place(body: bytes, pointer: str) -> None:
    """And the contract's name."""
    problem = refused(body)
    assert (problem.kind, problem.status) == ("invalid-record", 422)
    assert [error.pointer for error in problem.errors] == [pointer]
    assert problem.params["contract"] == "education.student-transfer"


@pytest.mark.parametrize("language", Language)
def test_a_name_that_is_no_unicode_is_answered_all_the_same(language: Language) -> None:
    """Half a surrogate pair cannot be sent back as it came; the answer is whole JSON."""
    response = problem_response(refused(b'{"grade": 6, "\\ud800": 1}'), language)
    assert orjson.loads(response.body)["errors"][0]["pointer"] == "/\\ud800"


def test_the_hash_of_a_body_does_not_depend_on_the_number_of_its_schema() -> None:
    """Another log counts its schemas otherwise."""
    assert body_hash_of(encode(1, SCHEMA, {"grade": 6})) == body_hash_of(encode(7, SCHEMA, {"grade": 6}))
    assert body_hash_of(encode(1, SCHEMA, {"grade": 6})) != body_hash_of(encode(1, SCHEMA, {"grade": 7}))

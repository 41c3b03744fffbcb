"""A body from a stranger: JSON in UTF-8, each name once, no deeper than reason, and answered in bounded space."""

from __future__ import annotations

import json

import pytest

from contracts.errors import Origin, Rejected
from contracts.json_types import JsonObject
from contracts.validation import Validator
from tests.contracts.avsc import array, field, map_of, record, schema
from tests.contracts.reading import HANOI, NOW, errors, read, refused

NUMBER = schema(field("a", "int"))
NESTED = schema(field("a", "int", default=0), field("r", array(record("Q", field("b_c", "int")))))
TREE = schema(field("next", ["null", "R"], default=None))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": +1}',
        b'{"a": .5}',
        b'{"a": 1} {"a": 1}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\t"}',
        b'{"a": "\\x41"}',
        b'{"a": 1 // why\n}',
        b'\xef\xbb\xbf{"a": 1}',
        b"a=1&b=2",
        b"<a>1</a>",
    ],
)
def test_what_is_no_json_is_refused_as_a_whole(body: bytes) -> None:
    """With where it stops being JSON."""
    (error,) = errors(NUMBER, body)
    assert (error.pointer, error.code) == ("", "not_json")
    assert dict(error.params)["reason"]


@pytest.mark.parametrize("body", [b'{"a": "\xff"}', b'{"a": "\xc0\xaf"}', b'{"a": "\xed\xa0\x80"}', b"\xff\xfe{\x00"])
def test_what_is_no_utf8_is_refused_as_a_whole(body: bytes) -> None:
    """Bad bytes, overlong forms, encoded surrogates, UTF-16: with the byte where it begins."""
    (error,) = errors(NUMBER, body)
    assert (error.pointer, error.code) == ("", "not_utf8")
    assert dict(error.params)["position"].isdigit()


def test_a_name_that_occurs_twice_is_refused_at_its_place() -> None:
    """Parsers keep one of the two in silence, and no two of them the same one."""
    assert refused(NUMBER, b'{"a": 1, "a": 2}') == ["/a duplicate_key"]
    assert refused(NUMBER, b'{"a": 1, "\\u0061": 1}') == ["/a duplicate_key"]
    assert refused(NESTED, b'{"r": [{"b_c": 1}, {"b_c": 1, "b_c": 1}]}') == ["/r/1/b_c duplicate_key"]


def test_a_repeated_name_is_found_behind_any_disguise() -> None:
    """Colons in texts, escaped ones, and values that vanish with the name that was dropped."""
    of = schema(field("a", "string"), field("b", "string", default=""))
    assert refused(of, b'{"a": "\\u003a", "a": "x"}') == ["/a duplicate_key"]
    assert refused(of, b'{"a": "x", "b": "\\u003A", "a": ":"}') == ["/a duplicate_key"]
    assert refused(of, b'{"a": {"x": 1}, "a": "x"}') == ["/a duplicate_key"]
    assert read(of, b'{"a": ":\\u003a:", "b": "{\\"a\\": 1, \\"a\\": 2}"}') == {"a": ":::", "b": '{"a": 1, "a": 2}'}


def test_a_repeated_name_in_a_part_that_is_refused_anyway_is_named_too() -> None:
    """The sender mends both at once, in the order of the body."""
    assert refused(NUMBER, b'{"a": "x", "z/~": {"q": 1, "q": 2}, "a": "y"}') == [
        "/a duplicate_key",
        "/z~1~0/q duplicate_key",
        "/a wrong_type",
        "/z~1~0 unknown_field",
    ]


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65]
)
def test_deep_nesting_is_refused_without_following_it(body: bytes) -> None:
    """65 levels are too many, open or closed; the limit is told."""
    (error,) = errors(NUMBER, body)
    assert (error.pointer, error.code, dict(error.params)["limit"]) == ("", "too_deep", "64")


def test_brackets_in_texts_are_no_nesting() -> None:
    """A hundred of them in a name."""
    of = schema(field("a", "string"))
    assert read(of, json.dumps({"a": "[{" * 100}).encode())["a"] == "[{" * 100
    assert refused(of, b'{"a": "' + b"[" * 100 + b'", "a": ""}') == ["/a duplicate_key"]


def test_64_levels_are_read() -> None:
    """The record itself is the first."""
    value: JsonObject = {}
    for _ in range(63):
        value = {"next": value}
    assert read(TREE, json.dumps(value).encode())["next"]
    assert refused(TREE, json.dumps({"next": value}).encode()) == [" too_deep"]


def test_a_value_that_came_by_another_way_is_not_followed_too_deep_either() -> None:
    """An adapter's value, which no parser has measured: the pointer leads to where it is given up."""
    value: JsonObject = {}
    for _ in range(70):
        value = {"next": value}
    assert refused(TREE, value) == ["/next" * 64 + " too_deep"]


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"', b"true"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(body: bytes) -> None:
    """The pointer of the whole record is empty."""
    assert refused(NUMBER, body) == [" wrong_type"]


def test_an_integer_of_5000_digits_has_its_pointer() -> None:
    """Neither the parser's own limit nor its time stand between."""
    assert refused(NUMBER, b'{"a": ' + b"7" * 5000 + b"}") == ["/a out_of_range"]
    assert refused(NUMBER, b'{"a": -' + b"7" * 900_000 + b"}") == ["/a out_of_range"]
    assert refused(NUMBER, b'{"b": 1, "a": ' + b"7" * 5000 + b', "b": 1}')[-2:] == [
        "/a out_of_range",
        "/b unknown_field",
    ]


def test_a_number_beyond_all_floats_has_its_pointer() -> None:
    """JSON allows 1e400; no field can hold it."""
    assert refused(schema(field("a", "double")), b'{"a": 1e400}') == ["/a not_finite"]
    assert refused(NUMBER, b'{"a": 1e400}') == ["/a out_of_range"]


def test_the_gateway_refuses_unless_somebody_else_is_named() -> None:
    """Every refusal names its origin."""
    validator = Validator(NUMBER, HANOI, {})
    for sent in (b"{", b'{"a": "x"}', b'{"a": 1, "a": 1}'):
        with pytest.raises(Rejected) as at_the_door:
            validator.from_json(sent, now=NOW)
        assert at_the_door.value.origin is Origin.GATEWAY
        with pytest.raises(Rejected) as at_the_end:
            validator.from_json(sent, now=NOW, origin=Origin.PROVIDER)
        assert at_the_end.value.origin is Origin.PROVIDER


class TestBounds:
    """Nobody reads thousands of errors, and an answer must end."""

    def test_a_thousand_errors_are_enough(self) -> None:
        """Of unknown fields, wrong items or repeated names."""
        many: JsonObject = {f"n{i}": 1 for i in range(5000)}
        assert len(errors(NUMBER, many)) == 1000
        assert len(errors(schema(field("a", array("int"))), {"a": ["x"] * 5000})) == 1000
        twice = ",".join(f'"n{i}":1,"n{i}":1' for i in range(5000))
        assert len(errors(NUMBER, f"{{{twice}}}".encode())) == 1000

    def test_a_long_name_is_not_repeated_in_every_pointer(self) -> None:
        """Half a megabyte of name around thousands of errors would make gigabytes of answer."""
        name = "k" * 400_000
        of = schema(field("m", map_of(map_of("int"))))
        within: JsonObject = {f"{i}": "x" for i in range(5000)}
        assert sum(len(error.pointer) for error in errors(of, {"m": {name: within}})) < 2_000_000
        twice = ",".join(f'"n{i}":1,"n{i}":1' for i in range(5000))
        found = errors(NUMBER, f'{{"{name}": {{{twice}}}}}'.encode())
        assert sum(len(error.pointer) for error in found) < 2_000_000
        assert found[0].pointer == f"/{name}/n0"

    def test_what_an_error_quotes_is_cut(self) -> None:
        """A wrong text of a megabyte is not sent back."""
        (error,) = errors(schema(field("d", {"type": "int", "logicalType": "date"})), {"d": "x" * 1_000_000})
        assert sum(len(value) for _, value in error.params) < 200

    def test_the_words_of_a_refusal_are_short(self) -> None:
        """They go to logs; the errors say the rest."""
        validator = Validator(NUMBER, HANOI, {})
        with pytest.raises(Rejected) as refusal:
            validator.from_value({"a": 1, "k" * 400_000: 1}, now=NOW)
        assert len(str(refusal.value)) < 1_000

"""Questions about a document: what `when` and the success rules of providers ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.mapping.conditions import Condition, compile_condition
from contracts.json_types import JsonValue

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=8,
)


def asks(condition: object, value: JsonValue) -> bool:
    return compile_condition(Condition.model_validate(condition))(value)


ANSWER: JsonValue = {"status": 200, "body": {"code": "00", "status": 1, "ok": True, "list": ["x", 8.5], "none": None}}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"path": "/status", "equals": "200"}, True),
        ({"path": "/body/code", "equals": "00"}, True),
        ({"path": "/body/code", "equals": "0"}, False),
        ({"path": "/body/status", "in": ["1", "OK"]}, True),
        ({"path": "/body/status", "equals": {"number": "1"}}, True),
        ({"path": "/body/code", "equals": {"number": "0"}}, False),
        ({"path": "/body/ok", "equals": "true"}, True),
        ({"path": "/body/ok", "equals": {"boolean": "true"}}, True),
        ({"path": "/body/ok", "equals": {"number": "1"}}, False),
        ({"path": "/body/list/1", "equals": "8.5"}, True),
        ({"path": "/body/list", "equals": {"empty": "list"}}, False),
        ({"path": "/body/list/7", "present": "false"}, True),
        ({"path": "/body/none", "present": "true"}, False),
        ({"path": "/body/none", "equals": {"null": "true"}}, True),
        ({"path": "/body/absent/deeper", "equals": {"null": "true"}}, True),
        ({"path": "/body/none", "equals": ""}, False),
        ({"path": "/status", "at_least": "200", "at_most": "299"}, True),
        ({"path": "/status", "at_least": "201"}, False),
        ({"path": "/body/code", "at_most": "9"}, False),
        ({"all": [{"path": "/status", "equals": "200"}, {"path": "/body/code", "equals": "01"}]}, False),
        ({"any": [{"path": "/status", "equals": "500"}, {"path": "/body/code", "equals": "00"}]}, True),
        ({"not": {"path": "/body/code", "equals": "01"}}, True),
    ],
)
def test_a_condition_says_what_its_words_say(condition: object, *, holds: bool) -> None:
    assert asks(condition, ANSWER) is holds


def test_an_error_hidden_in_the_words_of_an_answer_is_found() -> None:
    answer: JsonValue = {"MSG": "Data not insert: Record 1: 18 is duplicate", "Count": 0}
    assert asks({"path": "/MSG", "contains": "is duplicate"}, answer)
    assert asks({"path": "/MSG", "starts_with": "Data not"}, answer)
    assert not asks({"path": "/Count", "contains": "is duplicate"}, answer)


def test_two_spellings_of_the_same_letters_are_equal() -> None:
    assert asks({"path": ".", "equals": "Đã hủy"}, "Đã hu\u0309y")
    assert asks({"path": ".", "contains": "hu\u0309y"}, "Đã hủy")


@pytest.mark.parametrize(
    ("condition", "loc"),
    [
        ({"path": "status", "equals": "1"}, ("path",)),
        ({"path": "/a//b", "equals": "1"}, ("path",)),
        ({"path": "^/a", "equals": "1"}, ("path",)),
        ({"path": "/a"}, ()),
        ({"equals": "1"}, ()),
        ({"path": "/a", "equals": "1", "all": []}, ("all",)),
        ({"path": "/a", "equls": "1"}, ("equls",)),
        ({"path": "/a", "equals": {"number": "007"}}, ("equals", "number")),
        ({"path": "/a", "present": "yes"}, ("present",)),
        ({"any": [{"path": "/a", "equals": "1"}, {"not": {"path": "b", "equals": "1"}}]}, ("any", 1, "not", "path")),
    ],
)
def test_a_mistake_is_reported_at_its_own_place(condition: object, loc: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Condition.model_validate(condition)
    assert loc in [error["loc"] for error in caught.value.errors()]


EVERY_TEST = Condition.model_validate(
    {
        "any": [
            {"path": path, **test}
            for path in (".", "/a", "/0", "/a/b")
            for test in (
                {"equals": "hủy"},
                {"in": [{"number": "1"}, {"null": "true"}, {"empty": "object"}]},
                {"contains": "x"},
                {"at_least": "1e300"},
            )
        ]
    }
)


@given(JSON)
def test_no_value_makes_a_condition_fail(value: JsonValue) -> None:
    assert compile_condition(EVERY_TEST)(value) in (True, False)


def test_numbers_beyond_reason_are_no_trouble() -> None:
    assert not asks({"path": ".", "equals": "1"}, 10**5000)
    assert asks({"path": ".", "at_least": "1"}, 10**5000)

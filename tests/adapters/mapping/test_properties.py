"""What holds for every record: no undeclared error, and a cost that grows with the input only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.mapping.check import check_mapping
from adapters.mapping.compile import Mapped, compile_mapping
from adapters.mapping.language import MapSpec
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from tests.adapters.mapping.helpers import CONTEXT, read, spec
from tests.adapters.mapping.test_check import STUDENT
from tests.adapters.mapping.test_compile import TRANSFER
from tests.adapters.mapping.test_functions import MADE, READ_FLAGGED, WARD

NAMES = ["x", "on", "flag", "list", "inner"]
TEXTS = st.sampled_from(
    ["2014", "2014-05-12", "12/05/2014", "20140512", "0", "1", "20410", "-1.234,5", "∞", "\ud800", ""]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
RECORDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)) | JSON

FUNCTIONS = [*dict.fromkeys(function for function, *_ in MADE), READ_FLAGGED, WARD]
EVERYTHING = "map:\n" + "".join(
    f"  f{index}: {{from: /x, through: [{function}]}}\n" for index, function in enumerate(FUNCTIONS)
)
FORMS = f"""
map:
  a: {{concat: [/x, "-", {{from: /on, nulls: ["", {{number: 0}}], optional: true}}, ^/flag, $sender], through: [trim]}}
  b: {{first_of: [/x, /on], through: [{{split: "1"}}, {{join: ", "}}], default: {{empty: list}}}}
  c: {{each: /list, map: {{d: ., e: {{each: /inner, item: {{from: ., through: [{WARD}]}}}}}}}}
  d: {{within: /inner, map: {{a: /x}}, optional: true}}
  e: {{when: {{any: [{{path: /x, equals: "1"}}, {{path: /on, at_least: "3"}}]}}, then: /x, else: /list/0}}
"""


def refusal_of(mapping: Mapped, record: JsonValue) -> Rejected | None:
    """Why a record is refused; None where it is not."""
    try:
        mapping(record, CONTEXT)
    except Rejected as refused:
        return refused
    return None


@pytest.mark.parametrize("text", [EVERYTHING, FORMS])
def test_no_record_raises_anything_but_a_refusal_with_places(text: str) -> None:
    mapping = compile_mapping(spec(text))

    @given(RECORDS)
    def holds(record: JsonValue) -> None:
        refusal = refusal_of(mapping, record)
        if refusal is not None:
            assert refusal.fields
            assert all(not error.pointer or error.pointer.startswith("/") for error in refusal.fields)

    holds()


def test_numbers_beyond_reason_raise_nothing_undeclared() -> None:
    mapping = compile_mapping(spec(EVERYTHING))
    for number in (10**5000, -(10**400), 1e308, 5e-324, float("nan"), float("-inf")):
        with pytest.raises(Rejected):
            mapping({"x": number}, CONTEXT)


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, were called."""
    count = 0

    def counting(frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost(mapping: Mapped, record: JsonValue) -> int:
    return calls(lambda: refusal_of(mapping, record))


def test_steps_grow_with_the_number_of_items_and_no_faster() -> None:
    mapping = compile_mapping(spec(FORMS))

    def record(size: int) -> JsonValue:
        items: list[JsonValue] = [{"inner": ["20404", "20404"]} for _ in range(size)]
        return {"x": "1;" * size, "on": "2025-06-30", "flag": "0", "list": items}

    small, double, large = (cost(mapping, record(size)) for size in (200, 400, 800))
    assert double - small == pytest.approx((large - double) / 2, rel=0.01)


def test_steps_do_not_grow_with_what_is_not_read() -> None:
    mapping = compile_mapping(spec("{map: {a: /x, b: {from: /on, through: [{write_date: yyyy/MM/dd}]}}}"))
    assert cost(mapping, {"x": "1", "on": "2025-06-30"}) == cost(
        mapping, {"x": "1" * 10_000, "on": "2025-06-30", "list": [{"inner": [1, 2, 3]}] * 1000}
    )


def test_steps_of_one_value_do_not_grow_faster_than_its_length() -> None:
    mapping = compile_mapping(spec(EVERYTHING))
    small, large = (cost(mapping, {"x": "1;Đã" * size, "on": "2025", "flag": "0"}) for size in (1000, 4000))
    assert large <= small * 4.1


PATHS = st.sampled_from(
    [
        ".",
        "^/grade",
        "$sender",
        "$accepted_on",
        "/full_name",
        "/birth_date",
        "/gender",
        "/grade",
        "/average_mark",
        "/children",
        "/children/0",
        "/guardian/name",
        "/note",
        "/home_ward_on",
        "/seen_at",
        "/name",
        "/x",
        "name",
    ]
)
LITERALS = st.sampled_from(
    ["", "1", "male", {"number": "1"}, {"boolean": "true"}, {"null": "true"}, {"empty": "list"}, {"empty": "object"}]
)
STEPS = st.lists(st.sampled_from([read(function) for function in FUNCTIONS]), max_size=3)
CONDITIONS = st.fixed_dictionaries({"path": PATHS}, optional={"equals": LITERALS, "present": st.just("false")})


def forms(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Every form of a value, with others inside."""
    ways_out = {"through": STEPS, "default": LITERALS, "optional": st.just("true")}
    fields = st.dictionaries(st.sampled_from(["a", "full_name", "grade"]), inner, min_size=1, max_size=2)
    few = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        st.fixed_dictionaries({"from": PATHS}, optional={**ways_out, "nulls": st.lists(LITERALS, max_size=1)}),
        st.fixed_dictionaries({"const": LITERALS}),
        st.fixed_dictionaries({"concat": few}, optional=ways_out),
        st.fixed_dictionaries({"first_of": few}, optional=ways_out),
        st.fixed_dictionaries({"map": fields}),
        st.fixed_dictionaries({"within": PATHS, "map": fields}, optional={"default": LITERALS}),
        st.fixed_dictionaries({"each": inner, "item": inner}, optional=ways_out),
        st.fixed_dictionaries({"when": CONDITIONS, "then": inner}, optional={"else": inner}),
    )


def read_or_places(written: object) -> tuple[MapSpec | None, list[tuple[str | int, ...]]]:
    """The mapping, or the places of what is wrong in it."""
    try:
        return MapSpec.model_validate(written), []
    except ValidationError as refused:
        return None, [error["loc"] for error in refused.errors()]


@settings(max_examples=300)
@given(st.recursive(PATHS, forms, max_leaves=6))
def test_whatever_is_written_is_refused_when_read_or_can_be_checked_compiled_and_run(written: object) -> None:
    mapping, places = read_or_places({"map": {"a": written}})
    assert all(place[:2] == ("map", "a") for place in places)
    if mapping is None:
        assert places
        return
    for source, target in ((STUDENT, None), (None, STUDENT)):
        for problem in check_mapping(mapping, source=source, target=target, codelists=CONTEXT.codelists):
            assert problem.message
            assert problem.remedy
    compiled = compile_mapping(mapping)
    children: JsonValue = [{"name": "An", "born": "2014-05-12"}, None]
    for record in (dict(TRANSFER), {}, {**TRANSFER, "children": children}):
        refusal_of(compiled, record)


def test_a_mapping_nested_without_end_is_refused_when_read() -> None:
    written: object = "/x"
    for _ in range(5000):
        written = {"map": {"a": written}}
    with pytest.raises(ValidationError, match="64 levels"):
        MapSpec.model_validate(written)

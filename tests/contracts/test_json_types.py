"""JSON Pointers lead to exactly one place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.json_types import parts_of, pointer_of


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ((), ""),
        (("",), "/"),
        (("a", 0, "b"), "/a/0/b"),
        (("a/b", "m~n"), "/a~1b/m~0n"),
        (("~1",), "/~01"),
        (("phường",), "/phường"),
    ],
)
def test_a_pointer_is_written_as_the_rfc_has_it(parts: tuple[str | int, ...], pointer: str) -> None:
    """RFC 6901, whose order of escapes is easily got wrong."""
    assert pointer_of(parts) == pointer
    assert parts_of(pointer) == tuple(map(str, parts))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text()))
def test_a_pointer_leads_back_to_its_parts(parts: list[str]) -> None:
    """Whatever the names are."""
    assert parts_of(pointer_of(parts)) == tuple(parts)


def test_what_does_not_begin_with_a_slash_is_no_pointer() -> None:
    """A name alone, above all."""
    with pytest.raises(ValueError, match="begins with"):
        parts_of("home_ward")

"""A contract's patterns: plain enough to mean the same everywhere, and never slower than the text is long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.patterns import BadPattern, text_pattern


@pytest.mark.parametrize(
    ("pattern", "fitting", "unfitting"),
    [
        ("[0-9]{12}", "048214000024", "04821400002"),
        ("[0-9]{9}|[0-9]{12}", "201234567", "2012345678"),
        ("[0-9]{9}(?:[0-9]{3})?", "048214000024", "0482140000"),
        ("[A-Y][0-9]{2}(?:\\.[0-9]{2,3}){0,3}", "H17.10.024", "H17."),
        ("[^0-9]+[0-9]", "Tổ 7", "Tổ"),
        ("(?:có|không)", "không", "không rõ"),
        ("a?", "", "aa"),
        (".{1,5}", "đường", "một dòng"),
    ],
)
def test_a_whole_text_is_held_to_it(pattern: str, fitting: str, unfitting: str) -> None:
    compiled = text_pattern(pattern).compiled
    assert compiled.fullmatch(fitting)
    assert not compiled.fullmatch(unfitting)
    # … and JSON Schema, which looks anywhere in the text, comes to the same.
    anchored = text_pattern(pattern).anchored
    assert re.search(anchored.replace("$", "\\Z"), fitting)
    assert not re.search(anchored.replace("$", "\\Z"), unfitting)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|a)*b",
        "(?:a|ab?)*b",
        "a*a*",
        ".*x",
        "(?:x+x+)+y",
        "(a|b|ab)*c",
        "(?:ab){2,4}a",
        "(?:a|b?)c?b",
        "[a-z]+[x-z]",
    ],
)
def test_a_pattern_that_could_go_two_ways_is_refused(pattern: str) -> None:
    """Those are the ones that take a processor for an hour, for a text that nearly fits."""
    with pytest.raises(BadPattern, match="leaves open how to go on") as found:
        text_pattern(pattern)
    assert "the next character decides" in found.value.remedy


@pytest.mark.parametrize(
    ("pattern", "message", "remedy"),
    [
        ("\\d{12}", "means nothing", "[0-9]"),
        ("\\w", "means nothing", "[A-Za-z0-9_]"),
        ("\\1", "means nothing", "write out"),
        ("^[0-9]$", "cannot stand here", "whole text"),
        ("(?=a)b", "looks around", "(?:"),
        ("(?P<x>a)", "looks around", "(?:"),
        ("a{3,2}", "cannot be read", "{2,5}"),
        ("a{1001}", "cannot be read", "1000"),
        ("a{0}", "cannot be read", "{2}"),
        ("a{x}", "cannot be read", "\\{"),
        ("a**", "repeats a repetition", "group"),
        ("a+?", "repeats a repetition", "group"),
        ("(?:a?){3}", "may be empty", "at least one"),
        ("*a", "cannot stand here", "\\*"),
        ("a]", "cannot stand here", "\\]"),
        ("(a", "does not close it", ")"),
        ("a)", "did not open", "\\)"),
        ("[ab", "does not close a class", "]"),
        ("[]", "is empty", "[0-9A-F]"),
        ("[z-a]", "is empty", "turn"),
        ("[a&&b]", "cannot stand here", "\\"),
        ("\\", "means nothing", "write out"),
        ("(" * 30 + "a" + ")" * 30, "nested too deeply", "simpler"),
        ("a" * 501, "longer than", "shorter"),
    ],
)
def test_what_is_no_pattern_is_refused_with_what_to_write(pattern: str, message: str, remedy: str) -> None:
    with pytest.raises(BadPattern, match=message) as found:
        text_pattern(pattern)
    assert remedy in found.value.remedy


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.text("ab01.|?*+(){}[]-^\\,:", max_size=14))
def test_whatever_is_written_is_read_or_refused(pattern: str) -> None:
    """… and what is read, Python reads too."""
    try:
        written = text_pattern(pattern).compiled.pattern
    except BadPattern as bad:
        written = pattern if bad.remedy else ""
    assert written == pattern

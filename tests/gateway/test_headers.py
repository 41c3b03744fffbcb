"""Headers that carry text of people, and how long a client will wait."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway.headers import sent_headers, text_header, wait_of, wait_parameter
from gateway.problems import Problem


def request(*headers: tuple[str, bytes], query: str = "") -> Request:
    raw = [(name.lower().encode(), value) for name, value in headers]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": raw})


def why(problem: Problem) -> str:
    return f"{problem.kind} {problem.params.get('name', '')}: {problem.params['why']}"


@pytest.mark.parametrize(
    "value", ["Nguyễn Văn An".encode(), b"Nguy%E1%BB%85n%20V%C4%83n%20An", " Nguyễn Văn An ".encode()]
)
def test_a_name_is_read_raw_or_percent_encoded(value: bytes) -> None:
    """UTF-8 either way; clients that cannot send one can send the other."""
    assert text_header(sent_headers(request(("End-User", value))), "end-user") == "Nguyễn Văn An"


def test_a_header_that_is_not_there_is_empty() -> None:
    """Whether it must be there is the contract's matter."""
    assert text_header(sent_headers(request()), "end-user") == ""


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"%ff", "not UTF-8"),
        (b"", "empty"),
        (b"%20", "empty"),
        (b"a%0d%0aEvil: 1", "control characters"),
        (b"a%00", "control characters"),
        (b"x" * 257, "longer than 256 characters"),
    ],
)
def test_a_header_that_cannot_be_text_is_refused_by_its_name(value: bytes, reason: str) -> None:
    """Line breaks that would become headers of their own further on, above all."""
    with pytest.raises(Problem) as refused:
        text_header(sent_headers(request(("End-User", value))), "end-user")
    assert why(refused.value) == f"header-invalid end-user: {reason}"
    assert refused.value.status == 400


def test_a_header_sent_twice_is_refused() -> None:
    """Which of the two officers was it?"""
    with pytest.raises(Problem) as refused:
        text_header(sent_headers(request(("End-User", b"a"), ("end-user", b"b"))), "end-user")
    assert why(refused.value) == "header-invalid end-user: sent more than once"


@pytest.mark.parametrize(
    ("prefer", "wait_s"),
    [
        ([], 30.0),
        ([b"respond-async"], 0.0),
        ([b"wait=5"], 5.0),
        ([b"wait=5, respond-async"], 5.0),
        ([b"respond-async, wait=5"], 0.0),
        ([b'handling=strict; x, WAIT = "7"'], 7.0),
        ([b"return=minimal", b"wait=3"], 3.0),
        ([b"wait=9999"], 60.0),
        ([b"wait=0"], 0.0),
    ],
)
def test_a_client_says_how_long_it_waits(prefer: list[bytes], wait_s: float) -> None:
    """In the way of RFC 7240, never longer than the bus allows; else as long as its contract has it."""
    assert wait_of(sent_headers(request(*(("Prefer", value) for value in prefer))), 30.0, 60.0) == wait_s


@pytest.mark.parametrize(
    "value", [b"wait", b"wait=", b"wait=-1", b"wait=1.5", b"wait=soon", b"wait=1e9", b"wait=\xb2", b"wait=99999999"]
)
def test_what_is_no_number_of_seconds_is_refused(value: bytes) -> None:
    """A mistake that is passed over in silence shows much later."""
    with pytest.raises(Problem) as refused:
        wait_of(sent_headers(request(("Prefer", value))), 30.0, 60.0)
    assert why(refused.value) == "bad-request : Prefer: the seconds to wait are a whole number"


def test_a_poll_may_wait_too() -> None:
    """Not at all, if it does not say."""
    assert wait_parameter(request(query="wait=10"), 60.0) == 10.0
    assert wait_parameter(request(query="wait=100"), 60.0) == 60.0
    assert wait_parameter(request(query="at=x"), 60.0) == 0.0
    with pytest.raises(Problem):
        wait_parameter(request(query="wait=-1"), 60.0)

"""What travels on the log: CloudEvents in headers, read back as they were written."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import Envelope, Headers, Kind, MalformedMessage, exchange_id, header, rfc3339
from contracts.outcome import Pattern
from contracts.trace import TraceContext

ENVELOPE = Envelope(
    kind=Kind.REQUEST,
    exchange=exchange_id("motcua-hoi-an", "k1"),
    time_ms=1_751_302_800_123,
    contract="population.person-lookup",
    major=1,
    pattern=Pattern.QUERY,
    sender="motcua-hoi-an",
    receiver="dancu",
    trace=TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01", "a=b"),
    configuration="c" * 64,
    grant="hoi-an-asks",
    body_hash="b" * 64,
    attempt=3,
    deadline_ms=1_751_302_830_123,
    reply_to="gateway-1",
    purpose="chuyển trường",
    end_user="canbo.hoian.01",
    case_ref="H17.61-251120-0007",
    case_key="9f" * 16,
    unverified=True,
)
BARE = Envelope(
    Kind.MARK, ENVELOPE.exchange, 0, "c", 1, Pattern.SUBMISSION, "a", "b", replace(ENVELOPE.trace, state=""), "x"
)
NEEDED = [name for name, _ in BARE.headers() if name not in {"ce_specversion", "ce_id", "ce_source", "ce_target", "content-type"}]  # fmt: skip


@pytest.mark.parametrize("envelope", [ENVELOPE, BARE, *(replace(ENVELOPE, kind=kind) for kind in Kind)])
def test_an_envelope_is_read_as_it_was_written(envelope: Envelope) -> None:
    """Every field, also where most are empty."""
    assert Envelope.read(envelope.headers()) == envelope


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    """For anybody's tools: the required attributes, and W3C trace context."""
    found = {name: value.decode() for name, value in ENVELOPE.headers(("outcome", "data"))}
    assert found["ce_specversion"] == "1.0"
    assert found["ce_id"] == found["ce_subject"] == ENVELOPE.exchange
    assert found["ce_type"] == "vn.lienthong.request"
    assert found["ce_source"] == "/systems/motcua-hoi-an"
    assert found["ce_time"] == "2025-06-30T17:00:00.123Z"
    assert found["ce_dataschema"] == "/contracts/population.person-lookup/1"
    assert found["content-type"] == "application/vnd.confluent.avro"
    assert found["traceparent"] == ENVELOPE.trace.traceparent
    assert found["tracestate"] == "a=b"
    assert found["ce_outcome"] == "data"
    assert all(name == name.lower() for name in found)


def test_each_message_of_an_exchange_has_an_id_of_its_own() -> None:
    """The request's is the exchange's; marks and replies tell kind and attempt, so that a repeat is known as one."""
    kinds = set(Kind) - {Kind.EVENT}
    ids = {header(ENVELOPE.as_(kind).headers(), "ce_id") for kind in kinds}
    ids |= {header(replace(ENVELOPE.as_(Kind.MARK), attempt=4).headers(), "ce_id")}
    assert len(ids) == len(kinds) + 1
    # What an exchange begins with is its request or, published, its event.
    assert header(ENVELOPE.as_(Kind.EVENT).headers(), "ce_id") == ENVELOPE.exchange
    assert header(ENVELOPE.as_(Kind.REPLY).headers(), "ce_subject") == ENVELOPE.exchange


def test_nothing_is_told_twice() -> None:
    """Each header costs everybody who reads the message; and an attribute of CloudEvents is never empty."""
    event = replace(ENVELOPE, kind=Kind.EVENT, receiver="", attempt=1)
    told = dict(event.headers())
    assert not {"ce_timems", "ce_contract", "ce_major", "ce_target", "ce_attempt"} & set(told)
    assert all(told.values())
    assert Envelope.read(event.headers()) == event


def test_what_was_written_with_more_headers_is_read_as_well() -> None:
    """Logs of before, where time and contract stood in headers of their own beside the attributes."""
    more = (("ce_timems", b"1751302800123"), ("ce_contract", b"population.person-lookup"), ("ce_major", b"1"))
    assert Envelope.read(ENVELOPE.headers() + more) == ENVELOPE


@pytest.mark.parametrize("name", NEEDED)
def test_a_message_without_a_header_that_all_have_is_malformed(name: str) -> None:
    """The words say which."""
    without = tuple(pair for pair in ENVELOPE.headers() if pair[0] != name)
    with pytest.raises(MalformedMessage, match=name):
        Envelope.read(without)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_type", b"vn.lienthong.nonsense"),
        ("ce_pattern", b"event?"),
        ("ce_attempt", b"many"),
        ("ce_time", b"2025-06-30T17:00:00.12.Z"),
        ("ce_time", b"2025-06-30T17:00:00+07:00"),
        ("ce_time", b"2025-13-30T17:00:00.123Z"),
        ("ce_time", b"2025-06-30T17+07:00.123Z"),
        ("ce_time", b""),
        ("ce_dataschema", b"/contracts/population.person-lookup/"),
        ("ce_dataschema", b"/contracts/1"),
        ("ce_dataschema", b"https://example.org/population.person-lookup/1"),
        ("ce_deadline", b"soon"),
        ("ce_sender", b"\xff\xfe"),
        ("traceparent", b"00-x"),
        ("an-unknown-one", b"\xff"),
    ],
)
def test_a_message_with_a_header_that_says_nonsense_is_malformed(name: str, value: bytes) -> None:
    """Bytes that are no UTF-8 included: whoever can write to the log can write anything."""
    wrong = (*(pair for pair in ENVELOPE.headers() if pair[0] != name), (name, value))
    with pytest.raises(MalformedMessage):
        Envelope.read(wrong)


def test_no_headers_are_malformed() -> None:
    """A message that no bus wrote."""
    with pytest.raises(MalformedMessage):
        Envelope.read(())


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.sampled_from([name for name, _ in ENVELOPE.headers()]), st.binary(max_size=12)), max_size=6)
)
def test_whatever_the_headers_are_they_are_an_envelope_or_malformed(changed: Headers) -> None:
    """Nothing undeclared reaches a worker's loop."""
    found = {**dict(ENVELOPE.headers()), **dict(changed)}
    try:
        envelope = Envelope.read(tuple(found.items()))
    except MalformedMessage:
        return
    assert Envelope.read(envelope.headers()) == envelope


def test_one_header_is_read_as_text_whatever_its_bytes() -> None:
    """The first of that name; None where there is none."""
    headers = (("ce_mark", b"settled"), ("ce_mark", b"started"), ("odd", b"\xff"))
    assert header(headers, "ce_mark") == "settled"
    assert header(headers, "odd") == "\ufffd"
    assert header(headers, "ce_other") is None


class TestExchangeId:
    """The same sender and key, the same exchange: always."""

    def test_it_is_always_the_same(self) -> None:
        """Fixed here, for it must outlive every version of the code."""
        assert exchange_id("motcua-hoi-an", "k1") == "ac3d716c-b739-8837-9c32-3c2986652ba6"

    def test_senders_and_keys_are_kept_apart(self) -> None:
        """Two senders may use one key; and "ab" + "c" is not "a" + "bc"."""
        assert (
            len({exchange_id("a", "bc"), exchange_id("ab", "c"), exchange_id("a", "bd"), exchange_id("b", "bc")}) == 4
        )

    @settings(max_examples=50, deadline=None, derandomize=True, database=None)
    @given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
    def test_it_is_a_uuid_of_version_8(self, sender: str, key: str) -> None:
        """So anybody's tools know what to do with it."""
        found = uuid.UUID(exchange_id(sender, key))
        assert (found.version, found.variant) == (8, uuid.RFC_4122)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 253_402_300_799_999))
def test_times_are_written_to_the_millisecond(time_ms: int) -> None:
    """Not one is lost to floating point."""
    read = datetime.fromisoformat(rfc3339(time_ms))
    assert (read - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == time_ms
    assert rfc3339(time_ms).endswith(f"{time_ms % 1000:03}Z")

"""What an answer becomes."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import CIMultiDict

from adapters.systems.rest.answers import Judge, Received, retry_after_s
from adapters.systems.rest.body import Unreadable, from_json
from adapters.systems.rest.operation import RestOperation
from contracts.errors import DeliveryError, FieldError, Indeterminate, Permanent, Rejected, Transient, Withheld
from contracts.json_types import JsonValue
from contracts.ports import Answer


def judged(
    does: dict[str, Any], status: int = 200, body: JsonValue = None, headers: dict[str, str] | None = None
) -> Answer:
    """What an operation makes of an answer."""
    operation = RestOperation.model_validate({"path": "/people", **does})
    judge = Judge(operation, lambda text: text.replace("s3cret", "***"))
    return judge(Received(status, CIMultiDict(headers or {}), body))


def error(does: dict[str, Any], status: int = 200, body: JsonValue = None, **headers: str) -> DeliveryError:
    """The error that an operation makes of an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(DeliveryError) as caught:
        judged(does, status, body, named)
    return caught.value


def rule(is_: str, **more: str) -> dict[str, Any]:
    """An operation with one rule: code 1 means that."""
    return {"answers": [{"when": {"path": "/body/code", "equals": "1"}, "is": is_, **more}]}


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206, 226])
def test_a_good_status_is_data(status: int) -> None:
    assert judged({}, status, {"a": 1}) == Answer({"a": 1})


@pytest.mark.parametrize("status", [204, 205])
def test_a_status_that_says_there_is_nothing_is_no_data(status: int) -> None:
    assert judged({}, status) == Answer(None, found=False)


def test_a_good_status_without_a_body_is_data_for_who_needs_none() -> None:
    assert judged({}, 201) == Answer(None)


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        (Rejected, [400, 422]),
        (Permanent, [300, 301, 302, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 413, 415, 451]),
        (Transient, [408, 425, 429, 503]),
        (Indeterminate, [101, 500, 501, 502, 504, 507, 599, 600, 999]),
    ],
)
def test_the_table_of_other_statuses(kind: type[DeliveryError], statuses: list[int]) -> None:
    for status in statuses:
        found = error({}, status)
        assert type(found) is kind, status
        assert f"answered {status}" in found.detail


def test_a_404_says_that_it_may_need_a_rule() -> None:
    assert "should be a rule that this means no data" in error({}, 404).detail
    rules = {"answers": [{"when": {"path": "/status", "equals": "404"}, "is": "no_data"}]}
    assert judged(rules, 404) == Answer(None, found=False)


def test_the_first_rule_that_holds_counts() -> None:
    rules = {
        "answers": [
            {"when": {"path": "/body/code", "in": ["1", "OK"]}, "is": "data"},
            {"when": {"path": "/body/code", "present": "true"}, "is": "rejected", "detail": "/body/why"},
        ]
    }
    assert judged(rules, 200, {"code": "OK"}) == Answer({"code": "OK"})
    assert judged(rules, 500, {"code": 1}) == Answer({"code": 1})
    assert error(rules, 200, {"code": "9", "why": "trùng"}).detail == "trùng"


def test_who_says_what_success_looks_like_says_that_nothing_else_is() -> None:
    found = error(rule("data"), 200, {"code": 2})
    assert isinstance(found, Indeterminate)
    assert found.detail == "the system answered 200 OK, and no rule says what it means"
    assert isinstance(error(rule("data"), 503), Transient)


def test_rules_that_only_tell_failures_leave_success_to_the_status() -> None:
    assert judged(rule("rejected"), 200, {"code": 2}) == Answer({"code": 2})


def test_the_record_is_taken_from_its_place() -> None:
    does = {**rule("data"), "record": "/body/rows/0"}
    assert judged(does, 200, {"code": 1, "rows": [{"a": 1}]}) == Answer({"a": 1})
    assert judged(does, 200, {"code": 1, "rows": []}) == Answer(None)


def test_withheld_takes_reason_and_ground_from_the_answer_or_from_the_rule() -> None:
    found = error(rule("withheld", reason="/body/why", ground="Luật 91/2025/QH15"), 200, {"code": 1, "why": "bảo vệ"})
    assert isinstance(found, Withheld)
    assert (found.reason, found.ground) == ("bảo vệ", "Luật 91/2025/QH15")
    silent = error(rule("withheld", reason="/body/why", ground="/body/law"), 200, {"code": 1})
    assert isinstance(silent, Withheld)
    assert (silent.reason, silent.ground) == ("the system gave no reason", "the system named no ground")


def test_a_rejection_may_name_the_field_of_the_record() -> None:
    found = error(rule("rejected", detail="/body/why", field="/home_ward"), 200, {"code": 1, "why": "sai mã xã"})
    assert isinstance(found, Rejected)
    assert found.fields == (FieldError("/home_ward", "provider", (("text", "sai mã xã"),)),)


def test_transient_waits_as_the_rule_or_else_the_answer_says() -> None:
    found = error(rule("transient", retry_after_s="90"), 200, {"code": 1}, Retry_After="7")
    assert isinstance(found, Transient)
    assert (found.retry_after_s, found.sent) == (90, True)
    asked = error(rule("transient"), 200, {"code": 1}, Retry_After="7")
    assert isinstance(asked, Transient)
    assert asked.retry_after_s == 7


@pytest.mark.parametrize(("is_", "kind"), [("indeterminate", Indeterminate), ("permanent", Permanent)])
def test_the_other_meanings(is_: str, kind: type[DeliveryError]) -> None:
    found = error(rule(is_, detail="hệ thống báo lỗi"), 200, {"code": 1})
    assert (type(found), found.detail) == (kind, "hệ thống báo lỗi")


def test_a_rule_without_words_shows_the_status() -> None:
    assert error(rule("permanent"), 200, {"code": 1}).detail == "the system answered 200 OK"


def test_a_rule_may_ask_about_headers_in_small_letters() -> None:
    rules = {"answers": [{"when": {"path": "/headers/x-result", "equals": "none"}, "is": "no_data"}]}
    assert not judged(rules, 200, {}, {"X-Result": "none"}).found
    assert judged(rules, 200, {}, {"X-Result": "some"}).found


def test_what_the_system_says_comes_in_one_line_not_too_long_and_without_the_secret() -> None:
    said = error(rule("permanent", detail="/body/why"), 200, {"code": 1, "why": "a\r\n b\x00 s3cret " + "x" * 900})
    assert said.detail.startswith("a b *** xxx")
    assert len(said.detail) == 501


def test_an_error_that_is_a_problem_document_is_shown_in_its_own_words() -> None:
    problem: JsonValue = {"title": "Sai", "detail": "thiếu maXa"}
    found = error({}, 422, problem, Content_Type="application/problem+json; charset=utf-8")
    assert found.detail.endswith(": thiếu maXa")
    assert "thiếu" not in error({}, 422, problem, Content_Type="application/json").detail


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 3 "}, 3),
        ({"Retry-After": "99999999999999999999"}, 86_400),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:30:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 120),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:30:00 GMT"}, 0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:30:00 GMT"}, None),
        ({"Retry-After": "Wed, 99 Oct 2026 07:30:00 GMT", "Date": "?"}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers: dict[str, str], wait_s: float | None) -> None:
    assert retry_after_s(CIMultiDict(headers)) == wait_s


def test_a_status_that_says_to_wait_is_waited_for() -> None:
    found = error({}, 429, None, Retry_After="30")
    assert isinstance(found, Transient)
    assert found.retry_after_s == 30


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 108.20222222222223}', {"a": 108.20222222222223}),
        ('{"id": 9007199254740993}', {"id": 9007199254740993}),
        ('{"id": 12345678901234567890}', {"id": "12345678901234567890"}),
        ('{"amount": 123456789012345678.901}', {"amount": "123456789012345678.901"}),
        ('{"amount": 9007199254740992.0}', {"amount": 9007199254740992.0}),
        ('{"id": "00000000000000000001"}', {"id": "00000000000000000001"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("null", None),
    ],
)
def test_a_number_that_no_double_holds_comes_as_the_text_it_was(text: str, value: JsonValue) -> None:
    read = from_json(text.encode())
    assert read == value
    assert repr(read) == repr(value)


def test_json_that_is_deep_and_has_long_numbers_is_no_crash() -> None:
    with pytest.raises(Unreadable):
        from_json(b"[" * 1000 + b"1234567890123456789" + b"]" * 1000)

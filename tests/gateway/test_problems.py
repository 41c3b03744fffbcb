"""Every problem speaks both languages and fills in what it names."""

from __future__ import annotations

import string

import orjson
import pytest

from adapters.mapping.compile import CANNOT
from adapters.middleware import deadline, once
from contracts.errors import field_error
from contracts.reasons import known_reason
from contracts.said import said
from contracts.speech import speech
from contracts.wording import WORDINGS, Language
from gateway.problems import KINDS, Problem, language_of, problem_response


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_both_languages_need_the_same_parameters(kind: str) -> None:
    found, vietnamese = KINDS[kind], speech(Language.VI)
    assert _names(vietnamese.gettext(found.detail)) == _names(found.detail)
    assert vietnamese.gettext(found.title) != found.title


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_field_errors_name_the_same_things_in_both_languages(code: str) -> None:
    vietnamese, (detail, remedy) = speech(Language.VI), WORDINGS[code]
    assert _names(vietnamese.gettext(detail)) == _names(detail)
    assert vietnamese.gettext(remedy) != remedy


def test_a_problem_is_rfc_9457_with_its_origin_and_its_fields() -> None:
    problem = Problem(
        "invalid-record",
        contract="education.student-transfer",
        errors=(field_error("/grade", "wrong_type", expected="int", got="string"),),
    )
    response = problem_response(problem, Language.EN)
    body = orjson.loads(response.body)
    assert response.status_code == 422
    assert response.media_type == "application/problem+json"
    assert body["type"] == "urn:lienthong:problem:invalid-record"
    assert body["origin"] == "gateway"
    assert body["errors"][0]["pointer"] == "/grade"
    assert "string" in body["errors"][0]["detail"]


def test_vietnamese_is_spoken_where_it_is_asked_for() -> None:
    response = problem_response(Problem("unauthenticated"), Language.VI)
    assert "Chưa xác thực" in bytes(response.body).decode()
    assert response.headers["content-language"] == "vi"


def test_what_is_said_in_words_within_a_detail_speaks_the_same_language() -> None:
    problem = Problem("header-invalid", name="To", why=said("empty"))
    assert problem.detail(Language.VI) == "Tiêu đề To không hợp lệ: để trống."
    assert problem.detail(Language.EN) == "The header To is not valid: empty."


@pytest.mark.parametrize("reason", [deadline._TOO_LATE, deadline._CUT, once._LOST, CANNOT])
def test_the_buss_own_reasons_are_told_in_vietnamese_too(reason: str) -> None:
    assert known_reason(reason) == reason
    assert speech(Language.VI).say(known_reason(reason)) != reason


def test_what_a_provider_said_is_told_as_it_said_it() -> None:
    assert speech(Language.VI).say(known_reason("sai mã cán bộ")) == "sai mã cán bộ"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, Language.VI),
        ("", Language.VI),
        ("en", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("fr, vi;q=0.5, en;q=0.4", Language.VI),
        ("de;q=1.0, en;q=0.1", Language.EN),
        ("en;q=0, vi;q=0.2", Language.VI),
        ("en;q=high", Language.VI),
        ("*", Language.VI),
        (";;;,,,=", Language.VI),
    ],
)
def test_the_language_is_the_best_of_ours_that_the_client_accepts(accept: str | None, language: Language) -> None:
    assert language_of(accept, Language.VI) is language

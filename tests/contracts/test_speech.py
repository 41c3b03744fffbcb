"""What is said to people is said in the reader's language; `tests/architecture/test_words.py` holds the catalogue."""

from __future__ import annotations

from string import Formatter

import pytest

from contracts.languages import Language
from contracts.reasons import REASONS, known_reason
from contracts.said import Said, both, either, in_lines, said, said_with
from contracts.speech import Speech, speech

VI = speech(Language.VI)


@pytest.mark.parametrize("language", list(Language))
def test_what_the_catalogue_lacks_is_said_in_english(language: Language) -> None:
    told = Speech(language)
    assert told.gettext("no such message") == "no such message"
    assert told.pgettext("somewhere", "no such message") == "no such message"
    assert [told.ngettext("one thing", "%(num)s things", count) for count in (1, 2)] == ["one thing", "%(num)s things"]


def test_one_word_may_mean_two_things() -> None:
    assert VI.pgettext("length of time", "min") == "phút"
    assert speech(Language.EN).pgettext("length of time", "min") == "min"


def test_what_was_put_together_reads_in_english_and_is_said_in_vietnamese() -> None:
    text = said("there is no contract {name}", name="civil.birth")
    assert text == "there is no contract civil.birth"
    assert VI.say(text) == "không có cấu trúc civil.birth"


def test_what_fills_a_message_in_is_said_in_its_language_too() -> None:
    """As far as it is the bus's own: what somebody wrote stays."""
    names = both(["a", "b", "c"])
    assert VI.say(said("{named} cannot stand together", named=names)) == "a, b và c không đi cùng nhau"
    assert VI.say(either(["map"])) == "map"
    assert (
        VI.say(said("{file} cannot be read: {error}", file="x", error="no such file"))
        == "không đọc được x: no such file"
    )


def test_braces_in_what_somebody_wrote_are_text() -> None:
    text = said("there is no contract {name}", name="{0.__class__} %s")
    assert text == "there is no contract {0.__class__} %s"
    assert VI.say(text) == "không có cấu trúc {0.__class__} %s"


def test_a_message_without_parameters_is_taken_as_it_stands() -> None:
    assert said("write {null: true}") == "write {null: true}"
    assert VI.say(said("write {null: true}")) == "viết {null: true}"


def test_a_parameter_of_another_version_shows_its_name() -> None:
    assert VI.say(said_with("the system answered {status}", {})) == "hệ thống trả lời <status>"


def test_lines_are_each_said_in_their_language() -> None:
    assert VI.say(in_lines([said("correct it"), "as it is"])) == "sửa lại\nas it is"


def test_a_reason_within_a_reason_is_said_too() -> None:
    reason = "gave up after 3 attempts: gddt:8080 cannot be connected to: Connection refused"
    assert known_reason(reason) == reason
    assert VI.say(known_reason(reason)) == (
        "đã ngừng sau 3 lần gửi: không kết nối được tới gddt:8080: bị từ chối kết nối"
    )


def test_the_fullest_wording_of_a_reason_counts() -> None:
    answered = "the system answered 404 Not Found"
    advice = ": the address is wrong, or there should be a rule that this means no data"
    assert VI.say(known_reason(answered)) == "hệ thống trả lời 404 Not Found"
    assert VI.say(known_reason(answered + advice)).startswith("hệ thống trả lời 404 Not Found: địa chỉ sai")


def test_where_in_the_code_it_happened_stays_as_it_is() -> None:
    reason = 'unexpected KeyError in the bus\n  File "x.py", line 3'
    assert known_reason(reason) == reason
    assert VI.say(known_reason(reason)) == 'lỗi ngoài dự kiến KeyError trong trục\n  File "x.py", line 3'


def test_what_a_provider_wrote_is_nobody_elses_words() -> None:
    assert VI.say(known_reason("sai mã cán bộ")) == "sai mã cán bộ"
    assert VI.say(known_reason("")) == ""


@pytest.mark.parametrize("message", REASONS)
def test_every_reason_is_recognised_by_its_own_wording(message: str) -> None:
    """None is hidden by another that is written more widely."""
    names = [name for _, name, _, _ in Formatter().parse(message) if name]
    text = message.format(**dict.fromkeys(names, "7"))
    found = known_reason(text)
    assert isinstance(found, Said)
    assert found.message == message

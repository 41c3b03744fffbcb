"""Everything that is said to people is in one catalogue, and all of it in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from contracts.speech import KEYWORDS, Speech, catalogue, speech
from contracts.wording import Language

ROOT = Path(__file__).parents[2]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n"}}
PLACES = re.compile(r"%\(\w+\)s|\{\w*\}")


def said() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """Every message in code and templates: the file, its id or ids, its context."""
    for package in ("contracts", "adapters", "gateway", "deploy"):
        found = extract_from_dir(ROOT / package, METHODS, OPTIONS, keywords=dict(KEYWORDS))
        for file, _, message, _, context in found:
            yield f"{package}/{file}", message, context


def first(message: str | tuple[str, ...] | list[str] | None) -> str:
    """The id that a message is kept under; the one form of a translation that has several."""
    return (message or "") if isinstance(message, str | None) else message[0]


def test_every_message_has_vietnamese_words() -> None:
    """A page never falls back to English because somebody forgot a line."""
    vietnamese = catalogue(Language.VI)
    missing = {
        (file, first(message))
        for file, message, context in said()
        if not (found := vietnamese.get(first(message), context)) or not first(found.string)
    }
    assert missing == set()


def test_the_catalogue_has_nothing_that_nobody_says() -> None:
    used = {(first(message), context) for _, message, context in said()}
    kept = {(first(message.id), message.context) for message in catalogue(Language.VI) if message.id}
    assert kept - used == set()


def test_a_translation_has_the_places_of_its_message() -> None:
    for message in catalogue(Language.VI):
        if message.id:
            wanted = set(PLACES.findall(first(message.id)))
            assert set(PLACES.findall(first(message.string))) == wanted, message.id


@pytest.mark.parametrize("language", list(Language))
def test_what_the_catalogue_lacks_is_said_in_english(language: Language) -> None:
    told = Speech(language)
    assert told.gettext("no such message") == "no such message"
    assert told.pgettext("somewhere", "no such message") == "no such message"
    assert [told.ngettext("one thing", "%(num)s things", count) for count in (1, 2)] == ["one thing", "%(num)s things"]


def test_one_word_may_mean_two_things() -> None:
    assert speech(Language.VI).pgettext("length of time", "min") == "phút"
    assert speech(Language.EN).pgettext("length of time", "min") == "min"

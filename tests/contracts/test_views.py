"""What a grant lets through: the rest is left out and named, never shown as null."""

from __future__ import annotations

import json

import pytest

from contracts.json_types import JsonObject, JsonValue
from contracts.schema import Schema, parse_schema
from contracts.views import Seen, seen_through

SCHEMA: Schema = parse_schema(
    json.dumps(
        {
            "type": "record",
            "name": "Person",
            "fields": [
                {"name": "name", "type": "string"},
                {"name": "born", "type": ["null", "string"], "default": None},
                {
                    "name": "home",
                    "type": [
                        "null",
                        {
                            "type": "record",
                            "name": "Home",
                            "fields": [{"name": "ward", "type": "string"}, {"name": "street", "type": "string"}],
                        },
                    ],
                    "default": None,
                },
                {"name": "past", "type": {"type": "array", "items": "Home"}, "default": []},
                {"name": "marks", "type": {"type": "map", "values": "Home"}, "default": {}},
                {"name": "note", "type": ["null", "string", "Home"], "default": None},
            ],
        }
    )
)
HOME: JsonObject = {"ward": "20410", "street": "Trần Phú"}
RECORD: JsonObject = {
    "name": "Hoa",
    "born": None,
    "home": HOME,
    "past": [HOME, {"ward": "20404", "street": "Hùng Vương"}],
    "marks": {"toán": HOME, "văn": HOME},
    "note": "riêng tư",
}


def seen(*view: str, **changed: JsonValue) -> Seen:
    return seen_through(view, SCHEMA, {**RECORD, **changed})


def test_a_grant_without_a_view_lets_the_whole_record_through() -> None:
    """None is the whole record, an empty view is nothing of it."""
    assert seen_through(None, SCHEMA, RECORD) == Seen(RECORD, ())
    assert seen() == Seen({}, ("/name", "/born", "/home", "/past", "/marks", "/note"))


def test_what_is_kept_back_is_named_and_left_out() -> None:
    """A reader can tell “there is none” from “not for you”: a null that stands in the record is shown."""
    found = seen("/name", "/born")
    assert found.record == {"name": "Hoa", "born": None}
    assert found.withheld == ("/home", "/past", "/marks", "/note")


def test_a_pointer_covers_all_below_it() -> None:
    """And leaves what lies beside it."""
    assert seen("/home").record == {"home": HOME}
    found = seen("/home/ward")
    assert found.record == {"home": {"ward": "20410"}}
    assert "/home/street" in found.withheld
    assert seen("/home/ward", "/home").record == {"home": HOME}


def test_fields_of_a_record_that_is_null_are_named_all_the_same() -> None:
    """The answer must not tell by what it names whether there is a home."""
    found = seen("/home/ward", home=None)
    assert found.record == {"home": None}
    assert found.withheld == seen("/home/ward").withheld


def test_every_item_of_a_list_is_cut_alike() -> None:
    """ "*" stands for all of them; the field kept back is named once."""
    found = seen("/past/*/ward")
    assert found.record == {"past": [{"ward": "20410"}, {"ward": "20404"}]}
    assert found.withheld.count("/past/*/street") == 1


def test_a_map_is_cut_by_its_keys_or_all_entries_alike() -> None:
    """Never to null."""
    assert seen("/marks/toán").record == {"marks": {"toán": HOME}}
    assert "/marks/*" in seen("/marks/toán").withheld
    assert seen("/marks/*/ward").record == {"marks": {"toán": {"ward": "20410"}, "văn": {"ward": "20410"}}}


def test_a_value_of_another_branch_than_the_view_knows_is_kept_back() -> None:
    """A view that lets a part of a record through lets no text through in its place."""
    found = seen("/note/ward")
    assert found.record == {}
    assert "/note" in found.withheld
    assert seen("/note/ward", note=HOME).record == {"note": {"ward": "20410"}}


@pytest.mark.parametrize("pointer", ["/name/first", "/past/0/ward", "/past/x"])
def test_a_view_that_leads_nowhere_shows_nothing(pointer: str) -> None:
    """It is an error of the workspace; until it is mended nothing leaks, and nothing is null."""
    found = seen(pointer)
    assert found.record == {}
    assert pointer.rsplit("/", pointer.count("/") - 1)[0] in found.withheld

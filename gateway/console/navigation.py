"""The pages that every page leads to."""

from __future__ import annotations

from typing import Final, NamedTuple

from contracts.speech import N_


class Entry(NamedTuple):
    """A page: the `section` of its address, its name (a message's id), and the key that follows `g`."""

    section: str
    words: str
    key: str


PAGES: Final = (
    Entry("now", N_("Now"), "n"),
    Entry("map", N_("Map"), "m"),
    Entry("exchanges", N_("Exchanges"), "e"),
    Entry("dead", N_("Dead letters"), "d"),
    Entry("in-doubt", N_("In doubt"), "i"),
    Entry("laws", N_("Legal grounds"), "l"),
    Entry("agencies", N_("Agencies"), "a"),
    Entry("contracts", N_("Contracts"), "c"),
)

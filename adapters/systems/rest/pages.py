"""From one page of an answer to the next, in each of the ways that systems have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from yarl import URL

from adapters.mapping.literals import plain
from adapters.mapping.paths import finder
from adapters.systems.rest.answers import Received
from adapters.systems.rest.links import target
from adapters.systems.rest.paging import ByCursor, ByLink, ByOffset, ByPage, Paging
from adapters.systems.rest.places import NOTHING, Added
from contracts.errors import Permanent
from contracts.json_types import JsonValue


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: with what is added to the request, or at an address of its own."""

    number: int = 1
    added: Added = NOTHING
    url: URL | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A page as it came: the answer, the address it was asked at, its items, and how many there are by now."""

    page: Page
    received: Received
    url: URL
    items: list[JsonValue] = field(repr=False)
    so_far: int


class Walk(Protocol):
    """The way through the pages of one answer. Used once."""

    def first(self) -> Page:
        """The page to begin with."""

    def following(self, came: Came) -> Page | None:
        """The page after one that came; None after the last. Permanent: the pages make no whole."""


def walk(paging: Paging) -> Walk:
    """A new walk, as the YAML says."""
    if paging.page is not None:
        return _Counting(paging.page, paging.total)
    if paging.offset is not None:
        return _Counting(paging.offset, paging.total)
    if paging.cursor is not None:
        return _Following(paging.cursor)
    return _Linked(paging.link or ByLink())


class _Counting:
    """By number or by offset. The last page is the one that fills up the total, or the empty one.

    A page that is shorter than asked for ends nothing: many systems give fewer items than they are asked for.
    """

    def __init__(self, spec: ByPage | ByOffset, total: str | None) -> None:
        self._spec = spec
        self._total_path = total
        self._total = None if total is None else finder(total)
        self._before: list[JsonValue] = []

    def first(self) -> Page:
        return Page(added=self._spec.send.put(self._spec.first))

    def following(self, came: Came) -> Page | None:
        total = self._total_of(came)
        if total is not None and came.so_far >= total:
            return None
        if not came.items:
            if total is not None:
                raise Permanent(f"the system speaks of {total} items, and gave {came.so_far} before an empty page")
            return None
        if total is None and came.items == self._before:
            raise Permanent(f"the system gave the same items as page {came.page.number - 1} and {came.page.number}")
        self._before = came.items
        steps = came.page.number if isinstance(self._spec, ByPage) else came.so_far
        return Page(came.page.number + 1, self._spec.send.put(self._spec.first + steps))

    def _total_of(self, came: Came) -> int | None:
        if self._total is None:
            return None
        text = plain(self._total(came.received.view())) or ""
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise Permanent(f"page {came.page.number} has no whole number at {self._total_path}")
        return int(text)


class _Following:
    """By cursor. The last page has none."""

    def __init__(self, spec: ByCursor) -> None:
        self._spec = spec
        self._next = finder(spec.next)
        self._seen: set[str] = set()

    def first(self) -> Page:
        return Page()

    def following(self, came: Came) -> Page | None:
        found = self._next(came.received.view())
        if found is None or found is False or found == "":
            return None
        text = plain(found)
        if text is None:
            raise Permanent(f"page {came.page.number} has neither text nor a number at {self._spec.next}")
        _only_once(text, self._seen, came)
        return Page(came.page.number + 1, self._spec.send.put(text if self._spec.send.query else found))


class _Linked:
    """By the header `Link`. The last page has no such link; one to another system is never followed."""

    def __init__(self, spec: ByLink) -> None:
        self._rel = spec.rel
        self._seen: set[str] = set()

    def first(self) -> Page:
        return Page()

    def following(self, came: Came) -> Page | None:
        headers = came.received.headers
        written = target([text for name, text in headers.items() if name.lower() == "link"], self._rel)
        if written is None:
            return None
        try:
            url = came.url.join(URL(written)).with_user(None).with_fragment(None)
            same = url.origin() == came.url.origin()
        except ValueError:
            raise Permanent(f"the link to the page after page {came.page.number} is no address") from None
        if not same:
            raise Permanent(f"the link to the page after page {came.page.number} leads to another system")
        _only_once(str(url), self._seen, came)
        return Page(came.page.number + 1, url=url)


def _only_once(key: str, seen: set[str], came: Came) -> None:
    if key in seen:
        raise Permanent(
            f"the pages go round in a circle: after page {came.page.number} comes one that was there before"
        )
    seen.add(key)

"""All pages of an answer become one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from yarl import URL

from adapters.mapping.paths import finder
from adapters.systems.rest.answers import Judge, Received
from adapters.systems.rest.pages import Came, Page, walk
from adapters.systems.rest.paging import Paging
from contracts.errors import Permanent
from contracts.json_types import JsonValue
from contracts.ports import Answer

AskFor = Callable[[Page], Awaitable[tuple[Received, URL]]]
"""Asks for a page: what came, and the address it came from."""


class Gather:
    """Asks for page after page. The first answer, with the items of all pages in its list, is the whole one.

    Nothing is ever cut: what does not end within the bounds is an error.
    """

    def __init__(self, paging: Paging, judge: Judge) -> None:
        self._paging = paging
        self._judge = judge
        self._find = finder(paging.items)

    async def __call__(self, ask: AskFor) -> Answer:
        """The whole answer. As the judge, for each page; Permanent where the pages make no whole."""
        way = walk(self._paging)
        page: Page | None = way.first()
        whole: Answer | None = None
        gathered: list[JsonValue] = []
        while page is not None:
            received, url = await ask(page)
            answer = self._answer(page, received)
            items = self._items(page, received) if answer.found else []
            if whole is None:
                if items is None or not answer.found:
                    return answer
                # This list is part of the first answer: what is put into it is in the answer.
                whole, gathered, items = answer, items, [*items]
            else:
                gathered += items or []
            self._bounded(len(gathered))
            page = way.following(Came(page, received, url, items or [], len(gathered)))
            if page is not None and page.number > self._paging.max_pages:
                raise Permanent(f"after {page.number - 1} pages there is more, and max_pages allows no more")
        return whole or Answer(None, found=False)

    def _answer(self, page: Page, received: Received) -> Answer:
        if received.too_long and page.number > 1:
            raise Permanent("all pages together are longer than max_response_bytes allows")
        return self._judge(received)

    def _items(self, page: Page, received: Received) -> list[JsonValue] | None:
        """The page's list; None where the first page has none: then its mapping says what that means."""
        found = self._find(received.view(with_headers=False))
        if isinstance(found, list):
            return found
        if found is None and page.number == 1:
            return None
        what = "no list" if found is None else "something that is no list"
        remedy = "where that means that there are no more, say so with a rule: no_data"
        raise Permanent(f"page {page.number} has {what} at {self._paging.items}: {remedy}")

    def _bounded(self, items: int) -> None:
        if items > self._paging.max_items:
            raise Permanent(f"there are more items than max_items allows ({self._paging.max_items})")

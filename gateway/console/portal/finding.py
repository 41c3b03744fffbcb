"""`/console/contracts`: every contract of the bus, found by what somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from contracts.catalogue import Agency, Contract
from contracts.outcome import Pattern
from contracts.publish.dcat import has_personal
from contracts.publish.search import found
from gateway.console.portal.looking import Look, portal_page, show
from gateway.console.portal.telling import description_of, title_of
from gateway.published import providing_agencies

ROWS: Final = 40
_MAX_TEXT: Final = 200
_MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A contract in the list."""

    contract: Contract
    title: str
    description: str
    providers: Sequence[Agency]
    is_personal: bool


@portal_page
async def contracts(look: Look) -> Response:
    """The list, a page at a time."""
    query = look.request.query_params
    sought, pattern = query.get("q", "").strip()[:_MAX_TEXT], query.get("pattern", "")
    hits = found(sought, look.console.portal_index.of(look.directory))
    counts = {each.value: sum(hit.contract.pattern is each for hit in hits) for each in Pattern}
    if pattern in counts:
        hits = [hit for hit in hits if hit.contract.pattern == pattern]
    number = _number(query.get("page", "1"))
    rows = [_row(look, hit.contract) for hit in hits[(number - 1) * ROWS : number * ROWS]]
    typed = {name: value for name, value in (("q", sought), ("pattern", pattern)) if value}
    here = f"/console/contracts?{urlencode(typed)}".rstrip("?")
    return show(
        look,
        "contracts_part.html" if look.is_part else "contracts.html",
        headers={"hx_push_url": here} if look.is_part else None,
        rows=rows,
        total=len(hits),
        counts=counts,
        sought=sought,
        pattern=pattern,
        following=_address(typed, number + 1) if number * ROWS < len(hits) else "",
        before=_address(typed, number - 1) if number > 1 else "",
    )


def _row(look: Look, contract: Contract) -> Row:
    return Row(
        contract,
        title_of(look, contract),
        description_of(look, contract),
        providing_agencies(look.directory, contract),
        has_personal(contract),
    )


def _number(text: str) -> int:
    return min(int(text), _MOST_PAGES) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) else 1


def _address(typed: dict[str, str], number: int) -> str:
    return f"/console/contracts?{urlencode({**typed, 'page': str(number)})}"

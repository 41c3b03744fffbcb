"""`/console/codelists/{name}`: what the codes of a list mean on a day, for whoever fills in a field of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from contracts.catalogue import Contract
from contracts.codeviews import Wanted, page_document
from contracts.publish.about import parts_of_version
from contracts.schema import records_in
from gateway.console.portal.looking import Look, portal_page, show
from gateway.console.portal.telling import title_of
from gateway.problems import Problem

ROWS: Final = 100
_MAX_TEXT: Final = 200


@portal_page
async def codelist(look: Look) -> Response:
    """The rows valid on a day, a page at a time. Problem `no-such-page`."""
    codes = look.directory.codelists.get(look.request.path_params["name"])
    if codes is None:
        raise Problem("no-such-page", path=look.request.url.path[:200])
    query = look.request.query_params
    sought, on, after = (
        query.get("q", "").strip()[:_MAX_TEXT],
        _day(query.get("on", ""), look.today),
        query.get("after"),
    )
    try:
        page: dict[str, Any] = page_document(codes, Wanted(on, sought, {}, ROWS, after or ""))
    except KeyError:
        page = page_document(codes, Wanted(on, sought, {}, ROWS, ""))
    typed = {"q": sought, "on": on.isoformat()}
    using = [each for each in look.directory.contracts.values() if codes.name in _lists_of(each)]
    return show(
        look,
        "codelist_part.html" if look.is_part else "codelist.html",
        headers={"hx_push_url": f"/console/codelists/{codes.name}?{urlencode(typed)}"} if look.is_part else None,
        name=codes.name,
        rows=page["rows"],
        total=page["total"],
        following="" if page["next"] is None else urlencode({**typed, "after": page["next"]}),
        is_first=not after,
        sought=sought,
        on=on.isoformat(),
        using=[(each.name, title_of(look, each)) for each in sorted(using, key=lambda each: each.name)],
    )


def _lists_of(contract: Contract) -> set[str | None]:
    """The code lists that fields of its newest version are of."""
    parts = parts_of_version(contract, contract.versions[contract.latest]).values()
    return {field.codelist for part in parts for record in records_in(part.root) for field in record.fields}


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise

"""`GET /operate/status`: how the bus stands, in one answer, for those who watch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.channels import counted_as
from contracts.errors import LedgerUnavailable, LogError
from contracts.ledger import StandingRow
from gateway.answers import json_response
from gateway.context import Gateway
from gateway.routes.operate import operator

_NOTHING: Final[Mapping[str, int]] = {"waiting": 0, "retrying": 0, "dead": 0, "in_doubt": 0}


async def status(request: Request) -> Response:
    """Each system that receives: how much waits, whether it is left alone, and what is open of it.

    Where the ledger cannot be asked, `ledger` is null and what it counts is null too: the rest is told all the same.
    """
    gateway, _ = operator(request)
    standing, lag = await _of_ledger(gateway)
    backlogs: dict[str, int] = {}
    for name, backlog in gateway.board.backlogs().items():
        backlogs[counted_as(name)] = backlogs.get(counted_as(name), 0) + backlog
    known = {service.system for service in gateway.directory().services} | set(backlogs) | set(standing or {})
    systems = [
        {
            "system": name,
            "backlog": backlogs.get(name),
            "away_for_s": gateway.board.away_for_s(name),
            **(dict.fromkeys(_NOTHING) if standing is None else standing.get(name, _NOTHING)),
        }
        for name in sorted(known)
    ]
    directory = gateway.directory()
    return json_response(
        {
            "bus": directory.bus,
            "configuration": directory.configuration,
            "ledger": None if lag is None else {"lag": lag},
            "systems": systems,
        }
    )


async def _of_ledger(gateway: Gateway) -> tuple[dict[str, dict[str, int]] | None, int | None]:
    try:
        return _by_system(await gateway.ledger.standing()), await gateway.exchanges.ledger_lag()
    except (LedgerUnavailable, LogError):
        return None, None


def _by_system(rows: Iterable[StandingRow]) -> dict[str, dict[str, int]]:
    """A system's subscriptions are counted together, as in the metrics."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(counted_as(row.system), dict(_NOTHING))
        for name in counts:
            counts[name] += getattr(row, name)
    return found

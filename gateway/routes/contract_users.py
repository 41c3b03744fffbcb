"""`GET /operate/contracts/{contract}/users`: who uses which version, so that an old one can be ended."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.catalogue import Contract
from contracts.envelope import rfc3339
from contracts.said import said
from gateway.answers import json_response
from gateway.directory import Directory
from gateway.lives import life_told
from gateway.problems import Problem
from gateway.published import contract_named
from gateway.routes.operate import operator
from gateway.routing import today

_DAY_MS: Final = 86_400_000
_MOST_DAYS: Final = 3660


async def contract_users(request: Request) -> Response:
    """`?days=90`: every system that may use a version, and how often it did in that time.

    Of those who only read `/inbox` the ledger counts nothing: they have `count` null.
    """
    gateway, _ = operator(request)
    directory = gateway.directory()
    contract = contract_named(directory, request.path_params["contract"])
    since_ms = gateway.now_ms() - _days(request) * _DAY_MS
    counted = {
        (use.major, use.system): {"count": use.times, "last": rfc3339(use.last_ms)}
        for use in await gateway.ledger.uses(contract.name, since_ms)
    }
    day = today(directory, gateway.now_ms())
    roles = _roles(directory, contract, day)
    versions = [
        {
            "major": major,
            **life_told(version),
            "users": [
                {"system": system, "role": role, **counted.get((major, system), _UNCOUNTED)}
                for system, role in sorted(roles.get(major, {}).items())
            ],
            "former": [
                {"system": system, **told}
                for (of, system), told in sorted(counted.items())
                if of == major and system not in roles.get(major, {})
            ],
        }
        for major, version in sorted(contract.versions.items())
    ]
    return json_response({"contract": contract.name, "since": rfc3339(since_ms), "versions": versions})


_UNCOUNTED: Final[dict[str, Any]] = {"count": None, "last": None}


def _roles(directory: Directory, contract: Contract, day: date) -> dict[int, dict[str, str]]:
    """The systems that may use each version: by a grant, or as publishers of its events."""
    found: dict[int, dict[str, str]] = {}
    for grant in directory.grants:
        if grant.contract == contract.name and (grant.valid_to is None or day < grant.valid_to):
            found.setdefault(grant.major, {})[grant.system] = "granted"
    for each in directory.publishers:
        if each.contract == contract.name:
            found.setdefault(each.major, {})[each.system] = "publisher"
    return found


def _days(request: Request) -> int:
    text = request.query_params.get("days", "90")
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) <= _MOST_DAYS:
        raise Problem("bad-request", why=said("days: 1–{most}", most=_MOST_DAYS))
    return int(text)

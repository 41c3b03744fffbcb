"""`/console/contracts/{contract}`: one contract, for those who want to use it or to provide it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from contracts.catalogue import Contract, ContractVersion
from contracts.outcome import Pattern
from contracts.publish.dcat import has_personal
from contracts.publish.samples.all import LANGUAGES
from contracts.publish.samples.calls import DOSSIER, OFFICER, Way, call_of, ways_of
from contracts.schema import Schema
from gateway.console.portal.looking import Look, portal_page, show
from gateway.console.portal.telling import (
    columns_at_a_time,
    columns_of,
    description_of,
    parts_told,
    request_for_grant,
    title_of,
)
from gateway.console.portal.versions import steps_of, versions_of
from gateway.published import contract_named, providing_agencies, version_numbered
from gateway.routes.publication import base_of


class Sample(NamedTuple):
    """A sample in one language."""

    id: str
    name: str
    file: str
    command: str
    text: str


@portal_page
async def contract(look: Look) -> Response:
    """The newest version, or the one that `?version=` names. Problem `no-such-contract`."""
    found = contract_of(look)
    version = version_of(look, found)
    return show(look, "contract.html", **context_of(look, found, version), tried=None, typed={})


def contract_of(look: Look) -> Contract:
    """The contract that the address names. Problem `no-such-contract`."""
    return contract_named(look.directory, look.request.path_params["contract"])


def version_of(look: Look, contract: Contract) -> ContractVersion:
    """The version that the address names, else the newest. Problem `no-such-contract`."""
    return version_numbered(contract, look.request.query_params.get("version", str(contract.latest)))


def context_of(look: Look, contract: Contract, version: ContractVersion) -> dict[str, Any]:
    """All that the page shows of the contract."""
    directory, known = look.directory, look.visit is not None
    receiving = _received(contract, version)
    parts = parts_told(look, contract, version)
    columns = columns_of(directory, contract, version.major, receiving, look.today) if receiving and known else []
    room = columns_at_a_time(receiving) if receiving else 1
    first = _place(look.request.query_params.get("grants", "0"), len(columns), room)
    systems = tuple(directory.providers_of(contract.name))
    return {
        "contract": contract,
        "version": version,
        "title": title_of(look, contract),
        "description": description_of(look, contract),
        "is_personal": has_personal(contract),
        "agencies": providing_agencies(directory, contract),
        "providers": [directory.systems[each] for each in systems],
        "agency_names": {code: agency.name for code, agency in directory.agencies.items()},
        "parts": parts,
        "viewed": next((part for part in parts if receiving is part.schema), None),
        "columns": columns[first : first + room],
        "all_columns": len(columns),
        "first_column": first,
        "columns_at_a_time": room,
        "stage": version.life.stage(look.today),
        "versions": versions_of(directory, contract, look.today),
        "steps": steps_of(directory, contract, look.today),
        "grant_text": request_for_grant(contract, version.major, systems, receiving, look.today),
        "samples": _samples(look, contract, version, systems),
        "endpoint": call_of("", contract, version, ways_of(contract)[0], systems).path.partition("?")[0],
        "needs_receiver": contract.route is None and len(systems) > 1 and contract.pattern is not Pattern.EVENT,
        "officer": OFFICER,
        "dossier": DOSSIER,
        "base": base(look),
    }


def base(look: Look) -> str:
    """Where the bus is reached, as samples name it."""
    return look.directory.publishing.url or base_of(look.request)


def _received(contract: Contract, version: ContractVersion) -> Schema | None:
    """The schema that a view is of: a query's reply, or the event. None for a submission: nothing comes back."""
    return version.request if contract.pattern is Pattern.EVENT else version.reply


def _samples(
    look: Look, contract: Contract, version: ContractVersion, systems: tuple[str, ...]
) -> Mapping[Way, list[Sample]]:
    made = {}
    for way in ways_of(contract):
        call = call_of(base(look), contract, version, way, systems)
        made[way] = [
            Sample(each.id, each.name, each.file, " ".join(each.command), each.write(call)) for each in LANGUAGES
        ]
    return made


def _place(text: str, count: int, room: int) -> int:
    """Which grants are shown: the first of them."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return number - number % room if number < count else 0

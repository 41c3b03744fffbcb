"""Agencies as they are shown: each with both forms of its code, how it stands on a day, what stands in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from contracts.agencies import agency_named, in_place_of, predecessors, qcvn_code
from contracts.catalogue import Agency, AgencyKind
from contracts.laws import Standing, Term
from contracts.plain import plain
from contracts.said import N_

KINDS: Final[Mapping[AgencyKind, str]] = {
    AgencyKind.STATE: N_("State agency"),
    AgencyKind.PARTY: N_("Party organisation"),
    AgencyKind.FRONT: N_("Fatherland Front or mass organisation"),
    AgencyKind.COURT: N_("Court or procuracy"),
    AgencyKind.PUBLIC_SERVICE_UNIT: N_("Public service unit"),
    AgencyKind.ENTERPRISE: N_("Enterprise"),
}


def standing_of(agency: Agency, day: date) -> Standing:
    """How an agency stands on a day."""
    return Term(agency.valid_from, agency.valid_to).standing(day)


def agency_document(agencies: Mapping[str, Agency], agency: Agency, day: date) -> dict[str, Any]:
    """An agency, as JSON.

    `in_its_place` is what there is of it on that day, where that is not itself; `ambiguous`: those are several, and the
    bus does not pick.
    """
    there = in_place_of(agencies, agency, day)
    document: dict[str, Any] = {
        "code": agency.code,
        "qcvn_102": qcvn_code(agency.code),
        "name": agency.name,
        "kind": str(agency.kind),
        "parent": _short(agencies, agency.parent),
        "valid_from": agency.valid_from,
        "valid_to": agency.valid_to,
        "standing": str(standing_of(agency, day)),
        "successors": [_short(agencies, code) for code in agency.successors],
        "predecessors": [_short(agencies, each.code) for each in predecessors(agencies, agency)],
    }
    if there != (agency,):
        document["in_its_place"] = [_short(agencies, each.code) for each in there]
        document["ambiguous"] = len(there) > 1
    return document


def found_agencies(agencies: Mapping[str, Agency], text: str, day: date | None) -> list[Agency]:
    """Those of a day (None: all there ever were) whose code, in either order, or name has all words of `text`."""
    named = agency_named(agencies, text) if text else None
    words = plain(text).split()
    return [
        each
        for _, each in sorted(agencies.items())
        if (day is None or each.valid_on(day))
        and (each is named or all(word in plain(_searched(each)) for word in words))
    ]


def digest_of(agencies: Iterable[Agency]) -> str:
    """SHA-256 (hex) over all that is known of them."""
    return hashlib.sha256(repr(sorted(agencies, key=lambda each: each.code)).encode()).hexdigest()


def _searched(agency: Agency) -> str:
    return f"{agency.code} {qcvn_code(agency.code) or ''} {agency.name}"


def _short(agencies: Mapping[str, Agency], code: str | None) -> dict[str, str] | None:
    known = None if code is None else agencies.get(code)
    return None if known is None else {"code": known.code, "name": known.name}

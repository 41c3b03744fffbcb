"""The filters of the list of exchanges: from an address to what is looked for, and back into an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from contracts.ledger import ExchangeSearch
from contracts.outcome import Outcome, State
from contracts.speech import N_
from gateway.case_keys import CaseKeys
from gateway.directory import Directory

_ID: Final = re.compile(r"[0-9a-f-]{1,36}\Z", re.ASCII)
_FULL_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII)
_NAMES: Final = ("q", "case", "status", "outcome", "contract", "sender", "receiver", "from", "until")
_MAX_TEXT: Final = 200
_OPEN: Final = frozenset({State.ACCEPTED, State.IN_PROGRESS, State.RETRYING})
_UNWELL: Final = frozenset({Outcome.REFUSED, Outcome.FAILED, Outcome.EXPIRED, Outcome.IN_DOUBT})

NOT_AN_ID: Final = N_("An exchange's id has only the digits 0–9, the letters a–f and dashes.")
NOT_A_TIME: Final = N_("A time is written as 2025-07-01T08:30.")

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": N_("All"),
        "open": N_("Under way"),
        "retrying": N_("Retrying"),
        "unwell": N_("Not well"),
        "person": N_("Wait for a person"),
    }
)
"""The filters that are one click away, with their messages' ids."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody typed and chose. `wrong` are the messages' ids of what cannot be understood."""

    typed: Mapping[str, str]
    search: ExchangeSearch
    wrong: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered at all."""
        return any(self.typed.values())

    @property
    def has_more(self) -> bool:
        """Whether any filter is set that is not always in sight."""
        return any(value for name, value in self.typed.items() if name not in {"q", "status"})

    @property
    def whole_id(self) -> str:
        """The id, where exactly one whole id was typed; else ""."""
        typed = self.typed["q"].lower()
        return typed if _FULL_ID.match(typed) else ""

    def address(self, **changed: str) -> str:
        """The query of an address with these filters, some of them changed."""
        return urlencode({name: value for name, value in {**self.typed, **changed}.items() if value})


def read_filters(query: Mapping[str, str], directory: Directory, case_keys: CaseKeys) -> Filters:
    """The filters in the query of an address; what cannot be understood is left out of the search and named."""
    typed = {name: query.get(name, "").strip()[:_MAX_TEXT] for name in _NAMES}
    wrong: list[str] = []
    sought = typed["q"].lower()
    if sought and not _ID.match(sought):
        wrong.append(NOT_AN_ID)
        sought = ""
    times = {name: _time(typed[name], directory) for name in ("from", "until")}
    wrong += [NOT_A_TIME for name, time_ms in times.items() if typed[name] and time_ms is None]
    states, outcomes, person = _standing(typed["status"])
    if typed["outcome"] in set(Outcome):
        # The narrower choice counts.
        states, outcomes, person = frozenset(), frozenset({Outcome(typed["outcome"])}), False
    search = ExchangeSearch(
        id=sought,
        states=states,
        outcomes=outcomes,
        waits_for_person=person,
        contract=typed["contract"],
        sender=typed["sender"],
        receiver=typed["receiver"],
        case_key=case_keys.of(typed["case"]),
        from_ms=times["from"],
        # The minute that was named belongs to it.
        until_ms=None if times["until"] is None else times["until"] + 60_000,
    )
    return Filters(typed, search, tuple(dict.fromkeys(wrong)))


def _standing(status: str) -> tuple[frozenset[State], frozenset[Outcome], bool]:
    if status == "open":
        return _OPEN, frozenset(), False
    if status == "retrying":
        return frozenset({State.RETRYING}), frozenset(), False
    if status == "unwell":
        return frozenset(), _UNWELL, True
    if status == "person":
        return frozenset(), frozenset(), True
    return frozenset(), frozenset(), False


def _time(text: str, directory: Directory) -> int | None:
    """A local time as `<input type=datetime-local>` writes it, in the bus's zone."""
    try:
        local = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=directory.zone)
        return int(local.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None

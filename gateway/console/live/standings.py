"""How flows and systems stand: told by a colour, by a sign and in words, never by one of them alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from contracts.ledger import FlowCount
from contracts.outcome import Outcome, State
from contracts.speech import N_
from gateway.console.cells import Badge

FLOWS: Final = Badge("ok", "✓", N_("flows"))
IDLE: Final = Badge("held", "○", N_("quiet"))
RETRIES: Final = Badge("retrying", "↻", N_("is tried again"))
TROUBLED: Final = Badge("failed", "▲", N_("some fail"))
PAUSED: Final = Badge("failed", "‖", N_("does not answer"))
UNSERVED: Final = Badge("doubt", "?", N_("no worker tells of it"))
PULLS: Final = Badge("held", "⇣", N_("fetches by itself"))
READY: Final = Badge("ok", "✓", N_("receives"))
WAITING: Final = Badge("waiting", "◐", N_("messages wait"))

_ERRORS: Final = frozenset({Outcome.FAILED, Outcome.EXPIRED, Outcome.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class Tally:
    """Exchanges counted by how they stand. `errors` are those that failed, expired, are in doubt or wait for a person;
    `refused` are not the bus's nor the receiver's fault."""

    total: int = 0
    errors: int = 0
    refused: int = 0
    retrying: int = 0

    @property
    def badge(self) -> Badge:
        """How they stand together: the worst that is true of one of them."""
        if self.errors:
            return TROUBLED
        if self.retrying:
            return RETRIES
        return FLOWS if self.total else IDLE


def tally(flows: Iterable[FlowCount]) -> Tally:
    """`flows` counted together."""
    total = errors = refused = retrying = 0
    for flow in flows:
        total += flow.count
        if flow.waits_for_person or flow.outcome in _ERRORS:
            errors += flow.count
        elif flow.outcome is Outcome.REFUSED:
            refused += flow.count
        elif flow.outcome is None and flow.state is State.RETRYING:
            retrying += flow.count
    return Tally(total, errors, refused, retrying)

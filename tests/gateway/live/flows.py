"""Counts as the ledger gives them, for tests."""

from __future__ import annotations

from typing import Any

from contracts.ledger import FlowCount
from contracts.outcome import Outcome, Pattern, State


def flow(slot: int, count: int = 1, **changed: Any) -> FlowCount:
    """Submissions that were delivered from the one-stop shop to the register."""
    known: dict[str, Any] = {
        "contract": "education.student-transfer",
        "pattern": Pattern.SUBMISSION,
        "sender": "motcua",
        "receiver": "gddt",
        "is_copy": False,
        "state": State.SETTLED,
        "outcome": Outcome.DELIVERED,
        "waits_for_person": False,
    }
    return FlowCount(slot=slot, count=count, **{**known, **changed})

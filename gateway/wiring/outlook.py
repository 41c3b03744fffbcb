"""`lienthong check --on DAY`: what of a workspace will not work on a day to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adapters.workspace.outlook import outlook
from adapters.workspace.spots import Spots
from contracts.findings import Finding, Severity
from contracts.outlook import Break
from gateway.wiring.offline import load_workspace


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that breaks, and the finding that says where it is written. A warning is of what stops nothing."""

    broken: Break
    finding: Finding


def ahead(root: Path, day: date, today: date) -> Sequence[Ahead]:
    """Everything that breaks until `day`, the earliest first. InvalidWorkspace."""
    spots = Spots(root)
    found = []
    for each in outlook(load_workspace(root), today, day):
        file, place = spots.of(each.spot)
        severity = Severity.ERROR if each.stops else Severity.WARNING
        found.append(Ahead(each, Finding(file, place.line, place.column, each.message, each.remedy, severity)))
    return found

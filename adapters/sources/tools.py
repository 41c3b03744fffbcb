"""What every source works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from adapters.clock import Clock
from adapters.hurry import Hurry
from adapters.metrics import SourceMetrics
from adapters.own_records import OwnRecords
from contracts.codelists import CodeList
from contracts.ports import Intake, Transport
from contracts.wording import Language


@dataclass(frozen=True, slots=True)
class SourceTools:
    """`holder` names this process; `language` is the one that reject files are written in; sources give way
    while there is `hurry`."""

    transport: Transport
    own: OwnRecords
    intake: Intake
    metrics: SourceMetrics
    clock: Clock
    holder: str
    language: Language
    zone: tzinfo
    codelists: Mapping[str, CodeList] = field(repr=False)
    hurry: Hurry

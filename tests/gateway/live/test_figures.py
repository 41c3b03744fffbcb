"""What the figures say: latency, how things stand, and lines that fit their box."""

from __future__ import annotations

import pytest

from contracts.outcome import Outcome, State
from gateway.board import InboxStatus
from gateway.console.cells import Badge
from gateway.console.live.now_figures import latency, standing_of
from gateway.console.live.sparkline import HEIGHT, sparkline
from gateway.console.live.standings import (
    FLOWS,
    IDLE,
    PAUSED,
    READY,
    RETRIES,
    TROUBLED,
    UNSERVED,
    WAITING,
    Tally,
    tally,
)
from tests.gateway.live.flows import flow


def test_nineteen_of_twenty_took_no_longer_than_p95() -> None:
    told = latency([*range(1, 20), 5000])
    assert (told.p50_ms, told.p95_ms) == (10, 19)
    assert latency([7]).p95_ms == 7
    assert latency([]).p50_ms is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, FLOWS),
        ({"outcome": None, "state": State.RETRYING}, RETRIES),
        ({"outcome": Outcome.FAILED}, TROUBLED),
        ({"outcome": Outcome.EXPIRED}, TROUBLED),
        ({"outcome": Outcome.IN_DOUBT}, TROUBLED),
        ({"outcome": None, "waits_for_person": True}, TROUBLED),
        ({"outcome": Outcome.REFUSED}, FLOWS),
    ],
)
def test_a_flow_stands_as_the_worst_that_happened_to_one_of_it(changed: dict[str, object], expected: Badge) -> None:
    assert tally([flow(1, 1000), flow(1, 1, **changed)]).badge is expected


def test_a_flow_of_nothing_is_quiet() -> None:
    assert tally([]) == Tally()
    assert tally([]).badge is IDLE


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, UNSERVED),
        (InboxStatus(0, 0.0, 1), READY),
        (InboxStatus(3, 0.0, 1), WAITING),
        (InboxStatus(200, 4.2, 1), PAUSED),
    ],
)
def test_a_receiver_stands_as_its_worker_told(status: InboxStatus | None, expected: Badge) -> None:
    assert standing_of(status) is expected


def test_a_line_stays_in_its_box() -> None:
    drawn = sparkline([0, 5, 1_000_000, 3])
    ys = [float(point.split()[1]) for point in drawn.line.removeprefix("M").split("L")]
    assert all(0 <= y <= HEIGHT for y in ys)
    assert min(ys) == ys[2]
    assert "nan" not in sparkline([0, 0, 0]).line

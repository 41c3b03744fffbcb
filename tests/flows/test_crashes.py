"""kill -9 anywhere loses nothing that was accepted, and repeats nothing where the receiver would be harmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.crashing import Count, crash_test


def _holds(counts: dict[str, Count]) -> None:
    for count in counts.values():
        assert count.unsettled == 0
        assert count.kills > 0
        assert count.backwards == 0
    memo, twice = counts["memo"], counts["twice"]
    assert memo.effects == memo.receipts
    assert memo.in_doubt == 0
    assert memo.lost == 0
    assert twice.repeated == 0
    assert twice.receipts <= twice.effects + twice.in_doubt
    assert twice.effects <= twice.receipts


@pytest.mark.timeout(170)
async def test_an_embedded_bus_that_is_killed_again_and_again_loses_and_repeats_nothing(tmp_path: Path) -> None:
    _holds(await crash_test(tmp_path, "sqlite:log.db", ("serve",), count=400, kills=4, seed=7))


@pytest.mark.timeout(170)
async def test_roles_on_kafka_that_are_killed_again_and_again_lose_and_repeat_nothing(
    tmp_path: Path, kafka_bootstrap: str
) -> None:
    roles = ("ledger", "worker", "gateway")
    _holds(await crash_test(tmp_path, f"kafka://{kafka_bootstrap}", roles, count=400, kills=4, seed=7))

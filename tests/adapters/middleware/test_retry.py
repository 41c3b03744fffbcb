"""When an attempt that failed is made again."""

from __future__ import annotations

import pytest

from adapters.middleware.retry import next_delay_s

SCHEDULE = (5, 30, 300, 3600, 21600)


@pytest.mark.parametrize(
    ("attempt", "wanted_s", "delay_s"),
    [
        (1, None, 5),
        (2, None, 30),
        (5, None, 21600),
        (6, None, None),
        (1, 3.0, 5),
        (1, 6.0, 30),
        (1, 30.0, 30),
        (3, 10.0, 300),
        (1, 1e9, 21600),
    ],
)
def test_the_schedule_decides_and_what_the_provider_asks_for_rounds_up(
    attempt: int, wanted_s: float | None, delay_s: int | None
) -> None:
    assert next_delay_s(SCHEDULE, attempt, wanted_s) == delay_s


def test_an_adapter_without_a_schedule_gives_up_at_once() -> None:
    assert next_delay_s((), 1, None) is None

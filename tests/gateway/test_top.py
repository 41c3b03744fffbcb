"""`lienthong top` computes what happened between two looks, and shows on a small terminal what needs a look."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from contracts.speech import speech
from contracts.wording import Language
from gateway.commands.top_samples import ContractRow, Picture, SystemRow, picture, quantile, read_sample
from gateway.commands.top_view import view

METRICS = """# TYPE lienthong_exchanges counter
lienthong_exchanges_total{contract="a.b",status="200"} %(ok)s
lienthong_exchanges_total{contract="a.b",status="422"} %(refused)s
lienthong_exchanges_total{contract="a.b",status="503"} %(failed)s
# TYPE lienthong_exchange_seconds histogram
lienthong_exchange_seconds_bucket{contract="a.b",le="0.01"} %(fast)s
lienthong_exchange_seconds_bucket{contract="a.b",le="0.1"} %(all)s
lienthong_exchange_seconds_bucket{contract="a.b",le="+Inf"} %(all)s
lienthong_exchange_seconds_count{contract="a.b"} %(all)s
lienthong_exchange_seconds_sum{contract="a.b"} 1
# TYPE lienthong_deliveries counter
lienthong_deliveries_total{end="settled",system="s"} %(ok)s
# TYPE lienthong_source_rows counter
lienthong_source_rows_total{end="rejected",source="s/f"} 2
lienthong_source_rows_total{end="sent",source="s/f"} %(ok)s
# TYPE lienthong_source_held gauge
lienthong_source_held{source="s/f"} 1
"""
STATUS: dict[str, Any] = {
    "bus": "b",
    "ledger": {"lag": 3},
    "systems": [
        {"system": "s", "backlog": 5, "away_for_s": 0.0, "waiting": 4, "retrying": 1, "dead": 2, "in_doubt": 0}
    ],
}


def seen(at_s: float, **counts: int) -> Any:
    """A look at that time."""
    return read_sample(METRICS % counts, STATUS, ready=True, at_s=at_s)


def test_rates_are_of_what_came_in_between() -> None:
    before = seen(10.0, ok=100, refused=5, failed=0, fast=100, all=105)
    found = picture(before, seen(12.0, ok=180, refused=15, failed=10, fast=150, all=205))
    (contract,), (system,), (source,) = found.contracts, found.systems, found.sources
    assert (contract.per_s, contract.refused_per_s, contract.failed_per_s, contract.total) == (50.0, 5.0, 5.0, 205)
    assert contract.p50_s == pytest.approx(0.01)
    assert contract.p99_s == pytest.approx(0.0982)
    assert (system.per_s, system.backlog, system.dead) == (40.0, 5, 2)
    assert (source.per_s, source.rows, source.rejected, source.held) == (40.0, 182, 2, True)
    assert found.lag == 3


def test_a_gateway_that_was_started_anew_has_no_negative_rates() -> None:
    before = seen(10.0, ok=100, refused=5, failed=0, fast=100, all=105)
    (contract,) = picture(before, seen(11.0, ok=7, refused=0, failed=0, fast=7, all=7)).contracts
    assert contract.per_s == 7.0


@pytest.mark.parametrize(
    ("share", "now", "time_s"),
    [
        (0.5, {0.01: 100.0, 0.1: 100.0, float("inf"): 100.0}, 0.005),
        (0.99, {0.01: 0.0, 0.1: 100.0, float("inf"): 100.0}, 0.0991),
        (0.99, {0.01: 0.0, 0.1: 0.0, float("inf"): 100.0}, 0.1),
        (0.5, {0.01: 0.0, 0.1: 0.0, float("inf"): 0.0}, None),
        (0.5, {}, None),
    ],
)
def test_a_quantile_is_as_near_as_the_buckets_are(share: float, now: dict[float, float], time_s: float | None) -> None:
    assert quantile(share, {}, now) == (None if time_s is None else pytest.approx(time_s))


def shown(found: Picture, language: Language, *, height: int = 24, width: int = 80) -> list[str]:
    """The lines on a terminal of that size."""
    console = Console(width=width, height=height, force_terminal=False)
    with console.capture() as capture:
        console.print(view(found, "12:00:00", speech(language), height))
    return capture.get().splitlines()


def crowded(count: int) -> Picture:
    """A province: many contracts and systems, of which one each is in trouble."""
    contracts = tuple(
        ContractRow(f"education.student-transfer-{each:03}", 1234.5, 10.0, float(each == 77), 0.0123, 12.3, 9_999_999)
        for each in range(count)
    )
    systems = tuple(
        SystemRow(f"so-giao-duc-va-dao-tao-{each:03}", 99.9, 0.5, 99_999, 28.0 * (each == 55), 1, 888, 77, 6)
        for each in range(count)
    )
    return Picture("thanh-pho", ready=True, lag=12, contracts=contracts, systems=systems)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("height", [24, 50])
def test_a_whole_province_fits_a_terminal_and_trouble_comes_first(language: Language, height: int) -> None:
    lines = shown(crowded(100), language, height=height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "so-giao-duc-va-d" in text
    assert [line for line in lines if "28 s" in line] == [line for line in lines if "so-giao-duc" in line][:1]
    assert next(line for line in lines if "education" in line).count("1.0") == 1
    assert sum(("nữa" if language is Language.VI else "more") in line for line in lines) == 2


def test_what_is_not_known_is_not_shown_as_nothing() -> None:
    quiet = Picture(
        "b", ready=False, lag=None, contracts=(), systems=(SystemRow("s", None, None, None, 0.0, *[None] * 4),)
    )
    text = "\n".join(shown(quiet, Language.EN))
    assert "not ready" in text
    assert "the ledger cannot be asked" in text
    assert "no request yet" in text
    assert text.count("–") == 6

"""When a subscription is noted to fail, to be well again, and to have failed for too long."""

from __future__ import annotations

from dataclasses import replace

from adapters.subscriptions.health import Seen, noted
from contracts.subscriptions import SubscriptionState
from tests.adapters.subscriptions.test_fold import MADE

LIMIT_MS = 1000
WELL = replace(MADE, succeeded_ms=100)
FAILING = replace(MADE, succeeded_ms=100, failed_ms=200, failing_since_ms=200, failure="HTTP 500")


def test_while_all_is_well_nothing_is_written_but_once_an_hour() -> None:
    assert noted(WELL, Seen(succeeded_ms=3_600_000), 5_000_000, LIMIT_MS) is None
    told = noted(WELL, Seen(succeeded_ms=3_600_101), 5_000_000, LIMIT_MS)
    assert told is not None
    assert (told.succeeded_ms, told.failing_since_ms) == (3_600_101, None)


def test_the_first_failure_is_written_with_its_reason() -> None:
    told = noted(WELL, Seen(failed_ms=300, failing_since_ms=200, failure="HTTP 500"), 400, LIMIT_MS)
    assert told is not None
    assert (told.failing_since_ms, told.failed_ms, told.failure) == (200, 300, "HTTP 500")
    assert (told.revision, told.state) == (WELL.revision + 1, SubscriptionState.ACTIVE)


def test_further_failures_are_no_news() -> None:
    assert noted(FAILING, Seen(failed_ms=900, failing_since_ms=200), 900, LIMIT_MS) is None


def test_with_a_failure_after_too_long_it_is_disabled() -> None:
    told = noted(FAILING, Seen(failed_ms=1200, failing_since_ms=200, failure="HTTP 502"), 1300, LIMIT_MS)
    assert told is not None
    assert (told.state, told.failing_since_ms, told.failure) == (SubscriptionState.DISABLED, 200, "HTTP 502")


def test_time_that_passes_without_another_failure_disables_nothing() -> None:
    assert noted(FAILING, Seen(failed_ms=300, failing_since_ms=200), 999_999, LIMIT_MS) is None


def test_one_success_forgives_all_that_failed_before_it() -> None:
    told = noted(FAILING, Seen(succeeded_ms=1500, failed_ms=1400), 1500, LIMIT_MS)
    assert told is not None
    assert (told.state, told.failing_since_ms, told.succeeded_ms) == (SubscriptionState.ACTIVE, None, 1500)


def test_what_another_worker_saw_succeed_counts_here_too() -> None:
    well_elsewhere = replace(FAILING, succeeded_ms=1000, failing_since_ms=None)
    told = noted(well_elsewhere, Seen(failed_ms=1300, failing_since_ms=200), 1300, LIMIT_MS)
    assert told is not None
    assert (told.state, told.failing_since_ms) == (SubscriptionState.ACTIVE, 1300)


def test_what_failed_before_it_was_resumed_is_forgiven() -> None:
    resumed = replace(FAILING, failing_since_ms=None, resumed_ms=5000)
    assert noted(resumed, Seen(failed_ms=4900, failing_since_ms=200), 5100, LIMIT_MS) is None


def test_who_wants_no_more_is_disabled_at_once() -> None:
    gone = Seen(failed_ms=300, failing_since_ms=300, gone=True)
    told = noted(WELL, gone, 300, LIMIT_MS)
    assert told is not None
    assert told.state is SubscriptionState.DISABLED


def test_a_paused_one_is_not_disabled() -> None:
    paused = replace(FAILING, state=SubscriptionState.PAUSED)
    assert noted(paused, Seen(failed_ms=5000, failing_since_ms=200, gone=True), 5000, LIMIT_MS) is None

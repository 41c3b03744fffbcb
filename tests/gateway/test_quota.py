"""How much a grant lets through."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.catalogue import Grant, Quota
from gateway.problems import Problem
from gateway.quota import Quotas


def grant(quota: Quota | None) -> Grant:
    return Grant("g", "s", "c", 1, ("p",), "purpose", "basis", date(2025, 1, 1), None, quota)


def test_requests_beyond_the_quota_are_told_when_to_come_back() -> None:
    now = [0.0]
    quotas = Quotas(lambda: now[0])
    limited = grant(Quota(requests=2, per_s=10))
    quotas.take(limited)
    quotas.take(limited)
    with pytest.raises(Problem, match="quota-exceeded") as refused:
        quotas.take(limited)
    assert refused.value.headers == {"retry-after": "5"}
    now[0] += 5
    quotas.take(limited)


def test_a_grant_without_a_quota_is_not_counted() -> None:
    quotas = Quotas(lambda: 0.0)
    for _ in range(1000):
        quotas.take(grant(None))

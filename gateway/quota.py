"""Quotas of grants: a token bucket each, counted by this process."""

from __future__ import annotations

import math
from collections.abc import Callable

from contracts.catalogue import Grant
from gateway.problems import Problem


class Quotas:
    """One bucket a grant; grants are bounded by the workspace. `now_s` is any clock that runs on."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, grant: Grant) -> None:
        """Count one request. Problem `quota-exceeded`."""
        quota = grant.quota
        if quota is None:
            return
        now = self._now_s()
        level, since = self._buckets.get(grant.id, (float(quota.requests), now))
        rate = quota.requests / quota.per_s
        level = min(float(quota.requests), level + (now - since) * rate)
        if level < 1:
            self._buckets[grant.id] = (level, now)
            retry_after_s = math.ceil((1 - level) / rate)
            raise Problem(
                "quota-exceeded",
                grant=grant.id,
                requests=quota.requests,
                per_s=f"{quota.per_s:g}",
                retry_after_s=retry_after_s,
                headers={"retry-after": str(retry_after_s)},
            )
        self._buckets[grant.id] = (level - 1, now)

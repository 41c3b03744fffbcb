"""How pushing to subscriptions goes: noted on the log where it matters, and ended where it went wrong for days."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.clock import Clock
from contracts.errors import LogError
from contracts.subscriptions import Outdated, Subscription, Subscriptions, SubscriptionState, changed

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0
_NOT_AGAIN_MS: Final = 60_000
_AFRESH_MS: Final = 3_600_000
_MAX_FAILURE: Final = 300


@dataclass(slots=True)
class Seen:
    """What this process saw of one subscription. `failing_since_ms` None: the latest push succeeded."""

    succeeded_ms: int | None = None
    failed_ms: int | None = None
    failing_since_ms: int | None = None
    failure: str = ""
    gone: bool = False
    noted_ms: int = 0


class Health:
    """Gathers what became of pushes, and writes it to the subscriptions. Used from one event loop.

    The channel is kept for ever, so a subscription is written at most once a minute for what happens to it: when the
    first push fails after one that succeeded, and the other way round; each hour while all is well. Once pushes have
    failed for `disable_after_s` without a single success, with another failure it is disabled, and `disabled` is told;
    at once where its receiver says that it wants no more.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        clock: Clock,
        disable_after_s: Callable[[], int],
        disabled: Callable[[Subscription], Awaitable[None]],
    ) -> None:
        self._subscriptions = subscriptions
        self._clock = clock
        self._disable_after_s = disable_after_s
        self._disabled = disabled
        self._seen: dict[str, Seen] = {}

    def succeeded(self, subscription: str) -> None:
        """A push was taken."""
        seen = self._seen.setdefault(subscription, Seen())
        seen.succeeded_ms = self._clock()
        seen.failing_since_ms = None

    def failed(self, subscription: str, detail: str) -> None:
        """A push was not taken."""
        seen = self._seen.setdefault(subscription, Seen())
        seen.failed_ms = self._clock()
        seen.failure = detail[:_MAX_FAILURE]
        if seen.failing_since_ms is None:
            seen.failing_since_ms = seen.failed_ms

    def gone(self, subscription: str, detail: str) -> None:
        """A push was not taken, and none ever will be."""
        self.failed(subscription, detail)
        self._seen[subscription].gone = True

    async def run(self) -> None:
        """Write what is to be written each second until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            for name, seen in list(self._seen.items()):
                subscription = self._subscriptions.get(name)
                if subscription is None:
                    del self._seen[name]
                    continue
                try:
                    await self._note(subscription, seen)
                except (Outdated, LogError) as error:
                    log.debug("not noted, the next second tells: %s", error)

    async def _note(self, subscription: Subscription, seen: Seen) -> None:
        now_ms = self._clock()
        if subscription.state is not SubscriptionState.ACTIVE:
            seen.gone = False
        told = noted(subscription, seen, now_ms, self._disable_after_s() * 1000)
        if told is None:
            return
        is_disabled = told.state is not subscription.state
        if not is_disabled and now_ms - seen.noted_ms < _NOT_AGAIN_MS:
            return
        await self._subscriptions.put(told)
        seen.noted_ms, seen.gone = now_ms, False
        if is_disabled:
            log.warning("subscription %s is disabled: %s", told.id, told.failure)
            await self._disabled(told)


def noted(subscription: Subscription, seen: Seen, now_ms: int, disable_after_ms: int) -> Subscription | None:
    """The subscription with what was seen of it; None where that is no news. Several workers may each see a part."""
    since_ms = _failing_since(subscription, seen)
    was_ms = subscription.failing_since_ms
    news = (since_ms is None) is not (was_ms is None) or (since_ms or 0) > (was_ms or 0)
    stale = (seen.succeeded_ms or 0) - (subscription.succeeded_ms or 0) > _AFRESH_MS
    over = seen.gone or (since_ms is not None and (seen.failed_ms or 0) - since_ms >= disable_after_ms)
    over = over and subscription.state is SubscriptionState.ACTIVE
    if not (news or stale or over):
        return None
    return changed(
        subscription,
        now_ms,
        state=SubscriptionState.DISABLED if over else subscription.state,
        succeeded_ms=max(seen.succeeded_ms or 0, subscription.succeeded_ms or 0) or None,
        failed_ms=max(seen.failed_ms or 0, subscription.failed_ms or 0) or None,
        failing_since_ms=since_ms,
        failure=seen.failure or subscription.failure,
    )


def _failing_since(subscription: Subscription, seen: Seen) -> int | None:
    succeeded_ms = max(seen.succeeded_ms or 0, subscription.succeeded_ms or 0)
    # After somebody resumed it, what failed before that is forgiven.
    forgiven_ms = max(succeeded_ms, subscription.resumed_ms or 0)
    known = [ms for ms in (subscription.failing_since_ms, seen.failing_since_ms) if ms is not None and ms > forgiven_ms]
    if known:
        return min(known)
    return seen.failed_ms if seen.failed_ms is not None and seen.failed_ms > forgiven_ms else None

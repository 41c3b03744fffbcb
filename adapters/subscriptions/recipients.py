"""Who is pushed an event: the systems whose YAML says so, and the subscriptions there are at this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from adapters.delivery.fanout import Subscriber, Subscribers, subscribers_of
from adapters.subscriptions.fold import SubscriptionFold
from contracts.catalogue import Grant
from contracts.envelope import Envelope
from contracts.subscriptions import Subscription


class Recipients:
    """What the fan-out asks. `configured` are the subscribers of the workspace, `grants` all grants."""

    def __init__(
        self,
        fold: SubscriptionFold,
        configured: Sequence[Subscriber],
        grants: Sequence[Grant],
        today: Callable[[], date],
    ) -> None:
        self._fold = fold
        self._configured = configured
        self._grants = grants
        self._today = today
        self._version = -1
        self._find: Subscribers = subscribers_of((), today)

    def configure(self, configured: Sequence[Subscriber], grants: Sequence[Grant]) -> None:
        """Answer by these from now on."""
        self._configured, self._grants, self._version = configured, grants, -1

    def __call__(self, event: Envelope) -> Sequence[tuple[str, Grant]]:
        """By the grants in force today: receiver and grant."""
        if self._version != self._fold.version:
            self._version = self._fold.version
            own = [subscriber_of(each, self._grants) for each in self._fold.all()]
            self._find = subscribers_of([*self._configured, *own], self._today)
        return self._find(event)


def subscriber_of(subscription: Subscription, grants: Sequence[Grant]) -> Subscriber:
    """A subscription as the fan-out knows subscribers."""
    wanted = (subscription.system, subscription.contract, subscription.major)
    held = tuple(each for each in grants if (each.system, each.contract, each.major) == wanted)
    return Subscriber(subscription.id, subscription.contract, subscription.major, held)

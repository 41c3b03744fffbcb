"""From a subscription to a system as a worker holds it: a webhook whose secrets and state are those of this moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from adapters.clock import Clock
from adapters.delivery.pipeline import BoundSystem
from adapters.delivery.services import BoundService, service_name
from adapters.subscriptions.health import Health
from adapters.subscriptions.sealing import CannotUnseal, Sealer
from adapters.systems.opening import CannotOpen
from adapters.systems.rest.wire import Wire, trusted
from adapters.systems.webhook.connection import WebhookOperation, WebhookTarget
from adapters.systems.webhook.provider import WebhookProvider
from adapters.systems.webhook.signing import Signer, key_of
from adapters.workspace.snapshot import Workspace
from contracts.errors import Gone, Indeterminate, Origin, Permanent, Transient, Withheld
from contracts.outcome import Pattern
from contracts.ports import Answer, Call, Provider
from contracts.subscriptions import Subscription, Subscriptions, SubscriptionState
from contracts.validation import Extra

log = logging.getLogger(__name__)

DELETED: Final = "the subscription was deleted"
_CONCURRENCY: Final = 8
_BREAKER_FAILURES: Final = 10
_BREAKER_PAUSE_S: Final = 5.0


class LiveSigner:
    """Signs with the secrets that a subscription has at this moment: a rotation needs nothing to be opened anew."""

    def __init__(self, subscription: str, subscriptions: Subscriptions, sealer: Sealer, clock: Clock) -> None:
        self._subscription = subscription
        self._subscriptions = subscriptions
        self._sealer = sealer
        self._clock = clock
        self._last: tuple[tuple[bytes, ...], Signer] | None = None

    def __call__(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """The header `webhook-signature`. Withheld: the subscription is gone. Transient: no secret can be read."""
        found = self._subscriptions.get(self._subscription)
        if found is None:
            raise Withheld(DELETED, "", origin=Origin.BUS)
        sealed = found.signing(self._clock())
        if self._last is None or self._last[0] != sealed:
            self._last = sealed, self._opened(sealed)
        return self._last[1](message_id, timestamp_s, body)

    def _opened(self, sealed: tuple[bytes, ...]) -> Signer:
        try:
            keys = [self._key(each) for each in sealed[:1]]
        except (CannotUnseal, CannotOpen) as error:
            raise Transient(str(error), sent=False, origin=Origin.BUS) from None
        for each in sealed[1:]:
            try:
                keys.append(self._key(each))
            except (CannotUnseal, CannotOpen) as error:
                # The subscriber has the newest one: that it asked for it is how it mends just this.
                log.warning("an older secret signs no more: %s", error)
        return Signer(keys)

    def _key(self, sealed: bytes) -> bytes:
        return key_of(self._subscription, self._sealer.unseal(self._subscription, sealed))


class Watched:
    """A provider whose calls tell how the subscription does; what is left of a deleted one goes to nobody."""

    def __init__(self, subscription: str, provider: Provider, subscriptions: Subscriptions, health: Health) -> None:
        self._subscription = subscription
        self._provider = provider
        self._subscriptions = subscriptions
        self._health = health

    async def start(self) -> None:
        """Open it."""
        await self._provider.start()

    async def close(self) -> None:
        """Close it. Idempotent."""
        await self._provider.close()

    async def call(self, call: Call) -> Answer:
        """Push, and tell how that went. As the provider; Withheld where the subscription is gone."""
        if self._subscriptions.get(self._subscription) is None:
            raise Withheld(DELETED, "", origin=Origin.BUS)
        try:
            answer = await self._provider.call(call)
        except Gone:
            self._health.gone(self._subscription, "the receiver answered that it wants no more (410)")
            raise
        except (Transient, Indeterminate, Permanent) as error:
            self._health.failed(self._subscription, error.detail)
            raise
        self._health.succeeded(self._subscription)
        return answer


class Binder:
    """Binds subscriptions to the contracts of the workspace that is current when it is asked."""

    def __init__(
        self,
        workspace: Callable[[], Workspace],
        subscriptions: Subscriptions,
        sealer: Sealer,
        health: Health,
        clock: Clock,
    ) -> None:
        self._workspace = workspace
        self._subscriptions = subscriptions
        self._sealer = sealer
        self._health = health
        self._clock = clock

    def bind(self, subscription: Subscription) -> BoundSystem | None:
        """The system to serve; None where this workspace lacks its contract, or allows its address no more."""
        workspace = self._workspace()
        contract = workspace.contracts.get(subscription.contract)
        version = None if contract is None else contract.versions.get(subscription.major)
        # To one that was deleted nothing goes out; what waits for it ends, wherever it would have gone.
        allow_private = workspace.bus.subscriptions.allow_private or subscription.state is SubscriptionState.DELETED
        target = target_of(subscription.url, allow_private=allow_private)
        if contract is None or version is None or contract.pattern is not Pattern.EVENT or target is None:
            return None
        name = service_name(contract.name, version.major)
        service = BoundService(
            contract=contract.name,
            major=version.major,
            system=subscription.id,
            pattern=contract.pattern,
            idempotent=True,
            operation=name,
            request=version.request,
            reply=None,
            reply_schema=None,
            request_map=None,
            parts_map=None,
            reply_map=None,
            extra=Extra.DROP_AND_REPORT,
            zone=workspace.bus.time_zone,
            codelists=workspace.codelists,
            ordered=contract.ordered is not None,
        )
        return BoundSystem(
            id=subscription.id,
            provider=Watched(
                subscription.id, self._provider(subscription.id, target, name), self._subscriptions, self._health
            ),
            services={(contract.name, version.major): service},
            concurrency=_CONCURRENCY,
            breaker_failures=_BREAKER_FAILURES,
            breaker_pause_s=_BREAKER_PAUSE_S,
            retry_s=subscription.retry_s,
        )

    def _provider(self, subscription: str, target: WebhookTarget, service: str) -> WebhookProvider:
        wire = Wire(target, trusted(target, self._workspace().folder))
        sign = LiveSigner(subscription, self._subscriptions, self._sealer, self._clock)
        return WebhookProvider(target, {service: WebhookOperation()}, wire, sign, self._clock)


def target_of(url: str, *, allow_private: bool) -> WebhookTarget | None:
    """The address as the provider takes it; None where it is none, or a private one that is not allowed."""
    try:
        return WebhookTarget.model_validate({"url": url, "allow_private": allow_private})
    except ValidationError:
        return None

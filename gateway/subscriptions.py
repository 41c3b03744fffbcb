"""Subscriptions that systems make for themselves, within their grants, without an operator."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from contracts.channels import subscription as subscription_id
from contracts.envelope import rfc3339
from contracts.outcome import Pattern
from contracts.records import Step, StepKind
from contracts.subscriptions import (
    Outdated,
    SealedSecret,
    Subscription,
    Subscriptions,
    SubscriptionState,
    changed,
    journal_envelope,
)
from contracts.trace import RandomBytes, TraceContext
from contracts.wording import Language
from gateway.board import Board
from gateway.directory import Directory
from gateway.exchanges import is_same
from gateway.intake import Principal
from gateway.journal import Journal
from gateway.problems import Problem, problem_document
from gateway.routing import today
from gateway.subscription_requests import Rules, Wanted, duration_text

_SECRET_BYTES: Final = 32
_BOTH_SIGN_MS: Final = 86_400_000
_TRIES: Final = 5


class Seals(Protocol):
    """Encrypts a secret for the log."""

    def seal(self, subscription: str, secret: str) -> bytes:
        """The ciphertext, which is good for this subscription only."""


class Subscribing:
    """What systems do with their subscriptions, and operators with all of them. LogError passes through."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        subscriptions: Subscriptions,
        seals: Seals,
        rules: Callable[[], Rules],
        board: Board,
        journal: Journal,
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self._directory = directory
        self._subscriptions = subscriptions
        self._seals = seals
        self._rules = rules
        self._board = board
        self._journal = journal
        self._now_ms = now_ms
        self._random_bytes = random_bytes

    @property
    def rules(self) -> Rules:
        """What subscribers are held to now."""
        return self._rules()

    async def create(self, principal: Principal, wanted: Wanted) -> tuple[Subscription, str]:
        """A new subscription and its secret. Problem `owner-only`, `contract-unknown`, `not-an-event`, `no-grant`,
        `too-many-subscriptions`."""
        if principal.system is None:
            raise Problem("owner-only")
        contract, major = self._granted(principal.id, wanted.contract)
        await self._subscriptions.caught_up()
        if len(self._mine(principal.id)) >= self.rules.most:
            raise Problem("too-many-subscriptions", most=self.rules.most)
        now_ms = self._now_ms()
        # The machine's own source: an id must not be met again, ever.
        name = subscription_id(principal.id, secrets.token_hex(8))
        secret = _new_secret()
        made = Subscription(
            id=name,
            revision=1,
            state=SubscriptionState.ACTIVE,
            contract=contract,
            major=major,
            url=wanted.url,
            retry_s=wanted.retry_s,
            secrets=(SealedSecret(self._seals.seal(name, secret)),),
            created_ms=now_ms,
            changed_ms=now_ms,
            replay_since_ms=wanted.since_ms,
        )
        await self._subscriptions.put(made)
        await self._write_down(principal, made, "created")
        return made, secret

    async def list(self, principal: Principal) -> Sequence[Subscription]:
        """The system's own; all of them for an operator."""
        await self._subscriptions.caught_up()
        return self._subscriptions.all() if principal.operator else self._mine(principal.id)

    async def get(self, principal: Principal, name: str) -> Subscription:
        """One of them. Problem `subscription-not-found`."""
        await self._subscriptions.caught_up()
        found = self._subscriptions.get(name)
        if found is None or not (principal.operator or self._owns(principal, found)):
            raise Problem("subscription-not-found", id=name[:150])
        return found

    async def pause(self, principal: Principal, name: str) -> Subscription:
        """Push no more until it is resumed; what comes waits. A disabled one stays disabled."""

        def paused(each: Subscription) -> Subscription:
            if each.state is not SubscriptionState.ACTIVE:
                return each
            return changed(each, self._now_ms(), state=SubscriptionState.PAUSED)

        return await self._change(principal, name, "paused", paused)

    async def resume(self, principal: Principal, name: str) -> Subscription:
        """Push again, whatever stopped it; what failed before is forgiven."""

        def resumed(each: Subscription) -> Subscription:
            if each.state is SubscriptionState.ACTIVE:
                return each
            now_ms = self._now_ms()
            return changed(each, now_ms, state=SubscriptionState.ACTIVE, resumed_ms=now_ms, failing_since_ms=None)

        return await self._change(principal, name, "resumed", resumed)

    async def rotate(self, principal: Principal, name: str) -> tuple[Subscription, str]:
        """A new secret; the one before it signs for a day more. Problem `owner-only`."""
        secret = _new_secret()

        def rotated(each: Subscription) -> Subscription:
            now_ms = self._now_ms()
            new = SealedSecret(self._seals.seal(each.id, secret))
            old = SealedSecret(each.secrets[0].sealed, now_ms + _BOTH_SIGN_MS)
            return changed(each, now_ms, secrets=(new, old))

        self._only_owner(principal, await self.get(principal, name))
        return await self._change(principal, name, "secret rotated", rotated), secret

    async def end_old_secret(self, principal: Principal, name: str) -> Subscription:
        """Only the newest secret signs from now on. Problem `owner-only`."""

        def ended(each: Subscription) -> Subscription:
            if len(each.secrets) == 1:
                return each
            return changed(each, self._now_ms(), secrets=each.secrets[:1])

        self._only_owner(principal, await self.get(principal, name))
        return await self._change(principal, name, "old secret ended", ended)

    async def replay(self, principal: Principal, name: str, since_ms: int) -> Subscription:
        """Push once more what was published since then. Problem `no-grant`."""

        def replayed(each: Subscription) -> Subscription:
            self._granted(each.system, f"{each.contract}@{each.major}")
            return changed(each, self._now_ms(), replay=each.replay + 1, replay_since_ms=since_ms)

        return await self._change(principal, name, f"replay since {rfc3339(since_ms)}", replayed)

    async def delete(self, principal: Principal, name: str) -> None:
        """End it; what still waits is pushed to nobody."""

        def deleted(each: Subscription) -> Subscription:
            return changed(each, self._now_ms(), state=SubscriptionState.DELETED, secrets=())

        await self._change(principal, name, "deleted", deleted)

    def document(self, each: Subscription, language: Language) -> dict[str, Any]:
        """What is shown of a subscription: never a secret."""
        now_ms = self._now_ms()
        ending = [
            secret.until_ms for secret in each.secrets if secret.until_ms is not None and secret.until_ms > now_ms
        ]
        document: dict[str, Any] = {
            "id": each.id,
            "system": each.system,
            "contract": f"{each.contract}@{each.major}",
            "url": each.url,
            "retry": [duration_text(delay_s) for delay_s in each.retry_s],
            "state": str(each.state),
            "created": rfc3339(each.created_ms),
            "last_success": _time(each.succeeded_ms),
            "last_failure": _time(each.failed_ms),
            "failing_since": _time(each.failing_since_ms),
            "failure": each.failure or None,
            "old_secret_until": _time(max(ending, default=None)),
            "replays": each.replay,
            "backlog": self._board.backlogs().get(each.id),
        }
        problem = self.problem(each)
        if problem is not None:
            document["problem"] = problem_document(problem, language)
        return document

    def problem(self, each: Subscription) -> Problem | None:
        """Why nothing is pushed though its owner did not stop it; None where there is no such reason."""
        if each.state is SubscriptionState.DISABLED:
            since = _time(each.failing_since_ms) or _time(each.changed_ms)
            return Problem("subscription-disabled", id=each.id, url=each.url, since=since, failure=each.failure or "—")
        day = today(self._directory(), self._now_ms())
        grants = self._directory().grants_of(each.system, each.contract, day)
        if not any(grant.major == each.major for grant in grants):
            return Problem("no-grant", system=each.system, contract=f"{each.contract}@{each.major}", receiver="")
        return None

    def notices(self, system: str, language: Language) -> Sequence[dict[str, Any]]:
        """What a system has to be told of its subscriptions, as problems, as far as is known here and now."""
        told = ((each, self.problem(each)) for each in self._mine(system))
        return [
            {**problem_document(problem, language), "subscription": each.id}
            for each, problem in told
            if problem is not None
        ]

    def _mine(self, system: str) -> Sequence[Subscription]:
        directory = self._directory()
        return [each for each in self._subscriptions.all() if system in {each.system, directory.holder_of(each.system)}]

    def _only_owner(self, principal: Principal, each: Subscription) -> None:
        if not self._owns(principal, each):
            raise Problem("owner-only")

    def _owns(self, principal: Principal, each: Subscription) -> bool:
        return is_same(self._directory(), principal, each.system)

    def _granted(self, system: str, asked: str) -> tuple[str, int]:
        """The contract and the major version that a grant in force lets `system` have."""
        directory = self._directory()
        name, _, major = asked.partition("@")
        contract = directory.contracts.get(name)
        if contract is None or (major and major not in map(str, contract.versions)):
            known = sorted({grant.contract for grant in directory.grants if grant.system == system})
            raise Problem("contract-unknown", contract=asked[:150], known=", ".join(known) or "—")
        if contract.pattern is not Pattern.EVENT:
            raise Problem("not-an-event", contract=name)
        grants = directory.grants_of(system, name, today(directory, self._now_ms()))
        for grant in grants:
            if major in {"", str(grant.major)}:
                return name, grant.major
        raise Problem("no-grant", system=system, contract=asked, receiver="")

    async def _change(
        self, principal: Principal, name: str, done: str, change: Callable[[Subscription], Subscription]
    ) -> Subscription:
        """Change it as it is now, and again where somebody else was first. Problem `subscription-busy`."""
        for _ in range(_TRIES):
            known = await self.get(principal, name)
            new = change(known)
            if new is known:
                return known
            try:
                await self._subscriptions.put(new)
            except Outdated:
                continue
            await self._write_down(principal, new, done)
            return new
        raise Problem("subscription-busy", id=name)

    async def _write_down(self, principal: Principal, each: Subscription, done: str) -> None:
        trace = TraceContext.start(self._random_bytes)
        about = journal_envelope(each, self._directory().configuration, trace)
        await self._journal.write(about, Step(StepKind.SUBSCRIPTION, "gateway", principal.id, done))


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _time(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)

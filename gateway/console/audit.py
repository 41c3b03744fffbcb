"""What people do in the console, as lines of the journal: who signed in, who was turned away, who read a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from contracts.envelope import Envelope, Kind
from contracts.outcome import Pattern
from contracts.records import Step, StepKind
from contracts.trace import RandomBytes, TraceContext
from gateway.journal import Journal

PLACE: Final = "console"
EVERYWHERE: Final = "all sessions"


class Audit:
    """Writes the lines. A line about a person is keyed ``user/<id>``, where an exchange's id would be."""

    def __init__(
        self,
        journal: Journal,
        configuration: Callable[[], str],
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self._journal = journal
        self._configuration = configuration
        self._now_ms = now_ms
        self._random_bytes = random_bytes

    async def signed_in(self, user: str, address: str) -> None:
        """Somebody is in; durable before the answer. LogError."""
        await self._journal.write(self._about(user), Step(StepKind.SIGNED_IN, PLACE, user, f"from {address}"))

    def turned_away(self, user: str, address: str, why: str) -> None:
        """A sign-in failed; `user` is "" where there is no such user: what was typed may be a password."""
        self._journal.noted(
            self._about(user or "unknown"), Step(StepKind.SIGN_IN_REFUSED, PLACE, user, f"{why}, from {address}")
        )

    def signed_out(self, user: str) -> None:
        """Somebody left."""
        self._journal.noted(self._about(user), Step(StepKind.SIGNED_OUT, PLACE, user))

    async def signed_out_everywhere(self, user: str) -> None:
        """Somebody ended all of his sessions; durable before the answer. LogError."""
        await self._journal.write(self._about(user), Step(StepKind.SIGNED_OUT, PLACE, user, EVERYWHERE))

    def password_changed(self, user: str) -> None:
        """The password of `user` is another one now, which has ended all sessions under the old one."""
        self._journal.noted(self._about(user), Step(StepKind.PASSWORD_CHANGED, PLACE, user, EVERYWHERE))

    async def viewed(self, request: Envelope, user: str, reason: str) -> None:
        """Somebody reads the records of an exchange; durable before he does. LogError."""
        about = replace(request, time_ms=self._now_ms(), trace=request.trace.child(self._random_bytes))
        await self._journal.write(about, Step(StepKind.VIEWED, PLACE, user, reason))

    async def tried(self, user: str, system: str, contract: str, exchange: str) -> None:
        """Somebody makes a call in the portal with a token of `system`; durable before it is made. LogError.

        Without an exchange (a pull) it is a line about the person.
        """
        about = self._about(user)
        if exchange:
            about = replace(about, exchange=exchange)
        await self._journal.write(about, Step(StepKind.TRIED, PLACE, user, f"{contract} as {system}"))

    def _about(self, user: str) -> Envelope:
        return Envelope(
            kind=Kind.STEP,
            exchange=f"user/{user}",
            time_ms=self._now_ms(),
            contract="",
            major=0,
            pattern=Pattern.EVENT,
            sender=user,
            receiver="",
            trace=TraceContext.start(self._random_bytes),
            configuration=self._configuration(),
        )

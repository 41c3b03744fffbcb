"""The worker role: takes messages from inboxes and carries each through its system's onion."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.delivery.pipeline import BoundSystem, Tools, pipeline
from adapters.delivery.replay import Replay
from adapters.delivery.work import Arrival, ArrivalHandler, Repeated
from adapters.middleware.breaker import Breaker, BreakerState
from contracts import channels
from contracts.envelope import Envelope, MalformedMessage
from contracts.outcome import Pattern, Result
from contracts.ports import Consumer, Delivery, Partition, Transport
from contracts.records import Step, StepKind

log = logging.getLogger(__name__)

_DRAIN_S: Final = 12.0
_AGAIN_S: Final = 5.0
_INBOX: Final = channels.inbox("")


@dataclass(slots=True)
class _Inbox:
    handle: ArrivalHandler
    guard: Breaker


class Worker:
    """One member of the group that serves the inboxes of `systems`. Used from one event loop."""

    def __init__(self, transport: Transport, systems: Collection[BoundSystem], tools: Tools, *, group: str) -> None:
        self._transport = transport
        self._systems = {system.id: system for system in systems}
        self._tools = tools
        self._group = group
        self._inboxes: dict[str, _Inbox] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._resuming: dict[str, asyncio.TimerHandle] = {}
        self._held: set[str] = set()
        self._consumer: Consumer | None = None
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the providers, join the group and begin to work. LogUnavailable."""
        now_s = asyncio.get_running_loop().time
        for system in self._systems.values():
            await system.provider.start()
            guard = Breaker(system.breaker_failures, system.breaker_pause_s, now_s, self._breaker_of(system.id))
            self._inboxes[system.id] = _Inbox(pipeline(system, guard, self._tools), guard)
        if not self._systems:
            return
        replay = Replay(
            self._transport, self._tools.marks, self._tools.ledger, self._tools.clock, _reach_ms(self._systems)
        )
        self._consumer = await self._transport.consumer(
            self._group,
            [channels.inbox(system) for system in self._systems],
            prepare=replay.prepare,
            release=self._tools.marks.forget,
        )
        for held in self._held:
            self._consumer.pause(channels.inbox(held))
        self._loop_task = asyncio.create_task(self._work(self._consumer))

    def hold(self, system: str) -> None:
        """Take nothing from the inbox of `system` until `release`; what comes waits there. Idempotent."""
        self._held.add(system)
        if self._consumer is not None:
            self._consumer.pause(channels.inbox(system))

    def release(self, system: str) -> None:
        """Undo `hold`. Idempotent."""
        self._held.discard(system)
        if system not in self._resuming:
            self._resume(system)

    async def stop(self) -> None:
        """Take nothing new, let calls in flight end, leave the group, close the providers. Idempotent."""
        consumer, self._consumer = self._consumer, None
        for name, timer in self._resuming.items():
            timer.cancel()
            self._tools.metrics.breaker(name, is_open=False)
        self._resuming.clear()
        if consumer is not None:
            for name in self._systems:
                consumer.pause(channels.inbox(name))
            await self._drain()
            await consumer.close()
        if self._loop_task is not None:
            await self._loop_task
            self._loop_task = None
        await self._tools.outbox.drain()
        for system in self._systems.values():
            await system.provider.close()

    def backlog(self) -> Mapping[Partition, int]:
        """Messages that wait, for each inbox partition that this worker holds."""
        return {} if self._consumer is None else self._consumer.backlog()

    def breaker_open_s(self, system: str) -> float:
        """How long the inbox of `system` stays paused; 0 where it is not."""
        inbox = self._inboxes.get(system)
        return 0.0 if inbox is None else inbox.guard.open_for_s()

    @property
    def in_flight(self) -> int:
        """How many messages are being worked on."""
        return len(self._tasks)

    async def _work(self, consumer: Consumer) -> None:
        while deliveries := await consumer.take():
            for delivery in deliveries:
                task = asyncio.create_task(self._deliver(delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        while True:
            try:
                await self._handle(delivery)
            except Exception:
                # The onion ends everything that is expected. What is left is a fault in the bus itself: the message
                # stays unsettled and is tried again here, slowly, where an operator sees it in the log.
                log.exception("cannot deal with %s", delivery.stored.position)
                await asyncio.sleep(_AGAIN_S)
            else:
                delivery.settle()
                return

    async def _handle(self, delivery: Delivery) -> None:
        stored = delivery.stored
        try:
            envelope = Envelope.read(stored.message.headers)
        except MalformedMessage as error:
            await self._tools.outbox.dead_unread(stored, f"not a message of the bus: {error}")
            return
        system = stored.position.channel.removeprefix(_INBOX)
        handled = await self._inboxes[system].handle(Arrival(stored, envelope))
        result = handled.result if isinstance(handled, Repeated) else handled
        if isinstance(result, Result):
            await self._answer(envelope, result)

    async def _answer(self, envelope: Envelope, result: Result) -> None:
        if result.warnings:
            step = Step(
                StepKind.FIELDS_DROPPED,
                "worker",
                envelope.receiver,
                "the provider sent fields the contract lacks",
                pointers=result.warnings,
            )
            self._tools.outbox.note(envelope, step)
        # A query has no marks: its reply is its end, whoever waits. A submission is settled by its mark already.
        if envelope.pattern is Pattern.QUERY or envelope.reply_to:
            await self._tools.outbox.reply(envelope, result)

    async def _drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _breaker_of(self, system: str) -> Callable[[BreakerState], None]:
        def changed(state: BreakerState) -> None:
            is_open = state is BreakerState.OPEN
            paused = self._resuming.pop(system, None)
            if paused is not None:
                paused.cancel()
            if (paused is not None) is not is_open:
                self._tools.metrics.breaker(system, is_open=is_open)
                log.warning("inbox of %s: %s", system, "paused, its system is away" if is_open else "goes on")
            if is_open:
                self._pause(system)
            else:
                self._resume(system)

        return changed

    def _pause(self, system: str) -> None:
        """Take nothing from an inbox until it is time for a trial, which needs a message."""
        if self._consumer is not None:
            self._consumer.pause(channels.inbox(system))
        loop = asyncio.get_running_loop()
        pause_s = self._inboxes[system].guard.open_for_s()
        self._resuming[system] = loop.call_later(pause_s, self._resume, system)

    def _resume(self, system: str) -> None:
        if self._consumer is not None and system not in self._held:
            self._consumer.resume(channels.inbox(system))


def _reach_ms(systems: Mapping[str, BoundSystem]) -> dict[str, int]:
    return {
        system.id: max(system.retry_s, default=0) * 1000
        for system in systems.values()
        if any(not service.idempotent for service in system.services.values())
    }

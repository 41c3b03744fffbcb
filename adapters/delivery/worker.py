"""The worker role: takes messages from inboxes and carries each through its system's onion."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from adapters.delivery.lanes import Due, Lanes
from adapters.delivery.pipeline import BoundSystem, Tools, pipeline
from adapters.delivery.replay import Replay
from adapters.delivery.withdrawing import Withdrawing
from adapters.delivery.work import Arrival, ArrivalHandler, HandedOn, Handled, Repeated, end_of, ended_well
from adapters.middleware.breaker import Breaker, BreakerState
from contracts.catalogue import Grant
from contracts.channels import Inbox
from contracts.envelope import Envelope, MalformedMessage
from contracts.outcome import Pattern, Result
from contracts.ports import Assignment, Consumer, Delivery, Partition, Transport
from contracts.records import Step, StepKind
from contracts.withdrawal import is_firm

log = logging.getLogger(__name__)

Done = TypeVar("Done")

_DRAIN_S: Final = 4.0
_UNSURE_S: Final = 8.0
_MOST_CONSUMERS: Final = 4
_AGAIN_S: Final = 5.0


class _Served:
    """A system as it is served: its onion, its breaker, and how many messages are within."""

    def __init__(self, system: BoundSystem, handle: ArrivalHandler, guard: Breaker) -> None:
        self.system = system
        self.guard = guard
        self._handle = handle
        self._within = 0
        self._empty = asyncio.Event()
        self._empty.set()

    async def handle(self, arrival: Arrival) -> Handled:
        """Carry one message through."""
        self._within += 1
        self._empty.clear()
        try:
            return await self._handle(arrival)
        finally:
            self._within -= 1
            if not self._within:
                self._empty.set()

    async def retire(self) -> None:
        """Close its provider once what is within has ended."""
        self.guard.retire()
        try:
            await self._empty.wait()
        finally:
            await self.system.provider.close()


class Rebinding:
    """Systems that stand ready in place of those that a worker serves. Exactly one of the two is called."""

    def __init__(self, now: Callable[[], None], systems: Sequence[BoundSystem]) -> None:
        self.now: Final = now
        self._systems = systems

    async def abandon(self) -> None:
        """Close them again."""
        for system in self._systems:
            await system.provider.close()


class Worker:
    """A part of the group that serves the inboxes of `systems`. Used from one event loop.

    `inboxes` are all that it may be given, by channel. Those that come later are served by a further consumer beside
    the first, so that nothing in flight has to move for them. Where there are several already, it takes over what the
    last one had: they do not become more with every configuration.
    """

    def __init__(self, transport: Transport, systems: Collection[BoundSystem], tools: Tools, *, group: str) -> None:
        self._transport = transport
        self._systems = tuple(systems)
        self._tools = tools
        self._group = group
        self._served: dict[str, _Served] = {}
        self.inboxes: dict[str, Inbox] = inboxes_of(systems)
        self._channels: dict[str, list[str]] = {}
        self._sort()
        self._lanes = Lanes(self._open, self._in_place, tools.clock)
        self._withdrawing = Withdrawing(
            tools.withdrawals, tools.waiting, tools.marks, tools.outbox, tools.ledger, self._lanes.wake
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._resuming: dict[str, asyncio.TimerHandle] = {}
        self._held: set[str] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._reach_ms = _reach_ms(systems)
        self._consumers: dict[Consumer, list[str]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._loops: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the providers, without a contact with anybody. Idempotent. Whatever a provider raises."""
        for system in self._systems:
            if system.id not in self._served:
                await system.provider.start()
                self._served[system.id] = self._serve(system)

    async def start(self) -> None:
        """Open the providers, join the group and begin to work. LogUnavailable; then it may be called again."""
        await self.open()
        await self.join()

    async def join(self) -> None:
        """Join the group for the inboxes for which that was not yet done. Idempotent. LogUnavailable."""
        joined = {channel for channels in self._consumers.values() for channel in channels}
        channels = [channel for channel in self.inboxes if channel not in joined]
        if not channels:
            return
        last = [*self._consumers][-1] if len(self._consumers) == _MOST_CONSUMERS else None
        await self._consume(channels if last is None else [*self._consumers[last], *channels])
        if last is not None:
            del self._consumers[last]
            _kept(self._leaving, last.close())

    async def _consume(self, channels: list[str]) -> None:
        tools = self._tools
        replay = Replay(self._transport, tools.marks, tools.ledger, tools.clock, self.inboxes, self._reach_ms)

        async def prepare(assignment: Assignment) -> None:
            await replay.prepare(assignment)
            self._withdrawing.hold(assignment.partition, replay.since_ms(assignment))

        consumer = await self._transport.consumer(self._group, channels, prepare=prepare, release=self._release)
        self._consumers[consumer] = channels
        for held in {*self._held, *self._resuming}:
            self._pause_inboxes(held)
        _kept(self._loops, self._work(consumer))

    async def prepare(self, systems: Collection[BoundSystem], grants: Mapping[str, Grant]) -> Rebinding:
        """Open the providers of `systems`, to serve these in place of what is served now.

        Nothing is changed until `now` is called; inboxes that are new are served after `join`. Whatever a provider
        raises.
        """
        ready = tuple(systems)
        rebinding = Rebinding(lambda: self._rebind(ready, grants), ready)
        try:
            for system in ready:
                await system.provider.start()
        except BaseException:
            await rebinding.abandon()
            raise
        return rebinding

    def _rebind(self, systems: Sequence[BoundSystem], grants: Mapping[str, Grant]) -> None:
        """What is in flight ends as it began; whatever begins from here on is served by the new ones."""
        self._tools = replace(self._tools, grants=grants)
        self._reach_ms.update(_reach_ms(systems))
        self.inboxes.update(inboxes_of(systems))
        self._sort()
        for system in systems:
            old = self._served.get(system.id)
            self._served[system.id] = self._serve(system)
            if old is not None:
                self._go_on_with(system.id)
                _kept(self._retiring, old.retire())
        self._systems = tuple(served.system for served in self._served.values())

    def _sort(self) -> None:
        self._channels = {}
        for channel, inbox in self.inboxes.items():
            self._channels.setdefault(inbox.system, []).append(channel)

    def hold(self, system: str) -> None:
        """Take nothing from the inboxes of `system` until `release`; what comes waits there. Idempotent.

        What is in flight ends; an ordered inbox begins no further attempt at it.
        """
        self._held.add(system)
        for channel in self._channels.get(system, ()):
            self._lanes.hold(channel)
        self._pause_inboxes(system)

    def release(self, system: str) -> None:
        """Undo `hold`. Idempotent."""
        self._held.discard(system)
        for channel in self._channels.get(system, ()):
            self._lanes.go_on(channel)
        if system not in self._resuming:
            self._resume(system)

    async def stop(self) -> None:
        """Take nothing new, let calls in flight end, leave the group, close the providers. Idempotent."""
        consumers, self._consumers = self._consumers, {}
        for name, timer in self._resuming.items():
            timer.cancel()
            self._tools.metrics.breaker(name, is_open=False)
        self._resuming.clear()
        for consumer in consumers:
            for channel in self.inboxes:
                consumer.pause(channel)
        if consumers:
            self._lanes.rest()
            await self._drain()
        await self._withdrawing.stop()
        await asyncio.gather(*(consumer.close(drain=False) for consumer in consumers))
        await asyncio.gather(*self._leaving)
        await asyncio.gather(*self._loops)
        await self._tools.outbox.drain()
        for retiring in self._retiring:
            retiring.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        for system in self._systems:
            await system.provider.close()

    def backlog(self) -> Mapping[Partition, int]:
        """Messages that wait, for each inbox partition that this worker holds."""
        return {where: waiting for consumer in self._consumers for where, waiting in consumer.backlog().items()}

    def breaker_open_s(self, system: str) -> float:
        """How long the inboxes of `system` stay paused; 0 where they are not."""
        served = self._served.get(system)
        return 0.0 if served is None else served.guard.open_for_s()

    @property
    def in_flight(self) -> int:
        """How many messages are being worked on."""
        return len(self._tasks)

    async def _work(self, consumer: Consumer) -> None:
        while deliveries := await consumer.take():
            for delivery in deliveries:
                is_ordered = self.inboxes[delivery.stored.position.channel].ordered is not None
                task = self._lanes.take(delivery) if is_ordered else asyncio.create_task(self._deliver(delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _release(self, partition: Partition) -> None:
        self._withdrawing.release(partition)
        self._lanes.release(partition)
        self._tools.marks.forget(partition)

    async def _deliver(self, delivery: Delivery) -> None:
        arrival = await self._mended(delivery, lambda: self._read(delivery))
        if arrival is not None:
            await self._mended(delivery, lambda: self._handle(arrival))
        delivery.settle()

    async def _open(self, delivery: Delivery) -> Due | None:
        """What a delivery of an ordered inbox is now, by its marks, and when it is due."""
        arrival = await self._mended(delivery, lambda: self._read(delivery))
        if arrival is None:
            return None
        envelope = arrival.envelope
        where = delivery.stored.position.where
        attempt, due_ms = self._tools.marks.resumed(where, envelope.exchange, envelope.attempt)
        last = self._tools.marks.last(where, envelope.exchange)
        firm = arrival.firm or (last is not None and last.firm)
        return replace(arrival, envelope=replace(envelope, attempt=attempt), firm=firm), due_ms

    async def _in_place(self, delivery: Delivery, arrival: Arrival) -> Due | None:
        handled = await self._mended(delivery, lambda: self._handle(arrival))
        if not isinstance(handled, HandedOn) or handled.due_ms is None:
            return None
        again = replace(arrival.envelope, attempt=arrival.envelope.attempt + 1)
        return replace(arrival, envelope=again, firm=handled.firm), handled.due_ms

    async def _read(self, delivery: Delivery) -> Arrival | None:
        """The arrival; None for what is no message of ours, which is a dead letter now."""
        stored = delivery.stored
        try:
            headers = stored.message.headers
            return Arrival(stored, Envelope.read(headers), is_firm(headers))
        except MalformedMessage as error:
            system = self.inboxes[stored.position.channel].system
            await self._tools.outbox.dead_unread(stored, f"not a message of the bus: {error}", system=system)
            return None

    async def _mended(self, delivery: Delivery, work: Callable[[], Awaitable[Done]]) -> Done:
        while True:
            try:
                return await work()
            except Exception:
                # The onion ends everything that is expected. What is left is a fault in the bus itself: the message
                # stays unsettled and is tried again here, slowly, where an operator sees it in the log.
                log.exception("cannot deal with %s", delivery.stored.position)
                with self._tools.waiting.idle():
                    await asyncio.sleep(_AGAIN_S)

    async def _handle(self, arrival: Arrival) -> Handled:
        system = self.inboxes[arrival.stored.position.channel].system
        with self._tools.waiting.idle():
            await self._tools.up_to(arrival.envelope.configuration)
        with self._tools.spans.process(arrival.stored, arrival.envelope, self._group) as span:
            arrival = replace(arrival, envelope=replace(arrival.envelope, trace=span.context))
            handled = await self._served[system].handle(arrival)
            result = handled.result if isinstance(handled, Repeated) else handled
            if isinstance(result, Result):
                await self._answer(arrival.envelope, result)
            end = end_of(handled)
            span.ended(end, well=ended_well(end))
        return handled

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
        """Let calls that were begun end: longest those that would need a person if nobody saw how they did."""
        self._tools.waiting.rest()
        late = await _late(self._tasks, _DRAIN_S)
        unsure = late & self._tools.waiting.unsure()
        if unsure:
            log.warning("waiting up to %.0f s more for %d calls that must not be made twice", _UNSURE_S, len(unsure))
            await _late(unsure, _UNSURE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _serve(self, system: BoundSystem) -> _Served:
        def changed(state: BreakerState) -> None:
            # Of one that was retired meanwhile nothing follows any more.
            if self._served.get(system.id) is served:
                self._turned(system.id, state)

        guard = Breaker(system.breaker_failures, system.breaker_pause_s, asyncio.get_running_loop().time, changed)
        served = _Served(system, pipeline(system, guard, self._tools), guard)
        return served

    def _turned(self, system: str, state: BreakerState) -> None:
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

    def _go_on_with(self, system: str) -> None:
        """Another one serves the system: whether that is away too is yet to be seen."""
        if system in self._resuming:
            self._turned(system, BreakerState.CLOSED)

    def _pause(self, system: str) -> None:
        """Take nothing from a system's inboxes until it is time for a trial, which needs a message."""
        self._pause_inboxes(system)
        loop = asyncio.get_running_loop()
        self._resuming[system] = loop.call_later(self._served[system].guard.open_for_s(), self._resume, system)

    def _pause_inboxes(self, system: str) -> None:
        for consumer in self._consumers:
            for channel in self._channels.get(system, ()):
                consumer.pause(channel)

    def _resume(self, system: str) -> None:
        for consumer in () if system in self._held else self._consumers:
            for channel in self._channels.get(system, ()):
                consumer.resume(channel)


def _kept(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    """Begin `work`, and keep its task for as long as it takes."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _late(tasks: Collection[asyncio.Task[Any]], within_s: float) -> set[asyncio.Task[Any]]:
    """Those of `tasks` that have not ended in time."""
    return (await asyncio.wait(tasks, timeout=within_s))[1] if tasks else set()


def inboxes_of(systems: Collection[BoundSystem]) -> dict[str, Inbox]:
    """All inboxes of `systems`, by channel."""
    return {inbox.channel: inbox for system in systems for inbox in _inboxes_of(system)}


def _inboxes_of(system: BoundSystem) -> tuple[Inbox, ...]:
    """The system's inbox, and one for each ordered contract that it takes."""
    ordered = sorted({service.contract for service in system.services.values() if service.ordered} | {*system.left})
    return (Inbox(system.id), *(Inbox(system.id, contract) for contract in ordered))


def _reach_ms(systems: Collection[BoundSystem]) -> dict[str, int]:
    return {
        system.id: max(system.retry_s, default=0) * 1000
        for system in systems
        if any(not service.idempotent for service in system.services.values())
    }

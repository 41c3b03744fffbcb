"""Takes in what systems write to `ingress.<system>.<contract>`, each record once.

A record is known by its place on the log, so whatever is read again after a crash is the same exchange again. The
ledger says what was there before: a partition is read only once the ledger has got to the end of the contract's events.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from adapters.delivery.dispatcher import Dispatcher
from adapters.delivery.turns import Turns
from adapters.metrics import IngressMetrics
from adapters.sources.ingress.dead import DeadRecords
from adapters.sources.ingress.understanding import Understanding
from adapters.sources.records import told
from contracts.catalogue import Ingress
from contracts.channels import event
from contracts.errors import BusError, LogError, LogOverloaded, Rejected
from contracts.ingress import PLACE, key_of, place_of
from contracts.partitions import all_partitions
from contracts.ports import Assignment, Delivery, Intake, Ledger, Partition, Stored, Submitted, TakenIn, Transport
from contracts.wording import Language

log = logging.getLogger(__name__)

GROUP: Final = "ingress"
_IN_FLIGHT: Final = 64
_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 5.0
_PERSON_WAIT_S: Final = 30.0
_LOOK_S: Final = 0.2

Given = TypeVar("Given")


class IngressTopics:
    """One worker's part in the topics that systems write to. Used from one event loop.

    `understanding` is, for each, how its records are read; `ordered` are those whose contract keeps an order.
    """

    def __init__(
        self,
        transport: Transport,
        ledger: Ledger,
        intake: Intake,
        dead: DeadRecords,
        understanding: Mapping[Ingress, Understanding],
        ordered: frozenset[Ingress],
        metrics: IngressMetrics,
        language: Language,
    ) -> None:
        self._transport = transport
        self._ledger = ledger
        self._intake = intake
        self._dead = dead
        self._understanding = understanding
        self._ordered = ordered
        self._metrics = metrics
        self._language = language
        self._by_channel = {each.channel: each for each in understanding}
        self._turns = Turns()
        self._dispatcher = Dispatcher(
            transport, GROUP, list(self._by_channel), self._deal_with, max_in_flight=_IN_FLIGHT, prepare=self._prepare
        )

    async def start(self) -> None:
        """Join the group and begin. LogUnavailable."""
        await self._dispatcher.start()

    async def stop(self) -> None:
        """Leave what is not taken in to the next one. Idempotent."""
        await self._dispatcher.stop()

    async def _prepare(self, assignment: Assignment) -> None:
        """Return once the ledger knows all that was taken in before. LogError, LedgerUnavailable."""
        channel = event(self._by_channel[assignment.partition.channel].contract)
        places = all_partitions(self._transport, channel)
        for where, extent in (await self._transport.extents(places)).items():
            await self._read_up_to(where, extent.end)

    async def _read_up_to(self, where: Partition, end: int) -> None:
        while True:
            if await self._ledger.position(where) >= end:
                return
            await asyncio.sleep(_LOOK_S)

    async def _deal_with(self, delivery: Delivery) -> None:
        stored = delivery.stored
        topic = self._by_channel[stored.position.channel]
        async with self._in_turn(topic, stored):
            end = await self._dealt_with(topic, stored)
        self._metrics.record(topic, end)

    @asynccontextmanager
    async def _in_turn(self, topic: Ingress, stored: Stored) -> AsyncIterator[None]:
        if topic not in self._ordered:
            yield
            return
        async with self._turns.of(stored.position.where):
            yield

    async def _dealt_with(self, topic: Ingress, stored: Stored) -> str:
        """How it ended: it is an event, was one before, or waits for a person."""
        understanding = self._understanding[topic]
        try:
            understood = await self._patiently(topic, lambda: understanding.read(stored.message.value))
            submitted = Submitted(topic.system, topic.contract, understood.major, understood.record, *_known_by(stored))
            taken_in: TakenIn = await self._patiently(topic, lambda: self._intake.accept(submitted))
        except Rejected as error:
            places, reason = told(error.fields, error.detail, self._language)
            why = f"{places}: {reason}" if places else error.detail or reason
            log.warning("%s: a dead letter: %s", place_of(stored), why.partition("\n")[0])
            await self._dead.lay_down(topic, understanding.major, stored, why)
            return "dead"
        return "repeated" if taken_in.repeated else "event"

    async def _patiently(self, topic: Ingress, act: Callable[[], Awaitable[Given]]) -> Given:
        """What `act` gives, once the log and intake are there. Rejected."""
        wait_s, is_waiting = _FIRST_WAIT_S, False
        try:
            while True:
                try:
                    return await act()
                except Rejected:
                    raise
                except LogOverloaded as error:
                    trouble: BusError = error
                    pause_s = error.retry_after_s
                except LogError as error:
                    trouble, pause_s, wait_s = error, wait_s, min(2 * wait_s, _LONGEST_WAIT_S)
                except BusError as error:
                    # No record of it is wrong: a person has to look, and none is thrown away.
                    trouble, pause_s = error, _PERSON_WAIT_S
                if not is_waiting:
                    is_waiting = True
                    log.warning("%s: its records wait: %s", topic.channel, trouble)
                    self._metrics.waiting(topic, 1)
                await asyncio.sleep(pause_s)
        finally:
            if is_waiting:
                self._metrics.waiting(topic, -1)


def _known_by(stored: Stored) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The idempotency key, and what the event tells of it."""
    place = place_of(stored)
    return key_of(place), ((PLACE, place),)

"""The onion of a delivery, listed once, in order, outermost first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date

from adapters.clock import Clock
from adapters.delivery.once import Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.services import BoundService
from adapters.delivery.waiting import Waiting
from adapters.delivery.withdrawals import Withdrawals
from adapters.delivery.work import ArrivalHandler
from adapters.metrics import WorkerMetrics
from adapters.middleware.bind import bind
from adapters.middleware.breaker import Breaker, breaker
from adapters.middleware.dead_letter import dead_letter
from adapters.middleware.deadline import deadline
from adapters.middleware.decode import decode
from adapters.middleware.limit import limit
from adapters.middleware.map import map_
from adapters.middleware.once import Once
from adapters.middleware.rate import Bucket, rate
from adapters.middleware.retry import Retry
from adapters.middleware.started import started
from adapters.middleware.told import told
from adapters.middleware.trace import trace
from adapters.middleware.turn import turn
from adapters.middleware.view import view
from adapters.registry import SchemaRegistry
from contracts.catalogue import Grant
from contracts.ports import Ledger, Provider
from contracts.spans import NO_SPANS, Spans
from contracts.trace import RandomBytes


@dataclass(frozen=True, slots=True)
class BoundSystem:
    """A system as a worker holds it: its provider, its services, and how gently it wants to be treated.

    `rate_per_s` None: as many calls a second as there are. `address` is its host and port, where it has one. `left` are
    ordered contracts that it takes no more, and in whose inboxes something may lie all the same.
    """

    id: str
    provider: Provider
    services: Mapping[tuple[str, int], BoundService]
    concurrency: int
    breaker_failures: int
    breaker_pause_s: float
    retry_s: tuple[int, ...]
    rate_per_s: float | None = None
    rate_burst: int = 1
    address: tuple[str, int] | None = None
    left: tuple[str, ...] = ()


async def _any(_configuration: str) -> None:
    """There is one configuration only: nobody is behind."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the layers share. `grants` are by id, `today` is the day it is in the bus's zone.

    `up_to` returns once this process has got to the configuration under which a message was accepted.
    """

    outbox: Outbox
    marks: Marks
    waiting: Waiting
    withdrawals: Withdrawals
    ledger: Ledger
    registry: SchemaRegistry
    metrics: WorkerMetrics
    clock: Clock
    random_bytes: RandomBytes
    grants: Mapping[str, Grant]
    today: Callable[[], date]
    spans: Spans = NO_SPANS
    up_to: Callable[[str], Awaitable[None]] = _any


def pipeline(system: BoundSystem, guard: Breaker, tools: Tools) -> ArrivalHandler:
    """The handler for everything in the inboxes of `system`: one attempt each."""
    slots = asyncio.Semaphore(system.concurrency)
    call = told(system.provider.call, system.address, tools.spans)
    provider = map_(call, tools.registry.id_of, tools.clock, tools.random_bytes)
    shown = view(provider, tools.grants, tools.today)
    called = started(decode(shown, tools.registry), tools.outbox, tools.marks, tools.waiting)
    if system.rate_per_s is not None:
        # Next to the call: whatever waits further out must not come as a burst once it is let through.
        bucket = Bucket(system.rate_per_s, system.rate_burst, asyncio.get_running_loop().time)
        called = rate(called, bucket, tools.clock, tools.waiting)
    attempt = breaker(limit(called, slots, tools.waiting), guard, tools.waiting)
    decided = deadline(Retry(attempt, tools.outbox, system.retry_s, tools.clock), tools.clock)
    counted = Once(decided, tools.marks, tools.outbox, tools.ledger, tools.withdrawals, tools.waiting)
    ended = dead_letter(bind(counted, system.services), tools.outbox, tools.marks)
    return trace(turn(ended, tools.marks), tools.metrics)

"""Whoever signs out at one gateway has signed out at every other, also at one that starts later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.session_ends import SessionEndFold
from adapters.transport.memory import MemoryTransport
from contracts.channels import SESSIONS
from contracts.ports import Message
from contracts.sessions import SessionEnd

NOW_MS = 1_800_000_000_000
LONGEST_MS = 36_000_000


class Gateways:
    """Gateways on one log; `now_ms` is what their clocks say."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.now_ms = NOW_MS
        self.transport = MemoryTransport(lambda: self.now_ms)
        self._stack = stack

    async def start(self) -> SessionEndFold:
        """One more."""
        registry = SchemaRegistry(self.transport)
        await registry.start()
        self._stack.push_async_callback(registry.close)
        own = OwnRecords(registry)
        await own.start()
        fold = SessionEndFold(self.transport, own, lambda: self.now_ms, LONGEST_MS)
        await fold.start()
        self._stack.push_async_callback(fold.close)
        return fold


@pytest.fixture
async def gateways() -> AsyncIterator[Gateways]:
    async with AsyncExitStack() as stack:
        yield Gateways(stack)


async def eventually(fold: SessionEndFold, user: str, session: str, began_ms: int) -> None:
    """Wait until that session has ended there."""
    async with asyncio.timeout(10):
        while not fold.has_ended(user, session, began_ms):
            await asyncio.sleep(0.01)


async def test_a_session_that_ended_at_one_gateway_has_ended_at_all(gateways: Gateways) -> None:
    here, there = await gateways.start(), await gateways.start()
    await here.end(SessionEnd("vanhanh", NOW_MS, "s1"))
    assert here.has_ended("vanhanh", "s1", NOW_MS - 5)
    await eventually(there, "vanhanh", "s1", NOW_MS - 5)
    later = await gateways.start()
    assert later.has_ended("vanhanh", "s1", NOW_MS - 5)
    assert not later.has_ended("vanhanh", "s2", NOW_MS - 5)
    assert not later.has_ended("xem", "s1", NOW_MS - 5)


async def test_all_sessions_of_a_user_end_and_a_later_one_does_not(gateways: Gateways) -> None:
    here, there = await gateways.start(), await gateways.start()
    await here.end(SessionEnd("vanhanh", NOW_MS))
    await eventually(there, "vanhanh", "any", NOW_MS)
    for fold in (here, there):
        assert not fold.has_ended("vanhanh", "new", NOW_MS + 1)
        assert not fold.has_ended("xem", "any", NOW_MS)


async def test_what_could_not_be_alive_any_more_is_forgotten(gateways: Gateways) -> None:
    here = await gateways.start()
    await here.end(SessionEnd("vanhanh", NOW_MS, "s1"))
    gateways.now_ms += LONGEST_MS + 1
    await here.end(SessionEnd("xem", gateways.now_ms, "s2"))
    assert not here.has_ended("vanhanh", "s1", NOW_MS)


async def test_what_is_no_end_of_a_session_is_passed_over(gateways: Gateways) -> None:
    here, there = await gateways.start(), await gateways.start()
    await gateways.transport.append(Message(SESSIONS, b"?", b"nothing of ours", ()))
    await here.end(SessionEnd("vanhanh", NOW_MS, "s1"))
    await eventually(there, "vanhanh", "s1", NOW_MS)

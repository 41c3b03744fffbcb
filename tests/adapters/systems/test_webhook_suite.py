"""The provider that pushes passes the suite of its port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from contracts.json_types import JsonValue
from contracts.ports import Provider
from contracts.testkit.provider import Act, TakerSuite
from tests.adapters.systems.support import SERVICE, Asked, RawSystem, http
from tests.adapters.systems.webhooks import webhook


class WebhookBench:
    """A subscriber."""

    service = SERVICE

    def __init__(self) -> None:
        self._act = Act.DATA
        self.system = RawSystem(self._answer)

    def open(self) -> Provider:
        return webhook(self.system.port)

    async def act(self, act: Act) -> None:
        self._act = act
        if act is Act.AWAY:
            await self.system.stop()
        else:
            await self.system.start()

    def data_for(self, _exchange: str) -> JsonValue:
        return None

    @property
    def received(self) -> Sequence[str]:
        return [asked.headers["webhook-id"] for asked in self.system.asked]

    @property
    def under_way(self) -> int:
        return self.system.under_way

    async def _answer(self, _asked: Asked, writer: asyncio.StreamWriter) -> None:
        match self._act:
            case Act.DATA:
                writer.write(http({"thanks": True}))
            case Act.TRANSIENT:
                writer.write(http("busy", 503, Retry_After="7"))
            case Act.PERMANENT:
                writer.write(http("no more", 410))
            case Act.LOST:
                writer.close()
            case _:
                await asyncio.sleep(60)


@pytest.fixture
async def bench() -> AsyncIterator[WebhookBench]:
    made = WebhookBench()
    # The port is known before the system may be away.
    await made.system.start()
    yield made
    await made.system.stop()


class TestWebhookProvider(TakerSuite):
    pass

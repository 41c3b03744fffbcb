"""The provider for JSON over HTTP passes the suite of its port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from contracts.json_types import JsonValue
from contracts.ports import Provider
from contracts.testkit.provider import Act, ProviderSuite
from tests.adapters.systems.support import SERVICE, Asked, RawSystem, connection, http, operation, provider

ANSWERS = [
    {"when": {"path": "/body/code", "equals": "00"}, "is": "data"},
    {"when": {"path": "/body/code", "equals": "01"}, "is": "no_data"},
    {"when": {"path": "/body/code", "equals": "03"}, "is": "rejected", "detail": "/body/why"},
    {"when": {"path": "/body/code", "equals": "07"}, "is": "withheld", "reason": "/body/why", "ground": "/body/law"},
]


class RestBench:
    """A system that says inside a 200 what its answer means."""

    service = SERVICE

    def __init__(self, method: str, auth: str = "") -> None:
        self._method = method
        self._auth = auth
        self._act = Act.DATA
        self.system = RawSystem(self._answer)

    def open(self) -> Provider:
        does = operation(method=self._method, path="/people/{id}", answers=ANSWERS, record="/body/found")
        more = {} if not self._auth else {"auth": self._login()}
        return provider(connection(self.system.port, timeout_s="5", **more), does, {"env:S": "s3cret"})

    def _login(self) -> dict[str, Any]:
        if self._auth == "oauth2":
            url = f"http://127.0.0.1:{self.system.port}/login"
            return {"oauth2": {"token_url": url, "client_id": "lgsp", "client_secret": "env:S"}}
        login = {"path": "/login", "body": {"password": "env:S"}}
        return {"session": {"login": login, "value": "/body/access_token", "send": {"cookie": "session"}}}

    async def act(self, act: Act) -> None:
        self._act = act
        if act is Act.AWAY:
            await self.system.stop()
        else:
            await self.system.start()

    def data_for(self, exchange: str) -> JsonValue:
        return {"exchange": exchange, "name": "Trần Gia Bảo"}

    @property
    def received(self) -> Sequence[str]:
        return [asked.headers["idempotency-key"] for asked in self.system.asked if asked.target != "/login"]

    @property
    def under_way(self) -> int:
        return self.system.under_way

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target == "/login":
            writer.write(http({"access_token": "abc"}))
            return
        match self._act:
            case Act.DATA:
                found = self.data_for(asked.headers["idempotency-key"])
                writer.write(http({"code": "00", "found": found}))
            case Act.NO_DATA:
                writer.write(http({"code": 1, "found": None} | {"code": "01"}))
            case Act.REJECTED:
                writer.write(http({"code": "03", "why": "thiếu mã cán bộ"}))
            case Act.WITHHELD:
                writer.write(http({"code": "07", "why": "thuộc diện bảo vệ", "law": "Luật 91/2025/QH15"}))
            case Act.TRANSIENT:
                writer.write(http("busy", 503, Retry_After="7"))
            case Act.PERMANENT:
                writer.write(http("no", 403))
            case Act.LOST:
                writer.close()
            case _:
                await asyncio.sleep(60)


@pytest.fixture(params=[("POST",), ("PUT",), ("GET",), ("POST", "oauth2"), ("GET", "session")], ids="-".join)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[RestBench]:
    made = RestBench(*request.param)
    # The port is known before the system may be away.
    await made.system.start()
    yield made
    await made.system.stop()


class TestRestProvider(ProviderSuite):
    pass

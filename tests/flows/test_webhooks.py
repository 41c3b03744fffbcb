"""Events and submissions that are pushed as webhooks, and verified by who gets them."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from tests.flows.support import GOOD, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus, status
from tests.flows.test_events import delivered

SECRET = "whsec_" + b64encode(b"0123456789" * 3).decode()
SUBSCRIBER = """kind: webhook
connection: {url: "http://127.0.0.1:PORT/hooks", allow_private: true, secrets: ["file:secrets/hook"], timeout_s: 1}
breaker: {failures: 3, pause_s: 1}
retry: [1s, 2s]
services:
  - contract: test.note
    idempotent: true
    operation: {path: /notes}
  - contract: test.reading
    idempotent: true
    operation: {}
    request: {map: {tram: /station}}
"""


class Subscriber(FakeSystem):
    """Takes what it can verify, and nothing else; `pushed` are the headers' id and what was read."""

    def __init__(self) -> None:
        super().__init__(self.take)
        self.pushed: list[tuple[str, dict[str, Any]]] = []

    async def take(self, request: web.Request) -> web.StreamResponse:
        read = Webhook(SECRET).verify(await request.text(), dict(request.headers))
        self.pushed.append((request.headers["webhook-id"], read))
        return web.Response(status=202)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus on the memory log: `memo` as ever, and `twice`, which is pushed webhooks of which it may see the station."""
    systems: dict[str, FakeSystem] = {"memo": FakeSystem(fine), "twice": Subscriber()}

    def change(root: Path) -> None:
        (root / "secrets/hook").write_text(SECRET + "\n")
        (root / "systems/twice.yaml").write_text(SUBSCRIBER.replace("PORT", str(systems["twice"].port)))
        grants = root / "grants/g.yaml"
        text = re.sub(r"(g-reading-twice.*view: )all", r"\1[/station]", grants.read_text("utf-8"))
        grants.write_text(text, "utf-8")

    running = await start_bus(tmp_path, systems, change=change)
    async with running.stack:
        yield running


def subscriber(bus: RunningBus) -> Subscriber:
    """The one that is pushed webhooks."""
    found = bus.systems["twice"]
    assert isinstance(found, Subscriber)
    return found


async def test_an_event_arrives_verified_within_its_grant_and_names_what_is_kept_back(bus: RunningBus) -> None:
    answer = await bus.send(READING, MEASURED)
    found = await delivered(bus, answer.json()["id"], "2 of 2")
    copies = {each["receiver"]: each["id"] for each in found["deliveries"]}
    ((message_id, read),) = subscriber(bus).pushed
    assert message_id == copies["twice"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", read.pop("timestamp"))
    assert read == {
        "type": READING,
        "data": {"tram": "A1"},
        "id": answer.json()["id"],
        "source": "asker",
        "withheld": [{"path": "/pm25", "reason": "not_granted"}, {"path": "/operator", "reason": "not_granted"}],
    }
    assert subscriber(bus).traceparents[0].split("-")[1] == bus.systems["memo"].traceparents[0].split("-")[1]


async def test_a_receiver_that_is_not_there_yet_gets_it_later_under_the_same_id(bus: RunningBus) -> None:
    subscriber(bus).behave = status(404)
    answer = await bus.send(READING, MEASURED)
    waiting = await delivered(bus, answer.json()["id"], "1 of 2, 1 retrying")
    subscriber(bus).behave = subscriber(bus).take
    await delivered(bus, answer.json()["id"], "2 of 2")
    copies = {each["receiver"]: each["id"] for each in waiting["deliveries"]}
    assert [message_id for message_id, _ in subscriber(bus).pushed] == [copies["twice"]]


async def test_who_wants_no_more_leaves_a_dead_letter_that_says_so(bus: RunningBus) -> None:
    subscriber(bus).behave = status(410)
    answer = await bus.send(READING, MEASURED)
    async with asyncio.timeout(20):
        while not (dead := (await bus.operate("GET", "dead")).json()["dead"]):
            await asyncio.sleep(0.05)
    found = (await bus.client.get(f"/exchanges/{answer.json()['id']}")).json()
    copies = {each["receiver"]: each for each in found["deliveries"]}
    assert copies["twice"]["waits_for_person"]
    assert [letter["id"] for letter in dead] == [copies["twice"]["id"]]
    assert "the subscriber wants no more of this" in dead[0]["reason"]


async def test_a_submission_is_pushed_too(bus: RunningBus) -> None:
    answer = await bus.send(NOTE, GOOD, to="twice")
    found = await bus.settled(answer.json()["id"])
    assert found["outcome"] == "delivered"
    ((message_id, read),) = subscriber(bus).pushed
    assert message_id == read["id"] == answer.json()["id"]
    assert read["data"]["text"] == GOOD["text"]
    assert read["withheld"] == []

"""Who subscribes by itself to events that are ordered is pushed those of one key as they were published."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from contracts.ports import Partition
from gateway.wiring.tracing import trace_exchange
from tests.flows.support import MEASURED, READING, FakeSystem, fine, start_bus
from tests.flows.test_ordered import ordered
from tests.flows.test_subscriptions import Receiver, Subscribers, prepare, shown, until

STATIONS: Final = ("a", "b", "c")
MEASURES: Final = [1.0, 2.0, 3.0, 4.0, 5.0]


class Unsteady(Receiver):
    """Answers 503 to the first pushes of what is in `fails`, and to those of what is in `held` once they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: collections.Counter[tuple[str, float]] = collections.Counter()
        self.held: dict[tuple[str, float], asyncio.Event] = {}
        self.tries: collections.Counter[tuple[str, float]] = collections.Counter()

    async def take(self, request: web.Request) -> web.StreamResponse:
        data = (await request.json())["data"]
        measure = (data["station"], data["pm25"])
        self.tries[measure] += 1
        held = self.held.get(measure)
        if held is not None:
            await held.wait()
        if self.tries[measure] <= self.fails[measure]:
            return web.Response(status=503)
        return await super().take(request)

    @property
    def measures(self) -> dict[str, list[float]]:
        """What it was told of each station, in order."""
        told: dict[str, list[float]] = {}
        for _, read in self.pushed:
            told.setdefault(read["data"]["station"], []).append(read["data"]["pm25"])
        return told


def ordered_with_subscribers(root: Path) -> None:
    """Readings are ordered by their station."""
    prepare(root)
    ordered(root)


@pytest.fixture(params=["memory:", "sqlite:log.db"])
async def city(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subscribers]:
    """A bus on each embedded log, and a receiver for what `ops` subscribes to."""
    receiver = Unsteady()
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    bus = await start_bus(tmp_path, systems, transport=request.param, change=ordered_with_subscribers)
    await receiver.start()
    async with bus.stack:
        yield Subscribers(bus, receiver)
    await receiver.stop()


def unsteady(city: Subscribers) -> Unsteady:
    """The receiver."""
    assert isinstance(city.receiver, Unsteady)
    return city.receiver


async def publish(city: Subscribers, station: str, measures: list[float] = MEASURES) -> None:
    """Publish what a station measured, one after the other."""
    for pm25 in measures:
        answer = await city.bus.send(READING, {**MEASURED, "station": station, "pm25": pm25})
        assert answer.status_code == 202, answer.text


async def publish_all(city: Subscribers) -> None:
    """Publish what all stations measured, at once."""
    await asyncio.gather(*(publish(city, station) for station in STATIONS))


async def test_events_of_a_key_are_pushed_in_order_though_the_receiver_fails_now_and_then(city: Subscribers) -> None:
    receiver = unsteady(city)
    receiver.fails.update({("a", 2.0): 1, ("b", 1.0): 2, ("a", 4.0): 1})
    await city.subscribe()
    await publish_all(city)
    await until(lambda: len(receiver.pushed) >= len(STATIONS) * len(MEASURES))
    assert receiver.measures == dict.fromkeys(STATIONS, MEASURES)
    assert (receiver.tries["a", 2.0], receiver.tries["b", 1.0]) == (2, 3)


async def test_they_queue_in_an_inbox_of_their_own_and_count_as_the_subscriptions(city: Subscribers) -> None:
    made = await city.subscribe()
    await publish(city, "a")
    await until(lambda: len(city.receiver.pushed) >= len(MEASURES))
    own = Partition(f"in.{made['id']}.{READING}", 0)
    transport = city.bus.bus.core.transport
    assert (await transport.extents([own]))[own].end == len(MEASURES)
    async with asyncio.timeout(20):
        while (await city.show(made["id"]))["backlog"] != 0:
            await asyncio.sleep(0.05)


async def test_others_that_subscribe_meanwhile_turn_nothing_round(city: Subscribers) -> None:
    await city.subscribe()

    async def others() -> None:
        for _ in range(4):
            body = {"contract": READING, "url": "http://127.0.0.1:9/x"}
            assert (await city.ask("POST", system="other", json=body)).status_code == 201
            await asyncio.sleep(0.3)

    many = [float(number) for number in range(40)]
    await asyncio.gather(others(), *(publish(city, station, many) for station in STATIONS))
    # A push that was under way as its inbox changed hands may come once more, under the same id.
    await until(lambda: len({message for message, _ in city.receiver.pushed}) >= len(STATIONS) * len(many))
    first = {message: read["data"] for message, read in reversed(city.receiver.pushed)}
    told = [(data["station"], data["pm25"]) for data in reversed(first.values())]
    for station in STATIONS:
        assert [pm25 for each, pm25 in told if each == station] == many


async def test_a_pause_holds_what_waits_for_its_next_attempt_too(city: Subscribers) -> None:
    receiver = unsteady(city)
    receiver.fails["a", 1.0] = 1
    receiver.held["a", 1.0] = let_go = asyncio.Event()
    made = await city.subscribe(retry=["1s"])
    await publish(city, "a")
    await until(lambda: receiver.tries["a", 1.0] == 1)
    await city.ask("POST", f"/{made['id']}/pause")
    await asyncio.sleep(0.5)
    let_go.set()
    await asyncio.sleep(1.5)
    assert receiver.tries == {("a", 1.0): 1}
    assert (await city.ask("POST", f"/{made['id']}/resume")).json()["state"] == "active"
    await until(lambda: len(receiver.pushed) >= len(MEASURES))
    assert receiver.measures == {"a": MEASURES}


async def test_a_replay_is_pushed_in_order_too(city: Subscribers) -> None:
    made = await city.subscribe()
    await publish_all(city)
    once = len(STATIONS) * len(MEASURES)
    await until(lambda: len(city.receiver.pushed) >= once)
    asked: dict[str, Any] = {"since": "2025-01-01T00:00:00Z"}
    assert (await city.ask("POST", f"/{made['id']}/replay", json=asked)).status_code == 202
    await until(lambda: len(city.receiver.pushed) >= 2 * once)
    assert unsteady(city).measures == {station: [*MEASURES, *MEASURES] for station in STATIONS}


async def test_a_push_is_found_on_the_log_itself_though_it_is_keyed_by_its_order(tmp_path: Path) -> None:
    def of_many_partitions(root: Path) -> None:
        ordered_with_subscribers(root)
        bus_file = root / "bus.yaml"
        bus_file.write_text(bus_file.read_text(encoding="utf-8").replace("inbox: 1", "inbox: 8"), encoding="utf-8")

    receiver = Unsteady()
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    bus = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=of_many_partitions)
    await receiver.start()
    async with bus.stack:
        city = Subscribers(bus, receiver)
        await city.subscribe()
        await publish_all(city)
        await until(lambda: len(receiver.pushed) >= len(STATIONS) * len(MEASURES))
        for copy in [message for message, _ in receiver.pushed][:4]:
            await shown(partial(found, city, copy), "state", "settled")
            traced = await asyncio.to_thread(trace_exchange, tmp_path, copy, from_log=True)
            assert {hop.kind for hop in traced.hops} >= {"accepted", "settled"}
    await receiver.stop()


async def found(city: Subscribers, exchange: str) -> dict[str, Any]:
    """An exchange as `ops` sees it."""
    headers = {"authorization": f"Bearer {city.bus.token('ops')}"}
    document: dict[str, Any] = (await city.bus.client.get(f"/exchanges/{exchange}", headers=headers)).json()
    return document

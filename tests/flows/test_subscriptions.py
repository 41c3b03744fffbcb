"""What a system may subscribe to by itself, and how it is pushed to."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from contracts.channels import JOURNAL, SUBSCRIPTIONS
from contracts.ports import Partition
from contracts.subscriptions import changed
from deploy.ports import free_port
from gateway.auth.keys import write_token_key
from gateway.wiring.core import open_core
from gateway.wiring.issue import issue_token
from gateway.wiring.offline import load_workspace
from tests.flows.crashing import CrashingBus
from tests.flows.support import (
    MEASURED,
    NOTE,
    READING,
    Behaviour,
    FakeSystem,
    RunningBus,
    fine,
    start_bus,
    status,
    write_workspace,
)

RULES: Final = "subscriptions: {allow_private: true, retry: [1s, 2s], disable_after: 2s}\n"
SYSTEMS: Final = """      - {id: ops, name: Operations centre, credentials: [{client_id: ops, secret: "file:secrets/asker.hash"}]}
      - {id: other, name: Another one}
"""
GRANTS: Final = """  - {id: g-reading-ops, system: ops, contract: test.reading, providers: [asker], purpose: Theo dõi, legal_basis: không, from: 2025-01-01, view: [/station, /pm25]}
  - {id: g-reading-other, system: other, contract: test.reading, providers: [asker], purpose: Theo dõi, legal_basis: không, from: 2025-01-01, view: all}
"""


class Receiver(FakeSystem):
    """Takes what `secret` verifies, and nothing else; `pushed` are the id and what was read, in order."""

    def __init__(self) -> None:
        super().__init__(self.take)
        self.secret = ""
        self.pushed: list[tuple[str, dict[str, Any]]] = []

    async def take(self, request: web.Request) -> web.StreamResponse:
        try:
            read = Webhook(self.secret).verify(await request.text(), dict(request.headers))
        except WebhookVerificationError:
            return web.Response(status=401)
        self.pushed.append((request.headers["webhook-id"], read))
        return web.Response(status=202)

    @property
    def stations(self) -> list[str]:
        """Of which stations it was told, in order."""
        return [read["data"]["station"] for _, read in self.pushed]


class Subscribers:
    """A bus with a receiver for `ops`, and what `ops` does."""

    def __init__(self, bus: RunningBus, receiver: Receiver) -> None:
        self.bus = bus
        self.receiver = receiver
        self.url = f"http://127.0.0.1:{receiver.port}/hook"

    async def ask(self, method: str, path: str = "", system: str | None = "ops", **options: Any) -> httpx.Response:
        """A call to /subscriptions as `system`; as an operator where that is None."""
        headers = {"authorization": f"Bearer {self.bus.token(system)}", **options.pop("headers", {})}
        return await self.bus.client.request(method, f"/subscriptions{path}", headers=headers, **options)

    async def subscribe(self, system: str = "ops", **more: Any) -> dict[str, Any]:
        """A new subscription, which the receiver verifies from now on."""
        answer = await self.ask("POST", system=system, json={"contract": READING, "url": self.url, **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        self.receiver.secret = made["secret"]
        return made

    async def show(self, subscription: str) -> dict[str, Any]:
        """How a subscription stands."""
        found: dict[str, Any] = (await self.ask("GET", f"/{subscription}")).json()
        return found

    async def publish(self, station: str) -> str:
        """Publish a reading; answers its exchange."""
        answer = await self.bus.send(READING, {**MEASURED, "station": station})
        assert answer.status_code == 202
        return str(answer.json()["id"])

    async def told(self, *stations: str) -> None:
        """Wait until the receiver was told of exactly these, in any order."""
        await until(lambda: len(self.receiver.pushed) >= len(stations))
        assert sorted(self.receiver.stations) == sorted(stations)


async def until(holds: Callable[[], bool], within_s: float = 20) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


async def shown(look: Callable[[], Awaitable[dict[str, Any]]], member: str, value: object, within_s: float = 20) -> Any:
    """What `look` finds, once its member has that value."""
    async with asyncio.timeout(within_s):
        while True:
            found = await look()
            if found.get(member) == value:
                return found
            await asyncio.sleep(0.05)


def prepare(root: Path) -> None:
    """Two more systems with a grant, and rules under which tests can subscribe."""
    for name, text in (("bus.yaml", RULES), ("agencies/a.yaml", SYSTEMS), ("grants/g.yaml", GRANTS)):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)


async def started(root: Path, receiver: Receiver, transport: str, behave: Behaviour = fine) -> Subscribers:
    """A bus with its receiver."""
    systems = {"memo": FakeSystem(behave), "twice": FakeSystem(behave)}
    bus = await start_bus(root, systems, transport=transport, change=prepare)
    if not receiver.port:
        await receiver.start()
    return Subscribers(bus, receiver)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Subscribers]:
    """A bus on the memory log, and a receiver for what `ops` subscribes to."""
    receiver = Receiver()
    running = await started(tmp_path, receiver, "memory:")
    async with running.bus.stack:
        yield running
    await receiver.stop()


async def test_who_subscribes_is_pushed_what_its_grant_lets_through_from_then_on(city: Subscribers) -> None:
    before = await city.publish("before")
    made = await city.subscribe()
    event = await city.publish("A1")
    await city.told("A1")
    ((message_id, read),) = city.receiver.pushed
    assert read["data"] == {"station": "A1", "pm25": 31.5}
    assert read["withheld"] == [{"path": "/operator", "reason": "not_granted"}]
    assert (read["id"], read["source"]) == (event, "asker")

    async def event_shown() -> dict[str, Any]:
        found: dict[str, Any] = (await city.bus.client.get(f"/exchanges/{event}")).json()
        return found

    found = await shown(event_shown, "delivered", "3 of 3")
    (delivery,) = [each for each in found["deliveries"] if each["receiver"] == "ops"]
    assert (delivery["id"], delivery["subscription"], delivery["outcome"]) == (message_id, made["id"], "delivered")
    earlier = (await city.bus.client.get(f"/exchanges/{before}")).json()
    assert "ops" not in {each["receiver"] for each in earlier["deliveries"]}


async def test_a_subscriber_may_look_at_its_copy_and_another_system_may_not(city: Subscribers) -> None:
    await city.subscribe()
    await city.publish("A1")
    await city.told("A1")
    copy = city.receiver.pushed[0][0]
    as_ops = {"authorization": f"Bearer {city.bus.token('ops')}"}
    as_other = {"authorization": f"Bearer {city.bus.token('other')}"}
    assert (await city.bus.client.get(f"/exchanges/{copy}", headers=as_ops)).json()["receiver"] == "ops"
    assert (await city.bus.client.get(f"/exchanges/{copy}", headers=as_other)).status_code == 404


async def test_a_subscription_is_shown_with_everything_but_its_secret(city: Subscribers) -> None:
    made = await city.subscribe(retry=["1s"])
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["secret"])
    await city.publish("A1")
    await city.told("A1")
    found = await shown(lambda: city.show(made["id"]), "backlog", 0)
    found = await city.show(made["id"])
    assert {name: found[name] for name in ("id", "system", "contract", "url", "retry", "state")} == {
        "id": made["id"],
        "system": "ops",
        "contract": f"{READING}@1",
        "url": city.url,
        "retry": ["1s"],
        "state": "active",
    }
    assert "problem" not in found
    assert made["secret"] not in (await city.ask("GET")).text + (await city.ask("GET", f"/{made['id']}")).text


async def test_each_sees_its_own_subscriptions_and_an_operator_all(city: Subscribers) -> None:
    ids = {system: (await city.subscribe(system))["id"] for system in ("ops", "other")}

    async def seen(system: str | None) -> set[str]:
        return {each["id"] for each in (await city.ask("GET", system=system)).json()["subscriptions"]}

    assert await seen("ops") == {ids["ops"]}
    assert await seen("other") == {ids["other"]}
    assert await seen("stranger") == set()
    assert await seen(None) == set(ids.values())


@pytest.mark.parametrize(
    ("method", "act"), [("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/rotate")]
)
async def test_another_systems_subscription_is_not_there(city: Subscribers, method: str, act: str) -> None:
    made = await city.subscribe()
    for name in (made["id"], f"ops_{'0' * 16}", "ops", "%2e%2e"):
        answer = await city.ask(method, f"/{name}{act}", system="other")
        assert answer.status_code == 404, name
    assert (await city.show(made["id"]))["state"] == "active"


async def test_an_operator_may_stop_a_subscription_but_not_learn_its_secret(city: Subscribers) -> None:
    made = await city.subscribe()
    assert (await city.ask("POST", f"/{made['id']}/rotate", system=None)).status_code == 403
    assert (await city.ask("POST", system=None, json={"contract": READING, "url": city.url})).status_code == 403
    assert (await city.ask("POST", f"/{made['id']}/pause", system=None)).json()["state"] == "paused"


@pytest.mark.parametrize(
    ("asked", "status_", "kind"),
    [
        ({"contract": NOTE}, 400, "not-an-event"),
        ({"contract": "test.nothing"}, 404, "contract-unknown"),
        ({"contract": "test.reading@7"}, 404, "contract-unknown"),
    ],
)
async def test_only_a_contract_of_events_can_be_subscribed_to(
    city: Subscribers, asked: dict[str, str], status_: int, kind: str
) -> None:
    answer = await city.ask("POST", json={"url": city.url, **asked})
    assert (answer.status_code, answer.json()["type"]) == (status_, f"urn:lienthong:problem:{kind}")


async def test_without_a_grant_nothing_can_be_subscribed_to(city: Subscribers) -> None:
    answer = await city.ask(
        "POST", system="stranger", json={"contract": READING, "url": city.url}, headers={"accept-language": "vi"}
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:lienthong:problem:no-grant")
    assert "chưa có quyền khai thác" in answer.json()["detail"]


async def test_every_wrong_place_of_a_request_is_named(city: Subscribers) -> None:
    body = {"url": "ftp://x", "retry": ["1s", "7s"], "since": "2025-01-01T00:00:00", "secret": "mine"}
    answer = await city.ask("POST", json=body)
    assert answer.status_code == 422
    assert {each["pointer"]: each["code"] for each in answer.json()["errors"]} == {
        "/secret": "unknown_field",
        "/contract": "missing",
        "/url": "webhook_address",
        "/retry/1": "not_in_enum",
        "/since": "timestamp_offset",
    }
    again = await city.ask("POST", json={"contract": READING, "url": city.url, "retry": ["2s", "1s"]})
    assert [each["code"] for each in again.json()["errors"]] == ["delays_grow"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/hook", "webhook_private"),
        ("https://[::1]/hook", "webhook_private"),
        ("https://localhost/hook", "webhook_private"),
        ("https://169.254.169.254/latest", "webhook_private"),
        ("http://example.com/hook", "webhook_https"),
        ("https://me:secret@example.com/hook", "webhook_address"),
        ("https://example.com/hook?token=1", "webhook_address"),
    ],
)
async def test_without_the_operators_word_only_public_addresses_over_https_will_do(
    tmp_path: Path, url: str, code: str
) -> None:
    def strict(root: Path) -> None:
        prepare(root)
        bus = (root / "bus.yaml").read_text("utf-8")
        (root / "bus.yaml").write_text(bus.replace("allow_private: true, ", ""), "utf-8")

    bus = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=strict)
    async with bus.stack:
        answer = await Subscribers(bus, Receiver()).ask("POST", json={"contract": READING, "url": url})
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [("/url", code)]


async def test_a_system_has_no_more_subscriptions_than_it_may(tmp_path: Path) -> None:
    def few(root: Path) -> None:
        prepare(root)
        bus = (root / "bus.yaml").read_text("utf-8")
        (root / "bus.yaml").write_text(bus.replace("disable_after: 2s", "most: 1"), "utf-8")

    bus = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=few)
    async with bus.stack:
        city = Subscribers(bus, Receiver())
        made = await city.subscribe()
        answer = await city.ask("POST", json={"contract": READING, "url": city.url})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:lienthong:problem:too-many-subscriptions")
        await city.subscribe("other")
        assert (await city.ask("DELETE", f"/{made['id']}")).status_code == 204
        await city.subscribe()


async def test_what_comes_while_a_subscription_is_paused_waits_for_it(city: Subscribers) -> None:
    made = await city.subscribe()
    await city.publish("A1")
    await city.told("A1")
    assert (await city.ask("POST", f"/{made['id']}/pause")).json()["state"] == "paused"
    await asyncio.sleep(0.5)
    await city.publish("A2")
    await shown(lambda: city.show(made["id"]), "backlog", 1)
    assert city.receiver.stations == ["A1"]
    assert (await city.ask("POST", f"/{made['id']}/resume")).json()["state"] == "active"
    await city.told("A1", "A2")


async def test_a_dead_letter_of_a_deleted_subscription_can_be_dropped_and_not_sent_on(city: Subscribers) -> None:
    made = await city.subscribe()
    city.receiver.behave = status(410)
    await city.publish("A1")
    async with asyncio.timeout(20):
        while not (dead := (await city.bus.operate("GET", "dead")).json()["dead"]):
            await asyncio.sleep(0.05)
    (letter,) = [each for each in dead if each["system"] == made["id"]]
    assert (await city.ask("DELETE", f"/{made['id']}")).status_code == 204
    again = await city.bus.operate("POST", f"dead/{letter['id']}/retry", json={"reason": "once more"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:lienthong:problem:subscription-deleted")
    assert made["id"] in again.json()["detail"]
    dropped = await city.bus.operate("POST", f"dead/{letter['id']}/drop", json={"reason": "its receiver is no more"})
    assert dropped.status_code == 200


async def test_after_it_is_deleted_nothing_is_pushed_and_what_waited_is_settled(city: Subscribers) -> None:
    made = await city.subscribe()
    await city.ask("POST", f"/{made['id']}/pause")
    await asyncio.sleep(0.5)
    event = await city.publish("A1")
    await shown(lambda: city.show(made["id"]), "backlog", 1)
    assert (await city.ask("DELETE", f"/{made['id']}")).status_code == 204
    assert (await city.ask("GET", f"/{made['id']}")).status_code == 404

    async def event_shown() -> dict[str, Any]:
        found: dict[str, Any] = (await city.bus.client.get(f"/exchanges/{event}")).json()
        return found

    await shown(event_shown, "delivered", "2 of 3, 1 withheld")
    later = await city.publish("A2")
    found: dict[str, Any] = {}
    async with asyncio.timeout(20):
        while found.get("delivered") != "2 of 2":
            found = (await city.bus.client.get(f"/exchanges/{later}")).json()
            await asyncio.sleep(0.05)
    assert city.receiver.pushed == []


async def test_others_are_served_while_somebody_subscribes(city: Subscribers) -> None:
    await city.subscribe()
    for number in range(10):
        await city.publish(f"A{number}")
        if number % 3 == 0:
            answer = await city.ask("POST", system="other", json={"contract": READING, "url": "http://127.0.0.1:9/x"})
            assert answer.status_code == 201
    await city.told(*(f"A{number}" for number in range(10)))


async def test_for_a_day_after_a_rotation_both_secrets_verify_unless_it_is_confirmed(city: Subscribers) -> None:
    made = await city.subscribe()
    answer = await city.ask("POST", f"/{made['id']}/rotate")
    old, new = made["secret"], answer.json()["secret"]
    assert old != new
    until_ = datetime.fromisoformat(answer.json()["old_secret_until"])
    assert timedelta(hours=23) < until_ - datetime.now(UTC) < timedelta(hours=25)
    await city.publish("A1")
    await city.told("A1")
    city.receiver.secret = new
    await city.publish("A2")
    await city.told("A1", "A2")
    ended = await city.ask("DELETE", f"/{made['id']}/rotate")
    assert ended.json()["old_secret_until"] is None
    await asyncio.sleep(0.3)
    city.receiver.secret = old
    calls = len(city.receiver.calls)
    await city.publish("A3")
    await until(lambda: len(city.receiver.calls) > calls)
    assert city.receiver.stations == ["A1", "A2"]
    city.receiver.secret = new
    await city.told("A1", "A2", "A3")


async def test_a_receiver_that_is_away_gets_it_later_by_its_own_schedule_under_the_same_id(city: Subscribers) -> None:
    await city.subscribe(retry=["1s"])
    city.receiver.behave = status(503)
    await city.publish("A1")
    await until(lambda: len(city.receiver.calls) == 1)
    city.receiver.behave = city.receiver.take
    await city.told("A1")
    assert len(city.receiver.calls) == 2


async def test_who_fails_for_too_long_is_disabled_told_and_resumed_without_loss(city: Subscribers) -> None:
    made = await city.subscribe()
    city.receiver.behave = status(500)
    for number in range(6):
        await city.publish(f"A{number}")
        await asyncio.sleep(0.5)
    found = await shown(lambda: city.show(made["id"]), "state", "disabled")
    assert found["problem"]["type"] == "urn:lienthong:problem:subscription-disabled"
    assert found["failing_since"] <= found["last_failure"]
    assert "500" in found["failure"]
    metrics = (await city.bus.client.get("/metrics")).text
    assert 'lienthong_subscriptions{state="disabled"} 1.0' in metrics
    assert made["id"] not in metrics
    assert "disabled: " in await journal(city.bus)
    await asyncio.sleep(0.5)
    await city.publish("later")
    city.receiver.behave = city.receiver.take
    assert (await city.ask("POST", f"/{made['id']}/resume")).json()["state"] == "active"
    await until(lambda: "later" in city.receiver.stations)
    assert (await city.show(made["id"]))["state"] == "active"


async def test_who_answers_that_it_wants_no_more_is_disabled_at_once_and_told_with_its_next_token(
    city: Subscribers,
) -> None:
    made = await city.subscribe()
    city.receiver.behave = status(410)
    await city.publish("A1")
    await shown(lambda: city.show(made["id"]), "state", "disabled")
    form = {"grant_type": "client_credentials"}
    answer = await city.bus.client.post("/oauth2/token", data=form, auth=("ops", "s3cret"))
    assert answer.status_code == 200
    (notice,) = answer.json()["notices"]
    assert (notice["type"], notice["subscription"]) == ("urn:lienthong:problem:subscription-disabled", made["id"])
    other = await city.bus.client.post("/oauth2/token", data=form, auth=("asker", "s3cret"))
    assert "notices" not in other.json()


async def test_a_replay_pushes_once_more_what_was_published_since(city: Subscribers) -> None:
    made = await city.subscribe()
    await city.publish("A1")
    await city.told("A1")
    await asyncio.sleep(0.05)
    since = datetime.now(UTC).isoformat()
    await city.publish("A2")
    await city.told("A1", "A2")
    answer = await city.ask("POST", f"/{made['id']}/replay", json={"since": since})
    assert (answer.status_code, answer.json()["replays"]) == (202, 1)
    await city.told("A1", "A2", "A2")
    ids = [message_id for message_id, _ in city.receiver.pushed]
    assert len(set(ids)) == 3
    events = [read["id"] for _, read in city.receiver.pushed]
    assert events[1] == events[2]
    await city.ask("POST", f"/{made['id']}/replay", json={"since": since})
    await city.told("A1", "A2", "A2", "A2")


async def test_who_subscribes_since_a_time_gets_what_was_published_before_it_came(city: Subscribers) -> None:
    await city.publish("A1")
    await city.subscribe(since="2025-01-01T00:00:00+07:00")
    await city.publish("A2")
    await city.told("A1", "A2")
    await asyncio.sleep(0.5)
    await city.told("A1", "A2")


async def test_a_time_to_replay_from_must_be_one(city: Subscribers) -> None:
    made = await city.subscribe()
    for body in ({}, {"since": "gestern"}, {"since": 7}, {"since": "2025-01-01T00:00:00Z", "until": "x"}):
        assert (await city.ask("POST", f"/{made['id']}/replay", json=body)).status_code == 422, body


async def test_a_restart_of_the_bus_keeps_subscriptions_and_what_waits_for_them(tmp_path: Path) -> None:
    receiver = Receiver()
    first = await started(tmp_path, receiver, "sqlite:log.db")
    async with first.bus.stack:
        made = await first.subscribe()
        await first.publish("A1")
        await first.told("A1")
        await first.ask("POST", f"/{made['id']}/pause")
        await asyncio.sleep(0.5)
        await first.publish("A2")
        await shown(lambda: first.show(made["id"]), "backlog", 1)
    second = await started(tmp_path, receiver, "sqlite:log.db")
    async with second.bus.stack:
        assert (await second.show(made["id"]))["state"] == "paused"
        await second.ask("POST", f"/{made['id']}/resume")
        await second.publish("A3")
        await second.told("A1", "A2", "A3")
    await receiver.stop()


async def test_a_bus_that_is_killed_in_the_middle_of_pushing_loses_nothing(tmp_path: Path) -> None:
    """What was under way comes again, under the same id; and the receiver can tell that by it."""
    receiver, systems, port = Receiver(), {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, free_port()
    for system in (receiver, *systems.values()):
        await system.start()
    write_workspace(tmp_path, {name: each.port for name, each in systems.items()}, transport="sqlite:log.db", port=port)
    prepare(tmp_path)
    stations = [f"S{number}" for number in range(30)]
    pushing = asyncio.Event()

    async def reads_and_hangs(request: web.Request) -> web.StreamResponse:
        """Takes the first ones; the answers to all others do not come before the bus is gone."""
        answer = await receiver.take(request)
        if len(receiver.pushed) > 10:
            pushing.set()
            await asyncio.sleep(60)
        return answer

    receiver.behave = reads_and_hangs
    bus = CrashingBus(tmp_path, port, ("serve",))
    try:
        await bus.start()
        await bus.ready()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            ops, asker = ({"authorization": f"Bearer {issue_token(tmp_path, each, 600)}"} for each in ("ops", "asker"))
            wanted = {"contract": READING, "url": f"http://127.0.0.1:{receiver.port}/hook"}
            made = await client.post("/subscriptions", json=wanted, headers=ops)
            receiver.secret = made.json()["secret"]
            for station in stations:
                body = {**MEASURED, "station": station}
                sent = await client.post(f"/exchange/{READING}", json=body, headers=asker)
                assert sent.status_code == 202
            await asyncio.wait_for(pushing.wait(), 20)
            await bus.kill("serve")
            under_way = set(receiver.stations[10:])
            receiver.behave = receiver.take
            await bus.start()
            await bus.ready()
            await until(lambda: set(receiver.stations) == set(stations), 40)
            await until(lambda: all(receiver.stations.count(each) > 1 for each in under_way), 40)
    finally:
        await bus.stop()
        for system in (receiver, *systems.values()):
            await system.stop()
    ids = {(station, message) for station, (message, _) in zip(receiver.stations, receiver.pushed, strict=True)}
    assert len(ids) == len(stations)


async def test_a_replay_that_no_worker_has_carried_out_yet_is_carried_out_once_one_runs(tmp_path: Path) -> None:
    receiver = Receiver()
    first = await started(tmp_path, receiver, "sqlite:log.db")
    async with first.bus.stack:
        made = await first.subscribe()
        event = await first.publish("A1")
        await first.told("A1")
    core = await open_core(load_workspace(tmp_path))
    known = core.subscriptions.get(made["id"])
    assert known is not None
    await core.subscriptions.put(changed(known, known.changed_ms + 1, replay=1, replay_since_ms=0))
    await core.close()
    second = await started(tmp_path, receiver, "sqlite:log.db")
    async with second.bus.stack:
        await second.told("A1", "A1")
        assert [read["id"] for _, read in receiver.pushed] == [event, event]
    third = await started(tmp_path, receiver, "sqlite:log.db")
    async with third.bus.stack:
        await third.publish("A2")
        await third.told("A1", "A1", "A2")
    await receiver.stop()


async def test_after_the_token_key_was_replaced_pushes_wait_until_the_secret_is_rotated(tmp_path: Path) -> None:
    receiver = Receiver()
    first = await started(tmp_path, receiver, "sqlite:log.db")
    async with first.bus.stack:
        made = await first.subscribe()
    (tmp_path / "secrets/token.pem").unlink()
    write_token_key(tmp_path / "secrets/token.pem")
    second = await started(tmp_path, receiver, "sqlite:log.db")
    async with second.bus.stack:
        await second.publish("A1")
        async with asyncio.timeout(20):
            while "rotate its secret" not in ((await second.show(made["id"]))["failure"] or ""):
                await asyncio.sleep(0.05)
        receiver.secret = (await second.ask("POST", f"/{made['id']}/rotate")).json()["secret"]
        await second.publish("A2")
        await until(lambda: "A2" in receiver.stations)
    await receiver.stop()


async def test_where_the_grant_has_ended_nothing_is_pushed_and_the_owner_is_told(tmp_path: Path) -> None:
    receiver = Receiver()
    first = await started(tmp_path, receiver, "sqlite:log.db")
    async with first.bus.stack:
        made = await first.subscribe()

    def end(root: Path) -> None:
        prepare(root)
        grants = root / "grants/g.yaml"
        ended = f"from: 2025-01-01, to: {date(2025, 6, 1)}"
        text = re.sub(r"(g-reading-ops.*)from: 2025-01-01", rf"\1{ended}", grants.read_text("utf-8"))
        grants.write_text(text, "utf-8")

    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    bus = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=end)
    second = Subscribers(bus, receiver)
    async with bus.stack:
        found = await second.show(made["id"])
        assert found["problem"]["type"] == "urn:lienthong:problem:no-grant"
        refused = await second.ask("POST", f"/{made['id']}/replay", json={"since": "2025-01-01T00:00:00Z"})
        assert refused.status_code == 403
        event = await second.publish("A1")

        async def event_shown() -> dict[str, Any]:
            shown_: dict[str, Any] = (await bus.client.get(f"/exchanges/{event}")).json()
            return shown_

        await shown(event_shown, "delivered", "2 of 2")
    assert receiver.pushed == []
    await receiver.stop()


async def test_a_secret_is_never_in_clear_on_the_log_nor_in_what_is_logged(
    city: Subscribers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await city.subscribe()
    rotated = (await city.ask("POST", f"/{made['id']}/rotate")).json()["secret"]
    await city.publish("A1")
    await city.told("A1")
    lying = b"".join(await values(city.bus, SUBSCRIPTIONS)) + b"".join(await values(city.bus, JOURNAL))
    assert made["id"].encode() in lying
    for secret in (made["secret"], rotated):
        assert secret.removeprefix("whsec_").encode() not in lying
        assert secret.removeprefix("whsec_") not in caplog.text


async def values(bus: RunningBus, channel: str) -> list[bytes]:
    """Everything that lies in a channel."""
    transport = bus.bus.core.transport
    parts = [Partition(channel, number) for number in range(transport.partitions(channel))]
    ends = await transport.extents(parts)
    reader = await transport.reader(dict.fromkeys(parts, 0))
    found: list[bytes] = []
    while any(reader.positions()[each] < ends[each].end for each in parts):
        found += [stored.message.key + stored.message.value for stored in await reader.take(wait_s=1)]
    await reader.close()
    return found


async def journal(bus: RunningBus) -> str:
    """What the lines of the journal say."""
    records = [await bus.bus.core.own.decode(value[value.index(b"\0") :]) for value in await values(bus, JOURNAL)]
    return "\n".join(str(record.get("detail", "")) for record in records)

"""Subscriptions and events of a system that is handed over: its heir's from then on, pushed and read all along."""

from __future__ import annotations

import pytest

from tests.flows.support import MEASURED, READING
from tests.flows.test_commands import lienthong
from tests.flows.test_hand_over import Handed, handed
from tests.flows.test_subscriptions import Receiver, Subscribers

__all__ = ["handed"]


@pytest.fixture
async def subscribers(handed: Handed) -> Subscribers:
    """Of the bus on which memo has an heir."""
    receiver = Receiver()
    await receiver.start()
    handed.bus.stack.push_async_callback(receiver.stop)
    return Subscribers(handed.bus, receiver)


async def test_a_webhook_is_pushed_to_on_and_its_heir_owns_it_with_its_secret(
    handed: Handed,
    subscribers: Subscribers,
) -> None:
    """What waited for its receiver comes too; each event once, signed with the secret that the receiver has."""
    made = await subscribers.subscribe("memo")
    await subscribers.publish("A1")
    await subscribers.told("A1")
    await subscribers.receiver.stop()
    await subscribers.publish("A2")
    told = (await handed.hand_over()).stdout
    assert f"subscriptions: {made['id']}" in told
    assert (await handed.hand_over("--do")).exit_code == 0
    await subscribers.publish("A3")
    await subscribers.receiver.start()
    await subscribers.told("A1", "A2", "A3")
    mine = (await subscribers.ask("GET", system="heir")).json()["subscriptions"]
    assert [(each["id"], each["state"], each.get("problem")) for each in mine] == [(made["id"], "active", None)]
    assert (await subscribers.ask("GET", f"/{made['id']}", system="twice")).status_code == 404
    rotated = await subscribers.ask("POST", f"/{made['id']}/rotate", system="heir")
    assert rotated.status_code == 200, rotated.text
    subscribers.receiver.secret = rotated.json()["secret"]
    await subscribers.publish("A4")
    await subscribers.told("A1", "A2", "A3", "A4")


async def test_the_old_name_still_sees_its_webhook_until_its_day_and_is_pushed_to_after_it(
    handed: Handed,
    subscribers: Subscribers,
) -> None:
    """It may be made under the old name too, for its heir."""
    assert (await handed.hand_over("--do")).exit_code == 0
    made = await subscribers.subscribe("memo")
    seen = await subscribers.ask("GET", f"/{made['id']}", system="memo")
    assert (seen.status_code, "deprecation" in seen.headers) == (200, True)
    await subscribers.publish("A1")
    await subscribers.told("A1")
    await handed.end("2025-02-01")
    assert (await subscribers.ask("GET", system="memo")).status_code == 410
    await subscribers.publish("A2")
    await subscribers.told("A1", "A2")
    assert (await subscribers.ask("DELETE", f"/{made['id']}", system="heir")).status_code == 204


async def test_events_of_a_publisher_that_ended_are_read_on_beside_those_of_its_heir(handed: Handed) -> None:
    """By the cursor that a reader has: neither twice, nor not at all. Under its old name it may publish for a while."""
    heir = handed.bus.root / "systems/heir.yaml"
    heir.write_text(heir.read_text("utf-8") + f"publishes: [{READING}]\n", "utf-8")
    assert (await lienthong(handed.bus, "apply", "-m", "publishes", "--lang", "en")).exit_code == 0
    reader = {"authorization": f"Bearer {handed.bus.token('twice')}"}
    client = handed.bus.client
    first = (await handed.bus.send(READING, MEASURED)).json()["id"]
    page = (await client.get(f"/inbox/{READING}", headers=reader)).json()
    unread = (await handed.bus.send(READING, MEASURED)).json()["id"]
    codes = ("agency", "hand-over", "H17", "H17.09", "--system", "asker=heir", "--until", "2190-01-01")
    made = await lienthong(handed.bus, *codes, "--do", "--lang", "en")
    assert made.exit_code == 0, made.output
    old = await handed.bus.send(READING, MEASURED)
    new = await client.post(f"/exchange/{READING}", json=MEASURED, headers=handed.as_heir())
    assert (old.status_code, new.status_code, "deprecation" in old.headers) == (202, 202, True), old.text + new.text
    after = (await client.get(f"/inbox/{READING}", params={"cursor": page["cursor"]}, headers=reader)).json()
    assert [each["id"] for each in page["events"]] == [first]
    # Events of one reader's page are in no order across partitions.
    assert sorted(each["id"] for each in after["events"]) == sorted([unread, old.json()["id"], new.json()["id"]])

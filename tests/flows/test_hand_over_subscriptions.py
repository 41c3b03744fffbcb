"""A subscription of a system that is handed over: its heir's from then on, and pushed to all along."""

from __future__ import annotations

import pytest

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

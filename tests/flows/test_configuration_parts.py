"""Everything that a worker runs goes by what is applied: plug-ins, sources, subscriptions, ordered contracts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.channels import Inbox
from tests.flows.support import GOOD, NOTE, READING
from tests.flows.test_configuration import Applying
from tests.flows.test_subscriptions import Receiver, Subscribers, started, until

PLUGIN = '''"""A system that signs what it takes."""

from adapters.systems.plugin import Answer, Call, Plugin
from contracts.errors import Rejected


class Signing(Plugin):
    async def call(self, call: Call) -> Answer:
        raise Rejected("SIGNED")
'''
SOURCE = """publishes: [test.reading]
sources:
  - kind: files
    name: readings
    contract: test.reading
    connection: {folder: out, pattern: "*.csv", complete: {quiet_s: 1}, format: csv}
    record:
      map:
        station: /station
        pm25: {from: /pm25, through: [number]}
"""


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Subscribers]:
    """A bus on the memory log, and a receiver for what `ops` subscribes to."""
    receiver = Receiver()
    running = await started(tmp_path, receiver, "memory:")
    async with running.bus.stack:
        yield running
    await receiver.stop()


async def test_a_plug_in_travels_with_the_configuration(city: Subscribers) -> None:
    """Its code is that of the snapshot: what is edited on disk afterwards is not run until it is applied."""
    applying, root = Applying(city.bus), city.bus.root
    (root / "plugins").mkdir()
    file = root / "plugins/signing.py"
    file.write_text(PLUGIN.replace("SIGNED", "signed first"), "utf-8")
    (root / "systems/twice.yaml").write_text(
        "kind: python\nconnection: {file: plugins/signing.py, class: Signing}\nservices:\n"
        "  - {contract: test.note, idempotent: false, operation: {}}\n"
        "  - {contract: test.reading, idempotent: false, operation: {}}\n",
        "utf-8",
    )

    async def reason() -> str:
        receipt = (await city.bus.send(NOTE, GOOD, to="twice")).json()["id"]
        return str((await city.bus.settled(receipt))["reason"])

    await applying.applied()
    file.write_text(PLUGIN.replace("SIGNED", "signed second"), "utf-8")
    assert await reason() == "signed first"
    await applying.applied()
    assert await reason() == "signed second"
    file.write_text("this is no Python\n", "utf-8")
    refused = await applying.apply()
    assert refused["type"].endswith("config-refused")
    assert "signing.py" in refused["detail"]
    assert await reason() == "signed second"


async def test_a_source_that_is_applied_brings_in_and_one_that_is_taken_away_does_not(city: Subscribers) -> None:
    applying, root = Applying(city.bus), city.bus.root
    memo = city.bus.systems["memo"]
    (root / "out").mkdir()

    def stations() -> list[str]:
        return [body["station"] for body in memo.bodies if body and "station" in body]

    before = (root / "systems/asker.yaml").read_text("utf-8")
    (root / "systems/asker.yaml").write_text(SOURCE, "utf-8")
    await applying.applied()
    (root / "out/1.csv").write_text("station,pm25\nA1,3.5\nA2,4.5\n", "utf-8")
    await until(lambda: sorted(stations()) == ["A1", "A2"], 40)
    applying.edit("systems/asker.yaml", "quiet_s: 1", "quiet_s: 2")
    await applying.applied()
    (root / "out/2.csv").write_text("station,pm25\nA3,3.5\n", "utf-8")
    await until(lambda: sorted(stations()) == ["A1", "A2", "A3"], 40)
    (root / "systems/asker.yaml").write_text(before, "utf-8")
    await applying.applied()
    (root / "out/3.csv").write_text("station,pm25\nA4,3.5\n", "utf-8")
    await city.publish("A5")
    await until(lambda: "A5" in stations())
    assert "A4" not in stations()


async def test_a_subscription_is_pushed_what_the_grant_of_now_lets_through(city: Subscribers) -> None:
    """No subscriber has to subscribe again."""
    applying = Applying(city.bus)
    await city.subscribe()
    await city.publish("before")
    await city.told("before")
    applying.edit("grants/g.yaml", "contract: test.reading, providers: [asker], purpose: Theo dõi, legal_basis: không, from: 2025-01-01, view: [/station, /pm25]", "contract: test.reading, providers: [asker], purpose: Theo dõi, legal_basis: không, from: 2025-01-01, view: [/station]")  # fmt: skip
    await applying.applied()
    await city.publish("after")
    await city.told("before", "after")
    shown = {read["data"]["station"]: set(read["data"]) for _, read in city.receiver.pushed}
    assert shown == {"before": {"station", "pm25"}, "after": {"station"}}


async def test_a_contract_that_becomes_ordered_gets_its_inboxes(city: Subscribers) -> None:
    """Of the systems that are pushed it, and of those that subscribed to it by themselves."""
    applying = Applying(city.bus)
    made = await city.subscribe()
    file = city.bus.root / f"contracts/{READING}/contract.yaml"
    file.write_text(file.read_text("utf-8") + "ordered: {key: /station}\n", "utf-8")
    await applying.applied()
    await city.publish("A1")
    await city.told("A1")
    memo = city.bus.systems["memo"]
    await until(lambda: bool(memo.bodies))
    transport = city.bus.bus.core.transport
    for system in ("memo", made["id"]):
        assert transport.partitions(Inbox(system, READING).channel) > 0
    applied = (await applying.call("GET"))["current"]
    inboxes = city.bus.bus.core.configurations.inboxes()
    assert applied is not None
    assert Inbox("memo", READING) in inboxes


async def test_an_apply_while_another_one_settles_is_carried_out_too(city: Subscribers) -> None:
    """Whoever applies in a hurry ends with the last one, everywhere."""
    applying = Applying(city.bus)
    for number in range(1, 5):
        old = "kind: rest\n" if number == 1 else f"concurrency: {number - 1}\n"
        new = f"kind: rest\nconcurrency: {number}\n" if number == 1 else f"concurrency: {number}\n"
        applying.edit("systems/memo.yaml", old, new)
        last = await applying.apply(f"number {number}")
    shown = await applying.call("GET", f"/{last['id']}", params={"wait": "20"})
    assert [each["stand"] for each in shown["processes"]] == ["confirmed"]
    assert city.bus.bus.core.workspace.adapters["memo"].concurrency == 4
    await asyncio.sleep(0)
    assert (await city.bus.send(NOTE, GOOD, to="memo")).status_code == 202

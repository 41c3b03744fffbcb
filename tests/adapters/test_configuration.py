"""Every process arrives at the same configuration, whoever applies at once, and whoever is killed in between."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.clock import wall_clock_ms
from adapters.configuration.fold import ConfigurationFold
from adapters.configuration.reach import Reach
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.transport.kafka import KafkaTransport
from adapters.transport.memory import MemoryTransport
from adapters.transport.sqlite import SqliteTransport
from contracts.channels import CONFIG, Inbox
from contracts.configuration import (
    PART_BYTES,
    Manifest,
    ManifestFile,
    Overtaken,
    file_of,
    manifest_from_avro,
    manifest_to_avro,
    parts_of,
)
from contracts.ports import Message, Transport

FIRST = Manifest(None, "operator:lan", 1, "first", "c0", (file_of("bus.yaml", b"name: a\n"),), (Inbox("memo"),), (5,))


class Bench:
    """A log, and as many processes that follow it as are wanted."""

    def __init__(self, transport: Transport, stack: AsyncExitStack) -> None:
        self.transport = transport
        self._stack = stack

    async def process(self) -> ConfigurationFold:
        """One more process."""
        registry = SchemaRegistry(self.transport)
        own = OwnRecords(registry)
        await registry.start()
        await own.start()
        fold = ConfigurationFold(self.transport, own)
        await fold.start()
        self._stack.push_async_callback(registry.close)
        self._stack.push_async_callback(fold.close)
        return fold


@pytest.fixture(params=["memory", "sqlite", "kafka"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """On each log."""
    transport: Transport
    if request.param == "kafka":
        bootstrap: str = request.getfixturevalue("kafka_bootstrap")
        transport = KafkaTransport(bootstrap, prefix=f"config-{secrets.token_hex(4)}")
    elif request.param == "sqlite":
        transport = SqliteTransport(tmp_path / "bus.db", clock=wall_clock_ms)
    else:
        transport = MemoryTransport(clock=wall_clock_ms)
    await transport.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transport.close)
        yield Bench(transport, stack)


async def put_parts(fold: ConfigurationFold) -> None:
    await fold.put_part(b"name: a\n")


async def test_of_two_at_the_same_time_the_first_on_the_log_wins_in_every_process(bench: Bench) -> None:
    """Whoever lost is told, and a process that comes later agrees."""
    one, two = await bench.process(), await bench.process()
    await put_parts(one)
    results = await asyncio.gather(
        one.put(FIRST), two.put(replace(FIRST, author="operator:minh")), return_exceptions=True
    )
    lost = [each for each in results if isinstance(each, Overtaken)]
    won = [each for each in results if not isinstance(each, BaseException)]
    assert (len(lost), len(won)) == (1, 1)
    later = await bench.process()
    for fold in (one, two, later):
        await fold.caught_up()
        assert fold.history == tuple(won)


async def test_parts_alone_change_nothing(bench: Bench) -> None:
    """Who is killed between the parts and the manifest has done nothing; whoever comes next need not send them again."""
    killed = await bench.process()
    await put_parts(killed)
    after = await bench.process()
    assert after.current is None
    assert after.lacks(FIRST.parts) == set()
    end = await after.put_part(b"name: a\n")
    assert await after.part(end) == b"name: a\n"
    assert (await after.put(FIRST)).manifest == FIRST


async def test_a_manifest_whose_parts_are_missing_never_counts(bench: Bench) -> None:
    """Not even once they are there: every process decides at the same place of the log."""
    fold = await bench.process()
    with pytest.raises(Overtaken):
        await fold.put(FIRST)
    await put_parts(fold)
    await fold.caught_up()
    assert fold.current is None
    assert (await (await bench.process()).put(FIRST)).id == FIRST.id


async def test_what_lies_about_its_hash_is_no_part(bench: Bench) -> None:
    """The key of a part is the SHA-256 of its content, or it is passed over."""
    fold = await bench.process()
    forged = next(iter(FIRST.parts))
    honest = await fold.put_part(b"something else")
    stored = await bench.transport.read(await bench.transport.append(Message(CONFIG, b"x", b"no record")))
    assert stored is not None
    found = await bench.transport.offset_at(stored.position.where, 0)
    original = await bench.transport.read(stored.position._replace(offset=found))
    assert original is not None
    await bench.transport.append(Message(CONFIG, forged.encode(), original.message.value, original.message.headers))
    await fold.caught_up()
    assert fold.lacks({forged, honest}) == {forged}


async def test_a_large_file_travels_in_parts_and_comes_back_whole(bench: Bench) -> None:
    """A message ends at 1 MB; a code list does not."""
    content = bytes(range(256)) * 6 * (PART_BYTES // 512)
    file = file_of("codelists/wards.csv", content)
    assert len(file.parts) > 2
    fold = await bench.process()
    for part in parts_of(content).values():
        await fold.put_part(part)
    other = await bench.process()
    assert b"".join([await other.part(part) for part in file.parts]) == content


async def test_channels_of_every_configuration_are_remembered(bench: Bench) -> None:
    """What lies in them from before is looked after by who starts today."""
    fold = await bench.process()
    await put_parts(fold)
    first = await fold.put(FIRST)
    await fold.put(replace(FIRST, parent=first.id, inboxes=(Inbox("memo", "notes"),), retry_s=(30,)))
    later = await bench.process()
    assert later.inboxes() == {Inbox("memo"), Inbox("memo", "notes")}
    assert later.retry_s() == {5, 30}


def test_a_manifest_is_the_same_after_its_way_over_the_log() -> None:
    assert manifest_from_avro(manifest_to_avro(FIRST)) == FIRST
    assert replace(FIRST, message="other").id != FIRST.id


@pytest.mark.parametrize("name", ["../bus.yaml", "/etc/passwd", "a/../b", "secrets/token.pem", "secrets", "a\\b", ""])
def test_a_manifest_that_names_a_file_outside_the_workspace_or_a_secret_is_none(name: str) -> None:
    spoilt = replace(FIRST, files=(ManifestFile(name, ("0" * 64,)),))
    with pytest.raises(ValueError, match="may not name"):
        manifest_from_avro(manifest_to_avro(spoilt))


async def test_a_message_of_a_configuration_that_is_on_its_way_waits_for_it(bench: Bench) -> None:
    """And one of a workspace that was never applied does not: there is nothing to wait for."""
    fold = await bench.process()
    reach = Reach(fold, "on disk", wait_s=60)
    await reach.up_to("on disk")
    await reach.up_to("on the disk of another machine")
    await put_parts(fold)
    applied = await fold.put(FIRST)
    waiting = asyncio.create_task(reach.up_to(applied.id))
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    await reach.got_to(applied)
    await waiting
    later = await fold.put(replace(FIRST, parent=applied.id))
    await reach.got_to(later)
    await reach.up_to(applied.id)


async def test_who_never_gets_there_is_not_waited_for_for_ever(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """It goes on with what it has, and says so once."""
    fold = await bench.process()
    await put_parts(fold)
    applied = await fold.put(FIRST)
    reach = Reach(fold, "on disk", wait_s=0.05)
    await reach.up_to(applied.id)
    await reach.up_to(applied.id)
    said = [each.getMessage() for each in caplog.records if applied.id[:12] in each.getMessage()]
    assert len(said) == 1

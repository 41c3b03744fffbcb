"""Confluent's own producer and consumer on a real Kafka, with the bus's registry: in by ingress, out by events."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from contracts.channels import event, ingress
from deploy.local.kafka import LocalKafka
from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import MEASURED, READING, FakeSystem, fine, write_workspace
from tests.flows.test_ingress import with_topic

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNT: Final = 400
WITHIN_S: Final = 120.0
_ROLES: Final = ("ledger", "worker", "gateway")


@dataclass(slots=True)
class Abroad:
    """A bus in roles on Kafka, and whoever stands outside of it. What blocks is called in a thread."""

    root: Path
    processes: CrashingBus
    bootstrap: str
    address: str
    prefix: str

    def topic(self, channel: str) -> str:
        """What a channel is called on Kafka."""
        return f"{self.prefix}.{channel}"

    def registry(self) -> SchemaRegistryClient:
        """Confluent's client, signed in as `asker`."""
        return SchemaRegistryClient({"url": f"{self.address}/registry", "basic.auth.user.info": "asker:s3cret"})

    def produce(self, numbers: range) -> None:
        """Readings, each with a number of its own, without a key; the schema is whatever the topic's subject has."""
        topic = self.topic(ingress("asker", READING))
        with self.registry() as registry:
            schema = registry.get_latest_version(f"{topic}-value").schema
            serialise = AvroSerializer(registry, schema.schema_str)
            producer = Producer({"bootstrap.servers": self.bootstrap, "enable.idempotence": True})
            for number in numbers:
                value = serialise({**MEASURED, "pm25": float(number)}, SerializationContext(topic, MessageField.VALUE))
                producer.produce(topic, value=value)
            assert producer.flush(60) == 0

    def consume(self, count: int) -> list[dict[str, Any]]:
        """The events on the bus's topic, by Confluent's deserialiser, until there are so many and nothing is left."""
        topic = self.topic(event(READING))
        group = {
            "bootstrap.servers": self.bootstrap,
            "group.id": f"{self.prefix}-abroad",
            "auto.offset.reset": "earliest",
        }
        consumer = Consumer({**group, "enable.auto.commit": False})
        found: list[dict[str, Any]] = []
        with self.registry() as registry:
            read = AvroDeserializer(registry)
            consumer.subscribe([topic])
            until_s = time.monotonic() + WITHIN_S
            while time.monotonic() < until_s and (len(found) < count or not self._is_done()):
                message = consumer.poll(0.2)
                if message is not None and message.error() is None:
                    found.append(read(message.value(), SerializationContext(topic, MessageField.VALUE)))
            while (message := consumer.poll(0.5)) is not None:
                found.append(read(message.value(), SerializationContext(topic, MessageField.VALUE)))
        consumer.close()
        return found

    def events(self) -> int:
        """How many lie on the bus's topic."""
        topic = self.topic(event(READING))
        member = Consumer({"bootstrap.servers": self.bootstrap, "group.id": f"{self.prefix}-counts"})
        try:
            numbers = member.list_topics(topic).topics[topic].partitions
            return sum(member.get_watermark_offsets(TopicPartition(topic, each))[1] for each in numbers)
        finally:
            member.close()

    def _is_done(self) -> bool:
        """Whether the bus has dealt with all that lies on its ingress topic."""
        topic = self.topic(ingress("asker", READING))
        member = Consumer({"bootstrap.servers": self.bootstrap, "group.id": f"{self.prefix}.ingress"})
        try:
            places = [TopicPartition(topic, number) for number in member.list_topics(topic).topics[topic].partitions]
            ends = [member.get_watermark_offsets(place)[1] for place in places]
            return [max(each.offset, 0) for each in member.committed(places)] == ends
        finally:
            member.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def abroad(tmp_path_factory: pytest.TempPathFactory, local_kafka: LocalKafka) -> AsyncIterator[Abroad]:
    """All roles, running; for all tests, of which the last leaves dead letters behind."""
    root = tmp_path_factory.mktemp("abroad")
    async with AsyncExitStack() as stack:
        ports = {}
        for name in ("memo", "twice"):
            system = FakeSystem(fine)
            await system.start()
            stack.push_async_callback(system.stop)
            ports[name] = system.port
        port = free_port()
        write_workspace(root, ports, transport=f"kafka://{local_kafka.bootstrap}", port=port)
        with_topic(root)
        with (root / "bus.yaml").open("a", encoding="utf-8") as file:
            file.write("channels: {inbox: 1, reply: 1, other: 2}\n")
        processes = CrashingBus(root, port, _ROLES)
        stack.push_async_callback(processes.stop)
        await processes.start()
        await processes.ready(WITHIN_S)
        prefix = f"t-{zlib.crc32(str(root).encode()):08x}"
        yield Abroad(root, processes, local_kafka.bootstrap, f"http://127.0.0.1:{port}", prefix)


@pytest.mark.timeout(400)
async def test_what_a_stock_producer_writes_a_stock_consumer_reads_as_events_once_over_kill_9(abroad: Abroad) -> None:
    await asyncio.to_thread(abroad.produce, range(COUNT // 2))
    for numbers in (range(COUNT // 2, COUNT), range(COUNT, COUNT + 50)):
        # In the middle of it: some are events, and the bus has not yet said so on the topic that they came from.
        before = abroad.events()
        async with asyncio.timeout(WITHIN_S):
            while abroad.events() == before:
                await asyncio.sleep(0.02)
        await abroad.processes.kill("worker")
        await asyncio.to_thread(abroad.produce, numbers)
        await abroad.processes.start()
    events = await asyncio.to_thread(abroad.consume, COUNT + 50)
    assert sorted(each["pm25"] for each in events) == [float(number) for number in range(COUNT + 50)]
    assert {(each["station"], each["operator"]) for each in events} == {("A1", "canbo.07")}


async def test_what_a_stock_producer_writes_as_it_likes_waits_for_a_person(abroad: Abroad) -> None:
    def as_it_likes() -> None:
        producer = Producer({"bootstrap.servers": abroad.bootstrap})
        topic = abroad.topic(ingress("asker", READING))
        producer.produce(topic, value=b'{"station": "A1"}', headers=[("ce_deadfrom", b"x"), ("traceparent", None)])
        producer.produce(topic, key=b"gone", value=None)
        assert producer.flush(60) == 0

    await asyncio.to_thread(as_it_likes)
    headers = {"authorization": f"Bearer {issue_token(abroad.root, None, 600)}"}
    async with httpx.AsyncClient(base_url=abroad.address, headers=headers, trust_env=False) as operator:
        async with asyncio.timeout(60):
            while len(found := (await operator.get("/operate/dead")).json()["dead"]) < 2:
                await asyncio.sleep(0.1)
    reasons = sorted(each["reason"] for each in found)
    assert "0 bytes are too few" in reasons[0]
    assert "the first byte is 123" in reasons[1]
    assert {each["system"] for each in found} == {"asker"}

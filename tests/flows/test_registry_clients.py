"""The registry of schemas to clients that others wrote: Confluent's for Python, and KafkaJS's for Node."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from contracts.channels import event
from contracts.ports import Position
from tests.conftest import missing_service
from tests.flows.support import MEASURED, READING, FakeSystem, RunningBus, fine, start_bus
from tests.flows.test_registry import given_subjects, record

pytestmark = pytest.mark.asyncio(loop_scope="module")

NODE = Path(__file__).parents[1] / "node" / "kafkajs"
TEXT = record("text", {"name": "size", "type": "int"}, name="Parcel")
WIDER = record(
    "text", {"name": "size", "type": "int"}, {"name": "more", "type": "string", "default": ""}, name="Parcel"
)
NARROWER = record("text", {"name": "size", "type": "int"}, {"name": "must", "type": "string"}, name="Parcel")
PARCEL = {"text": "xin chào", "size": 3}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBus]:
    """One bus for all, whose `asker` has subjects of its own."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path_factory.mktemp("clients"), systems, change=given_subjects)
    async with running.stack:
        yield running


@pytest.fixture
def client(bus: RunningBus) -> Iterator[SchemaRegistryClient]:
    """Confluent's client, signed in as its users sign in. It blocks, so tests call it in a thread."""
    address = str(bus.client.base_url).rstrip("/")
    with SchemaRegistryClient(
        {"url": f"{address}/registry", "basic.auth.user.info": "asker:s3cret", "max.retries": 0}
    ) as opened:
        yield opened


async def an_event(bus: RunningBus) -> bytes:
    """The bytes of a message on the bus's own topic."""
    await bus.send(READING, MEASURED)
    log = bus.bus.core.transport
    for number in range(log.partitions(event(READING))):
        stored = await log.read(Position(event(READING), number, 0))
        if stored is not None:
            return stored.message.value
    raise AssertionError("no event is there")


def values_of(topic: str) -> SerializationContext:
    """What a serialiser is told of a message."""
    return SerializationContext(topic, MessageField.VALUE)


async def test_confluents_client_registers_finds_compares_and_deletes(
    bus: RunningBus, client: SchemaRegistryClient
) -> None:
    def as_its_user() -> None:
        subject = "hoi-an.parcels-value"
        first = client.register_schema(subject, Schema(TEXT, "AVRO"))
        assert client.register_schema(subject, Schema(TEXT, "AVRO")) == first
        assert client.get_versions(subject) == [1]
        kept = client.get_schema(first).schema_str
        assert kept is not None
        assert json.loads(kept) == json.loads(TEXT)
        assert client.lookup_schema(subject, Schema(TEXT, "AVRO")).schema_id == first
        assert client.test_compatibility(subject, Schema(WIDER, "AVRO"))
        assert not client.test_compatibility(subject, Schema(NARROWER, "AVRO"))
        with pytest.raises(SchemaRegistryError) as refused:
            client.register_schema(subject, Schema(NARROWER, "AVRO"))
        assert (refused.value.http_status_code, refused.value.error_code) == (409, 409)
        client.set_compatibility(subject, "FULL")
        assert client.get_compatibility(subject) == "FULL"
        second = client.register_schema(subject, Schema(WIDER, "AVRO"))
        assert client.get_latest_version(subject).schema_id == second
        assert subject in client.get_subjects()
        uses = json.dumps({"type": "array", "items": "Parcel"})
        reference = SchemaReference("Parcel", subject, 2)
        client.register_schema("hoi-an.many", Schema(uses, "AVRO", [reference]))
        with pytest.raises(SchemaRegistryError) as needed:
            client.delete_version(subject, 2)
        assert needed.value.error_code == 42206
        for permanent in (False, True):
            assert client.delete_subject("hoi-an.many", permanent=permanent) == [1]
        assert client.delete_subject(subject) == [1, 2]

    await asyncio.to_thread(as_its_user)


@pytest.mark.parametrize("more", [{}, {"auto.register.schemas": False, "use.latest.version": True}])
async def test_what_confluents_serialisers_write_they_read_again(
    bus: RunningBus, client: SchemaRegistryClient, more: dict[str, Any]
) -> None:
    def as_its_user() -> None:
        context = values_of("hoi-an.both")
        client.register_schema("hoi-an.both-value", Schema(TEXT, "AVRO"))
        written = AvroSerializer(client, TEXT, conf=more)(PARCEL, context)
        assert AvroDeserializer(client)(written, context) == PARCEL
        shape = json.dumps({"title": "parcel", "type": "object", "properties": {"size": {"type": "integer"}}})
        context = values_of("hoi-an.json")
        client.register_schema("hoi-an.json-value", Schema(shape, "JSON"))
        written = JSONSerializer(shape, client, conf=more)(PARCEL, context)
        assert JSONDeserializer(shape, schema_registry_client=client)(written, context) == PARCEL

    await asyncio.to_thread(as_its_user)


async def test_confluents_deserialiser_reads_an_event_of_the_bus(bus: RunningBus, client: SchemaRegistryClient) -> None:
    value = await an_event(bus)
    topic = f"{bus.bus.core.workspace.bus.prefix}.event.{READING}"
    assert await asyncio.to_thread(AvroDeserializer(client), value, values_of(topic)) == MEASURED


async def test_the_client_of_kafkajs_registers_encodes_and_reads_an_event_of_the_bus(bus: RunningBus) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").exists():
        missing_service(f"npm install --prefix {NODE} --no-package-lock")
    told = {
        "host": f"{str(bus.client.base_url).rstrip('/')}/registry",
        "username": "asker",
        "password": "s3cret",
        "subject": "hoi-an.node-value",
        "avro": record("text", {"name": "size", "type": "int"}, name="FromNode"),
        "json": json.dumps({"type": "object", "properties": {"size": {"type": "integer"}}}),
        "value": PARCEL,
        "wire": (await an_event(bus)).hex(),
    }
    running = await asyncio.create_subprocess_exec(
        str(node),
        str(NODE / "client.mjs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, wrong = await running.communicate(json.dumps(told).encode())
    assert running.returncode == 0, wrong.decode(errors="replace")
    said = json.loads(out)
    assert said["ids"] == [said["latest"], said["found"]]
    assert bytes.fromhex(said["encoded"])[:5] == b"\0" + said["latest"].to_bytes(4, "big")
    assert (said["decoded"], said["json"], said["refused"]) == (PARCEL, PARCEL, 401)
    assert said["event"] == MEASURED

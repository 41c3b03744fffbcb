"""The bare spike: what the same parts do with nothing around them. A yardstick, run in the same minutes.

accept: plain ASGI, orjson, fastavro, kafka-python with acks=all; 202 once Kafka has it.
query:  the same, then a worker process: consume, decode, call with aiohttp, map by hand, reply topic, answer.
"""

from __future__ import annotations

import asyncio
import io
import json
import struct
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import fastavro
import orjson
import uvicorn
import uvloop
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests.benchmarks.city import schema

REPORT, ASK, REPLY = "bare-report", "bare-ask", "bare-reply"
_LOOKUP = fastavro.parse_schema({"type": "record", "name": "L", "fields": [{"name": "person_id", "type": "string"}]})
_PERSON = fastavro.parse_schema(
    {
        "type": "record",
        "name": "P",
        "fields": [{"name": name, "type": "string"} for name in ("person_id", "full_name", "birth_date", "gender")],
    }
)


def pack(parsed: Any, record: dict[str, Any]) -> bytes:
    """The Confluent wire format."""
    out = io.BytesIO()
    out.write(struct.pack(">bI", 0, 1))
    fastavro.schemaless_writer(out, parsed, record)
    return out.getvalue()


def producer(bootstrap: str) -> KafkaProducer:
    """The same client with the same promises as the bus's own."""
    return KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0, max_block_ms=5000)


def make_topics(bootstrap: str) -> None:
    """Create what the spike needs."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, 4, 1) for name in (REPORT, ASK)] + [NewTopic(REPLY, 1, 1)])
    admin.close()


class App:
    """One ASGI application with both routes."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = producer(bootstrap)
        self._report = fastavro.parse_schema(schema())
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bootstrap = bootstrap

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._read_replies, daemon=True).start()
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        record = orjson.loads(body)
        if scope["path"] == "/report":
            status, answer = 202, await self._accept(record)
        else:
            status, answer = 200, await self._ask(record)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _accept(self, record: dict[str, Any]) -> bytes:
        record["measured_at"] = datetime.fromisoformat(record["measured_at"])
        record["day"] = date.fromisoformat(record["day"])
        record["amount"] = Decimal(record["amount"])
        key = uuid.uuid4().bytes
        await self._stored(REPORT, key, pack(self._report, record))
        return orjson.dumps({"id": key.hex(), "state": "accepted"})

    async def _ask(self, record: dict[str, Any]) -> bytes:
        key = uuid.uuid4().bytes
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        await self._stored(ASK, key, pack(_LOOKUP, record))
        value = await future
        person = fastavro.schemaless_reader(io.BytesIO(value[5:]), _PERSON, None)
        return orjson.dumps({"id": key.hex(), "record": person})

    async def _stored(self, topic: str, key: bytes, value: bytes) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def told(_: object) -> None:
            loop.call_soon_threadsafe(done.set_result, None)

        self._producer.send(topic, value, key=key).add_callback(told)
        await done

    def _read_replies(self) -> None:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap, fetch_max_wait_ms=50, auto_offset_reset="latest")
        consumer.assign([TopicPartition(REPLY, 0)])
        consumer.seek_to_end()
        while self._loop is not None:
            for records in consumer.poll(timeout_ms=1000).values():
                self._loop.call_soon_threadsafe(self._hand_out, [(each.key, each.value) for each in records])

    def _hand_out(self, replies: list[tuple[bytes, bytes]]) -> None:
        for key, value in replies:
            future = self._waiting.pop(key, None)
            if future is not None:
                future.set_result(value)


async def work(bootstrap: str, url: str) -> None:
    """The bare worker."""
    loop = asyncio.get_running_loop()
    sender = producer(bootstrap)
    session = aiohttp.ClientSession()

    async def one(key: bytes, value: bytes) -> None:
        asked: Any = fastavro.schemaless_reader(io.BytesIO(value[5:]), _LOOKUP, None)
        async with session.post(url + "/lookup", data=orjson.dumps({"so": asked["person_id"]})) as response:
            found = json.loads(await response.read())["congDan"]
        day, month, year = found["sinh"].split("/")
        person = {
            "person_id": found["so"],
            "full_name": found["ten"],
            "birth_date": f"{year}-{month}-{day}",
            "gender": {"1": "male", "0": "female"}[found["gt"]],
        }
        sender.send(REPLY, pack(_PERSON, person), key=key)

    def start(records: list[tuple[bytes, bytes]]) -> None:
        for key, value in records:
            task = loop.create_task(one(key, value))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    tasks: set[asyncio.Task[None]] = set()
    await loop.run_in_executor(None, _poll, bootstrap, loop.call_soon_threadsafe, start)


def _poll(bootstrap: str, soon: Callable[..., object], start: Callable[[list[tuple[bytes, bytes]]], None]) -> None:
    consumer = KafkaConsumer(ASK, bootstrap_servers=bootstrap, group_id="bare", fetch_max_wait_ms=50)
    while True:
        for records in consumer.poll(timeout_ms=1000).values():
            soon(start, [(each.key, each.value) for each in records])


if __name__ == "__main__":
    role, address = sys.argv[1], sys.argv[2]
    if role == "worker":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work(address, sys.argv[3]))
    else:
        make_topics(address)
        uvicorn.run(App(address), port=int(sys.argv[3]), log_level="error", http="httptools", loop="uvloop")

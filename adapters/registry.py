"""Schema ids: a fold over the `schemas` channel.

A message there is keyed by the SHA-256 of the full schema text and holds that text. The n-th *new* key in the order of
the log is id n, counted from 1, so every process that reads the channel arrives at the same numbers and two that
register the same schema at once agree on the first. The full text counts, not Avro's canonical form: that one strips
the properties (`codelist`, `on`) that our validation lives by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from contracts.channels import SCHEMAS
from contracts.errors import LogUnavailable, UnknownSchema
from contracts.ports import ChannelSpec, Message, Partition, Reader, Transport
from contracts.schema import Schema, SchemaError, parse_schema

CHANNEL: Final = ChannelSpec(SCHEMAS, partitions=1, retention_ms=None)
_CATCH_UP_S: Final = 10.0
_PARTITION: Final = Partition(SCHEMAS, 0)


class SchemaRegistry:
    """The ids of all schemas that ever were registered on this log. Used from one event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids: dict[str, int] = {}
        self._texts: list[str] = []
        self._parsed: dict[int, Schema] = {}
        self._reader: Reader | None = None
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        """Create the channel if need be and read what it holds. LogUnavailable."""
        await self._transport.ensure([CHANNEL])
        self._reader = await self._transport.reader({_PARTITION: 0})
        await self._catch_up()

    async def close(self) -> None:
        """Stop reading. Idempotent."""
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    async def register(self, schemas: Iterable[Schema]) -> None:
        """Make sure that each of `schemas` has an id. LogUnavailable, LogUnknown."""
        wanted = list(schemas)
        missing = {schema.sha256: schema for schema in wanted if schema.sha256 not in self._ids}
        for sha256, schema in missing.items():
            await self._transport.append(Message(SCHEMAS, sha256.encode(), schema.text.encode()))
        await self._catch_up()
        for schema in wanted:
            self._parsed[self.id_of(schema)] = schema

    def id_of(self, schema: Schema) -> int:
        """The id of a registered schema. UnknownSchema."""
        try:
            return self._ids[schema.sha256]
        except KeyError:
            raise UnknownSchema(f"schema {schema.name} was never registered on this log") from None

    async def schema(self, schema_id: int) -> Schema:
        """The schema with this id, reading on where another process registered it since. UnknownSchema."""
        known = self._parsed.get(schema_id)
        if known is not None:
            return known
        if not 0 < schema_id <= len(self._texts):
            await self._catch_up()
        if not 0 < schema_id <= len(self._texts):
            raise UnknownSchema(f"schema id {schema_id} is not on this log ({len(self._texts)} are)")
        try:
            parsed = parse_schema(self._texts[schema_id - 1])
        except SchemaError as error:
            raise UnknownSchema(f"schema id {schema_id} cannot be read: {error}") from error
        return self._parsed.setdefault(schema_id, parsed)

    def texts(self) -> Collection[str]:
        """All schema texts in the order of their ids, the first of which is 1."""
        return tuple(self._texts)

    async def _catch_up(self) -> None:
        if self._reader is None:
            raise LogUnavailable("the schema registry is not started")
        async with self._reading:
            extent = (await self._transport.extents([_PARTITION]))[_PARTITION]
            loop = asyncio.get_running_loop()
            give_up_at = loop.time() + _CATCH_UP_S
            while self._reader.positions()[_PARTITION] < extent.end:
                for stored in await self._reader.take(wait_s=0.5):
                    self._fold(stored.message.key.decode(), stored.message.value.decode())
                if loop.time() > give_up_at:
                    raise LogUnavailable("the schemas channel could not be read to its end in ten seconds")

    def _fold(self, sha256: str, text: str) -> None:
        if sha256 not in self._ids:
            self._texts.append(text)
            self._ids[sha256] = len(self._texts)

"""Schema ids: a fold over the `schemas` channel.

A message there is keyed by the SHA-256 of the full schema text and holds that text. The n-th *new* key in the order of
the log is id n, counted from 1, so every process that reads the channel arrives at the same numbers and two that
register the same schema at once agree on the first. The full text counts, not Avro's canonical form: that one strips
the properties (`codelist`, `on`) that our validation lives by. What has another key than that of what it says, or says
nothing that can be read, is passed over by every process: nobody can take a schema's number from it.

What foreign clients register (`adapters.subjects`) is numbered here too, so that an id means one schema on this log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from contracts.channels import SCHEMAS
from contracts.errors import LogUnavailable, UnknownSchema
from contracts.ports import ChannelSpec, Message, Partition, Reader, Transport
from contracts.registry.written import SchemaType, Written, written_from
from contracts.schema import Schema, SchemaError, parse_schema

log = logging.getLogger(__name__)

CHANNEL: Final = ChannelSpec(SCHEMAS, partitions=1, retention_ms=None)
_MOST_READ: Final = 1_000
"""How many schemas of others are kept parsed; all are kept as text."""
_CATCH_UP_S: Final = 10.0
_PARTITION: Final = Partition(SCHEMAS, 0)


class SchemaRegistry:
    """The ids of all schemas that ever were registered on this log. Used from one event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids: dict[str, int] = {}
        self._all: list[Written] = []
        self._parsed: dict[int, Schema] = {}
        self._read_lately: OrderedDict[int, Schema] = OrderedDict()
        self._own: set[int] = set()
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
            self._own.add(self.id_of(schema))

    async def number(self, written: Written) -> int:
        """The id of what a client wrote, a new one where it has none. LogUnavailable, LogUnknown."""
        key = written.key
        if key not in self._ids:
            message = Message(SCHEMAS, key.encode(), written.text.encode(), written.headers())
            await self._transport.append(message)
            await self._catch_up()
        return self._ids[key]

    def written(self, schema_id: int) -> Written | None:
        """What has this id, as far as the log was read."""
        return self._all[schema_id - 1] if 0 < schema_id <= len(self._all) else None

    def is_own(self, schema_id: int) -> bool:
        """Whether the bus itself writes with this schema."""
        return schema_id in self._own

    @property
    def highest(self) -> int:
        """The highest id there is, as far as the log was read; 0 where there is none."""
        return len(self._all)

    def id_of(self, schema: Schema) -> int:
        """The id of a registered schema. UnknownSchema."""
        try:
            return self._ids[schema.sha256]
        except KeyError:
            raise UnknownSchema(f"schema {schema.name} was never registered on this log") from None

    async def schema(self, schema_id: int) -> Schema:
        """The schema with this id, reading on where another process registered it since. UnknownSchema."""
        known = self._parsed.get(schema_id) or self._read_lately.get(schema_id)
        if known is not None:
            return known
        if self.written(schema_id) is None:
            await self._catch_up()
        written = self.written(schema_id)
        if written is None:
            raise UnknownSchema(f"schema id {schema_id} is not on this log ({len(self._all)} are)")
        if written.type is not SchemaType.AVRO or written.references:
            raise UnknownSchema(f"schema id {schema_id} is no Avro schema that stands for itself")
        try:
            # Not every text on the log was looked at before: whoever may write the channel may have written it.
            parsed = parse_schema(written.text)
        except SchemaError as error:
            raise UnknownSchema(f"schema id {schema_id} cannot be read: {error}") from error
        self._read_lately[schema_id] = parsed
        if len(self._read_lately) > _MOST_READ:
            self._read_lately.popitem(last=False)
        return parsed

    async def catch_up(self) -> None:
        """Read on to the end of the channel. LogUnavailable."""
        await self._catch_up()

    async def _catch_up(self) -> None:
        if self._reader is None:
            raise LogUnavailable("the schema registry is not started")
        async with self._reading:
            extent = (await self._transport.extents([_PARTITION]))[_PARTITION]
            loop = asyncio.get_running_loop()
            give_up_at = loop.time() + _CATCH_UP_S
            while self._reader.positions()[_PARTITION] < extent.end:
                for stored in await self._reader.take(wait_s=0.5):
                    self._fold(stored.message)
                if loop.time() > give_up_at:
                    raise LogUnavailable("the schemas channel could not be read to its end in ten seconds")

    def _fold(self, message: Message) -> None:
        try:
            written = written_from(message.value.decode(), message.headers)
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            log.warning("passed over on the channel %s, no schema: %s", SCHEMAS, error)
            return
        key = message.key.decode("utf-8", "replace")
        if key != written.key:
            log.warning("passed over on the channel %s, not the key of its schema: %.70s", SCHEMAS, key)
        elif key not in self._ids:
            self._all.append(written)
            self._ids[key] = len(self._all)

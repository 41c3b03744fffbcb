"""The bus's own records to bytes and back."""

from __future__ import annotations

from typing import Final

from adapters.registry import SchemaRegistry
from contracts import records
from contracts.codec import decode, encode, split
from contracts.configuration import (
    CONFIG_PART,
    CONFIG_STATUS,
    MANIFEST,
    ConfigStatus,
    Manifest,
    config_status_to_avro,
    manifest_to_avro,
)
from contracts.outcome import Result
from contracts.records import AvroRecord, Mark, SourceNote, Step
from contracts.registry.records import REGISTRY_RECORD, RegistryRecord, registry_record_to_avro
from contracts.schema import Schema, parse_schema
from contracts.sessions import SESSION_END, SessionEnd, session_end_to_avro
from contracts.subscriptions import SUBSCRIPTION, Subscription, subscription_to_avro


class OwnRecords:
    """Encodes and decodes results, marks, steps and statuses. `start` before use."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._result: Final = parse_schema(records.RESULT)
        self._mark: Final = parse_schema(records.MARK)
        self._step: Final = parse_schema(records.STEP)
        self._supplied: Final = parse_schema(records.SUPPLIED)
        self._status: Final = parse_schema(records.STATUS)
        self._metrics: Final = parse_schema(records.METRICS)
        self._source_note: Final = parse_schema(records.SOURCE_NOTE)
        self._subscription: Final = parse_schema(SUBSCRIPTION)
        self._config_part: Final = parse_schema(CONFIG_PART)
        self._manifest: Final = parse_schema(MANIFEST)
        self._config_status: Final = parse_schema(CONFIG_STATUS)
        self._registry_record: Final = parse_schema(REGISTRY_RECORD)
        self._session_end: Final = parse_schema(SESSION_END)

    async def start(self) -> None:
        """Register the bus's own schemas. LogUnavailable, LogUnknown."""
        own = (self._result, self._mark, self._step, self._supplied, self._status, self._metrics)
        configuration = (self._config_part, self._manifest, self._config_status)
        further = (self._source_note, self._subscription, *configuration, self._registry_record, self._session_end)
        await self._registry.register((*own, *further))

    def result(self, result: Result) -> bytes:
        """A `Result` in the wire format."""
        return self._encode(self._result, records.result_to_avro(result))

    def mark(self, mark: Mark) -> bytes:
        """A `Mark` in the wire format."""
        return self._encode(self._mark, records.mark_to_avro(mark))

    def step(self, step: Step) -> bytes:
        """A `Step` in the wire format."""
        return self._encode(self._step, records.step_to_avro(step))

    def supplied(self, entries: list[AvroRecord]) -> bytes:
        """A batch of `Supplied` entries in the wire format."""
        return self._encode(self._supplied, {"entries": entries})

    def status(self, status: AvroRecord) -> bytes:
        """A `Status` in the wire format."""
        return self._encode(self._status, status)

    def metrics(self, metrics: AvroRecord) -> bytes:
        """A part of a process's `Metrics` in the wire format."""
        return self._encode(self._metrics, metrics)

    def source_note(self, note: SourceNote) -> bytes:
        """A `SourceNote` in the wire format."""
        return self._encode(self._source_note, records.source_note_to_avro(note))

    def subscription(self, subscription: Subscription) -> bytes:
        """A `Subscription` in the wire format."""
        return self._encode(self._subscription, subscription_to_avro(subscription))

    def config_part(self, content: bytes) -> bytes:
        """A part of a configuration in the wire format."""
        return self._encode(self._config_part, {"content": content})

    def manifest(self, manifest: Manifest) -> bytes:
        """A `Manifest` in the wire format."""
        return self._encode(self._manifest, manifest_to_avro(manifest))

    def config_status(self, status: ConfigStatus) -> bytes:
        """A `ConfigStatus` in the wire format."""
        return self._encode(self._config_status, config_status_to_avro(status))

    def registry_record(self, record: RegistryRecord) -> bytes:
        """An act on the registry of schemas in the wire format."""
        return self._encode(self._registry_record, registry_record_to_avro(record))

    def session_end(self, end: SessionEnd) -> bytes:
        """A `SessionEnd` in the wire format."""
        return self._encode(self._session_end, session_end_to_avro(end))

    async def decode(self, value: bytes) -> AvroRecord:
        """Any record on the log, by the schema id that it carries. Malformed, UnknownSchema."""
        schema_id, payload = split(value)
        return decode(payload, await self._registry.schema(schema_id))

    def _encode(self, schema: Schema, record: AvroRecord) -> bytes:
        return encode(self._registry.id_of(schema), schema, record)

"""From the log's bytes to the record in its canonical JSON form."""

from __future__ import annotations

from adapters.delivery.work import Attempt, RecordHandler, RecordWork, Work
from adapters.registry import SchemaRegistry
from contracts.canonical import to_json
from contracts.codec import Malformed, split
from contracts.codec import decode as decode_record
from contracts.errors import Origin, Permanent, UnknownSchema
from contracts.outcome import Result


def decode(follow: RecordHandler, registry: SchemaRegistry) -> Attempt:
    """Decode with the schema that the record was written with, into the one the service reads."""

    async def handle(work: Work) -> Result:
        service = work.service
        try:
            schema_id, payload = split(work.stored.message.value)
            writer = await registry.schema(schema_id)
            same = writer.sha256 == service.request.sha256
            record = decode_record(payload, writer, None if same else service.request)
        except (Malformed, UnknownSchema) as error:
            raise Permanent(f"the record cannot be read: {error}", origin=Origin.BUS) from error
        return await follow(RecordWork(work.envelope, service, to_json(service.request, record, service.zone)))

    return handle

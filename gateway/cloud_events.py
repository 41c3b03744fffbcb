"""An event as who pulls it sees it: CloudEvents 1.0 in JSON, as far as the grant lets through."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import orjson

from contracts.canonical import to_json
from contracts.codec import decode, split
from contracts.envelope import header
from contracts.ports import Position, Schemas, Stored
from contracts.views import seen_through
from contracts.withholding import told_of
from gateway.directory import Directory

_KEPT_BYTES: Final = 16_000_000

_View = tuple[str, ...] | None


class CloudEvents:
    """Makes the text of events; what was made lately is kept, so that a thousand who wait for one event share it."""

    def __init__(self, directory: Callable[[], Directory], schemas: Schemas) -> None:
        self._directory = directory
        self._schemas = schemas
        self._kept: OrderedDict[tuple[Position, _View, str], bytes] = OrderedDict()
        self._size = 0

    async def text(self, stored: Stored, view: _View) -> bytes:
        """The event's JSON. Malformed, UnknownSchema, LogUnavailable."""
        # With another configuration the zone of its times may be another.
        key = (stored.position, view, self._directory().configuration)
        known = self._kept.get(key)
        if known is None:
            known = orjson.dumps(await self._document(stored, view))
            if key not in self._kept:
                self._keep(key, known)
        return known

    async def _document(self, stored: Stored, view: _View) -> dict[str, Any]:
        headers = stored.message.headers
        schema_id, payload = split(stored.message.value)
        schema = await self._schemas.schema(schema_id)
        seen = seen_through(view, schema, to_json(schema, decode(payload, schema), self._directory().zone))
        return {
            "specversion": "1.0",
            "id": header(headers, "ce_id"),
            "source": header(headers, "ce_source"),
            "type": header(headers, "ce_type"),
            "time": header(headers, "ce_time"),
            "dataschema": header(headers, "ce_dataschema"),
            "datacontenttype": "application/json",
            "data": seen.record,
            "withheld": told_of(seen.withheld, schema, self._directory().laws),
        }

    def _keep(self, key: tuple[Position, _View, str], text: bytes) -> None:
        self._kept[key] = text
        self._size += len(text)
        while self._size > _KEPT_BYTES:
            self._size -= len(self._kept.popitem(last=False)[1])

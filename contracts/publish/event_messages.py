"""An event as it travels each of its ways: its headers and its payload, in AsyncAPI's terms."""

from __future__ import annotations

import json
from typing import Any, Final

from contracts.catalogue import Contract, ContractVersion
from contracts.envelope import CONTENT_TYPE, Kind
from contracts.json_types import JsonObject
from contracts.publish.about import About, schema_path, version_path
from contracts.publish.json_schema import json_schema
from contracts.publish.parts import WITHHELD, JsonDocument

AVRO: Final = "application/vnd.apache.avro;version=1.9.0"
KAFKA_BINDING: Final = "0.5.0"
HTTP_BINDING: Final = "0.3.0"
WEBHOOK_HEADERS: Final[JsonDocument] = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "the same in each attempt: who has seen it answers 2xx"},
        "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$", "description": "seconds since 1970"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; two while secrets change",
        },
    },
}
_TIME: Final[JsonDocument] = {"type": "string", "format": "date-time"}
_PARENT: Final[JsonDocument] = {"type": "string", "description": "W3C trace context"}


class Definitions:
    """The schemas that contain themselves, under names that are unique in one document."""

    def __init__(self) -> None:
        self.schemas: JsonDocument = {}

    def json_schema(self, contract: str, version: ContractVersion, *, partial: bool) -> JsonObject:
        """The JSON Schema of an event; references to its own definitions lead into this document.

        Readers of AsyncAPI resolve them from the document's root, whatever `$id` says.
        """
        found = json_schema(version.request, partial=partial)
        inner = found.pop("$defs", None)
        found.pop("$id", None)
        if not isinstance(inner, dict):
            return found
        names = {f"#/$defs/{name}": f"{contract}.{version.major}.{name}{'.seen' if partial else ''}" for name in inner}
        for name, definition in inner.items():
            self.schemas[names[f"#/$defs/{name}"]] = _led(definition, names)
        led: JsonObject = _led(found, names)
        return led


def on_kafka(contract: Contract, version: ContractVersion) -> JsonDocument:
    """CloudEvents in Kafka's binary mode; the value is Avro behind the id of its schema."""
    return {
        **_named(contract, version),
        "contentType": CONTENT_TYPE.decode(),
        "headers": {
            "type": "object",
            "required": [f"ce_{name}" for name in ("specversion", "id", "source", "type", "time", "dataschema")],
            "properties": {
                **{f"ce_{name}": schema for name, schema in _attributes(contract, version).items()},
                "content-type": {"const": CONTENT_TYPE.decode()},
                "traceparent": _PARENT,
            },
        },
        "payload": {"schemaFormat": AVRO, "schema": json.loads(version.request.text)},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _key_words(contract)},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "schemaLookupStrategy": "TopicIdStrategy",
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def published(contract: Contract, version: ContractVersion, definitions: Definitions) -> JsonDocument:
    """What a publisher sends: the record alone."""
    message = {
        **_named(contract, version),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {"idempotency-key": {"type": "string", "maxLength": 200, "description": "repeat with it"}},
        },
        "payload": definitions.json_schema(contract.name, version, partial=False),
    }
    example = version.request_example
    return message if example is None else {**message, "examples": [{"payload": example}]}


def pulled(contract: Contract, version: ContractVersion, definitions: Definitions) -> JsonDocument:
    """A page of the inbox: CloudEvents in JSON, less what the grant keeps back."""
    attributes = _attributes(contract, version)
    event = {
        "type": "object",
        "required": [*attributes, "data", "withheld"],
        "properties": {
            **attributes,
            "datacontenttype": {"const": "application/json"},
            "data": definitions.json_schema(contract.name, version, partial=True),
            "withheld": WITHHELD,
        },
    }
    return {
        **_named(contract, version),
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": ["events", "cursor", "more"],
            "properties": {
                "events": {"type": "array", "items": event},
                "cursor": {"type": "string", "description": "go on from here"},
                "more": {"type": "boolean"},
            },
        },
    }


def pushed(contract: Contract, version: ContractVersion, definitions: Definitions) -> JsonDocument:
    """A Standard Webhook."""
    return {
        **_named(contract, version),
        "contentType": "application/json",
        "headers": WEBHOOK_HEADERS,
        "payload": {
            "type": "object",
            "required": ["type", "timestamp", "data", "id", "source", "withheld"],
            "properties": {
                "type": {"const": contract.name},
                "timestamp": _TIME,
                "data": definitions.json_schema(contract.name, version, partial=True),
                "id": {"type": "string", "description": "the event's own, the same for all its subscribers"},
                "source": {"type": "string", "description": "the system that published it"},
                "withheld": WITHHELD,
            },
        },
    }


def schema_links(about: About, contract: Contract, version: ContractVersion) -> JsonDocument:
    """Where the schemas of an event lie by themselves."""
    return {
        form: about.base + schema_path(contract.name, version.major, "event", form) for form in ("schema.json", "avsc")
    }


def _attributes(contract: Contract, version: ContractVersion) -> JsonDocument:
    return {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "the exchange's id; an event that comes again has the same"},
        "source": {"type": "string", "pattern": "^/systems/", "description": "the system that published it"},
        "type": {"const": f"vn.lienthong.{Kind.EVENT}"},
        "time": _TIME,
        "dataschema": {"const": version_path(contract.name, version.major)},
    }


def _named(contract: Contract, version: ContractVersion) -> JsonDocument:
    return {"name": f"{contract.name}@{version.major}", "title": contract.title}


def _key_words(contract: Contract) -> str:
    if contract.ordered is None:
        return "the exchange's id; events pass each other"
    return f"a keyed hash of {contract.ordered}: events of one key lie in one partition, in their order"


def _led(value: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """A copy, its references led to the document's own schemas."""
    if isinstance(value, dict):
        return {
            key: f"#/components/schemas/{names[each]}" if key == "$ref" and each in names else _led(each, names)
            for key, each in value.items()
        }
    return [_led(each, names) for each in value] if isinstance(value, list) else value

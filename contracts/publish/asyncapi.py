"""The AsyncAPI 3.0 document of a bus: every way on which events are published and received, made from its contracts.

In AsyncAPI's words the bus is the application: it *receives* what systems publish, and *sends* them what they may have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts import channels
from contracts.catalogue import Contract
from contracts.outcome import Pattern
from contracts.publish.about import About
from contracts.publish.event_messages import (
    HTTP_BINDING,
    KAFKA_BINDING,
    Definitions,
    on_kafka,
    published,
    pulled,
    pushed,
    schema_links,
)
from contracts.publish.openapi import title_of
from contracts.publish.parts import JsonDocument

_SCHEMES: Final[JsonDocument] = {
    "oauth2": {
        "type": "oauth2",
        "description": "a system's client id and secret, at the token endpoint, for a token of an hour",
        "flows": {"clientCredentials": {"availableScopes": {}}},
    },
    "scram": {"type": "scramSha512", "description": "a Kafka user with the right to read the topic"},
    "certificate": {"type": "X509", "description": "or a certificate of the system's own"},
    "webhook": {
        "type": "httpApiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: HMAC-SHA256 with the secret that the subscription was answered with",
    },
}


def asyncapi_document(about: About, contracts: Iterable[Contract]) -> JsonDocument:
    """The whole document. Each contract of events has a channel for each way: HTTP in, inbox, webhook and, where the
    log is Kafka, its topic."""
    events = sorted((each for each in contracts if each.pattern is Pattern.EVENT), key=lambda each: each.name)
    writer = _Writer(about)
    for contract in events:
        writer.add(contract)
    return {
        "asyncapi": "3.0.0",
        "id": f"{about.base}/asyncapi.json",
        "info": {
            "title": title_of(about.bus),
            "version": about.version,
            "description": "Events of this bus. Who receives some has a grant, and sees what its view lets through.",
        },
        "defaultContentType": "application/json",
        "servers": _servers(about),
        "channels": writer.channels,
        "operations": writer.operations,
        "components": {
            "messages": writer.messages,
            "schemas": writer.definitions.schemas,
            "securitySchemes": _schemes(about),
        },
    }


class _Writer:
    """Adds contracts one after the other."""

    def __init__(self, about: About) -> None:
        self._about = about
        self.channels: JsonDocument = {}
        self.operations: JsonDocument = {}
        self.messages: JsonDocument = {}
        self.definitions = Definitions()

    def add(self, contract: Contract) -> None:
        """Every channel of a contract; its latest version is also meant where an address names none."""
        made = self.definitions
        for major in sorted(contract.versions):
            version = contract.versions[major]
            spelt = contract.name if major == contract.latest else f"{contract.name}@{major}"
            name = f"{contract.name}.{major}"
            posted, page, push = (make(contract, version, made) for make in (published, pulled, pushed))
            self._way(contract, f"publish.{name}", f"/exchange/{spelt}", {major: posted}, "receive", "POST")
            self._way(contract, f"inbox.{name}", f"/inbox/{spelt}", {major: page}, "send", "GET")
            self._way(contract, f"webhook.{name}", None, {major: push}, "send", "POST")
        if self._about.topics is not None:
            topic = f"{self._about.topics}.{channels.event(contract.name)}"
            messages = {major: on_kafka(contract, version) for major, version in sorted(contract.versions.items())}
            self._way(contract, channels.event(contract.name), topic, messages, "send", None)

    def _way(
        self,
        contract: Contract,
        name: str,
        address: str | None,
        messages: dict[int, JsonDocument],
        action: str,
        method: str | None,
    ) -> None:
        """A channel, its messages by major version, and the one thing that the bus does on it."""
        kind = name.partition(".")[0]
        named = {f"v{major}": f"{kind}.{contract.name}.{major}" for major in messages}
        for major, message in messages.items():
            links = schema_links(self._about, contract, contract.versions[major])
            self.messages[named[f"v{major}"]] = {**message, "x-schemas": links}
        channel: JsonDocument = {
            "address": address,
            "title": contract.title,
            "description": _WORDS[kind],
            "messages": {key: {"$ref": f"#/components/messages/{each}"} for key, each in named.items()},
        }
        if address is not None:
            channel["servers"] = [{"$ref": f"#/servers/{'kafka' if method is None else 'gateway'}"}]
        if method is None:
            channel["bindings"] = {"kafka": {"topic": address, "bindingVersion": KAFKA_BINDING}}
        self.channels[name] = channel
        operation: JsonDocument = {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "title": contract.title,
            "messages": [{"$ref": f"#/channels/{name}/messages/{key}"} for key in named],
        }
        if method is not None:
            operation["bindings"] = {"http": {"method": method, "bindingVersion": HTTP_BINDING}}
        if address is None:
            operation["security"] = [{"$ref": "#/components/securitySchemes/webhook"}]
        self.operations[name] = operation


def _servers(about: About) -> JsonDocument:
    servers: JsonDocument = {
        "gateway": {
            "host": about.host,
            "protocol": about.scheme,
            "description": "The gateway: publishing, pulling, subscribing",
            "security": [{"$ref": "#/components/securitySchemes/oauth2"}],
        }
    }
    if about.topics is not None:
        servers["kafka"] = {
            "host": "{brokers}",
            "protocol": "kafka-secure",
            "description": "The log. Who was given an account may read topics of events; only the bus writes them",
            "variables": {"brokers": {"description": "host:port of the brokers, as who runs the bus tells them"}},
            "security": [{"$ref": f"#/components/securitySchemes/{each}"} for each in ("scram", "certificate")],
        }
    return servers


def _schemes(about: About) -> JsonDocument:
    oauth2 = _SCHEMES["oauth2"]
    flow = {**oauth2["flows"]["clientCredentials"], "tokenUrl": f"{about.base}/oauth2/token"}
    kept = {name: scheme for name, scheme in _SCHEMES.items() if about.topics or name not in {"scram", "certificate"}}
    return {**kept, "oauth2": {**oauth2, "flows": {"clientCredentials": flow}}}


_WORDS: Final = {
    "publish": "What a publishing system sends: 202 with a receipt once the log has it",
    "inbox": "What a system with a grant pulls, from its own cursor on",
    "webhook": "What is pushed to the address of a subscription, made at /subscriptions",
    "event": "The events as they lie on the log: CloudEvents in binary mode, Avro behind a schema id",
}

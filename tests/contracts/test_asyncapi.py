"""What is said at /asyncapi.json, by itself and to AsyncAPI's own parser."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator

from contracts.outcome import Pattern
from contracts.publish.asyncapi import asyncapi_document
from contracts.schema import parse_schema
from tests.conftest import missing_service
from tests.contracts.avsc import PARTIAL_DATE, TIMESTAMP, enum, field, logical, schema
from tests.contracts.published import ABOUT, READING, TREE, contract, of_the_city

NODE = Path(__file__).parents[1] / "node" / "asyncapi"
AIR = "air.reading"
ON_KAFKA = replace(ABOUT, topics="tp")


def walk(value: Any) -> Iterator[Any]:
    """Every value below."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from walk(each)


@pytest.fixture
def document() -> dict[str, Any]:
    """Of a bus on Kafka with events of two versions, of which one contains itself, and with a query."""
    events = contract(AIR, Pattern.EVENT, TREE, READING, example={"station": "A1", "pm25": 31.5, "more": {}})
    return asyncapi_document(ON_KAFKA, [events, contract("people.lookup", Pattern.QUERY, TREE, reply=TREE)])


def message(document: dict[str, Any], channel: str, key: str) -> dict[str, Any]:
    """A message of a channel."""
    reference = document["channels"][channel]["messages"][key]["$ref"]
    found: dict[str, Any] = document["components"]["messages"][reference.rpartition("/")[2]]
    return found


def test_events_have_a_channel_for_each_way_and_nothing_else_has_one(document: dict[str, Any]) -> None:
    """Queries and submissions are told in OpenAPI."""
    assert document["channels"].keys() == {
        *(f"{way}.{AIR}.{major}" for way in ("publish", "inbox", "webhook") for major in (1, 2)),
        f"event.{AIR}",
    }
    addresses = {name: channel["address"] for name, channel in document["channels"].items()}
    assert addresses[f"publish.{AIR}.2"] == f"/exchange/{AIR}"
    assert addresses[f"publish.{AIR}.1"] == f"/exchange/{AIR}@1"
    assert addresses[f"inbox.{AIR}.2"] == f"/inbox/{AIR}"
    assert addresses[f"event.{AIR}"] == f"tp.event.{AIR}"
    assert addresses[f"webhook.{AIR}.2"] is None


def test_a_topic_says_how_a_reader_finds_the_schema(document: dict[str, Any]) -> None:
    """An id before the payload, as Confluent has it; both versions lie in the one topic."""
    assert list(document["channels"][f"event.{AIR}"]["messages"]) == ["v1", "v2"]
    found = message(document, f"event.{AIR}", "v2")
    assert found["contentType"] == "application/vnd.confluent.avro"
    binding = found["bindings"]["kafka"]
    assert (binding["schemaIdLocation"], binding["schemaIdPayloadEncoding"]) == ("payload", "confluent")
    assert found["payload"]["schemaFormat"] == "application/vnd.apache.avro;version=1.9.0"
    assert parse_schema(json.dumps(found["payload"]["schema"])).root.name == READING.root.name
    assert {"ce_id", "ce_type", "ce_dataschema"} <= set(found["headers"]["required"])
    assert found["headers"]["properties"]["ce_dataschema"]["const"] == f"/contracts/{AIR}/2"
    assert document["channels"][f"event.{AIR}"]["bindings"]["kafka"]["topic"] == f"tp.event.{AIR}"


def test_the_key_is_told_for_what_is_ordered() -> None:
    """Whoever reads a partition knows what its order means."""
    ordered = replace(contract(AIR, Pattern.EVENT, READING), ordered="/station")
    found = message(asyncapi_document(ON_KAFKA, [ordered]), f"event.{AIR}", "v1")
    assert "/station" in found["bindings"]["kafka"]["key"]["description"]


def test_a_push_is_a_standard_webhook(document: dict[str, Any]) -> None:
    """With its three headers, and with what the grant keeps back named."""
    found = message(document, f"webhook.{AIR}.2", "v2")
    assert found["headers"]["required"] == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    body = {
        "type": AIR,
        "timestamp": "2026-01-31T01:00:00.000Z",
        "data": {"station": "A1"},
        "id": "0b9f",
        "source": "quantrac",
        "withheld": [{"path": "/pm25", "reason": "not_granted"}],
    }
    assert Draft7Validator(found["payload"]).is_valid(body)
    assert not Draft7Validator(found["payload"]).is_valid({**body, "type": "another"})


def test_the_example_is_what_a_publisher_may_send(document: dict[str, Any]) -> None:
    """And it is whole: nothing may be left out that has no default."""
    found = message(document, f"publish.{AIR}.2", "v2")
    (example,) = found["examples"]
    assert Draft7Validator(found["payload"]).is_valid(example["payload"])
    assert not Draft7Validator(found["payload"]).is_valid({"station": "A1"})


def test_every_reference_leads_somewhere_in_the_document(document: dict[str, Any]) -> None:
    """Also those of records that contain themselves: AsyncAPI resolves them from the root."""
    references = [each["$ref"] for each in walk(document) if isinstance(each, dict) and "$ref" in each]
    assert any(each.startswith("#/components/schemas/") for each in references)
    for reference in references:
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_where_the_log_is_not_kafka_there_is_no_topic() -> None:
    """Nobody is sent to brokers that there are not."""
    found = asyncapi_document(ABOUT, [contract(AIR, Pattern.EVENT, READING)])
    assert list(found["servers"]) == ["gateway"]
    assert found["servers"]["gateway"]["host"] == "lgsp.example.vn"
    assert not any(name.startswith("event.") for name in found["channels"])
    assert found["components"]["securitySchemes"].keys() == {"oauth2", "webhook"}


def test_brokers_are_not_named(document: dict[str, Any]) -> None:
    """Anybody may read the document; who has an account knows where they are."""
    assert document["servers"]["kafka"]["host"] == "{brokers}"


@pytest.mark.timeout(120)
def test_asyncapis_own_parser_takes_it() -> None:
    """Of the model city's contracts, of records in themselves, and of every kind of field; on Kafka and without."""
    if shutil.which("node") is None:
        missing_service("node is not installed (Debian: nodejs)")
    if not (NODE / "node_modules" / "@asyncapi" / "parser").is_dir():
        missing_service(f"run: npm install --no-package-lock --prefix {NODE.relative_to(NODE.parents[2])}")
    kinds = schema(
        field("amount", ["null", logical("bytes", "decimal", precision=9, scale=2)], default=None),
        field("born", PARTIAL_DATE, personal="basic"),
        field("at", TIMESTAMP),
        field("sex", enum("Sex", "male", "female", "unknown"), doc="giới tính"),
    )
    contracts = [
        *of_the_city(),
        contract(AIR, Pattern.EVENT, TREE, READING, example={"station": "A1", "pm25": 31.5, "more": {}}),
        contract("every.kind", Pattern.EVENT, kinds),
    ]
    for about, ways in ((ON_KAFKA, 4), (ABOUT, 3)):
        text = orjson.dumps(asyncapi_document(about, contracts))
        ran = subprocess.run(["node", "parse.mjs"], cwd=NODE, input=text, capture_output=True, check=False, timeout=100)
        assert ran.returncode == 0, ran.stderr.decode()
        told = json.loads(ran.stdout)
        assert told["complaints"] == []
        found = {channel["id"]: channel for channel in told["found"]}
        assert {name.partition(".")[0] for name in found} == {"publish", "inbox", "webhook", "event"} - (
            set() if ways == 4 else {"event"}
        )
        assert found["publish.every.kind.1"]["messages"][0]["fields"] == ["amount", "born", "at", "sex"]
        if about is ON_KAFKA:
            (avro,) = found["event.every.kind"]["messages"]
            assert avro["schemaFormat"] == "application/vnd.apache.avro;version=1.9.0"
            assert avro["fields"] == ["amount", "born", "at", "sex"]

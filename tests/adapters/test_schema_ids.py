"""Schemas by their ids: kept as text, parsed when they are first asked for, and never too many of them at a time."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from adapters import registry as registry_module
from adapters.registry import CHANNEL, SchemaRegistry
from adapters.transport.memory import MemoryTransport
from contracts.channels import SCHEMAS
from contracts.envelope import Headers
from contracts.errors import UnknownSchema
from contracts.json_types import JsonObject
from contracts.ports import Message
from tests.contracts.avsc import field, schema


async def filled(*texts: str) -> SchemaRegistry:
    """A registry over a log that has these texts."""
    transport = MemoryTransport(lambda: 0)
    await transport.ensure([CHANNEL])
    for text in texts:
        await transport.append(Message(SCHEMAS, sha256(text.encode()).hexdigest().encode(), text.encode()))
    registry = SchemaRegistry(transport)
    await registry.start()
    return registry


async def test_of_what_others_wrote_only_the_last_stay_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one is parsed once while it is asked for, and again when a thousand others were; it stays the same."""
    monkeypatch.setattr(registry_module, "_MOST_READ", 2)
    texts = [schema(field("a", "int"), name=f"R{number}").text for number in range(3)]
    registry = await filled(*texts)
    first = await registry.schema(1)
    assert await registry.schema(1) is first
    for schema_id in (2, 3):
        await registry.schema(schema_id)
    again = await registry.schema(1)
    assert again is not first
    assert again == first
    await registry.close()


async def test_what_the_bus_writes_with_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much others ask for."""
    monkeypatch.setattr(registry_module, "_MOST_READ", 1)
    own = schema(field("a", "int"), name="Own")
    registry = await filled(*(schema(field("a", "int"), name=f"R{number}").text for number in range(3)))
    await registry.register([own])
    for schema_id in (1, 2, 3):
        await registry.schema(schema_id)
    assert await registry.schema(registry.id_of(own)) is own
    await registry.close()


@pytest.mark.parametrize(
    ("key", "text", "headers"),
    [
        (b"\xff", b"{}", ()),
        (None, b"\xff\xfe", ()),
        (None, b"{}", (("schematype", b"PROTOBUF"),)),
        (None, b"{}", (("schematype", b"\xff"),)),
        (None, b"{}", (("references", b"{"),)),
        (None, b"{}", (("references", b"5"),)),
        (None, b"{}", (("references", b'[{"a": 1}]'),)),
        (None, b"{}", (("references", b"[" * 100_000),)),
    ],
)
async def test_what_is_no_schema_at_all_has_no_id(key: bytes | None, text: bytes, headers: Headers) -> None:
    """Whoever wrote it there, every process reads on behind it."""
    transport = MemoryTransport(lambda: 0)
    await transport.ensure([CHANNEL])
    await transport.append(Message(SCHEMAS, key or sha256(text).hexdigest().encode(), text, headers))
    registry = SchemaRegistry(transport)
    await registry.start()
    of = schema(field("a", "int"))
    await registry.register([of])
    assert (registry.highest, registry.id_of(of)) == (1, 1)
    await registry.close()


async def test_nobody_can_take_the_number_of_a_schema() -> None:
    """By writing another text under its key."""
    transport = MemoryTransport(lambda: 0)
    await transport.ensure([CHANNEL])
    of = schema(field("a", "int"))
    await transport.append(Message(SCHEMAS, of.sha256.encode(), schema(field("b", "int")).text.encode()))
    registry = SchemaRegistry(transport)
    await registry.start()
    await registry.register([of])
    written = registry.written(registry.id_of(of))
    assert written is not None
    assert written.text == of.text
    await registry.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a", "type": "int", "default": "x"},
        {"name": "a", "type": "nothing"},
        {"name": "a", "type": "int", "aliases": 5},
        {"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A", "A"]}},
        {"name": "a", "type": {"type": "fixed", "name": "F", "size": -1}},
        {"name": "a", "type": ["null", ["int"]]},
        {"name": "a", "type": {"type": "bytes", "logicalType": "decimal", "precision": -1, "scale": 5}},
    ],
)
async def test_a_schema_on_the_log_that_no_parser_takes_is_refused_as_one(wrong: JsonObject) -> None:
    """Nobody looked at it when it was written."""
    registry = await filled(json.dumps({"type": "record", "name": "R", "fields": [wrong]}))
    with pytest.raises(UnknownSchema, match="schema id 1 cannot be read"):
        await registry.schema(1)
    await registry.close()


async def test_a_text_on_the_log_that_is_no_schema_harms_nobody_else() -> None:
    """It has an id like any other, and is refused where it is asked for."""
    registry = await filled("{", schema(field("a", "int")).text)
    with pytest.raises(UnknownSchema, match="schema id 1 cannot be read"):
        await registry.schema(1)
    assert (await registry.schema(2)).name == "R"
    await registry.close()

"""Records as bytes: the wire format, and bytes that are not to be trusted."""

from __future__ import annotations

import io
import json

import fastavro
import pytest

from contracts.codec import Malformed, decode, encode, split
from contracts.errors import BusError
from contracts.json_types import JsonValue
from tests.contracts.avsc import DATE, TIMESTAMP, array, enum, field, fixed, logical, map_of, record, schema


def number(value: int) -> bytes:
    """An Avro long."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value & ~0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


PERSON = schema(
    field("name", "string"),
    field("born", DATE),
    field("at", TIMESTAMP),
    field("fee", logical("bytes", "decimal", precision=4, scale=2)),
    field("tags", map_of("long")),
    field("note", ["null", "string"]),
)
RECORD = {"name": "Hoà", "born": 20270, "at": -1, "fee": b"\x00\xff", "tags": {"a": 1, "b": 2}, "note": None}
TREE = schema(field("name", "string"), field("left", ["null", "R"]), field("more", array("R")))


def test_the_wire_format_is_a_zero_byte_the_schema_id_and_avro() -> None:
    """As every Confluent-style client reads it: here by fastavro and the schema's own text."""
    value = encode(258, PERSON, RECORD)
    assert value[:5] == b"\x00\x00\x00\x01\x02"
    read = fastavro.schemaless_reader(io.BytesIO(value[5:]), json.loads(PERSON.text))
    assert isinstance(read, dict)
    assert (read["name"], str(read["born"]), str(read["fee"])) == ("Hoà", "2025-07-01", "2.55")
    assert read["at"].isoformat() == "1969-12-31T23:59:59.999000+00:00"


def test_what_is_encoded_is_decoded_unchanged() -> None:
    """Dates, times and decimals come out as Avro stores them."""
    schema_id, payload = split(encode(4_294_967_295, PERSON, RECORD))
    assert schema_id == 4_294_967_295
    assert decode(payload, PERSON) == RECORD


@pytest.mark.parametrize("value", [b"", b"\x00\x00\x00\x01", b"\x01\x00\x00\x00\x01abc", b"\xff\x00\x00\x00\x01abc"])
def test_what_has_no_prefix_is_malformed(value: bytes) -> None:
    """Too short, or another first byte."""
    with pytest.raises(Malformed):
        split(value)


def test_a_reader_sees_its_own_fields_with_its_defaults() -> None:
    """Also defaults of bytes and decimals, which fastavro alone would hand out as text, and of nested records."""
    writer = schema(field("n", "int"), field("gone", "string"))
    reader = schema(
        field("n", "long"),
        field("raw", "bytes", default="\u00ff"),
        field("fee", logical("bytes", "decimal", precision=4), default="\u0001"),
        field("inner", record("Q", field("q", "int", default=3), field("f", "float", default=0.1)), default={}),
        field("list", array("bytes"), default=["\u00fe"]),
        field("maybe", ["null", "string"], default=None),
    )
    payload = split(encode(1, writer, {"n": 7, "gone": "x"}))[1]
    assert decode(payload, writer, reader) == {
        "n": 7,
        "raw": b"\xff",
        "fee": b"\x01",
        "inner": {"q": 3, "f": 0.10000000149011612},
        "list": [b"\xfe"],
        "maybe": None,
    }


def test_a_reader_that_needs_what_was_never_written_is_told() -> None:
    """Schemas that do not resolve are malformed for this reader."""
    payload = split(encode(1, schema(field("n", "int")), {"n": 7}))[1]
    with pytest.raises(Malformed):
        decode(payload, schema(field("n", "int")), schema(field("n", "int"), field("m", "int")))
    with pytest.raises(Malformed):
        decode(payload, schema(field("n", "int")), schema(field("n", "boolean")))


@pytest.mark.parametrize(
    ("of", "payload"),
    [
        ("string", b""),
        ("string", number(10) + b"abc"),
        ("string", number(2) + b"\xff\xfe"),
        ("bytes", number(-5) + b"abc"),
        ("bytes", number(2**60) + b"abc"),
        ("int", number(1) + b"trailing"),
        ("long", b"\xff" * 1000),
        (["null", "string"], number(5)),
        (enum("E", "A"), number(5)),
        (fixed("F", 8), b"abc"),
        (array("int"), number(2**62) + b"\x02"),
        (map_of("int"), number(-(2**63)) + b"\x02"),
        ("double", b"abc"),
    ],
)
def test_hostile_bytes_are_malformed(of: JsonValue, payload: bytes) -> None:
    """Lengths that lie, branches that are none, text that is no UTF-8, and bytes left over."""
    with pytest.raises(Malformed) as found:
        decode(payload, schema(field("a", of)))
    assert isinstance(found.value, BusError)


def test_a_decimal_of_a_megabyte_takes_no_time() -> None:
    """It stays bytes; making digits of it would take a minute."""
    payload = number(900_000) + b"\x12" * 900_000
    fee = schema(field("fee", logical("bytes", "decimal", precision=4, scale=2)))
    assert decode(payload, fee) == {"fee": b"\x12" * 900_000}


@pytest.mark.parametrize("levels", [66, 5_000, 300_000])
def test_bytes_that_nest_without_end_do_not_take_the_process_down(levels: int) -> None:
    """Each level is a few bytes; followed on the C stack they would crash the interpreter."""
    left = (number(1) + b"x" + number(1)) * levels + number(1) + b"x" + number(0) + b"\x00" * (levels + 1)
    with pytest.raises(Malformed, match="nested"):
        decode(left, TREE)
    more = (number(1) + b"x" + number(0) + number(1)) * levels
    with pytest.raises(Malformed):
        decode(more, TREE)


def test_records_within_the_depth_are_read() -> None:
    """A tree of 30 levels, with blocks of known size, which other writers use."""
    tree: dict[str, object] = {"name": "leaf", "left": None, "more": []}
    for _ in range(15):
        tree = {"name": "n", "left": tree, "more": [{"name": "twig", "left": None, "more": []}]}
    assert decode(split(encode(1, TREE, tree))[1], TREE) == tree
    twig = number(1) + b"t" + number(0) + number(0)
    sized = number(1) + b"n" + number(0) + number(-1) + number(len(twig)) + twig + number(0)
    assert decode(sized, TREE)["more"] == [{"name": "t", "left": None, "more": []}]


@pytest.mark.parametrize(
    "of",
    ["boolean", "int", "float", "double", "bytes", DATE, fixed("F", 2), enum("E", "A"), map_of("string"),
     {**fixed("D", 2), "logicalType": "decimal", "precision": 4}],
)  # fmt: skip
def test_every_type_is_passed_over_on_the_way_down(of: JsonValue) -> None:
    """What lies beside the nesting does not hide it."""
    values: dict[str, object] = {
        "boolean": True,
        "int": 5,
        "float": 0.5,
        "double": 0.5,
        "bytes": b"abc",
    }
    kind = of if isinstance(of, str) else of["type"] if isinstance(of, dict) else ""
    value = values.get(str(kind), {"fixed": b"ab", "enum": "A", "map": {"k": "v"}}.get(str(kind), 1))
    tree = schema(field("a", of), field("r", ["null", "R"]))
    nested: dict[str, object] = {"a": value, "r": {"a": value, "r": None}}
    payload = split(encode(1, tree, nested))[1]
    assert decode(payload, tree) == nested
    with pytest.raises(Malformed):
        decode(payload[:-1], tree)

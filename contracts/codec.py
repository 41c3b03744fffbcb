"""Records to bytes and back: the Confluent wire format (byte 0, a 4-byte schema id, Avro binary)."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Final, cast

from fastavro import schemaless_reader, schemaless_writer

from contracts.avro_depth import check_depth, is_recursive
from contracts.errors import BusError
from contracts.records import AvroRecord
from contracts.schema import Schema

_MAGIC: Final = 0
_PREFIX: Final = struct.Struct(">bI")


class Malformed(BusError):
    """Bytes on the log, or a record read from them, are not what their schema says."""


def encode(schema_id: int, schema: Schema, record: AvroRecord) -> bytes:
    """A record (of a Validator, or as `decode` gives it) in the wire format.

    The same record gives the same bytes. Any other record is a programming error, and fastavro raises what it likes.
    """
    return framed(schema_id, avro_of(schema, record))


def framed(schema_id: int, avro: bytes) -> bytes:
    """The Avro bytes of a record in the wire format."""
    return _PREFIX.pack(_MAGIC, schema_id) + avro


def avro_of(schema: Schema, record: AvroRecord) -> bytes:
    """The Avro bytes of a record, as `encode` puts them into the wire format."""
    out = BytesIO()
    schemaless_writer(out, schema.parsed, record)
    return out.getvalue()


def split(value: bytes) -> tuple[int, bytes]:
    """The schema id and the Avro bytes. Malformed where the prefix is absent or another."""
    if len(value) < _PREFIX.size:
        raise Malformed(f"{len(value)} bytes are too few for the wire format")
    magic, schema_id = _PREFIX.unpack_from(value)
    if magic != _MAGIC:
        raise Malformed(f"the first byte is {magic}, not 0: this is not the wire format")
    return schema_id, value[_PREFIX.size :]


def decode(payload: bytes, writer: Schema, reader: Schema | None = None) -> AvroRecord:
    """The record in Avro bytes, as `writer` wrote it and as `reader` (else `writer`) sees it.

    Its values are what Avro stores: integers for dates and times, bytes for decimals; `contracts.canonical` makes them
    presentable, and checks what the bytes alone do not tell. Malformed for anything but one whole record.
    """
    if is_recursive(writer):
        # fastavro follows every level on the C stack, which hostile bytes would overflow.
        problem = check_depth(payload, writer)
        if problem is not None:
            raise Malformed(problem)
    source = BytesIO(payload)
    try:
        record = schemaless_reader(source, writer.parsed, None if reader is None else reader.parsed)
    except Exception as wrong:  # whatever fastavro stumbles over: EOFError, IndexError, KeyError, UnicodeDecodeError …
        raise Malformed(f"not a {writer.name}: {type(wrong).__name__}: {wrong}") from wrong
    if source.tell() != len(payload):
        raise Malformed(f"{len(payload) - source.tell()} bytes follow after the {writer.name}")
    return cast("AvroRecord", record)

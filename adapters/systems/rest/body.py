"""The body of an answer: read bit by bit, never beyond what was agreed, and turned into a value."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from math import isinf
from typing import Final

import orjson
from aiohttp import ClientError, ClientResponse

from adapters.systems.rest.operation import Reads
from contracts.json_types import JsonValue

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LONG_NUMBER: Final = re.compile(rb"[0-9]{16}")
_EXACT: Final = 2**53


class Unreadable(Exception):
    """The body tells nothing; the message says why, for people, without quoting it."""


class TooLong(Unreadable):
    """The body is longer than was agreed."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"its body is longer than {most_bytes} bytes")


async def read(response: ClientResponse, most_bytes: int) -> bytes:
    """The whole body, unpacked. Unreadable where it is too long, breaks off, or cannot be unpacked; TimeoutError.

    It never holds much more than `most_bytes`, however long the body is, and however small it was packed.
    """
    content = response.content
    declared = response.content_length
    # A HEAD is told the length of a body that does not come.
    if declared is not None and declared > most_bytes and not content.at_eof():
        raise TooLong(most_bytes)
    chunks: list[bytes] = []
    size = 0
    try:
        while not content.at_eof():
            chunk = await content.readany()
            size += len(chunk)
            if size > most_bytes:
                raise TooLong(most_bytes)
            chunks.append(chunk)
    except ClientError:
        raise Unreadable("its body broke off or cannot be unpacked") from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def understood(body: bytes, reads: Reads) -> JsonValue:
    """The value of a body; None for an empty one. Unreadable where it is not what it should be."""
    if not body or reads is Reads.IGNORED:
        return None
    return from_json(body) if reads is Reads.JSON else _text(body)


def from_json(body: bytes) -> JsonValue:
    """The JSON value. A number whose whole units no double can hold comes as the text it was. Unreadable."""
    body = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(_why(body)) from None
    return value if _LONG_NUMBER.search(body) is None else _exactly(body)


def _exactly(body: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(body, parse_int=_integer, parse_float=_float)
    except (RecursionError, ValueError):
        raise Unreadable("its JSON is nested too deeply") from None
    return value


def _integer(digits: str) -> JsonValue:
    return int(digits) if len(digits) <= 18 else digits


def _float(digits: str) -> JsonValue:
    number = float(digits)
    lost = isinf(number) or (abs(number) >= _EXACT and Decimal(digits) != Decimal(number))
    return digits if lost else number


def _text(body: bytes) -> str:
    try:
        return body.removeprefix(_BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"its body is not UTF-8 (byte {wrong.start})") from None


def _why(body: bytes) -> str:
    text = _text(body).lstrip()
    if not text:
        return "its body is empty"
    return "its body is HTML or XML, not JSON" if text.startswith("<") else "its body is not JSON"

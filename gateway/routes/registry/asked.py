"""What a registry client sent: path, query and body."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request

from contracts.registry import faults
from contracts.registry.written import Reference, SchemaType
from gateway.registry.registering import Wanted

MOST_BYTES: Final = 2_000_000
"""The largest body: a schema of 900 KB, escaped."""
_DRAINED_BYTES: Final = 100_000_000
_DRAINED_S: Final = 30.0
_MEDIA_TYPES: Final = frozenset(
    {
        "application/vnd.schemaregistry.v1+json",
        "application/vnd.schemaregistry+json",
        "application/json",
        "application/octet-stream",
        "",
    }
)
_MOST_NAME: Final = 500
_MOST_REFERENCES: Final = 100
_MOST_LIMIT: Final = 20_000


def subject_of(request: Request) -> str:
    """The subject in the path. RegistryFault (42208) where it can be none."""
    subject = str(request.path_params["subject"])
    if not subject or len(subject.encode("utf-8", "replace")) > _MOST_NAME or not subject.isprintable():
        raise faults.invalid_subject(subject[:100])
    return subject


def version_of(request: Request) -> int | None:
    """The number in the path; None for the latest. RegistryFault (42202)."""
    text = str(request.path_params["version"])
    if text in {"latest", "-1"}:
        return None
    number = number_of(text)
    if number is None or number < 1:
        raise faults.invalid_version(text[:100])
    return number


def number_of(text: str) -> int | None:
    """A whole number within bounds; None for anything else."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(faults.LARGEST)):
        return None
    return int(text) if int(text) <= faults.LARGEST else None


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or, as when it is not there, false."""
    return request.query_params.get(name, "").lower() == "true"


def page(request: Request, most: int = _MOST_LIMIT) -> slice:
    """The part of a list that was asked for; `limit` is -1 where all is wanted, of which there is at most `most`."""
    offset = number_of(request.query_params.get("offset", "0"))
    asked = request.query_params.get("limit", "-1")
    limit = most if asked in {"-1", ""} else number_of(asked)
    if offset is None or limit is None:
        raise faults.unprocessable("offset and limit are whole numbers")
    return slice(offset, offset + min(limit, most))


async def wanted_of(request: Request, subject: str) -> Wanted:
    """The schema in the body. RegistryFault: 422, 42201."""
    body = await body_of(request)
    kind, text = body.get("schemaType") or "AVRO", body.get("schema")
    if not isinstance(kind, str) or kind not in {str(each) for each in SchemaType}:
        raise faults.RegistryFault(faults.INVALID_SCHEMA, f"Invalid schema type {str(kind)[:50]}; use AVRO or JSON")
    if not isinstance(text, str):
        raise faults.RegistryFault(faults.INVALID_SCHEMA, "Empty schema")
    schema_id, version = (_whole(body, key) for key in ("id", "version"))
    return Wanted(
        subject,
        SchemaType(kind),
        text,
        _references(body.get("references")),
        flag(request, "normalize"),
        schema_id if schema_id not in {-1, 0} else None,
        version if version not in {-1, 0} else None,
    )


async def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object in the body. RegistryFault: 413, 415, 422.

    A body that is too large is read to its end all the same, and forgotten: a client that is still sending would see a
    broken connection and never the answer.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await _whole_body(request)
    if media_type not in _MEDIA_TYPES:
        raise faults.RegistryFault(415, "HTTP 415 Unsupported Media Type")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as wrong:
        raise faults.unprocessable(f"the body is not JSON: {wrong}") from None
    if not isinstance(body, dict):
        raise faults.unprocessable("the body is no JSON object")
    return body


async def _whole_body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_DRAINED_S):
            async for part in request.stream():
                size += len(part)
                if size <= MOST_BYTES:
                    parts.append(part)
                else:
                    parts.clear()
                if size > _DRAINED_BYTES:
                    break
    except TimeoutError:
        raise faults.RegistryFault(408, "HTTP 408 Request Timeout") from None
    if size > MOST_BYTES:
        raise faults.RegistryFault(413, f"The body is larger than {MOST_BYTES} bytes")
    return b"".join(parts)


def _references(value: Any) -> tuple[Reference, ...]:  # noqa: ANN401
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_REFERENCES:
        raise faults.unprocessable(f"references is a list of at most {_MOST_REFERENCES}")
    return tuple(_reference(each) for each in value)


def _reference(value: Any) -> Reference:  # noqa: ANN401
    if isinstance(value, dict):
        name, subject, version = (value.get(key) for key in ("name", "subject", "version"))
        whole = isinstance(version, int) and not isinstance(version, bool) and -1 <= version <= faults.LARGEST
        if isinstance(name, str) and isinstance(subject, str) and isinstance(version, int) and whole:
            return Reference(name[:_MOST_NAME], subject[:_MOST_NAME], version)
    raise faults.unprocessable("each of references has a name, a subject and the number of a version")


def _whole(body: Mapping[str, Any], key: str) -> int | None:
    value = body.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise faults.unprocessable(f"{key} is a whole number")
    return value

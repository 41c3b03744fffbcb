"""The pieces that the paths of the OpenAPI document share."""

from __future__ import annotations

from typing import Any, Final

JsonDocument = dict[str, Any]

TEXT: Final[JsonDocument] = {"type": "string"}
REASON: Final[JsonDocument] = {"type": "string", "pattern": r"\S", "maxLength": 1000, "description": "for the journal"}
WITHHELD: Final[JsonDocument] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["path", "reason"],
        "properties": {
            "path": TEXT,
            "reason": TEXT,
            "law": {"type": "array", "items": TEXT, "description": "what it rests on: `id` or `id:16(2)` of `/laws`"},
        },
    },
}


def header_text(limit: int) -> JsonDocument:
    """Text in a header, as it is written so that every client can send it."""
    note = "ASCII; other letters percent-encoded as UTF-8"
    return {"type": "string", "maxLength": limit, "pattern": "^[!-~](?:[ -~]*[!-~])?$", "description": note}


def whole(low: int, high: int) -> JsonDocument:
    """A whole number within its bounds, both included."""
    return {"type": "integer", "minimum": low, "maximum": high}


def query(name: str, text: str, schema: JsonDocument) -> JsonDocument:
    """A parameter after the question mark; none is required."""
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def in_path(name: str) -> JsonDocument:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


def schema_of(name: str) -> JsonDocument:
    """A reference to one of the document's own schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_body(schema: JsonDocument) -> JsonDocument:
    """A request's body, which has to be there."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def response(description: str, schema: JsonDocument, example: Any = None) -> JsonDocument:  # noqa: ANN401 - any JSON
    """A good answer in JSON."""
    media = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": media}}


def problem(description: str) -> JsonDocument:
    """An answer that is a problem (RFC 9457)."""
    return {"description": description, "content": {"application/problem+json": {"schema": schema_of("Problem")}}}


def problems(*statuses: tuple[str, str]) -> JsonDocument:
    """Problems by status."""
    return {status: problem(text) for status, text in statuses}

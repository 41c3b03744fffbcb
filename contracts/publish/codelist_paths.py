"""The part of the OpenAPI document that is about code lists and agencies."""

from __future__ import annotations

from typing import Final

from contracts.publish.parts import TEXT, JsonDocument, in_path, problem, problems, query, response, whole

_DAY: Final[JsonDocument] = {"type": "string", "format": "date"}
_PARTIAL: Final[JsonDocument] = {"type": "string", "pattern": r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
_DEGREES: Final[JsonDocument] = {"type": "string", "pattern": r"^[+-]?[0-9]{1,3}(\.[0-9]{1,15})?$"}
_OPEN_DAY: Final[JsonDocument] = {"type": ["string", "null"], "format": "date"}
_OPEN_TEXT: Final[JsonDocument] = {"type": ["string", "null"]}
_ROW_PROPERTIES: Final[JsonDocument] = {
    "id": {"type": "string", "description": "the row's own name in the list; it never changes"},
    "code": {**_OPEN_TEXT, "description": "null: it was never given one"},
    "name": TEXT,
    "valid_from": {**_OPEN_DAY, "description": "the first day; null: open"},
    "valid_to": {**_OPEN_DAY, "description": "the first day on which it is no longer valid; null: open"},
    "successors": {"type": "array"},
    "attributes": {"type": "object", "additionalProperties": TEXT},
}
_ROW: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "code", "name", "valid_from", "valid_to", "attributes"],
    "properties": _ROW_PROPERTIES,
}
_CANDIDATES: Final[JsonDocument] = {
    "type": "array",
    "items": {
        **_ROW,
        "properties": {
            **_ROW_PROPERTIES,
            "distance_km": {"type": ["number", "null"], "description": "to its centre point"},
            "holds_position": {"type": ["boolean", "null"], "description": "null: no boundary of it is known"},
        },
    },
}
_LISTS: Final[JsonDocument] = {
    "type": "object",
    "required": ["codelists"],
    "properties": {
        "codelists": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "title", "rows", "current", "changes"],
                "properties": {
                    "name": TEXT,
                    "title": TEXT,
                    "title_en": _OPEN_TEXT,
                    "source": _OPEN_TEXT,
                    "rows": {"type": "integer", "description": "all that there ever were"},
                    "current": {"type": "integer", "description": "valid today"},
                    "without_code": {"type": "integer"},
                    "changes": {"type": "array", "items": _DAY, "description": "on which something begins or ends"},
                    "next_change": _OPEN_DAY,
                    "attributes": {"type": "array", "items": TEXT},
                    "positions": {"enum": ["boundaries", "points", None]},
                    "digest": {"type": "string", "description": "another where the list says anything else"},
                },
            },
        }
    },
}
_PAGE: Final[JsonDocument] = {
    "type": "object",
    "required": ["codelist", "on", "total", "rows", "next"],
    "properties": {
        "codelist": TEXT,
        "on": _OPEN_DAY,
        "total": {"type": "integer", "description": "on all pages together"},
        "rows": {"type": "array", "items": _ROW},
        "next": {**_OPEN_TEXT, "description": "`after` of the next page; null: there is none"},
    },
}
_CONVERTED: Final[JsonDocument] = {
    "type": "object",
    "required": ["codelist", "from", "to", "code", "row", "decided_by"],
    "properties": {
        "codelist": TEXT,
        "from": _ROW,
        "to": _DAY,
        "code": TEXT,
        "row": _ROW,
        "decided_by": {"enum": ["list", "position"]},
    },
}
_NAME: Final = in_path("name")
_ON: Final = query("on", "the day, or only its month or year; by default today", _PARTIAL)
_CONVERT: Final = (
    query("code", "with `from`", {"type": "string", "minLength": 1}),
    query("id", "instead of `code`, for what was never given one", {"type": "string", "minLength": 1}),
    query("from", "the day on which the code is meant, or only its month or year; by default today", _PARTIAL),
    query("to", "the day of the code that is wanted, before or after; by default today", _DAY),
    query("lat", "degrees of WGS 84: decides where boundaries are known, ranks the candidates elsewhere", _DEGREES),
    query("lon", "with `lat`", _DEGREES),
)


def codelist_paths() -> JsonDocument:
    """The paths below `/codelists`."""
    return {
        "/codelists": {"get": _read("The code lists of this bus", [], _LISTS)},
        "/codelists/{name}": {"get": _read("The rows of a list that are valid on a day", _page_parameters(), _PAGE)},
        "/codelists/{name}/convert": {"get": _conversion()},
        "/codelists/{name}/{code}": {"get": _meaning()},
    }


def _page_parameters() -> list[JsonDocument]:
    where: JsonDocument = {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:"}}
    any_day: JsonDocument = {"anyOf": [_DAY, {"const": "any"}]}
    return [
        _NAME,
        query("on", "the day; `any`: all rows there ever were; by default today", any_day),
        query("q", "words of code or name; accents may be left out", {"type": "string", "maxLength": 200}),
        {**query("where", "attribute:value, any number of times", where), "explode": True},
        query("limit", "how many at most: 100 by default", whole(1, 1000)),
        query("after", "`next` of the page before", {"type": "string", "minLength": 1}),
    ]


def _conversion() -> JsonDocument:
    read = _read("The counterpart of a code on another day", [_NAME, *_CONVERT], _CONVERTED)
    return {**read, "responses": {**read["responses"], "422": _several("Several may be meant, or it has none")}}


def _meaning() -> JsonDocument:
    row = {"type": "array", "items": _ROW}
    shown: JsonDocument = {**_ROW, "properties": {**_ROW_PROPERTIES, "successors": row, "predecessors": row}}
    read = _read("What a code means on a date", [_NAME, in_path("code"), _ON], shown)
    return {**read, "responses": {**read["responses"], "422": _several("Within that month or year it means several")}}


def _several(text: str) -> JsonDocument:
    of = problem(text)
    schema = of["content"]["application/problem+json"]["schema"]
    with_rows = {"allOf": [schema, {"type": "object", "properties": {"candidates": _CANDIDATES}}]}
    return {**of, "content": {"application/problem+json": {"schema": with_rows}}}


def _read(summary: str, parameters: list[JsonDocument], schema: JsonDocument) -> JsonDocument:
    """A document that may be kept: its ETag stands for all that the list says."""
    header: JsonDocument = {"ETag": {"schema": TEXT}, "Cache-Control": {"schema": TEXT}}
    if_none_match = {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "ETags that the client has",
        "schema": TEXT,
    }
    known = {"404": _several("No such list, or the code means nothing then")} if parameters else {}
    return {
        "summary": summary,
        "tags": ["codelists"],
        "parameters": [*parameters, if_none_match],
        "responses": {
            "200": {**response(summary, schema), "headers": header},
            "304": {"description": "The client has it"},
            **known,
            **problems(("400", "A parameter is wrong"), ("401", "Not authenticated")),
        },
    }

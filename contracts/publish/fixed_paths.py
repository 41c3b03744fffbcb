"""The paths that are the same for every bus: how an exchange stands, tokens, what operators do, what is open."""

from __future__ import annotations

from typing import Final

from contracts.publish.parts import (
    REASON,
    TEXT,
    JsonDocument,
    in_path,
    json_body,
    problem,
    problems,
    query,
    response,
    schema_of,
    whole,
)

_MAX_WAIT_S: Final = 999_999
_REASONED: Final[JsonDocument] = {"type": "object", "required": ["reason"], "properties": {"reason": REASON}}
_RESOLUTION: Final[JsonDocument] = {
    "type": "object",
    "required": ["outcome", "reason"],
    "properties": {"outcome": {"enum": ["delivered", "failed"]}, "reason": REASON},
}
_MANIFEST: Final[JsonDocument] = {
    "type": "object",
    "required": ["message", "files"],
    "properties": {
        "parent": {"type": ["string", "null"], "description": "the one that is current; null before the first"},
        "message": REASON,
        "files": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "parts"],
                "properties": {
                    "name": TEXT,
                    "parts": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "description": "the SHA-256 of each, in order",
                    },
                },
            },
        },
    },
}
_OCTETS: Final[JsonDocument] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_ASKED: Final[JsonDocument] = {
    "202": {"description": "Asked for; a call that is under way, or a worker that is away, decides it later"}
}
_ID: Final = in_path("id")
_AFTER: Final = query("after", "where the list goes on: what `next` of the page before said", TEXT)
_LIMIT: Final = query("limit", "how many at most: 100 by default", whole(1, 1000))
_KIND: Final[JsonDocument] = {
    **in_path("kind"),
    "schema": {"enum": ["bus", "agencies", "contract", "system", "grants", "laws", "users", "codelist"]},
}
_OPEN_PATHS: Final = (
    ("/healthz", "The process runs"),
    ("/readyz", "It may be sent requests"),
    ("/metrics", "Prometheus metrics"),
    ("/.well-known/jwks.json", "The key that verifies tokens"),
)
_ON: Final = query("on", "the day as of which it is asked, YYYY-MM-DD; today, if absent", {**TEXT, "format": "date"})

_SOUGHT: Final = query("q", "a code in either order, or words of the name; accents may be left out", TEXT)
_DAYS: Final = query("days", "how far back it is counted", {"type": "integer", "minimum": 1, "default": 90})


def fixed_paths() -> JsonDocument:
    """All of them."""
    return {
        "/exchanges/{id}": {"get": _exchange()},
        "/exchanges/{id}/withdraw": {"post": _withdraw()},
        "/oauth2/token": {"post": _token()},
        "/operate/dead": {
            "get": _listed("Open dead letters", query("system", "of this receiver only", TEXT), _LIMIT, _AFTER)
        },
        "/operate/dead/{id}": {"get": _looked_up("One dead letter")},
        "/operate/dead/{id}/retry": {"post": _act("A new attempt", 202, _REASONED)},
        "/operate/dead/{id}/drop": {"post": _act("Give it up", 200, _REASONED)},
        "/operate/status": {"get": _listed("How the bus stands: backlogs, pauses, what is open")},
        "/operate/in-doubt": {"get": _listed("Exchanges in doubt", _LIMIT, _AFTER)},
        "/operate/exchanges/{id}/resolve": {"post": _act("Say what became of it", 200, _RESOLUTION)},
        "/operate/exchanges/{id}/withdraw": {"post": _act("Take a submission back", 200, _REASONED, _ASKED)},
        "/operate/config": {"get": _listed("What was applied, and which processes go by it"), "post": _apply()},
        "/operate/config/{id}": {"get": _configuration()},
        "/operate/config/parts/{id}": {"get": _part(), "put": _put_part()},
        "/operate/laws": {"get": _listed("The legal documents, what rests on each, and what lapses", _ON)},
        "/operate/contracts/{contract}/users": {
            "get": _operate(
                "Who uses which version of a contract",
                200,
                [in_path("contract"), _DAYS],
                ("400", "A parameter is wrong"),
                ("404", "No such contract"),
            )
        },
        "/laws": {"get": _dated("The legal documents that the bus knows, and how each stands")},
        "/laws/{id}": {"get": _dated("One legal document", _ID)},
        "/agencies": {"get": _dated("Agencies, and how each stands; `on=any`: all there ever were", _SOUGHT)},
        "/agencies/{code}": {"get": _dated("One agency, and what there is of it on a day", in_path("code"))},
        "/openapi.json": {"get": _published("This document")},
        "/asyncapi.json": {"get": _published("The events of this bus, as AsyncAPI 3.0")},
        "/catalogue": {"get": _published("The catalogue (DCAT-AP 3): JSON-LD, Turtle or RDF/XML, as `Accept` prefers")},
        "/contracts": {"get": _published("Every contract, with where its schemas lie")},
        "/contracts/{contract}": {"get": _published("A contract", in_path("contract"))},
        "/contracts/{contract}/{major}": {
            "get": _published("A version of a contract", in_path("contract"), in_path("major"))
        },
        "/contracts/{contract}/{major}/{file}": {
            "get": _published(
                "A schema: `request`, `reply` or `event`, with `.avsc` or `.schema.json`",
                *map(in_path, ("contract", "major", "file")),
            )
        },
        "/schemas/{kind}.json": {"get": _schema_of_file()},
        **{path: {"get": _open(text)} for path, text in _OPEN_PATHS},
    }


def _exchange() -> JsonDocument:
    return {
        "summary": "How an exchange stands",
        "parameters": [
            _ID,
            query("wait", "seconds to wait for its end; more than 60 counts as 60", whole(0, _MAX_WAIT_S)),
            query("at", "as in Location", TEXT),
        ],
        "responses": {
            "200": response("The exchange", schema_of("Exchange")),
            **problems(
                ("400", "A parameter is wrong"),
                ("401", "Not authenticated"),
                ("404", "No exchange to which you are a party"),
                ("503", "The ledger is behind"),
            ),
        },
    }


def _withdraw() -> JsonDocument:
    act = _act("Take a submission of your own back that its receiver has not taken yet", 200, _REASONED, _ASKED)
    return {**act, "tags": ["submission"], "responses": {**act["responses"], "403": problem("Sent by another system")}}


def _token() -> JsonDocument:
    form = {
        "type": "object",
        "required": ["grant_type"],
        "properties": {"grant_type": {"const": "client_credentials"}, "client_id": TEXT, "client_secret": TEXT},
    }
    error = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": TEXT, "error_description": TEXT},
        "description": "RFC 6749 §5.2",
    }
    unreadable = response("Another grant type, or a form that cannot be read", error)
    unreadable["content"].update(problem("")["content"])
    return {
        "summary": "A token for a system (client credentials)",
        "security": [{"basic": []}, {}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": response("The token", _TOKEN),
            "400": unreadable,
            "401": response("Unknown client or wrong secret", error),
            **problems(("413", "Too large"), ("415", "Not a form")),
        },
    }


_TOKEN: Final[JsonDocument] = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in"],
    "properties": {
        "access_token": TEXT,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "seconds"},
        "notices": {"type": "array", "description": "what the system has to know: a subscription that was disabled"},
    },
}


def _published(summary: str, *parameters: JsonDocument) -> JsonDocument:
    """What is made of the contracts, for anybody; asked for with `If-None-Match` only where it has changed."""
    told = [("404", "There is none")] if parameters else [("406", "No form that `Accept` names")]
    answers = {"200": {"description": summary}, "304": {"description": "The client has it"}, **problems(*told)}
    return {"summary": summary, "security": [{}], "parameters": list(parameters), "responses": answers}


def _schema_of_file() -> JsonDocument:
    of = _open("What a file of a workspace may say, as a JSON Schema")
    return {**of, "parameters": [_KIND], "responses": {**of["responses"], "404": problem("No such kind of file")}}


def _dated(summary: str, *parameters: JsonDocument) -> JsonDocument:
    of = _open(summary)
    absent = problems(("404", "Nothing there")) if parameters else {}
    answers = {**of["responses"], **problems(("400", "A parameter is wrong")), **absent}
    return {**of, "parameters": [*parameters, _ON], "responses": answers}


def _listed(summary: str, *parameters: JsonDocument) -> JsonDocument:
    return _operate(summary, 200, [*parameters], ("400", "A parameter is wrong"))


def _looked_up(summary: str) -> JsonDocument:
    return _operate(summary, 200, [_ID], ("404", "Nothing there"))


def _act(summary: str, status: int, body: JsonDocument, also: JsonDocument | None = None) -> JsonDocument:
    meanings = (
        ("400", "The body cannot be read, or a field is wrong"),
        ("404", "Nothing there"),
        ("409", "It stands otherwise"),
        ("413", "Too large"),
    )
    act = _operate(summary, status, [_ID], *meanings)
    return {**act, "requestBody": json_body(body), "responses": {**act["responses"], **(also or {})}}


def _apply() -> JsonDocument:
    meanings = (
        ("400", "The body cannot be read, or a field is wrong"),
        ("409", "Another one is current than `parent`, or parts are missing"),
        ("413", "Too large"),
        ("422", "It cannot be used; nothing was changed"),
    )
    apply = _operate("Make these files the current configuration", 201, [], *meanings)
    return {**apply, "requestBody": json_body(_MANIFEST)}


def _configuration() -> JsonDocument:
    wait = query("wait", "seconds to wait until every live process has decided", whole(0, _MAX_WAIT_S))
    meanings = (("400", "A parameter is wrong"), ("404", "Nothing there"))
    return _operate("A configuration, its files, and how each process stands to it", 200, [_ID, wait], *meanings)


def _part() -> JsonDocument:
    part = _looked_up("A part of a file, by the SHA-256 of its content")
    content = {"description": "The part", "content": _OCTETS}
    return {**part, "responses": {**part["responses"], "200": content}}


def _put_part() -> JsonDocument:
    meanings = (("400", "Its name is not the SHA-256 of its content"), ("413", "Too large"))
    put = _operate("A part of a file, before the configuration that names it", 204, [_ID], *meanings)
    return {**put, "requestBody": {"required": True, "content": _OCTETS}}


def _operate(summary: str, status: int, parameters: list[JsonDocument], *meanings: tuple[str, str]) -> JsonDocument:
    always = (("401", "Not authenticated"), ("403", "For operators only"), ("503", "The log or the ledger is away"))
    return {
        "summary": summary,
        "tags": ["operate"],
        "parameters": parameters,
        "responses": {str(status): {"description": "Done"}, **problems(*always, *meanings)},
    }


def _open(summary: str) -> JsonDocument:
    answers: JsonDocument = {"200": {"description": summary}}
    if summary == "It may be sent requests":
        answers["503"] = {"description": "Not now"}
    return {"summary": summary, "security": [{}], "responses": answers}

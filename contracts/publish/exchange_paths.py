"""The paths of a contract: where its records are sent and, of events, pulled. Made from its own schemas."""

from __future__ import annotations

from typing import Any, Final

from contracts.catalogue import Contract, ContractVersion
from contracts.languages import Language
from contracts.outcome import Outcome, Pattern
from contracts.publish.json_schema import json_schema
from contracts.publish.parts import (
    TEXT,
    WITHHELD,
    JsonDocument,
    header_text,
    problems,
    query,
    response,
    schema_of,
    whole,
)

_MAX_WAIT_S: Final = 999_999
_HEADERS: Final[tuple[tuple[str, str, JsonDocument], ...]] = (
    (
        "Idempotency-Key",
        "same key, same exchange: repeat safely; made and returned where it is not sent",
        header_text(200),
    ),
    ("To", "the receiving system, where several provide the contract", header_text(256)),
    ("Purpose", "one of the purposes granted", header_text(256)),
    ("Prefer", "`wait=N` (seconds) or `respond-async`; others are ignored", TEXT),
    ("Accept-Language", "`vi` or `en`, for the words of problems", TEXT),
)


def contract_paths(contract: Contract) -> JsonDocument:
    """A path for each version; the latest is also meant where a path names none."""
    paths: JsonDocument = {}
    for major in sorted(contract.versions):
        suffix = "" if major == contract.latest else f"@{major}"
        version = contract.versions[major]
        paths[f"/exchange/{contract.name}{suffix}"] = {"post": _send(contract, version)}
        if contract.pattern is Pattern.EVENT:
            paths[f"/inbox/{contract.name}{suffix}"] = {"get": _pull(contract, version)}
    return paths


def _send(contract: Contract, version: ContractVersion) -> JsonDocument:
    limit = f"At most {contract.max_bytes} bytes of JSON."
    media: JsonDocument = {"schema": json_schema(version.request)}
    if version.request_example is not None:
        media["example"] = version.request_example
    return {
        "operationId": f"{contract.name}.{version.major}",
        "summary": contract.title,
        "description": " ".join(part for part in (contract.description, limit) if part),
        "tags": [str(contract.pattern)],
        "parameters": _parameters(contract),
        "requestBody": {"required": True, "content": {"application/json": media}},
        "x-max-bytes": contract.max_bytes,
        **_english(contract),
        "responses": _responses(contract, version),
    }


def _english(contract: Contract) -> JsonDocument:
    """The title and the description in both languages, where the contract has both."""
    if not any(contract.english):
        return {}
    words = {
        "title": {str(each): contract.title_in(each) for each in Language},
        "description": {str(each): contract.description_in(each) for each in Language},
    }
    return {"x-words": words}


def _parameters(contract: Contract) -> list[JsonDocument]:
    required = (
        ("End-User", "the officer who asks, as the sender vouches for", contract.requires_end_user),
        ("Case-Ref", "the dossier that needs it", contract.requires_case_ref),
    )
    named = [(name, text, header_text(256), must) for name, text, must in required]
    named += [(name, text, schema, False) for name, text, schema in _HEADERS]
    return [
        {"name": name, "in": "header", "required": must, "description": text, "schema": schema}
        for name, text, schema, must in named
    ]


def _responses(contract: Contract, version: ContractVersion) -> JsonDocument:
    answered: JsonDocument = {
        "type": "object",
        "required": ["id", "outcome"],
        "properties": {"id": TEXT, "outcome": {"enum": _good_outcomes(contract)}},
    }
    if version.reply is not None:
        answered["properties"]["record"] = {"anyOf": [json_schema(version.reply, partial=True), {"type": "null"}]}
        answered["properties"]["withheld"] = WITHHELD
    responses = {"202": response("Accepted; `Location` says where to ask", schema_of("Receipt"))}
    if contract.pattern is not Pattern.EVENT:
        responses["200"] = response("The outcome", answered, _reply_example(contract, version))
    return {**responses, **problems(*_SEND_PROBLEMS)}


def _pull(contract: Contract, version: ContractVersion) -> JsonDocument:
    attributes = ("specversion", "id", "source", "type", "time", "dataschema", "datacontenttype")
    event: JsonDocument = {
        "type": "object",
        "required": [*attributes, "data", "withheld"],
        "properties": {
            **dict.fromkeys(attributes, TEXT),
            "time": {"type": "string", "format": "date-time"},
            "data": json_schema(version.request, partial=True),
            "withheld": WITHHELD,
        },
    }
    page = {
        "type": "object",
        "required": ["events", "cursor", "more"],
        "properties": {
            "events": {
                "type": "array",
                "items": event,
                "description": "CloudEvents 1.0; `data` less what `withheld` names",
            },
            "cursor": {"type": "string", "description": "go on from here"},
            "more": {"type": "boolean", "description": "whether there is more already"},
        },
    }
    return {
        "operationId": f"{contract.name}.{version.major}.inbox",
        "summary": contract.title,
        "description": "Events come at least once, each under the same id; a partition keeps its order.",
        "tags": [str(contract.pattern)],
        "parameters": [query(name, text, schema) for name, text, schema in _PULL_PARAMETERS],
        "responses": {"200": response("The events after the cursor", page), **problems(*_PULL_PROBLEMS)},
    }


def _good_outcomes(contract: Contract) -> list[str]:
    if contract.pattern is Pattern.QUERY:
        return [str(Outcome.DATA), str(Outcome.NO_DATA), str(Outcome.WITHHELD)]
    return [str(Outcome.DELIVERED), str(Outcome.IN_DOUBT)]


def _reply_example(contract: Contract, version: ContractVersion) -> Any:  # noqa: ANN401 - any JSON
    if contract.pattern is not Pattern.QUERY or version.reply_example is None:
        return None
    return {"id": "0b9f…", "outcome": "data", "record": version.reply_example, "withheld": []}


_PULL_PARAMETERS: Final[tuple[tuple[str, str, JsonDocument], ...]] = (
    ("cursor", "of the answer before, as it was given", TEXT),
    (
        "from",
        "without a cursor: `earliest` (the default), `latest`, or a time of RFC 3339",
        {"anyOf": [{"enum": ["earliest", "latest"]}, {"type": "string", "format": "date-time"}]},
    ),
    ("limit", "how many events at most: 100 by default", whole(1, 1000)),
    ("wait", "seconds to wait for a first event: 0 by default; more than 60 counts as 60", whole(0, _MAX_WAIT_S)),
)
_PULL_PROBLEMS: Final = (
    ("400", "A parameter is wrong, or the cursor is of another bus or contract"),
    ("401", "Not authenticated"),
    ("403", "No grant in force"),
    ("404", "No such contract"),
    (
        "410",
        "The version has ended; or older than what is kept: go on from `earliest`, without the `missed` ones",
    ),
    ("429", "Quota exceeded"),
    ("503", "Not now; repeat with the same cursor"),
)
_SEND_PROBLEMS: Final = (
    ("400", "Unreadable request"),
    ("401", "Not authenticated"),
    ("403", "No grant"),
    ("404", "No such contract"),
    ("410", "The version has ended"),
    ("413", "Too large"),
    ("415", "Not JSON"),
    ("422", "The record does not fit, or was refused"),
    ("429", "Quota exceeded"),
    ("502", "The provider failed"),
    ("503", "Not now; repeat with the same Idempotency-Key"),
    ("504", "Expired"),
)

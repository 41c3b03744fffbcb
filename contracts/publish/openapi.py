"""The OpenAPI 3.1 document of a bus: made from its contracts, so that it cannot disagree with what is checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from contracts.catalogue import Contract, ContractVersion
from contracts.outcome import Outcome, Pattern, State
from contracts.publish.json_schema import json_schema
from contracts.publish.subscription_paths import SUBSCRIPTION_SCHEMA, subscription_paths

JsonDocument = dict[str, Any]

_TEXT: Final[JsonDocument] = {"type": "string"}
_PROBLEM: Final[JsonDocument] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "origin"],
    "properties": {
        "type": {"type": "string", "description": "stable, for programs"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "origin": {"enum": ["gateway", "bus", "provider"], "description": "who refused or failed"},
        "id": {"type": "string", "description": "the exchange, where there is one"},
        "outcome": {"enum": [str(outcome) for outcome in Outcome]},
        "earliest": {"type": "string", "description": "a cursor to go on from, where events are not kept any more"},
        "missed": {"type": "integer", "description": "how many events are not kept any more"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "remedy"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901; the exact place in the record"},
                    "code": _TEXT,
                    "detail": _TEXT,
                    "remedy": _TEXT,
                    "candidates": {"type": "array", "items": _TEXT},
                },
            },
        },
    },
}
_RECEIPT: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {"id": _TEXT, "state": {"enum": [str(state) for state in State]}},
}
_EXCHANGE: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "contract", "sender", "receiver", "state", "outcome"],
    "properties": {
        "id": _TEXT,
        "contract": _TEXT,
        "pattern": {"enum": [str(pattern) for pattern in Pattern]},
        "sender": _TEXT,
        "receiver": _TEXT,
        "state": {"enum": [str(state) for state in State]},
        "outcome": {"enum": [*(str(outcome) for outcome in Outcome), None]},
        "reason": _TEXT,
        "ground": _TEXT,
        "receiver_away": {
            "type": "object",
            "description": "the receiver's inbox is paused, for it does not answer; it is tried again by itself",
            "properties": {"next_trial_s": {"type": "integer"}},
        },
        "delivered": {"type": "string", "description": "of an event: `5 of 6, 1 retrying`"},
        "deliveries": {"type": "array", "description": "of an event: by subscriber", "items": {"type": "object"}},
        "steps": {"type": "array", "items": {"type": "object"}},
    },
}
_HEADERS: Final = (
    ("Idempotency-Key", "same key, same exchange: repeat safely; made and returned where it is not sent", False),
    ("To", "the receiving system, where several provide the contract", False),
    ("Purpose", "one of the purposes granted", False),
    ("Prefer", "`wait=N` (seconds) or `respond-async`", False),
    ("Accept-Language", "`vi` or `en`, for the words of problems", False),
)


def openapi_document(bus: str, version: str, contracts: Iterable[Contract]) -> JsonDocument:
    """The whole document. Each contract has a path of its own with its schemas, example and size limit."""
    ordered = sorted(contracts, key=lambda contract: contract.name)
    paths: JsonDocument = {}
    for contract in ordered:
        for major in sorted(contract.versions):
            suffix = "" if major == contract.latest else f"@{major}"
            of = contract.versions[major]
            paths[f"/exchange/{contract.name}{suffix}"] = {"post": _operation(contract, of)}
            if contract.pattern is Pattern.EVENT:
                paths[f"/inbox/{contract.name}{suffix}"] = {"get": _inbox_operation(contract, of)}
    paths.update(_fixed_paths())
    paths.update(subscription_paths())
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{bus} (Liên thông)", "version": version},
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                "Receipt": _RECEIPT,
                "Exchange": _EXCHANGE,
                "Subscription": SUBSCRIPTION_SCHEMA,
            },
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}},
                },
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{"oauth2": []}],
    }


def _operation(contract: Contract, version: ContractVersion) -> JsonDocument:
    limit = f"At most {contract.max_bytes} bytes of JSON."
    return {
        "operationId": f"{contract.name}.{version.major}",
        "summary": contract.title,
        "description": " ".join(part for part in (contract.description, limit) if part),
        "tags": [str(contract.pattern)],
        "parameters": _parameters(contract),
        "requestBody": {
            "required": True,
            "content": {"application/json": _media(json_schema(version.request), version.request_example)},
        },
        "x-max-bytes": contract.max_bytes,
        "responses": _responses(contract, version),
    }


def _parameters(contract: Contract) -> list[JsonDocument]:
    required = (
        ("End-User", "the officer who asks, as the sender vouches for", contract.requires_end_user),
        ("Case-Ref", "the dossier that needs it", contract.requires_case_ref),
    )
    return [
        {"name": name, "in": "header", "required": must, "description": text, "schema": _TEXT}
        for name, text, must in (*required, *_HEADERS)
    ]


def _responses(contract: Contract, version: ContractVersion) -> JsonDocument:
    answered: JsonDocument = {
        "type": "object",
        "required": ["id", "outcome"],
        "properties": {"id": _TEXT, "outcome": {"enum": _good_outcomes(contract)}},
    }
    if version.reply is not None:
        answered["properties"]["record"] = {"anyOf": [json_schema(version.reply), {"type": "null"}]}
        answered["properties"]["withheld"] = {
            "type": "array",
            "items": {"type": "object", "properties": {"path": _TEXT, "reason": _TEXT}},
        }
    receipt = {"$ref": "#/components/schemas/Receipt"}
    responses: JsonDocument = {"202": _response("Accepted; `Location` says where to ask", _media(receipt, None))}
    if contract.pattern is not Pattern.EVENT:
        responses["200"] = _response("The outcome", _media(answered, _reply_example(contract, version)))
    for status, text in _PROBLEM_STATUSES:
        responses[status] = _problem(text)
    return responses


def _inbox_operation(contract: Contract, version: ContractVersion) -> JsonDocument:
    """Pulling the events of a contract."""
    attributes = ("specversion", "id", "source", "type", "time", "dataschema", "datacontenttype")
    event: JsonDocument = {
        "type": "object",
        "required": [*attributes, "data", "withheld"],
        "properties": {
            **dict.fromkeys(attributes, _TEXT),
            "time": {"type": "string", "format": "date-time"},
            "data": json_schema(version.request),
            "withheld": {
                "type": "array",
                "items": {"type": "object", "properties": {"path": _TEXT, "reason": _TEXT}},
            },
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
    responses: JsonDocument = {"200": _response("The events after the cursor", _media(page, None))}
    for status, text in _INBOX_STATUSES:
        responses[status] = _problem(text)
    return {
        "operationId": f"{contract.name}.{version.major}.inbox",
        "summary": contract.title,
        "description": "Events come at least once, each under the same id; a partition keeps its order.",
        "tags": [str(contract.pattern)],
        "parameters": [_query(name, text) for name, text in _INBOX_PARAMETERS],
        "responses": responses,
    }


_INBOX_PARAMETERS: Final = (
    ("cursor", "of the answer before, as it was given"),
    ("from", "without a cursor: `earliest` (the default), `latest`, or a time of RFC 3339"),
    ("limit", "how many events at most: 1–1000, 100 by default"),
    ("wait", "seconds to wait for a first event: 0–60, 0 by default"),
)
_INBOX_STATUSES: Final = (
    ("400", "A parameter is wrong, or the cursor is of another bus or contract"),
    ("401", "Not authenticated"),
    ("403", "No grant in force"),
    ("404", "No such contract"),
    ("410", "Older than what is kept; `earliest` is a cursor to go on from, `missed` how many are gone"),
    ("429", "Quota exceeded"),
    ("503", "Not now; repeat with the same cursor"),
)
_PROBLEM_STATUSES: Final = (
    ("400", "Unreadable request"),
    ("401", "Not authenticated"),
    ("403", "No grant"),
    ("404", "No such contract"),
    ("413", "Too large"),
    ("415", "Not JSON"),
    ("422", "The record does not fit, or was refused"),
    ("429", "Quota exceeded"),
    ("502", "The provider failed"),
    ("503", "Not now; repeat with the same Idempotency-Key"),
    ("504", "Expired"),
)


def _good_outcomes(contract: Contract) -> list[str]:
    if contract.pattern is Pattern.QUERY:
        return [str(Outcome.DATA), str(Outcome.NO_DATA), str(Outcome.WITHHELD)]
    return [str(Outcome.DELIVERED), str(Outcome.IN_DOUBT)]


def _reply_example(contract: Contract, version: ContractVersion) -> JsonDocument | None:
    if contract.pattern is not Pattern.QUERY or version.reply_example is None:
        return None
    return {"id": "0b9f…", "outcome": "data", "record": version.reply_example, "withheld": []}


def _media(schema: JsonDocument, example: Any) -> JsonDocument:  # noqa: ANN401 - any JSON
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _response(description: str, media: JsonDocument) -> JsonDocument:
    return {"description": description, "content": {"application/json": media}}


def _problem(description: str) -> JsonDocument:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


def _fixed_paths() -> JsonDocument:
    exchange_id = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    reason = {"type": "object", "required": ["reason"], "properties": {"reason": _TEXT}}
    resolution = {
        "type": "object",
        "required": ["outcome", "reason"],
        "properties": {"outcome": {"enum": ["delivered", "failed"]}, "reason": _TEXT},
    }
    return {
        "/exchanges/{id}": {
            "get": {
                "summary": "How an exchange stands",
                "parameters": [
                    exchange_id,
                    _query("wait", "seconds to wait for its end"),
                    _query("at", "as in Location"),
                ],
                "responses": {
                    "200": _response("The exchange", _media({"$ref": "#/components/schemas/Exchange"}, None)),
                    "404": _problem("No exchange to which you are a party"),
                    "503": _problem("The ledger is behind"),
                },
            }
        },
        "/oauth2/token": {"post": _token_operation()},
        "/operate/dead": {"get": _operate("Open dead letters")},
        "/operate/dead/{id}": {"get": _operate("One dead letter", exchange_id)},
        "/operate/dead/{id}/retry": {"post": _operate("A new attempt", exchange_id, reason)},
        "/operate/dead/{id}/drop": {"post": _operate("Give it up", exchange_id, reason)},
        "/operate/status": {"get": _operate("How the bus stands: backlogs, pauses, and what is open of each system")},
        "/operate/in-doubt": {"get": _operate("Exchanges in doubt")},
        "/operate/exchanges/{id}/resolve": {"post": _operate("Say what became of it", exchange_id, resolution)},
        "/schemas/{kind}.json": {"get": {**_open("What a file of a workspace may say"), "parameters": [_KIND]}},
        **{path: {"get": _open(text)} for path, text in _OPEN_PATHS},
    }


_KIND: Final[JsonDocument] = {
    "name": "kind",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": ["bus", "agencies", "contract", "system", "grants"]},
}
_OPEN_PATHS: Final = (
    ("/healthz", "The process runs"),
    ("/readyz", "It may be sent requests"),
    ("/metrics", "Prometheus metrics"),
    ("/openapi.json", "This document"),
    ("/.well-known/jwks.json", "The key that verifies tokens"),
)


def _query(name: str, text: str) -> JsonDocument:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": _TEXT}


def _operate(summary: str, parameter: JsonDocument | None = None, body: JsonDocument | None = None) -> JsonDocument:
    operation: JsonDocument = {
        "summary": summary,
        "tags": ["operate"],
        "responses": {"200": {"description": "Done"}, "403": _problem("For operators only")},
    }
    if parameter is not None:
        operation["parameters"] = [parameter]
        operation["responses"]["404"] = _problem("Nothing there")
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _token_operation() -> JsonDocument:
    form = {
        "type": "object",
        "required": ["grant_type"],
        "properties": {"grant_type": {"const": "client_credentials"}, "client_id": _TEXT, "client_secret": _TEXT},
    }
    return {
        "summary": "A token for a system (client credentials)",
        "security": [{"basic": []}, {}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {"200": {"description": "The token"}, "401": {"description": "Unknown client or wrong secret"}},
    }


def _open(summary: str) -> JsonDocument:
    return {"summary": summary, "security": [{}], "responses": {"200": {"description": summary}}}

"""The part of the OpenAPI document that is about subscriptions: the same for every bus."""

from __future__ import annotations

from typing import Final

from contracts.publish.parts import TEXT, JsonDocument, in_path, json_body, problems, response, schema_of
from contracts.subscriptions import SubscriptionState

_MOMENT: Final[JsonDocument] = {"type": ["string", "null"], "format": "date-time"}
_SECRET: Final[JsonDocument] = {"type": "string", "pattern": "^whsec_", "description": "shown here and never again"}
_SHOWN: Final = tuple(state for state in SubscriptionState if state is not SubscriptionState.DELETED)

SUBSCRIPTION_SCHEMA: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "system", "contract", "url", "retry", "state", "created"],
    "properties": {
        "id": TEXT,
        "system": TEXT,
        "contract": TEXT,
        "url": {"type": "string", "format": "uri"},
        "retry": {"type": "array", "items": TEXT, "description": "the delays after which a push is tried again"},
        "state": {"enum": [str(state) for state in _SHOWN]},
        "created": _MOMENT,
        "last_success": {**_MOMENT, "description": "as last noted: to the hour, while all is well"},
        "last_failure": _MOMENT,
        "failing_since": {**_MOMENT, "description": "null while all is well"},
        "failure": {"type": ["string", "null"], "description": "why the last push failed that did"},
        "old_secret_until": {**_MOMENT, "description": "until then two secrets sign"},
        "replays": {"type": "integer"},
        "backlog": {"type": ["integer", "null"], "description": "events that wait; null where it is not known now"},
        "problem": {**schema_of("Problem"), "description": "why nothing is pushed"},
    },
}
_SINCE: Final[JsonDocument] = {"type": "string", "format": "date-time", "description": "with an offset"}
_WANTED: Final[JsonDocument] = {
    "type": "object",
    "required": ["contract", "url"],
    "additionalProperties": False,
    "properties": {
        "contract": {"type": "string", "minLength": 1, "description": "of events; `name` or `name@major`"},
        "url": {"type": "string", "format": "uri", "description": "https, and public, unless the bus allows others"},
        "retry": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhd]$"},
            "minItems": 1,
            "examples": [["5s", "30s"]],
            "description": "some of the bus's own delays, growing",
        },
        "since": {**_SINCE, "description": "begin with what was published since; else with what comes"},
    },
}
_REPLAY: Final[JsonDocument] = {
    "type": "object",
    "required": ["since"],
    "additionalProperties": False,
    "properties": {"since": _SINCE},
}


def subscription_paths() -> JsonDocument:
    """The paths below `/subscriptions`."""
    one = in_path("id")
    shown = schema_of("Subscription")
    with_secret = {"allOf": [shown, {"required": ["secret"], "properties": {"secret": _SECRET}}]}
    listed = {"type": "object", "properties": {"subscriptions": {"type": "array", "items": shown}}}
    acts = {
        "/subscriptions/{id}/pause": {"post": _operation("Push no more for now; events wait", 200, shown)},
        "/subscriptions/{id}/resume": {"post": _operation("Push again, whatever stopped it", 200, shown)},
        "/subscriptions/{id}/rotate": {
            "post": _operation("A new secret; for 24 hours both sign", 200, with_secret),
            "delete": _operation("The old secret signs no more", 200, shown),
        },
        "/subscriptions/{id}/replay": {
            "post": _operation("Push once more what was published since", 202, shown, _REPLAY)
        },
        "/subscriptions/{id}": {
            "get": _operation("How a subscription stands", 200, shown),
            "delete": _operation("End it", 204),
        },
    }
    return {
        "/subscriptions": {
            "get": _operation("The system's own subscriptions", 200, listed),
            "post": _operation("Subscribe to events, within a grant", 201, with_secret, _WANTED),
        },
        **{
            path: {method: {**operation, "parameters": [one]} for method, operation in operations.items()}
            for path, operations in acts.items()
        },
    }


def _operation(
    summary: str, status: int, answer: JsonDocument | None = None, body: JsonDocument | None = None
) -> JsonDocument:
    good = {"description": summary} if answer is None else response(summary, answer)
    operation: JsonDocument = {
        "summary": summary,
        "tags": ["subscriptions"],
        "responses": {str(status): good, **problems(*_PROBLEMS)},
    }
    if body is not None:
        operation["requestBody"] = json_body(body)
        operation["responses"].update(problems(*_BODY_PROBLEMS))
    return operation


_PROBLEMS: Final = (
    ("401", "Not authenticated"),
    ("403", "No grant, or not the subscribing system"),
    ("404", "No such contract, or no such subscription of yours"),
    ("409", "Too many, or changed by others meanwhile"),
    ("503", "The log does not answer now"),
)
_BODY_PROBLEMS: Final = (
    ("400", "The body is no JSON object"),
    ("413", "Too large"),
    ("422", "Each wrong place is in `errors`"),
)

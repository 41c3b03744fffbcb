"""The schemas that the OpenAPI document names: what is the same for every contract."""

from __future__ import annotations

from typing import Final

from contracts.outcome import Outcome, Pattern, State
from contracts.publish.parts import TEXT, JsonDocument
from contracts.publish.subscription_paths import SUBSCRIPTION_SCHEMA

_PROBLEM: Final[JsonDocument] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "origin"],
    "properties": {
        "type": {"type": "string", "description": "stable, for programs"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
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
                    "code": TEXT,
                    "detail": TEXT,
                    "remedy": TEXT,
                    "candidates": {"type": "array", "items": TEXT},
                },
            },
        },
    },
}
_RECEIPT: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {"id": TEXT, "state": {"enum": [str(state) for state in State]}},
}
_EXCHANGE: Final[JsonDocument] = {
    "type": "object",
    "required": ["id", "contract", "sender", "receiver", "state", "outcome"],
    "properties": {
        "id": TEXT,
        "contract": TEXT,
        "pattern": {"enum": [str(pattern) for pattern in Pattern]},
        "sender": TEXT,
        "receiver": TEXT,
        "state": {"enum": [str(state) for state in State]},
        "outcome": {"enum": [*(str(outcome) for outcome in Outcome), None]},
        "reason": TEXT,
        "ground": TEXT,
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
SCHEMAS: Final[JsonDocument] = {
    "Problem": _PROBLEM,
    "Receipt": _RECEIPT,
    "Exchange": _EXCHANGE,
    "Subscription": SUBSCRIPTION_SCHEMA,
}

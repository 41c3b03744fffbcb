"""A request's body: from bytes to a record that fits, or a problem that says where it does not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from contracts.codec import split
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from contracts.validation import Encoded, Validator
from gateway.problems import Problem

_UNREADABLE: Final = frozenset({"not_json", "not_utf8", "too_deep"})


def read_record(validator: Validator, body: bytes | JsonValue, now: datetime, contract: str) -> Encoded:
    """The canonical record in `body`, which is text or a value.

    Problem `malformed-body`: it is no JSON; `invalid-record`: it does not fit.
    """
    try:
        if isinstance(body, bytes):
            return validator.encoded_json(body, now=now)
        return validator.encoded_value(body, now=now)
    except Rejected as error:
        unreadable = any(field.code in _UNREADABLE for field in error.fields)
        kind = "malformed-body" if unreadable else "invalid-record"
        raise Problem(kind, contract=contract, errors=error.fields) from None


def body_hash_of(payload: bytes) -> str:
    """SHA-256 (hex) over a canonical record's Avro bytes: the schema id in front of them is not part of it."""
    return hashlib.sha256(split(payload)[1]).hexdigest()

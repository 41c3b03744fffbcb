"""How a record on an ingress topic is known: by its place, and by whatever it was laid down with before."""

from __future__ import annotations

from typing import Final

from contracts.envelope import header
from contracts.ports import Message, Stored

PLACE: Final = "ingress"
"""The attribute of an event, or of a dead letter, by which it tells of the record that it was made of."""
AGAIN: Final = "lienthong_ingress"
ATTEMPT: Final = "lienthong_attempt"
"""The headers of a record that an operator sent on again: which one it is, and which attempt it is."""


def place_of(stored: Stored) -> str:
    """Where a record lies, with the log's own time: a topic that is made anew begins with other records.

    Of one that an operator sent on again, where it lay first.
    """
    position = stored.position
    again = header(stored.message.headers, AGAIN)
    if again is not None and again.startswith(f"{position.channel}/"):
        # Whoever writes to the topic may say so too; then it is another of its own records, and of no other topic.
        return again
    return f"{position.channel}/{position.partition}/{position.offset}@{stored.time_ms}"


def attempt_of(stored: Stored) -> int:
    """Which attempt it is, from 1."""
    text = header(stored.message.headers, ATTEMPT) or "1"
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else 1


def once_more(place: str, attempt: int, laid_down: Message) -> Message:
    """What was laid down of the record that lay there, for its topic: it is read as the same record."""
    headers = ((AGAIN, place.encode()), (ATTEMPT, str(attempt).encode()))
    return Message(place.partition("/")[0], laid_down.key, laid_down.value, headers)


def key_of(place: str) -> str:
    """The idempotency key of the record that lies there."""
    return f"ingress:{place}"

"""What is pushed: type, timestamp and data as the specification has them, and beside them what only the bus knows."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.json_types import JsonObject
from contracts.ports import Call
from contracts.views import NOT_GRANTED


def payload(call: Call) -> JsonObject:
    """The body of a push.

    `id` is the event's own id, the same for all its subscribers (a submission's: its exchange id); `source` the
    system that sent it; `withheld` names what the subscriber's grant keeps back, as in a reply.
    """
    return {
        "type": call.contract,
        "timestamp": _moment(call.accepted_ms),
        "data": call.body,
        "id": call.event or call.exchange,
        "source": call.sender,
        "withheld": [{"path": pointer, "reason": NOT_GRANTED} for pointer in call.withheld],
    }


def _moment(ms: int) -> str:
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")

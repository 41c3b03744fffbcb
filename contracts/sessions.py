"""The ends of sessions: every gateway has to know that somebody signed out, wherever he did it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from contracts.records import AvroRecord

SESSION_END: Final = """{"type": "record", "name": "SessionEnd", "namespace": "vn.lienthong", "fields": [
    {"name": "user", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "session", "type": "string", "default": ""}]}"""


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """A user's `session` has ended; "": all of his that began until then. `time_ms` counts from 1970."""

    user: str
    time_ms: int
    session: str = ""


class SessionEnds(Protocol):
    """Which sessions were ended before their time."""

    def has_ended(self, user: str, session: str, began_ms: int) -> bool:
        """Whether that session of `user`, which began then, was ended."""
        ...

    async def end(self, end: SessionEnd) -> None:
        """From now on it has ended here, and, once this returns, durably for every gateway. LogError."""
        ...


def session_end_to_avro(end: SessionEnd) -> AvroRecord:
    """As it lies on the log."""
    return asdict(end)


def session_end_from_avro(record: AvroRecord) -> SessionEnd:
    """The `SessionEnd` that `session_end_to_avro` wrote. TypeError for another record."""
    fields: dict[str, Any] = dict(record)
    return SessionEnd(**fields)

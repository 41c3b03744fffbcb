"""The program's own log: one line an event on standard error, with ids and never a body.

Of what is given along with a message only the ids below are written. An error that the bus did not raise itself is
named by its class and its place in the code: its text may quote a record.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final, TypeAlias

import orjson

from contracts.envelope import rfc3339
from contracts.errors import BusError

FORMS: Final = ("text", "json")
VARIABLE: Final = "LIENTHONG_LOG"

_FIELDS: Final = ("exchange", "contract", "system", "attempt", "trace_id", "span_id", "took_ms")
_DELIVERIES: Final = "lienthong.delivery"

_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

log = logging.getLogger(__name__)


class _Discreet(logging.Formatter):
    """Tells of errors without repeating what they are about."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the library's name
        """Like Python does, the first cause first, without the texts of errors that are not the bus's own."""
        return "" if ei[1] is None else "\n".join(reversed([_told(error) for error in _chain(ei[1])]))


class TextFormatter(_Discreet):
    """Time, level, name, message, and the ids that were given with it as `key=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """One line, whatever a client may have put into its path."""
        line = super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
        found = [f"{name}={value}" for name, value in _ids(record).items()]
        return f"{line} {' '.join(found)}" if found else line


class JsonFormatter(_Discreet):
    """An object a line: `time` (RFC 3339, UTC), `level`, `logger`, `message`, the ids; with an error, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told: dict[str, object] = {
            "time": rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def set_up_logging(level: int = logging.INFO, *, form: str = "text") -> None:
    """Send the log to standard error, as `form` (`FORMS`) or, where it is set, as the environment's LIENTHONG_LOG says.

    Kafka's client talks a lot; only its warnings are of interest. A line for each attempt at a delivery costs time:
    it is for those who collect the log, so there is one in JSON alone.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower()
    chosen = asked if asked in FORMS else form
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if chosen == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("kafka").setLevel(logging.ERROR)
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger(_DELIVERIES).setLevel(logging.INFO if chosen == "json" else logging.WARNING)
    if asked and asked not in FORMS:
        log.warning("%s is %r: write text or json", VARIABLE, asked[:20])


def _ids(record: logging.LogRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _told(error: BaseException) -> str:
    own = isinstance(error, BusError | OSError)
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{frames}{type(error).__qualname__}{f': {error}' if own else ''}"

"""The program's own log: one line an event on standard error, with ids and never a body."""

from __future__ import annotations

import logging
from typing import Final

_FIELDS: Final = ("exchange", "contract", "system", "attempt", "trace_id", "took_ms")


class _Formatter(logging.Formatter):
    """Time, level, name, message, and the ids that were given with it as `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        found = [f"{name}={getattr(record, name)}" for name in _FIELDS if hasattr(record, name)]
        return f"{line} {' '.join(found)}" if found else line


def set_up_logging(level: int = logging.INFO) -> None:
    """Send the log to standard error. Kafka's client talks a lot; only its warnings are of interest."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("kafka").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("lienthong.delivery").setLevel(logging.WARNING)

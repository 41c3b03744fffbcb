"""Ending with whoever started us: a child of the demo never outlives it."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

_CHECK_S: Final = 0.5


def end_with_parent() -> None:
    """From now on, be sent SIGTERM once the parent process is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_CHECK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()

"""Where a process lays configurations out: in a folder of its own below the machine's folder for what is passing.

A process that is killed leaves its folder behind. Whoever starts next on the same workspace removes it: a lock on it,
which goes with the process, tells that nobody has it any more.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_LOCK: Final = ".lock"
# Between a folder and the lock on it lies a moment.
_FRESH_S: Final = 60.0


class Folders:
    """The folders of one process on the workspace in `root`. Blocks."""

    def __init__(self, root: Path) -> None:
        self._prefix = f"lienthong-config-{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:12]}-"
        self._own: Path | None = None
        self._lock: int | None = None
        self._opening = threading.Lock()

    def new(self) -> Path:
        """A new folder, which whoever asked may remove before all are. OSError."""
        with self._opening:
            if self._own is None:
                own = Path(tempfile.mkdtemp(prefix=self._prefix))
                self._lock = _locked(own / _LOCK, os.O_CREAT)
                self._own = own
            return Path(tempfile.mkdtemp(dir=self._own))

    def sweep(self) -> None:
        """Remove what processes that are gone have left of the same workspace."""
        for folder in Path(tempfile.gettempdir()).glob(f"{self._prefix}*"):
            if folder != self._own and _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove all of them. Idempotent."""
        own, self._own = self._own, None
        if own is not None:
            shutil.rmtree(own, ignore_errors=True)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def _is_left(folder: Path) -> bool:
    """Whether the process that made it is gone."""
    try:
        lock = _locked(folder / _LOCK, 0)
    except FileNotFoundError:
        return any(time.time() - modified_s > _FRESH_S for modified_s in _modified_s(folder))
    except OSError:
        # Somebody has it, or it is another user's.
        return False
    os.close(lock)
    return True


def _modified_s(folder: Path) -> Iterator[float]:
    with suppress(OSError):
        yield folder.stat().st_mtime


def _locked(path: Path, more: int) -> int:
    """The descriptor of a file that is locked for as long as it is open. OSError where somebody else has it."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC | more, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(file)
        raise
    return file

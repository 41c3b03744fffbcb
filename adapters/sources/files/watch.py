"""Which files of a folder are complete."""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from adapters.sources.files.taking import Identity

_UNFINISHED: Final = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", "~")
"""How programs that copy files call those that are not yet whole."""


class Watch:
    """Looks into one folder. `quiet_s` None: what has its final name is complete.

    `now_s` is a clock that only goes forward: what counts is how long *we* saw a file unchanged, for a file's own time
    is whatever the program that copied it gave it.
    """

    def __init__(self, folder: Path, pattern: str, quiet_s: float | None, now_s: Callable[[], float]) -> None:
        self._folder = folder
        self._pattern = pattern
        self._quiet_s = quiet_s
        self._now_s = now_s
        self._seen: dict[str, tuple[Identity, float]] = {}

    def look(self) -> list[Path]:
        """The complete files, those that changed first before the others. OSError where the folder cannot be read."""
        now_s = self._now_s()
        seen: dict[str, tuple[Identity, float]] = {}
        complete: list[tuple[int, str]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if not self._is_meant(entry.name):
                    continue
                try:
                    if not entry.is_file(follow_symlinks=False):
                        continue
                    identity = Identity.of(entry.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue
                before = self._seen.get(entry.name)
                since_s = before[1] if before is not None and before[0] == identity else now_s
                seen[entry.name] = (identity, since_s)
                if self._quiet_s is None or now_s - since_s >= self._quiet_s:
                    complete.append((identity.mtime_ns, entry.name))
        self._seen = seen
        return [self._folder / name for _, name in sorted(complete)]

    def _is_meant(self, name: str) -> bool:
        hidden = name.startswith((".", "~$"))
        return not hidden and not name.lower().endswith(_UNFINISHED) and fnmatchcase(name, self._pattern)

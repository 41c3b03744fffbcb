"""Where files go that were dealt with, and what they are called there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

_LONGEST_BYTES: Final = 180
"""A file system takes 255; what is added to a name takes some of them."""


def name_of(path: Path) -> str:
    """A file's name as text that can be written anywhere; bytes that are no UTF-8 are shown as such."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def put_away(path: Path, folder: Path, sha256: str, mark: str = "") -> Path:
    """Move a file into `folder`, next to others of its name; answers where it lies. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{_cut(path.stem)}{mark}{path.suffix}"
    if target.exists():
        # What is there under this name with this hash is the same file.
        target = folder / f"{_cut(path.stem)}.{sha256[:12]}{mark}{path.suffix}"
    shutil.move(path, target)
    return target


def reject_path(folder: Path, name: str, sha256: str) -> Path:
    """Where the rejected rows of a file are told."""
    return folder / f"{_cut(name)}.{sha256[:12]}.rejected.csv"


def _cut(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:_LONGEST_BYTES])

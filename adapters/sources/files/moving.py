"""Where files go that were dealt with."""

from __future__ import annotations

import shutil
from pathlib import Path


def put_away(path: Path, folder: Path, sha256: str, mark: str = "") -> Path:
    """Move a file into `folder`, next to others of its name; answers where it lies. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}{mark}{path.suffix}"
    if target.exists():
        # What is there under this name with this hash is the same file.
        target = folder / f"{path.stem}.{sha256[:12]}{mark}{path.suffix}"
    shutil.move(path, target)
    return target


def reject_path(folder: Path, name: str, sha256: str) -> Path:
    """Where the rejected rows of a file are told."""
    return folder / f"{name}.{sha256[:12]}.rejected.csv"

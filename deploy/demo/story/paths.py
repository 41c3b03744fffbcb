"""How paths and commands are typed where the person stands, in the shell."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def as_typed(path: Path) -> str:
    """The path as it can be typed from here; absolute where it lies elsewhere."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def command_as_typed(called: str, interpreter: str = sys.executable) -> str:
    """How `lienthong` is called here, as it was called: by its name, its path, or as a module of an interpreter."""
    path = Path(called)
    if path.name == "__main__.py":
        return f"{as_typed(Path(interpreter))} -m gateway"
    found = shutil.which(path.name)
    if found is not None and Path(found).resolve() == path.resolve():
        return path.name
    return as_typed(Path.cwd() / path)

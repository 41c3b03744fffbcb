"""The list of legal documents that comes with the bus, and how a workspace takes entries of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.workspace.schemas import schema_line
from adapters.workspace.shipped_laws import FILE, entries, shipped, with_entries
from gateway.wiring.offline import load_workspace


def add(root: Path, ids: Sequence[str]) -> list[str]:
    """Write the entries `ids` to the workspace's laws, less those that it has; without any, the whole list.

    Answers the ids that were added. KeyError: there is no such entry; FileExistsError: the whole list cannot be taken,
    because its file is there; InvalidWorkspace, OSError.
    """
    here, known = root / FILE, entries()
    if not ids:
        if here.exists():
            raise FileExistsError(here)
        _write(here, shipped())
        return list(known)
    has = load_workspace(root).laws.by_id
    wanted = [each for each in dict.fromkeys(ids) if known[each] and each not in has]
    if wanted:
        text = here.read_text(encoding="utf-8") if here.exists() else schema_line("laws") + "laws:\n"
        _write(here, with_entries(text, wanted))
    return wanted


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


__all__ = ["add", "entries"]

"""The list of legal documents that comes with the bus, for workspaces to begin with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

from adapters.workspace.schemas import schema_line

FILE: Final = "laws/viet-nam.yaml"
_ENTRY: Final = re.compile(r"^  - id: (\S+)\n(?:^    .*\n|^\n)*", re.MULTILINE)


def shipped() -> str:
    """The whole list, as a file of a workspace."""
    return schema_line("laws") + (files("contracts") / "standard" / FILE).read_text(encoding="utf-8")


def entries() -> Mapping[str, str]:
    """The entries of the list by id, as they are written."""
    return {match[1]: match[0] for match in _ENTRY.finditer(shipped())}


def with_entries(text: str, ids: Sequence[str]) -> str:
    """A file's text with further entries at the end of its list. KeyError."""
    known = entries()
    found = list(_ENTRY.finditer(text))
    end = found[-1].end() if found else text.index("laws:\n") + len("laws:\n")
    return text[:end] + "".join(known[each] for each in ids) + text[end:]

"""What a folder's source is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.sources.files.model import FilesConnection
from adapters.sources.records import Recorder

POLL_S: Final = 1.0
NOTE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Setting:
    """`channels` are those that the records come to lie in; `wanted` are columns, one of which at least every file must
    have. Paths are absolute. The folder is looked at every `poll_s` seconds, progress is noted every `note_s`."""

    id: str
    recorder: Recorder
    major: int
    form: FilesConnection
    folder: Path
    done: Path
    rejects: Path
    channels: tuple[str, ...]
    wanted: frozenset[str]
    poll_s: float = POLL_S
    note_s: float = NOTE_S

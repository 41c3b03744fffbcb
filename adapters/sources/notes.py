"""What a source noted of itself on the log, and what it adds to it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from adapters.sources.fence import Fence
from adapters.sources.tools import SourceTools
from contracts.channels import SOURCES
from contracts.codec import Malformed
from contracts.envelope import CONTENT_TYPE
from contracts.errors import LogError, UnknownSchema
from contracts.ports import Message, Partition, Stored, partition_of
from contracts.records import FileProgress, SourceNote, SourceNoteKind, source_note_from_avro

log = logging.getLogger(__name__)

_AGAIN_S: Final = 1.0
_MOST_FILES: Final = 20_000
"""So many files of one source are remembered; the ledger knows older rows by their keys."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last that was noted of a file. No row after `file.rows` lies before the offsets of `since`."""

    kind: SourceNoteKind
    file: FileProgress
    since: Mapping[Partition, int]

    @property
    def is_done(self) -> bool:
        """Whether every row of it was dealt with."""
        return self.kind in (SourceNoteKind.DONE, SourceNoteKind.GREW)

    @property
    def may_go_on(self) -> bool:
        """Whether a file of that name that begins with it is the same one, longer. A file that is done was moved away:
        what begins like it is new, and its rows are too."""
        return self.kind in (SourceNoteKind.READING, SourceNoteKind.CHANGED, SourceNoteKind.GREW)


class Notes:
    """The notes of one source. `read` before use."""

    def __init__(self, source: str, tools: SourceTools) -> None:
        self._source = source
        self._tools = tools
        self._files: dict[str, Known] = {}
        self._names: dict[str, str] = {}
        self.last: SourceNote | None = None

    async def read(self, fence: Fence) -> None:
        """Read what there is. A log that is away is waited for. LeaseLost."""
        transport = self._tools.transport
        key = self._source.encode()
        while True:
            fence.check()
            partition = Partition(SOURCES, partition_of(key, transport.partitions(SOURCES)))
            try:
                extent = (await transport.extents([partition]))[partition]
                reader = await transport.reader({partition: extent.first})
            except LogError as error:
                log.warning("%s: its notes cannot be read yet: %s", self._source, error)
                await fence.sleep(_AGAIN_S)
                continue
            try:
                while reader.positions()[partition] < extent.end:
                    for stored in await reader.take(wait_s=0.5):
                        if stored.message.key == key:
                            await self._read(stored)
                    fence.check()
            finally:
                await reader.close()
            return

    def known(self, sha256: str) -> Known | None:
        """What was noted of a file with that content."""
        return self._files.get(sha256)

    def last_called(self, name: str) -> Known | None:
        """What was noted last of a file with that name."""
        sha256 = self._names.get(name)
        return None if sha256 is None else self._files.get(sha256)

    def unfinished(self) -> Collection[Known]:
        """The files that somebody began to read, and nobody ended."""
        return [known for known in self._files.values() if known.kind is SourceNoteKind.READING]

    async def add(
        self,
        fence: Fence | None,
        kind: SourceNoteKind,
        file: FileProgress | None = None,
        *,
        detail: str = "",
        since: Mapping[Partition, int] | None = None,
    ) -> None:
        """Note something. A log that is away is waited for. LeaseLost; without a fence it is tried once. LogError."""
        tools = self._tools
        where = tuple((part.channel, part.number, offset) for part, offset in (since or {}).items())
        note = SourceNote(self._source, kind, tools.holder, tools.clock(), detail, file, where)
        value = tools.own.source_note(note)
        message = Message(SOURCES, self._source.encode(), value, (("content-type", CONTENT_TYPE),))
        while True:
            try:
                if fence is not None:
                    fence.check()
                await tools.transport.append(message)
            except LogError as error:
                if fence is None:
                    raise
                log.warning("%s: its progress cannot be noted yet: %s", self._source, error)
                await fence.sleep(_AGAIN_S)
            else:
                self._fold(note)
                return

    async def _read(self, stored: Stored) -> None:
        try:
            record = await self._tools.own.decode(stored.message.value)
            self._fold(source_note_from_avro(record))
        except (Malformed, UnknownSchema, KeyError, ValueError, TypeError) as error:
            log.warning("not a note at %s: %s", stored.position, error)

    def _fold(self, note: SourceNote) -> None:
        self.last = note
        file = note.file
        if file is None or note.kind is SourceNoteKind.REPEATED:
            return
        since = {Partition(channel, number): offset for channel, number, offset in note.since}
        before = self._files.pop(file.sha256, None)
        if before is not None and before.file.rows > file.rows:
            # A process that lost its lease spoke last; what is known to be done stays so.
            file, since = replace(before.file, name=file.name), dict(before.since)
        self._files[file.sha256] = Known(note.kind, file, since)
        self._names[file.name] = file.sha256
        if len(self._files) > _MOST_FILES:
            oldest = next(iter(self._files))
            forgotten = self._files.pop(oldest)
            if self._names.get(forgotten.file.name) == oldest:
                del self._names[forgotten.file.name]

"""Dealing with one file: has it been read before, and how far?"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from adapters.sources.fence import Fence
from adapters.sources.files.handling import Handling
from adapters.sources.files.moving import name_of
from adapters.sources.files.setting import Setting
from adapters.sources.files.taking import Taken, identity_at, take
from adapters.sources.notes import Known, Notes
from contracts.records import FileProgress, SourceNoteKind

log = logging.getLogger(__name__)


class Dealing:
    """Deals with the files of one folder, while the lease is held."""

    def __init__(self, setting: Setting, fence: Fence, notes: Notes) -> None:
        self._setting = setting
        self._id = setting.id
        self._tools = setting.recorder.tools
        self._fence = fence
        self._notes = notes
        self._handling = Handling(setting, fence, notes)

    async def deal_with(self, path: Path) -> None:
        """Read a file, if it is one and has not been read before. LeaseLost, LeftLying, OSError."""
        earlier = self._notes.last_called(name_of(path))
        if earlier is not None and (not earlier.may_go_on or self._setting.form.format == "xlsx"):
            earlier = None
        starts = () if earlier is None else (earlier.file.bytes,)
        taken = await asyncio.to_thread(take, path, starts)
        if taken is None:
            return
        try:
            await self._deal_with_taken(taken, earlier)
        finally:
            taken.close()
            self._tools.metrics.reading(self._id, 0, 0)

    async def _deal_with_taken(self, taken: Taken, earlier: Known | None) -> None:
        known = self._notes.known(taken.sha256)
        if known is not None and (known.is_done or self._is_same_delivery(taken, known, SourceNoteKind.REFUSED)):
            await self._seen_before(taken, known)
            return
        fresh = FileProgress(
            name_of(taken.path), taken.sha256, taken.identity.bytes, taken.identity.inode, taken.identity.mtime_ns
        )
        if known is not None and (known.file.rows or known.kind is not SourceNoteKind.REFUSED):
            progress = replace(known.file, name=fresh.name, inode=fresh.inode, mtime_ns=fresh.mtime_ns)
            await self._handling.read(taken, progress, known.since)
            return
        if earlier is not None and taken.starts.get(earlier.file.bytes) == earlier.file.sha256:
            closed = await self._read_beginning(taken, earlier)
            if closed is None:
                return
            log.info("%s: %s grew; it is read on after row %d", self._id, fresh.name, closed)
            fresh = replace(fresh, skipped=closed)
        await self._handling.read(taken, fresh, None)

    async def _read_beginning(self, taken: Taken, earlier: Known) -> int | None:
        """Finish what was begun when the file was shorter; answers how many of its rows are dealt with."""
        if earlier.is_done:
            return earlier.file.closed
        file = replace(earlier.file, inode=taken.identity.inode, mtime_ns=taken.identity.mtime_ns)
        await self._handling.read(taken, file, earlier.since)
        after = self._notes.known(earlier.file.sha256)
        return after.file.closed if after is not None and after.is_done else None

    def _is_same_delivery(self, taken: Taken, known: Known, kind: SourceNoteKind) -> bool:
        """Whether this very file was dealt with so: somebody ended between the note and the move."""
        file, identity = known.file, taken.identity
        ours = (name_of(taken.path), identity.inode, identity.mtime_ns)
        return known.kind is kind and (file.name, file.inode, file.mtime_ns) == ours

    async def _seen_before(self, taken: Taken, known: Known) -> None:
        file, identity = known.file, taken.identity
        if self._is_same_delivery(taken, known, SourceNoteKind.REFUSED):
            await self._handling.put_away(taken, self._setting.rejects)
            return
        if self._is_same_delivery(taken, known, SourceNoteKind.DONE):
            await self._handling.put_away(taken, self._setting.done)
            return
        detail = f"the same content came as {file.name} before, and was {known.kind}: nothing is sent again"
        log.warning("%s: %s: %s", self._id, name_of(taken.path), detail)
        again = replace(file, name=name_of(taken.path), inode=identity.inode, mtime_ns=identity.mtime_ns)
        await self._notes.add(self._fence, SourceNoteKind.REPEATED, again, detail=detail)
        self._tools.metrics.file(self._id, SourceNoteKind.REPEATED)
        await self._handling.put_away(taken, self._setting.done, ".repeated")

    async def tell_of_gone(self) -> None:
        """Say of which files only a part was read before they disappeared. LeaseLost."""
        for known in list(self._notes.unfinished()):
            file = known.file
            if await asyncio.to_thread(identity_at, self._setting.folder / file.name) is None:
                detail = f"{file.rows} rows were dealt with, then the file was gone; bring it again for the others"
                log.warning("%s: %s: %s", self._id, file.name, detail)
                await self._notes.add(self._fence, SourceNoteKind.GONE, file, detail=detail, since=known.since)
                self._tools.metrics.file(self._id, SourceNoteKind.GONE)

"""Reading one file and putting it away: its progress, its rejected rows, and what is noted of its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.sources.fence import Fence
from adapters.sources.files.moving import name_of, put_away, reject_path
from adapters.sources.files.opening import open_rows
from adapters.sources.files.reading import Around, Became, Reading
from adapters.sources.files.rejects import RejectFile
from adapters.sources.files.rows import FileRefused, Row
from adapters.sources.files.sending import Sender
from adapters.sources.files.setting import Setting
from adapters.sources.files.taking import Taken, identity_at
from adapters.sources.files.window import End, Place
from adapters.sources.notes import Notes
from adapters.sources.pace import Pace
from adapters.sources.readback import extents_of, rows_brought_in
from adapters.sources.records import told
from contracts.ports import Partition
from contracts.records import FileProgress, SourceNoteKind

log = logging.getLogger(__name__)


class LeftLying(Exception):
    """A file was dealt with and noted, but could not be moved out of the way."""


class Handling:
    """Reads the files of one folder, while the lease is held."""

    def __init__(self, setting: Setting, fence: Fence, notes: Notes) -> None:
        self._setting = setting
        self._id = setting.id
        self._tools = setting.recorder.tools
        self._fence = fence
        self._notes = notes
        self._pace = Pace(self._tools.hurry)
        self._sender = Sender(setting.id, setting.recorder, setting.major, fence)

    async def read(self, taken: Taken, progress: FileProgress, since: Mapping[Partition, int] | None) -> None:
        """Read a file on from `progress`, to its end or to where it cannot be read; `since` None: it is begun.

        LeaseLost, LeftLying, OSError.
        """
        setting, fence = self._setting, self._fence
        on_log: set[int] = set()
        if since is None:
            since = await self._ends()
            await self._notes.add(fence, SourceNoteKind.READING, progress, since=since)
        else:
            on_log = await self._read_back(progress, since)

        async def note(progress: FileProgress, kind: SourceNoteKind = SourceNoteKind.READING, detail: str = "") -> None:
            # Rows that were on the log when it was read back, and have not come by yet, lie before its end of now.
            later = since if on_log else await self._ends()
            await self._notes.add(fence, kind, progress, detail=detail, since=later)

        self._sender.begin()
        try:
            opened = await asyncio.to_thread(open_rows, taken.file, progress.bytes, setting.form, setting.wanted)
            rejects = await asyncio.to_thread(self._reject_file, progress, opened.rows.columns)
            settled = self._settled(progress.bytes)
            around = Around(fence, self._sender, rejects, on_log, settled, note, setting.note_s, self._pace)
            reading = Reading(taken, opened.rows, progress, around, opened.digest)
            try:
                became = await reading.run()
            finally:
                progress = reading.progress
        except FileRefused as refused:
            reason = await self._refuse(progress, refused)
            await note(progress, SourceNoteKind.REFUSED, reason)
            await self.put_away(taken, setting.rejects)
            return
        if became is Became.CHANGED:
            detail = f"{_counts(progress)}; it was changed while it was read, and what it is now counts as another file"
            log.warning("%s: %s: %s", self._id, progress.name, detail)
            await note(progress, SourceNoteKind.CHANGED, detail)
            self._tools.metrics.file(self._id, SourceNoteKind.CHANGED)
            return
        await self._end(taken, progress, became)

    async def _read_back(self, progress: FileProgress, since: Mapping[Partition, int]) -> set[int]:
        """The rows of a file, beyond those that are dealt with, that the log has already."""
        done = progress.skipped + progress.rows
        found = await rows_brought_in(
            self._tools.transport,
            self._setting.channels,
            since,
            sender=self._setting.recorder.system,
            sha256=progress.sha256,
            after=done,
            fence=self._fence,
        )
        log.info(
            "%s: %s goes on after row %d; the log has %d rows behind it", self._id, progress.name, done, len(found)
        )
        return found

    async def _end(self, taken: Taken, progress: FileProgress, became: Became) -> None:
        setting, counts = self._setting, _counts(progress)
        kind = SourceNoteKind.GREW if became is Became.GREW else SourceNoteKind.DONE
        await self._notes.add(self._fence, kind, progress, detail=counts)
        self._tools.metrics.file(setting.id, kind)
        if became is Became.GREW:
            log.warning("%s: %s: %s; it grew while it was read: the rest follows", setting.id, progress.name, counts)
            return
        log.info("%s: %s: %s (sha256 %s)", setting.id, progress.name, counts, progress.sha256[:12])
        await self.put_away(taken, setting.done)

    async def _refuse(self, progress: FileProgress, refused: FileRefused) -> str:
        """Nothing, or nothing more, of the file can be used: say so where its rejected rows are told."""
        field, reason = told((refused.fault,), "", self._tools.language)
        log.warning("%s: %s is refused: %s", self._id, progress.name, reason)
        await asyncio.to_thread(self._tell_refusal, progress, Place(Row(0, (), None), End.REJECTED, field, reason))
        self._tools.metrics.file(self._id, SourceNoteKind.REFUSED)
        return reason

    def _tell_refusal(self, progress: FileProgress, place: Place) -> None:
        rejects = self._reject_file(progress, ())
        try:
            rejects.write([place])
            rejects.sync()
        finally:
            rejects.close()

    def _reject_file(self, progress: FileProgress, columns: tuple[str, ...]) -> RejectFile:
        path = reject_path(self._setting.rejects, progress.name, progress.sha256)
        return RejectFile(path, columns, upto=progress.skipped + progress.rows)

    async def put_away(self, taken: Taken, folder: Path, mark: str = "") -> None:
        """Move a file out of the way; what lies under its name by now may be another one, and is left alone.

        LeaseLost, LeftLying.
        """
        there = identity_at(taken.path)
        if there is None or (there.device, there.inode) != (taken.identity.device, taken.identity.inode):
            how = "deleted" if there is None else "replaced"
            log.warning("%s: %s was %s while it was read; all of it was read", self._id, name_of(taken.path), how)
            return
        if there.bytes != taken.identity.bytes:
            log.warning("%s: %s grew after it was read: the rest follows", self._id, name_of(taken.path))
            known = self._notes.known(taken.sha256)
            if known is not None:
                await self._notes.add(self._fence, SourceNoteKind.GREW, known.file)
            return
        try:
            await asyncio.to_thread(put_away, taken.path, folder, taken.sha256, mark)
        except OSError as error:
            raise LeftLying(
                f"{name_of(taken.path)} was dealt with, but cannot be moved to {folder}: {error}"
            ) from error

    async def _ends(self) -> dict[Partition, int]:
        extents = await extents_of(self._tools.transport, self._setting.channels, self._fence)
        return {where: extent.end for where, extent in extents.items()}

    def _settled(self, size: int) -> Callable[[Mapping[End, int], int], None]:
        metrics, source = self._tools.metrics, self._id

        def settled(ends: Mapping[End, int], row: int) -> None:
            for end, count in ends.items():
                metrics.rows(source, end, count)
            metrics.reading(source, size, row)

        return settled


def _counts(progress: FileProgress) -> str:
    """How a file's rows ended; the sum is right, or there is a fault."""
    counts = f"rows {progress.rows} = events {progress.events} + rejected {progress.rejected}"
    return counts + (f" + repeated {progress.repeated}" if progress.repeated else "")

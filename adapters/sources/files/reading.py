"""Reading one file to its end: row by row into the bus, whatever happens to the file, the log or this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from adapters.sources.fence import Fence
from adapters.sources.files.rejects import RejectFile
from adapters.sources.files.rows import FileRefused, Row, Rows
from adapters.sources.files.sending import Ended, Sender
from adapters.sources.files.taking import Taken
from adapters.sources.files.window import End, Place, Window
from adapters.sources.pace import Pace
from contracts.ports import Submitted
from contracts.records import FileProgress

_BATCH_ROWS: Final = 256
_BATCH_CHARACTERS: Final = 4_000_000
_DRAIN_S: Final = 3.0


class Became(StrEnum):
    """What became of the file while it was read."""

    WHOLE = "whole"
    """It is as it was."""
    GREW = "grew"
    """What was read of it is as it was, and there is more behind it now."""
    CHANGED = "changed"
    """What was read is no longer what stands there: it was truncated or written over."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a reading needs besides its file.

    `on_log` are rows, beyond those that are dealt with, that the log has already. `settled` hears every now and then
    how many more rows ended how, and up to which; `note` writes the progress down, and is awaited every `note_s`
    seconds with nothing in flight.
    """

    fence: Fence
    sender: Sender
    rejects: RejectFile
    on_log: set[int]
    settled: Callable[[Mapping[End, int], int], None]
    note: Callable[[FileProgress], Awaitable[None]]
    note_s: float
    pace: Pace


class Reading:
    """One file, from where `progress` ends, as far as `progress.bytes`. Use once.

    `digest` gives SHA-256 over what was read of the file; None where the file is not read from end to end, and so may
    not grow under way.
    """

    def __init__(
        self, taken: Taken, rows: Rows, progress: FileProgress, around: Around, digest: Callable[[], str] | None
    ) -> None:
        self._taken = taken
        self._progress = progress
        self._around = around
        self._digest = digest
        self._window = Window(self._settle)
        self._tasks: set[asyncio.Task[None]] = set()
        self._counts = {End.EVENT: progress.events, End.REJECTED: progress.rejected, End.REPEATED: progress.repeated}
        self._begin = progress.skipped + progress.rows
        self._first_open: int | None = None
        self._rejected: list[Place] = []
        self._untold = dict.fromkeys(End, 0)
        self._identity = taken.identity
        self._grew = taken.identity.bytes > progress.bytes
        self._rows = self._closed_rows(rows)

    @property
    def progress(self) -> FileProgress:
        """How far it is: rows that have ended, with all before them."""
        rows = sum(self._counts.values())
        closed = self._progress.skipped + rows
        return replace(
            self._progress,
            rows=rows,
            events=self._counts[End.EVENT],
            rejected=self._counts[End.REJECTED],
            repeated=self._counts[End.REPEATED],
            closed=closed if self._first_open is None else min(closed, self._first_open - 1),
        )

    async def run(self) -> Became:
        """Read to the end. LeaseLost, FileRefused, OSError: what had ended by then is in `progress`."""
        try:
            return await self._run()
        except FileRefused:
            await self._finish()
            raise
        finally:
            await self._abandon()

    async def _run(self) -> Became:
        loop = asyncio.get_running_loop()
        note_at_s = loop.time() + self._around.note_s
        while True:
            batch = await asyncio.to_thread(self._batch)
            self._around.fence.check()
            # Looked at after reading and before sending: what is sent was there, whole, a moment ago.
            if not await self._is_as_it_was():
                await self._finish()
                return Became.CHANGED
            if not batch:
                break
            for row in batch:
                await self._around.pace.turn()
                await self._bring(row)
            await self._write_rejects()
            if loop.time() >= note_at_s:
                await self._finish()
                await self._around.note(self.progress)
                note_at_s = loop.time() + self._around.note_s
        await self._finish()
        if self._digest is not None and self._digest() != self._progress.sha256:
            return Became.CHANGED
        return Became.GREW if self._grew else Became.WHOLE

    def _batch(self) -> list[Row]:
        """The next rows, in a thread; none at the end. LeaseLost."""
        batch: list[Row] = []
        size = 0
        for row in self._rows:
            self._around.fence.check()
            if row.number <= self._begin:
                continue
            batch.append(row)
            size += row.size
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
                break
        return batch

    def _closed_rows(self, rows: Rows) -> Iterator[Row]:
        """The rows, as far as they are whole: where the file grew, its last one may be only half of one."""
        for row in rows:
            if row.is_open and self._first_open is None:
                self._first_open = row.number
                if self._grew or self._taken.now.bytes > self._progress.bytes:
                    return
            yield row

    async def _bring(self, row: Row) -> None:
        around = self._around
        place = await self._window.enter(row)
        if row.number in around.on_log:
            around.on_log.discard(row.number)
            self._window.leave(place, End.EVENT)
            return
        prepared = around.sender.prepare(row, self._progress.sha256)
        if isinstance(prepared, Ended):
            self._window.leave(place, *prepared)
            return
        task = asyncio.create_task(self._send(place, prepared))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, place: Place, submitted: Submitted) -> None:
        try:
            ended = await self._around.sender.send(submitted)
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the row gets it
            self._window.fail(failure)
        else:
            self._window.leave(place, *ended)

    def _settle(self, place: Place, end: End) -> None:
        self._counts[end] += 1
        self._untold[end] += 1
        if end is End.REJECTED:
            self._rejected.append(place)

    async def _finish(self) -> None:
        """Return once nothing is in flight and what was rejected is on the disk."""
        await self._window.drained()
        await self._write_rejects()
        await asyncio.to_thread(self._around.rejects.sync)

    async def _write_rejects(self) -> None:
        self._around.settled(self._untold, self._begin + sum(self._counts.values()) - self._progress.rows)
        self._untold = dict.fromkeys(End, 0)
        if self._rejected:
            rejected, self._rejected = self._rejected, []
            await asyncio.to_thread(self._around.rejects.write, rejected)

    async def _is_as_it_was(self) -> bool:
        now = self._taken.now
        if now == self._identity:
            return True
        size = self._progress.bytes
        if now.bytes < size:
            return False
        if now.bytes > size and self._grew:
            # Once looked at: a file that somebody goes on writing would be hashed for every batch.
            return True
        if now.bytes > size and self._digest is None:
            return False
        if not await asyncio.to_thread(self._taken.begins_as_it_was, size, self._progress.sha256):
            return False
        self._identity = now
        self._grew = now.bytes > size
        return True

    async def _abandon(self) -> None:
        """Whatever is still in flight gets a moment to end."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.to_thread(self._around.rejects.close)

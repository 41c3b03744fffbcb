"""Keeps the ledger up with the log. One runs at a time; a second one notices and waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Engine

from adapters.ledger.database import open_writer, told
from adapters.ledger.entries import Batch
from adapters.ledger.identity import check_not_ahead, claim, identity_of
from adapters.ledger.reading import Decode, read_into
from adapters.ledger.store import Store, read_positions
from contracts.errors import LedgerUnavailable, LogError
from contracts.ports import Partition, Reader, Stored, Transport

log = logging.getLogger(__name__)

_WAIT_S: Final = 5.0
_AGAIN_S: Final = 1.0
_FEW: Final = 500
_AT_A_STRETCH: Final = 64
_PATIENCE: Final = 3
_LONGEST_S: Final = 0.1

T = TypeVar("T")
Progress = Callable[[int, int], None]


class Projector:
    """Follows `partitions` of the log and writes what they say to the ledger at `path`. Used from one event loop.

    Positions are stored with the rows, so a crash anywhere costs nothing but reading again. SQL runs in a thread of its
    own. Where few messages came, some time passes before the next look, so that a trickle does not become one
    transaction a message: `gather_s`, which is how far the ledger lags at least, or three times what the last batch
    took, up to a tenth of a second: the busier the machine, the larger the transactions.
    """

    def __init__(
        self,
        transport: Transport,
        path: Path,
        partitions: Collection[Partition],
        decode: Decode,
        *,
        gather_s: float = 0.02,
    ) -> None:
        self._transport = transport
        self._path = path
        self._partitions = tuple(partitions)
        self._decode = decode
        self._gather_s = gather_s
        self._reader: Reader | None = None
        self._engine: Engine | None = None
        self._store: Store | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Open the ledger and bring its tables up to date. LedgerUnavailable, LogUnavailable, WrongLedger."""
        identity = await identity_of(self._transport)
        extents = await self._transport.extents(self._partitions)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        survives = self._transport.guarantees.survives_restart

        def open_() -> None:
            self._engine = open_writer(self._path)
            with told(self._path), self._engine.begin() as connection:
                claim(connection, identity, self._path, survives_restart=survives)
                check_not_ahead(read_positions(connection), extents, self._path)
            self._store = Store(self._engine, self._path)

        try:
            await self._in_thread(open_)
        except BaseException:
            await self.close()
            raise

    async def run(self) -> None:
        """Follow the log until cancelled. What stands in the way is told in the program's log, and waited out."""
        while True:
            try:
                await self._follow()
            except (LedgerUnavailable, LogError) as error:
                log.warning("the ledger stands still, trying again: %s", error)
                await asyncio.sleep(_AGAIN_S)

    async def follow(self, partitions: Collection[Partition]) -> None:
        """Follow these from now on, whether or not it runs; those that are new from their beginning."""
        if set(partitions) != set(self._partitions):
            self._partitions = tuple(partitions)
            if self._reader is not None:
                # It reads the old ones: `run` goes on with another.
                await self._reader.close()

    async def catch_up(self, progress: Progress | None = None) -> int:
        """Read to the ends of the partitions as they are now; answers how many messages that were.

        `progress` is told now and then how many were read, and of how many. LedgerUnavailable, LogError.
        """
        extents = await self._transport.extents(self._partitions)
        return await self._follow({where: extent.end for where, extent in extents.items()}, progress)

    async def close(self) -> None:
        """Let a transaction under way end, and let go of the database. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)
        self._store = None
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.dispose)

    async def _follow(self, ends: Mapping[Partition, int] | None = None, progress: Progress | None = None) -> int:
        store = self._opened()
        read = await self._in_thread(store.open)
        followed = self._partitions
        extents = await self._transport.extents(followed)
        # What retention took before it was read is not waited for.
        begin = {partition: max(read.get(partition, 0), extent.first) for partition, extent in extents.items()}
        await self._write(store, Batch(), read, begin)
        reader = self._reader = await self._transport.reader(begin)
        now_s = asyncio.get_running_loop().time
        count = 0
        try:
            while followed is self._partitions and (ends is None or _left(read, ends)):
                taken = await reader.take(wait_s=_WAIT_S)
                began_s = now_s()
                await self._write(store, await self._batch(taken), read, reader.positions())
                count += len(taken)
                if progress is not None and ends is not None:
                    progress(count, count + _left(read, ends))
                if ends is None and len(taken) < _FEW:
                    took_s = now_s() - began_s
                    await asyncio.sleep(min(max(self._gather_s, _PATIENCE * took_s), _LONGEST_S))
        finally:
            self._reader = None
            await reader.close()
        return count

    async def _write(
        self, store: Store, batch: Batch, read: dict[Partition, int], now: Mapping[Partition, int]
    ) -> None:
        """Store `batch` and the positions that `now` names beyond those of `read`, and carry them over to it."""
        moved = {where: next_ for where, next_ in now.items() if read.get(where, 0) != next_}
        if moved:
            await self._in_thread(partial(store.write, batch, moved))
            read.update(moved)

    async def _batch(self, taken: Sequence[Stored]) -> Batch:
        batch = Batch()
        for number, stored in enumerate(taken):
            await read_into(batch, stored, self._decode)
            if number % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return batch

    def _opened(self) -> Store:
        if self._store is None:
            raise LedgerUnavailable(f"the ledger {self._path} is not open")
        return self._store

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise LedgerUnavailable(f"the ledger {self._path} is not open")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _left(read: Mapping[Partition, int], ends: Mapping[Partition, int]) -> int:
    return sum(max(0, end - read.get(partition, 0)) for partition, end in ends.items())

"""Merging lookups: however many ask at once, one query answers them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from typing import Final, Generic, TypeVar

from contracts.errors import LedgerUnavailable

T = TypeVar("T")

_MAX_WAITING: Final = 20_000


class Lookups(Generic[T]):
    """Gathers the keys that are asked for in one turn of the event loop, or while a query runs, into the next query.

    `find` runs in `executor`, one call at a time, and answers for those keys that it finds. Memory is bounded: beyond
    20,000 keys that wait, and for anybody who waits longer than `wait_s`, it is LedgerUnavailable.
    """

    def __init__(
        self, find: Callable[[Collection[str]], Mapping[str, T]], executor: Executor, *, wait_s: float
    ) -> None:
        self._find = find
        self._executor = executor
        self._wait_s = wait_s
        self._keys: set[str] = set()
        self._answer: asyncio.Future[Mapping[str, T]] | None = None
        self._worker: asyncio.Task[None] | None = None

    async def get(self, keys: Collection[str]) -> dict[str, T]:
        """What is found of `keys`. LedgerUnavailable."""
        if not keys:
            return {}
        if len(self._keys) + len(keys) > _MAX_WAITING:
            raise LedgerUnavailable("too many lookups wait for the ledger")
        if self._answer is None:
            self._answer = asyncio.get_running_loop().create_future()
        self._keys.update(keys)
        answer = self._answer
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        done, _ = await asyncio.wait([answer], timeout=self._wait_s)
        if not done:
            raise LedgerUnavailable(f"the ledger has not answered within {self._wait_s:g} s")
        found = answer.result()
        return {key: found[key] for key in keys if key in found}

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._answer is not None:
                keys, answer = self._keys, self._answer
                self._keys, self._answer = set(), None
                try:
                    answer.set_result(await loop.run_in_executor(self._executor, self._find, keys))
                except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
                    answer.set_exception(error)
                    # Whoever asked may have stopped waiting; then nobody else would ever look at it.
                    answer.exception()
        finally:
            self._worker = None

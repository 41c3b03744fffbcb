"""The provider: a request for each call, an answer, and a class of error for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from yarl import URL

from adapters.systems.opening import Secrets
from adapters.systems.rest.answers import Judge, Received
from adapters.systems.rest.budget import Budget
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.entry import Entry, entry
from adapters.systems.rest.gathering import Gather
from adapters.systems.rest.operation import Reads, RestOperation
from adapters.systems.rest.pages import Page
from adapters.systems.rest.places import NOTHING, Added
from adapters.systems.rest.requests import RequestMaker
from adapters.systems.rest.wire import Wire, trusted
from contracts.errors import DeliveryError, Origin, Permanent, Transient
from contracts.ports import Answer, Call

_WHOLE: Final = Page()


@dataclass(frozen=True, slots=True)
class _Operation:
    make: RequestMaker
    judge: Judge
    reads: Reads
    timeout_s: float
    gather: Gather | None
    each_page: Added


class RestProvider:
    """Calls a system's JSON interface. Used from one event loop; any number of calls at a time."""

    def __init__(
        self, connection: RestConnection, operations: Mapping[str, RestOperation], wire: Wire, let_in: Entry
    ) -> None:
        self._most_bytes = connection.max_response_bytes
        self._wire = wire
        self._entry = let_in
        self._operations = {
            service: _operation(connection, operation, let_in) for service, operation in operations.items()
        }

    async def start(self) -> None:
        """Open the pool; the system is not contacted."""
        self._wire.open()

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        await self._entry.close()
        await self._wire.close()

    async def call(self, call: Call) -> Answer:
        """Make the call. Transient, Indeterminate, Rejected, Withheld, Permanent."""
        operation = self._operations.get(call.service)
        if operation is None:
            raise Permanent(f"there is no operation for {call.service}", origin=Origin.BUS)
        if not self._wire.is_open:
            raise Transient("the connection to the system is not open", sent=False, origin=Origin.BUS)
        limit_s = min(operation.timeout_s, call.deadline_s)
        budget = Budget(limit_s, self._most_bytes, asyncio.get_running_loop().time)

        status: int | None = None

        async def ask(page: Page) -> tuple[Received, URL]:
            nonlocal status
            status = None
            received, url = await self._ask(operation, call, budget, page)
            status = received.status
            return received, url

        try:
            if operation.gather is not None:
                answer = await operation.gather(ask)
            else:
                received, _ = await ask(_WHOLE)
                answer = operation.judge(received)
        except DeliveryError as error:
            error.status = status
            raise
        return replace(answer, status=status)

    async def _ask(self, operation: _Operation, call: Call, budget: Budget, page: Page) -> tuple[Received, URL]:
        """Ask, and once more where the login turns out to be over: then nothing took effect."""
        shown = await self._entry.shown(budget.left_s())
        received, url = await self._send(operation, call, budget, page, shown)
        if self._entry.is_over(received):
            self._entry.drop(shown)
            shown = await self._entry.shown(budget.left_s())
            received, url = await self._send(operation, call, budget, page, shown)
        budget.spend(received.size_bytes)
        return received, url

    async def _send(
        self, operation: _Operation, call: Call, budget: Budget, page: Page, shown: Added
    ) -> tuple[Received, URL]:
        request = operation.make(call, operation.each_page, page.added, shown, url=page.url)
        return await self._wire.ask(request, operation.reads, budget.bounds()), request.url


def _operation(connection: RestConnection, operation: RestOperation, let_in: Entry) -> _Operation:
    judge, paging = Judge(operation, let_in.scrub), operation.paging
    size = None if paging is None else paging.size
    return _Operation(
        RequestMaker(connection, operation, let_in.fixed),
        judge,
        operation.answer_body,
        operation.timeout_s or connection.timeout_s,
        None if paging is None else Gather(paging, judge),
        NOTHING if size is None else size.send.put(size.items),
    )


def open_rest(
    connection: RestConnection, operations: Mapping[str, RestOperation], base: Path, secrets: Secrets
) -> RestProvider:
    """A provider, not started. CannotOpen; whatever `secrets` raises."""
    wire = Wire(connection, trusted(connection, base))
    return RestProvider(connection, operations, wire, entry(connection, wire, secrets))

"""The gateway role, joined."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from adapters.workspace.snapshot import Workspace
from contracts.validation import Validator
from contracts.wording import Language
from gateway.answers import Answers
from gateway.app import build_app
from gateway.auth.credentials import CredentialCheck
from gateway.auth.hashes import Hashes
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.cloud_events import CloudEvents
from gateway.context import Gateway
from gateway.cursors import Cursors
from gateway.directory import Directory, Limits
from gateway.exchanges import Exchanges
from gateway.inbox import Inbox
from gateway.journal import Journal
from gateway.ledger_view import LedgerView
from gateway.metrics import GatewayMetrics
from gateway.operations import Operations
from gateway.pointers import Pointers
from gateway.quota import Quotas
from gateway.subscriptions import Subscribing
from gateway.tails import Tails
from gateway.waiting import Waiting
from gateway.warm_readers import WarmReaders
from gateway.wiring.console import console_of
from gateway.wiring.core import Core, event_contracts
from gateway.wiring.intake import intake_of
from gateway.wiring.secrets import secret_reader, token_key_of
from gateway.wiring.subscribing import rules_of, sealer_of


class GatewayRole:
    """Everything that a gateway process runs, and the application it serves. Used from one event loop."""

    def __init__(self, core: Core, ledger: LedgerView, metrics: CollectorRegistry, instance: str) -> None:
        directory = directory_of(core.workspace)
        key = token_key_of(core.workspace)
        now_ms = core.clock
        self._waiting = Waiting(core.transport, instance, directory.limits.max_waiting)
        self._board = Board(core.transport, core.own, now_ms, directory.limits.max_backlog)
        self._journal = Journal(core.transport, core.own, now_ms, instance)
        self._tails = Tails(core.transport, event_contracts(core.workspace), directory.limits.max_polls)
        self._readers = WarmReaders(core.transport)
        self._tasks: list[asyncio.Task[None]] = []
        hashes = Hashes()
        tokens = Tokens(key, directory.bus, time.time)
        pointers = Pointers(key.derived("pointer"))
        quotas = Quotas(time.monotonic)
        answers = Answers(lambda: directory, core.registry, core.own, self._journal, now_ms)
        self._gateway = Gateway(
            directory=lambda: directory,
            transport=core.transport,
            schemas=core.registry,
            own=core.own,
            ledger=ledger,
            tokens=tokens,
            credentials=CredentialCheck(lambda: directory, secret_reader(core.workspace.root), hashes),
            intake=intake_of(core, directory, key, ledger, self._board, quotas),
            inbox=Inbox(
                lambda: directory,
                core.transport,
                self._tails,
                self._readers,
                CloudEvents(lambda: directory, core.registry),
                Cursors(key.derived("cursor"), directory.bus),
                quotas,
                self._journal,
                now_ms,
            ),
            waiting=self._waiting,
            answers=answers,
            exchanges=Exchanges(
                lambda: directory,
                ledger,
                core.transport,
                core.own,
                answers,
                pointers,
                self._board,
                core.subscriptions,
            ),
            operations=Operations(
                core.transport, ledger, self._journal, now_ms, core.random_bytes, core.telemetry.spans
            ),
            subscribing=Subscribing(
                lambda: directory,
                core.subscriptions,
                sealer_of(core.workspace),
                rules_of(core.workspace),
                self._board,
                self._journal,
                now_ms,
                core.random_bytes,
            ),
            journal=self._journal,
            pointers=pointers,
            metrics=GatewayMetrics(metrics, polls=lambda: self._tails.waiting),
            now_ms=now_ms,
            spans=core.telemetry.spans,
        )
        self._console = console_of(self._gateway, self._board, core.workspace, key, hashes, core.random_bytes)

    @property
    def app(self) -> ASGIApp:
        """The application to serve."""
        return build_app(self._gateway, self._console)

    @property
    def operations(self) -> Operations:
        """What operators do, for commands that run without a server."""
        return self._gateway.operations

    async def ledger_caught_up(self) -> None:
        """Return once the ledger has read the log as of now. Problem `ledger-behind` after ten seconds."""
        await self._gateway.exchanges.ledger_caught_up(within_s=10.0)

    async def start(self) -> None:
        """Begin to read replies, statuses and events; returns once replies and events can be read."""
        self._tasks = [
            asyncio.create_task(run(), name=name)
            for name, run in (
                ("replies", self._waiting.run),
                ("board", self._board.run),
                ("journal", self._journal.run),
                ("events", self._tails.run),
                ("readers", self._readers.run),
            )
        ]
        ready = asyncio.create_task(self._ready())
        done, _ = await asyncio.wait({ready, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {ready}:
            ready.cancel()
            task.result()

    def let_go(self) -> None:
        """Answer those who wait for events now: nobody may be kept once the server is about to end."""
        self._tails.let_go()
        if self._console is not None:
            self._console.live.let_go()

    async def stop(self) -> None:
        """Write the journal out and stop reading. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ready(self) -> None:
        await self._waiting.ready.wait()
        await self._tails.ready.wait()


def directory_of(workspace: Workspace) -> Directory:
    """The gateway's view of a workspace."""
    bus = workspace.bus
    return Directory(
        bus=bus.name,
        configuration=workspace.hash,
        zone=bus.time_zone,
        language=Language(bus.languages[0]),
        systems=workspace.systems,
        contracts=workspace.contracts,
        services=workspace.services,
        publishers=workspace.publishers,
        grants=workspace.grants,
        codelists=workspace.codelists,
        requests={
            (contract.name, major): Validator(version.request, bus.time_zone, workspace.codelists)
            for contract in workspace.contracts.values()
            for major, version in contract.versions.items()
        },
        limits=Limits(),
        users=workspace.users,
        agencies=workspace.agencies,
    )

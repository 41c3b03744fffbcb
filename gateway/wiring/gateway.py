"""The gateway role, joined."""

from __future__ import annotations

import asyncio
import time
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from adapters.session_ends import SessionEndFold
from adapters.workspace.snapshot import Workspace
from contracts.handed_over import with_former_providers
from contracts.registry.own import own_subjects
from contracts.validation import Validators
from contracts.wording import Language
from gateway.answers import Answers
from gateway.app import build_app
from gateway.auth.credentials import CredentialCheck
from gateway.auth.hashes import Hashes
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.cloud_events import CloudEvents
from gateway.configuring import Configuring, Started
from gateway.console.sessions import ABSOLUTE_S
from gateway.context import Gateway
from gateway.cursors import Cursors
from gateway.directory import Directory, Limits, Publishing
from gateway.exchanges import Exchanges
from gateway.inbox import Inbox
from gateway.journal import Journal
from gateway.lapsing import LapseWatch
from gateway.ledger_view import LedgerView
from gateway.measured import Measured
from gateway.metrics import GatewayMetrics
from gateway.operations import Operations
from gateway.places import Places
from gateway.pointers import Pointers
from gateway.publication import Publication
from gateway.quota import Quotas
from gateway.registry.parsing import Parsing
from gateway.registry.parts import SchemaSubjects
from gateway.registry.registering import Registering
from gateway.registry.sign_in import SignIn
from gateway.subscriptions import Subscribing
from gateway.tails import Tails
from gateway.waiting import Waiting
from gateway.warm_readers import WarmReaders
from gateway.wiring.console import console_of
from gateway.wiring.core import Core, event_contracts
from gateway.wiring.current import Switch, nothing
from gateway.wiring.intake import intake_of
from gateway.wiring.offline import schema_of
from gateway.wiring.secrets import secret_reader, token_key_of
from gateway.wiring.subscribing import rules_of, sealer_of
from gateway.wiring.trial import trial_of
from gateway.withdrawing import Withdrawing


class GatewayRole:
    """Everything that a gateway process runs, and the application it serves. Used from one event loop."""

    def __init__(self, core: Core, ledger: LedgerView, metrics: CollectorRegistry, instance: str) -> None:
        self._core = core
        self._directory = directory_of(core.workspace)
        directory, limits = self._current, self._directory.limits
        key = token_key_of(core.workspace)
        now_ms = core.clock
        self._waiting = Waiting(core.transport, instance, limits.max_waiting)
        self._board = Board(core.transport, core.own, now_ms, limits.max_backlog)
        self._journal = Journal(core.transport, core.own, now_ms, instance)
        self._tails = Tails(core.transport, event_contracts(core.workspace), limits.max_polls)
        self._readers = WarmReaders(core.transport)
        self._lapses = LapseWatch(directory, now_ms)
        self._tasks: list[asyncio.Task[None]] = []
        self._session_ends = SessionEndFold(core.transport, core.own, now_ms, ABSOLUTE_S * 1000)
        hashes = Hashes()
        tokens = Tokens(key, core.workspace.bus.name, time.time)
        pointers = Pointers(key.derived("pointer"))
        quotas = Quotas(time.monotonic)
        answers = Answers(directory, core.registry, core.own, self._journal, now_ms)
        exchanges = Exchanges(
            directory,
            ledger,
            core.transport,
            core.own,
            answers,
            pointers,
            self._board,
            core.subscriptions,
        )
        credentials = CredentialCheck(directory, secret_reader(core.workspace.root), hashes)
        intake = intake_of(core, directory, key, ledger, self._board, quotas)
        self._measured = Measured(core.transport, core.own, now_ms)
        self._gateway = Gateway(
            measured=self._measured,
            directory=directory,
            transport=core.transport,
            schemas=core.registry,
            own=core.own,
            ledger=ledger,
            tokens=tokens,
            credentials=credentials,
            intake=intake,
            inbox=Inbox(
                directory,
                core.transport,
                self._tails,
                self._readers,
                CloudEvents(directory, core.registry),
                Cursors(key.derived("cursor"), core.workspace.bus.name),
                quotas,
                self._journal,
                now_ms,
            ),
            waiting=self._waiting,
            answers=answers,
            exchanges=exchanges,
            operations=Operations(
                core.transport,
                ledger,
                self._journal,
                now_ms,
                core.random_bytes,
                core.subscriptions,
                core.telemetry.spans,
            ),
            withdrawing=Withdrawing(
                directory, core.transport, core.own, ledger, exchanges, self._journal, now_ms, core.random_bytes
            ),
            subscribing=Subscribing(
                directory,
                core.subscriptions,
                sealer_of(core.workspace),
                lambda: rules_of(core.workspace),
                self._board,
                self._journal,
                now_ms,
                core.random_bytes,
            ),
            configuring=Configuring(
                core.configurations,
                core.statuses,
                lambda: core.workspace.hash,
                Started(core.current.disk.hash, core.current.disk.files),
                trial_of(core),
                self._journal,
                now_ms,
                core.random_bytes,
            ),
            journal=self._journal,
            board=self._board,
            pointers=pointers,
            metrics=GatewayMetrics(
                metrics,
                polls=lambda: self._tails.waiting,
                lapsing=self._lapses.count,
                breaking=self._lapses.breaking,
            ),
            places=Places(key.derived("places")),
            now_ms=now_ms,
            publication=Publication(directory, lambda: core.configurations.history, now_ms, version("lienthong")),
            schema_of_file=schema_of,
            registry=SchemaSubjects(
                SignIn(intake, credentials, directory, time.monotonic),
                core.subjects,
                Registering(core.subjects, Parsing(core.subjects), now_ms),
            ),
            spans=core.telemetry.spans,
        )
        self._console = console_of(self._gateway, self._board, core, key, hashes, self._session_ends)

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
        await self._session_ends.start()
        self._tasks = [
            asyncio.create_task(run(), name=name)
            for name, run in (
                ("replies", self._waiting.run),
                ("board", self._board.run),
                ("measured", self._measured.run),
                ("journal", self._journal.run),
                ("events", self._tails.run),
                ("readers", self._readers.run),
                ("lapses", self._lapses.run),
                ("passwords", self._console.passwords.run),
            )
        ]
        ready = asyncio.create_task(self._ready())
        done, _ = await asyncio.wait({ready, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {ready}:
            ready.cancel()
            task.result()

    async def prepare(self, workspace: Workspace) -> Switch:
        """Ready for another configuration: requests that begin after the switch see it, those in flight do not.

        SecretMissing: a credential is new and its reference leads nowhere here; LogError.
        """
        await self.try_out(workspace)
        directory = await asyncio.to_thread(directory_of, workspace)
        await self._tails.follow(event_contracts(workspace))

        def now() -> None:
            self._directory = directory

        return Switch(now, nothing, nothing)

    async def try_out(self, workspace: Workspace) -> None:
        """Look up the credentials and passwords that are new. SecretMissing."""
        known = {each for system in self._directory.systems.values() for each in system.credentials}
        secret = secret_reader(workspace.root)
        for system in workspace.systems.values():
            for credential in system.credentials:
                if credential not in known:
                    secret(credential.secret_hash)
        for user in workspace.users.values():
            if self._directory.users.get(user.id) != user:
                secret(user.password_hash)

    def _current(self) -> Directory:
        return self._directory

    def let_go(self) -> None:
        """Answer those who wait to be told something: nobody may be kept once the server is about to end."""
        self._tails.let_go()
        self._gateway.exchanges.let_go()
        self._gateway.configuring.let_go()
        self._console.live.let_go()

    def give_receipts(self) -> None:
        """Answer those who wait for a reply with their receipt."""
        self._waiting.let_go()

    async def stop(self) -> None:
        """Write the journal out and stop reading. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session_ends.close()

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
        grants=with_former_providers(workspace.grants, workspace.systems),
        codelists=workspace.codelists,
        validators=Validators(bus.time_zone, workspace.codelists),
        limits=Limits(),
        users=workspace.users,
        agencies=workspace.agencies,
        laws=workspace.laws,
        publishing=Publishing(
            bus.publish.url,
            bus.publish.publisher,
            bus.publish.is_portal_public,
            bus.prefix if bus.transport.startswith("kafka:") else None,
        ),
        own_subjects=tuple(own_subjects(workspace.contracts, workspace.ingress, bus.prefix)),
    )

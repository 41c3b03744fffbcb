"""Running roles: open the log, start what was asked for, serve until told to stop, stop in the opposite order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, TypeVar

import uvicorn
import uvloop
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from adapters.hurry import Hurry
from adapters.ledger.rebuild import rebuild
from adapters.measures import MetricsPublisher
from adapters.workspace.snapshot import Workspace
from contracts.errors import BusError
from contracts.reasons import words_of
from contracts.said import said
from contracts.wording import Language
from gateway.auth.keys import TokenKeyError
from gateway.http_protocol import protocol_speaking
from gateway.logs import set_up_logging
from gateway.wiring.configuration import ConfigurationRole
from gateway.wiring.core import Core, open_core
from gateway.wiring.current import Configurable
from gateway.wiring.gateway import GatewayRole
from gateway.wiring.late_sources import LateSources
from gateway.wiring.ledger import LedgerRole, followed, ledger_path, ledger_queries
from gateway.wiring.offline import InvalidWorkspace, load_workspace
from gateway.wiring.secrets import SecretMissing
from gateway.wiring.worker import WorkerRole

log = logging.getLogger(__name__)

_REPLIES_S: Final = 2.0


class Runnable(Configurable, Protocol):
    """A part of a bus."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End. Idempotent."""


AnyRole = TypeVar("AnyRole", bound=Runnable)


class CannotRun(Exception):
    """A role cannot be run; the message says why and what to do."""


class Role(StrEnum):
    """What a process may be."""

    GATEWAY = "gateway"
    WORKER = "worker"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; None: as `bus.yaml` says."""

    host: str | None = None
    port: int | None = None


def run_roles(root: Path, roles: frozenset[Role], address: Address) -> None:
    """Run `roles` until SIGTERM or SIGINT. CannotRun."""
    set_up_logging()
    try:
        workspace = load_workspace(root)
        set_up_logging(form=workspace.bus.log)
        _possible(workspace, roles)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(workspace, roles, address))
    except (BusError, InvalidWorkspace, TokenKeyError, SecretMissing, OSError) as error:
        raise CannotRun(words_of(error)) from error


async def serve(workspace: Workspace, roles: frozenset[Role], address: Address) -> None:
    """Start `roles`, serve, stop."""
    stop = _told_to_stop()
    instance = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    async with AsyncExitStack() as stack:
        core = await open_core(workspace, roles="" if roles == frozenset(Role) else "-".join(sorted(roles)))
        stack.push_async_callback(core.close)
        start = Starter(core, instance, stack)
        if Role.LEDGER in roles:
            await start.ledger()
        if Role.GATEWAY in roles:
            await start.listening(await start.gateway(), address)
        if Role.WORKER in roles:
            await start.worker()
        if Role.GATEWAY not in roles:
            start.measures(roles)
        await start.configuration(roles)
        _spare_the_collector()
        log.info(
            "%s: %s runs (configuration %s)", workspace.bus.name, ", ".join(sorted(roles)), core.workspace.hash[:12]
        )
        await stop.wait()
        log.info("stopping; told once more, it ends at once")


def _told_to_stop() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT. The second ends the process where it is: what was accepted is on the log."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        if stop.is_set():
            log.warning("ended at once, with work in flight")
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
    return stop


def _spare_the_collector() -> None:
    """What a role is made of lives as long as it does: the collector need not walk through it again and again.

    Messages come and go without cycles; collecting their generation less often costs little memory and saves the pauses
    that show in the slowest answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Starter:
    """Starts roles over one open log; their ends go on `stack`. Start the ledger first, the worker after the gateway,
    and let them follow the configuration last.

    In the end whatever has work in flight ends it at the same time; then the rest is let go, the last one first.
    """

    def __init__(self, core: Core, instance: str, stack: AsyncExitStack) -> None:
        self._core = core
        self._instance = instance
        self._stack = stack
        self._metrics = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._metrics)
        self._queries = ledger_queries(core.workspace)
        self._at_work: list[Callable[[], Awaitable[None]]] = []
        stack.push_async_callback(self._queries.close)

    async def ledger(self) -> LedgerRole:
        """Start the projector."""
        return await self._start(LedgerRole(self._core))

    async def gateway(self) -> GatewayRole:
        """Start the gateway; it does not listen yet."""
        return await self._start(GatewayRole(self._core, self._queries, self._metrics, self._instance))

    async def listening(self, gateway: GatewayRole, address: Address) -> tuple[str, int]:
        """Serve HTTP at `address`; answers where. OSError where the port is taken."""
        server = await listen(gateway, self._core.workspace, address)
        self._ends_with_others(server.stop)
        return server.host, server.port

    async def worker(self) -> WorkerRole:
        """Start a worker, and the sources of the workspace with it."""
        hurry = Hurry(time.monotonic)
        worker = await self._start(WorkerRole(self._core, self._queries, self._metrics, self._instance, hurry))
        self._ends_with_others(worker.stop)
        sources = await self._start(LateSources(self._core, self._queries, self._metrics, self._instance, hurry))
        self._ends_with_others(sources.stop)
        return worker

    async def configuration(self, roles: Collection[Role]) -> None:
        """From now on whatever was started goes by what is applied, and says so in the name of `roles`."""
        following = ConfigurationRole(self._core, self._instance, tuple(sorted(roles)))
        self._stack.push_async_callback(following.stop)
        await following.start()

    def _ends_with_others(self, stop: Callable[[], Awaitable[None]]) -> None:
        """`stop` is idempotent. Whichever of them the stack comes to first ends all."""
        self._at_work.append(stop)
        self._stack.push_async_callback(self._end_work)

    async def _end_work(self) -> None:
        at_work, self._at_work = self._at_work, []
        await asyncio.gather(*(stop() for stop in at_work))

    def measures(self, roles: Collection[Role]) -> None:
        """From now on tell what was started here counts, for the gateways to show: nobody can ask this process."""
        core, names = self._core, tuple(sorted(roles))
        publisher = MetricsPublisher(core.transport, core.own, self._metrics, core.clock, self._instance, names)
        task = asyncio.create_task(publisher.run(), name="metrics")

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(stop)

    async def _start(self, role: AnyRole) -> AnyRole:
        self._stack.push_async_callback(role.stop)
        await role.start()
        self._core.current.roles.append(role)
        return role


@dataclass(frozen=True, slots=True)
class Listening:
    """A server and where it listens."""

    host: str
    port: int
    stop: Callable[[], Awaitable[None]]


async def listen(gateway: GatewayRole, workspace: Workspace, address: Address) -> Listening:
    """Serve HTTP from now on. OSError where the port is taken."""
    host = address.host or workspace.bus.http.host
    port = workspace.bus.http.port if address.port is None else address.port
    listener = socket.create_server((host, port), backlog=2048, reuse_port=False)
    server = uvicorn.Server(
        uvicorn.Config(
            gateway.app,
            http=protocol_speaking(Language(workspace.bus.languages[0])),
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=65_536,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=3,
        )
    )
    server.config.load()
    task = asyncio.create_task(_serve_http(server, listener), name="http")

    async def stop() -> None:
        gateway.let_go()
        server.should_exit = True
        # By then a worker that ends with us has replied to whatever it had begun.
        impatient = asyncio.get_running_loop().call_later(_REPLIES_S, gateway.give_receipts)
        await task
        impatient.cancel()
        listener.close()

    bound = listener.getsockname()
    log.info("listening on http://%s:%d", bound[0], bound[1])
    return Listening(str(bound[0]), int(bound[1]), stop)


async def _serve_http(server: uvicorn.Server, listener: socket.socket) -> None:
    # `serve` would take the signals that stop the roles in their order; `_serve` leaves them to us.
    await server._serve(sockets=[listener])  # noqa: SLF001


def _possible(workspace: Workspace, roles: frozenset[Role]) -> None:
    if roles != frozenset(Role) and not workspace.bus.transport.startswith("kafka:"):
        raise CannotRun(
            said(
                "bus.yaml: transport {transport} serves one process; run everything with `lienthong serve`, "
                "or set transport: kafka://host:port",
                transport=workspace.bus.transport,
            )
        )


def rebuild_ledger(root: Path) -> int:
    """Make the ledger anew; answers how many messages were read. CannotRun."""
    set_up_logging()
    try:
        workspace = load_workspace(root)
        set_up_logging(form=workspace.bus.log)
        return asyncio.run(_rebuild(workspace))
    except (BusError, InvalidWorkspace, OSError) as error:
        raise CannotRun(words_of(error)) from error


async def _rebuild(workspace: Workspace) -> int:
    core = await open_core(workspace, read_only=True)
    try:
        return await rebuild(core.transport, ledger_path(workspace), followed(core), core.own.decode)
    finally:
        await core.close()

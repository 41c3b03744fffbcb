"""A whole bus inside the event loop of somebody else: the demo, and tests of whole flows."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import BusError
from contracts.reasons import words_of
from gateway.auth.keys import TokenKeyError
from gateway.wiring.core import Core, open_core
from gateway.wiring.offline import InvalidWorkspace, load_workspace
from gateway.wiring.run import Address, CannotRun, Role, Starter
from gateway.wiring.secrets import SecretMissing


@dataclass(frozen=True, slots=True)
class Bus:
    """A running bus: gateway, worker and ledger in one process, and where it listens."""

    core: Core
    host: str
    port: int

    @classmethod
    async def start(cls, root: Path, stack: AsyncExitStack, address: Address | None = None) -> Bus:
        """Run the bus of the workspace in `root` until `stack` is closed. CannotRun."""
        try:
            workspace = load_workspace(root)
            core = await open_core(workspace)
            stack.push_async_callback(core.close)
            start = Starter(core, f"bus-{secrets.token_hex(4)}", stack)
            await start.ledger()
            host, port = await start.listening(await start.gateway(), address or Address())
            await start.worker()
            await start.configuration(frozenset(Role))
        except (BusError, InvalidWorkspace, TokenKeyError, SecretMissing, OSError) as error:
            raise CannotRun(words_of(error)) from error
        return cls(core, host, port)

"""The base class of a plug-in: a provider in Python that lies in the workspace. See docs/providers.md.

Everything that a plug-in needs is here, in `contracts.ports` (Call, Answer) and in `contracts.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.json_types import JsonValue
from contracts.ports import Answer, Call

__all__ = ["Answer", "Call", "Plugin", "Setup"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the YAML gave the plug-in. All plain values in it are text.

    `settings` is the connection's, `operations` each service's own settings by `Call.service`. `secret` reads a
    reference (``env:NAME`` or ``file:PATH``). `base` is the workspace's folder.
    """

    settings: Mapping[str, JsonValue]
    operations: Mapping[str, Mapping[str, JsonValue]]
    secret: Callable[[str], str]
    base: Path


class Plugin:
    """Derive from it and write `call`; `start` and `close` where there is something to open.

    Used from one event loop, with several calls at a time: wait with `await`, and put what blocks into
    `asyncio.to_thread`.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    async def start(self) -> None:
        """Open what is needed; without contact to the system."""

    async def close(self) -> None:
        """Let go of it. May be called again, and before `start`."""

    async def call(self, call: Call) -> Answer:
        """Ask or tell the system. Answer(body), Answer(None, found=False), or raise one of `contracts.errors`."""
        raise NotImplementedError

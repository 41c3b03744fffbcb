"""A system that the workspace does not name any more, while messages for it may still lie in its inbox."""

from __future__ import annotations

from contracts.errors import Origin, Permanent
from contracts.ports import Answer, Call


class Nobody:
    """A provider that is never contacted: whoever has no services is called for nothing."""

    def __init__(self, system: str) -> None:
        self._system = system

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to let go of. Idempotent."""

    async def call(self, _call: Call) -> Answer:
        """Permanent, always."""
        raise Permanent(f"{self._system} is no system of this workspace any more", origin=Origin.BUS)

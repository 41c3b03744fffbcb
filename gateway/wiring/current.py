"""The configuration that a process runs at this moment, and what every switch to another one has in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.configuration.fold import ConfigurationFold
from adapters.configuration.folders import Folders
from adapters.configuration.reach import Reach
from adapters.configuration.snapshots import CannotBuild, built
from adapters.workspace.snapshot import Workspace
from contracts.errors import LogError

log = logging.getLogger(__name__)


class Current:
    """What is current here. `disk` is the workspace that the process was started with. Used from one event loop."""

    def __init__(self, disk: Workspace, fold: ConfigurationFold) -> None:
        self.disk = disk
        self.fold = fold
        self.workspace = disk
        self.refused: tuple[str, str] | None = None
        """The current manifest and why it cannot be used here; None where all is well."""
        self.seen = fold.current
        """The manifest that was dealt with last: it runs, or was refused."""
        self.folders = Folders(disk.root)
        self.reach = Reach(fold, disk.hash)
        self.roles: list[Configurable] = []
        """What in this process goes by the configuration."""

    def become(self, workspace: Workspace) -> Path | None:
        """Switch to `workspace`; answers the folder of the one before it, where it was laid out for this process."""
        old, self.workspace = self.workspace, workspace
        return old.folder if old.folder != self.disk.folder else None

    async def close(self) -> None:
        """Remove what was laid out. Idempotent."""
        self.become(self.disk)
        await asyncio.to_thread(self.folders.close)


async def take_over(current: Current) -> None:
    """At the start: become what was applied last, as far as it can be built here. LogError.

    Where it cannot, the one before it that can, at last the workspace on disk: a bus that answers is worth more to who
    has to mend it than one that does not start, and it says what it runs.
    """
    await asyncio.to_thread(current.folders.sweep)
    current.seen = current.fold.current
    for applied in reversed(current.fold.history):
        try:
            workspace = await built(current.fold, applied, current.disk, current.folders)
        except LogError:
            raise
        except (CannotBuild, OSError) as error:
            log.error("configuration %s cannot be used here: %s", applied.id[:12], error)  # noqa: TRY400 - it is told whole
            current.refused = current.refused or (applied.id, str(error))
            continue
        current.become(workspace)
        await current.reach.got_to(applied)
        if applied.manifest.content != current.disk.hash:
            log.warning(
                "the bus runs configuration %s, and the workspace in %s is another one: see `lienthong diff`",
                applied.id[:12],
                current.disk.root,
            )
        return
    if current.refused is not None:
        log.error("no configuration on the log can be used here: the workspace in %s runs", current.disk.root)


@dataclass(frozen=True, slots=True)
class Switch:
    """A role that stands ready for another configuration.

    `now` switches, cannot fail and does not wait: all roles of a process switch in one step. `settle` does what follows
    from it, and may be called again where the log was away (LogError). `abandon` undoes the preparation.
    """

    now: Callable[[], None]
    settle: Callable[[], Awaitable[None]]
    abandon: Callable[[], Awaitable[None]]


async def nothing() -> None:
    """What there is to do where nothing is."""


class Configurable(Protocol):
    """A role that can be given another configuration while it runs."""

    async def try_out(self, workspace: Workspace) -> None:
        """See whether this process could run `workspace`, and change nothing. Whatever stands in the way is raised."""

    async def prepare(self, workspace: Workspace) -> Switch:
        """Build everything that `workspace` asks for. Whatever stands in the way is raised, and nothing is changed."""


async def prepared(roles: Sequence[Configurable], workspace: Workspace) -> list[Switch]:
    """All roles, ready; where one is not, none is."""
    ready: list[Switch] = []
    try:
        for role in roles:
            switch = await role.prepare(workspace)
            ready.append(switch)
    except BaseException:
        await asyncio.gather(*(switch.abandon() for switch in ready))
        raise
    return ready

"""From a manifest back to a workspace: its files are laid out in a folder of this process, and read as any others."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from adapters.configuration.fold import ConfigurationFold
from adapters.configuration.folders import Folders
from adapters.workspace.reading import Loaded, load
from adapters.workspace.snapshot import BusConfig, Workspace
from contracts.configuration import Applied
from contracts.errors import BusError
from contracts.findings import Severity

_SHOWN: Final = 5


class CannotBuild(BusError):
    """A configuration cannot be used by this process; the message says why."""


async def lay_out(fold: ConfigurationFold, applied: Applied, folders: Folders) -> Path:
    """A new folder with the files of a manifest; whoever asked removes it. LogError, OSError."""
    folder = await asyncio.to_thread(folders.new)
    try:
        for file in applied.manifest.files:
            content = b"".join([await fold.part(part) for part in file.parts])
            await asyncio.to_thread(_write, folder / file.name, content)
    except BaseException:
        await remove(folder)
        raise
    return folder


async def remove(folder: Path) -> None:
    """Remove a folder that was laid out; what cannot be removed is left to the machine."""
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def built(fold: ConfigurationFold, applied: Applied, own: Workspace, folders: Folders) -> Workspace:
    """The workspace of a manifest, as the process that started with `own` runs it: where it runs stays as it is.

    Its files lie in a new folder, which whoever asked removes. CannotBuild, LogError, OSError.
    """
    folder = await lay_out(fold, applied, folders)
    try:
        return as_run_by(own, await asyncio.to_thread(read, folder), applied.id, folder)
    except BaseException:
        await remove(folder)
        raise


def read(folder: Path) -> Workspace:
    """The workspace in a folder. CannotBuild."""
    return checked(load(folder))


def checked(loaded: Loaded) -> Workspace:
    """The workspace, where nothing is wrong with it. CannotBuild with the first of its errors."""
    errors = [str(each) for each in loaded.findings if each.severity is Severity.ERROR]
    if loaded.workspace is None or errors:
        more = [f"… and {len(errors) - _SHOWN} more"] if len(errors) > _SHOWN else []
        raise CannotBuild("\n".join([*errors[:_SHOWN], *more]))
    return loaded.workspace


def as_run_by(own: Workspace, told: Workspace, configuration: str, folder: Path) -> Workspace:
    """`told` where `own` runs: secrets are looked up, and the log and the ledger lie, where they did."""
    return replace(told, root=own.root, folder=folder, hash=configuration, bus=_with_fixed(own.bus, told.bus), files={})


FIXED: Final[dict[str, Callable[[BusConfig], object]]] = {
    "name": lambda bus: bus.name,
    "prefix": lambda bus: bus.prefix,
    "transport": lambda bus: bus.transport,
    "kafka": lambda bus: bus.kafka,
    "ledger": lambda bus: bus.ledger,
    "token_key": lambda bus: bus.token_key,
    "http": lambda bus: bus.http,
    "channels": lambda bus: bus.channels,
    "retention_days": lambda bus: bus.retention_days,
    "telemetry": lambda bus: bus.otlp,
    "log": lambda bus: bus.log,
}
"""What does not change under a running bus, by its key in bus.yaml."""


def fixed_faults(running: BusConfig, wanted: BusConfig) -> list[str]:
    """The keys of bus.yaml that are other than a running bus can make them."""
    return [key for key, of in FIXED.items() if of(running) != of(wanted)]


def _with_fixed(own: BusConfig, told: BusConfig) -> BusConfig:
    return replace(
        own,
        languages=told.languages,
        time_zone=told.time_zone,
        subscriptions=told.subscriptions,
        publish=told.publish,
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

"""Trying a configuration out before it is written: what is certain to be refused never becomes current."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from adapters.configuration.snapshots import CannotBuild, as_run_by, fixed_faults, lay_out, read, remove
from adapters.workspace.snapshot import Workspace
from contracts.configuration import Applied, Manifest, ManifestFile
from contracts.errors import LogError
from contracts.said import said
from gateway.configuring import Draft
from gateway.problems import Problem
from gateway.wiring.configuration import reason_of
from gateway.wiring.core import Core, inboxes, retry_channels_s


def trial_of(core: Core) -> Callable[[tuple[ManifestFile, ...]], Awaitable[Draft]]:
    """How `core`'s process tries files out whose parts are on the log."""

    async def trial(files: tuple[ManifestFile, ...]) -> Draft:
        nameless = Applied("", Manifest(None, "", 0, "", "", files))
        try:
            folder = await lay_out(core.configurations, nameless, core.current.folders)
        except OSError as error:
            raise _refused(str(error)) from None
        try:
            return await _tried(core, await asyncio.to_thread(read, folder), files)
        except CannotBuild as error:
            raise _refused(str(error)) from None
        finally:
            await remove(folder)

    return trial


async def _tried(core: Core, told: Workspace, files: tuple[ManifestFile, ...]) -> Draft:
    running = core.workspace
    faults = fixed_faults(running.bus, told.bus)
    if faults:
        keys = ", ".join(faults)
        why = said(
            "bus.yaml: {keys} cannot change under a running bus; change it where each process starts and restart them, "
            "or leave it as it was",
            keys=keys,
        )
        raise Problem("config-refused", why=why, members={"faults": faults})
    workspace = as_run_by(core.current.disk, told, told.hash, told.folder)
    try:
        for role in core.current.roles:
            await role.try_out(workspace)
    except LogError:
        raise
    except Exception as error:
        raise _refused(reason_of(error)) from error
    # What was accepted under the configuration that is being left may lie there too.
    lying = {*inboxes(running), *inboxes(workspace)}
    delays_s = {*retry_channels_s(core, running), *retry_channels_s(core, workspace)}
    return Draft(told.hash, files, tuple(sorted(lying, key=lambda each: each.channel)), tuple(sorted(delays_s)))


def _refused(reason: str) -> Problem:
    return Problem("config-refused", why=reason, members={"faults": reason.splitlines()})

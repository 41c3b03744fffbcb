"""Applying a configuration through a running bus: parts first, then a manifest, then who goes by it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from contracts.channels import Inbox
from contracts.configuration import (
    PART_BYTES,
    Applied,
    ConfigStatus,
    ConfigStatuses,
    Configurations,
    Manifest,
    ManifestFile,
    Overtaken,
    ProcessState,
    about_manifest,
    file_of,
    parts_of,
)
from contracts.envelope import rfc3339
from contracts.errors import LogError
from contracts.records import Step, StepKind
from contracts.said import said
from contracts.trace import RandomBytes, TraceContext
from gateway.journal import Journal
from gateway.problems import Problem

log = logging.getLogger(__name__)

_SHOWN: Final = 1_000
_LEAST_NAMED: Final = 4
LIVE_MS: Final = 15_000
"""A process that said nothing for so long is not waited for: whatever it is, it does not work."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration that is to be applied: the files and, for messages left in old channels, what it writes to."""

    content: str
    files: tuple[ManifestFile, ...]
    inboxes: tuple[Inbox, ...]
    retry_s: tuple[int, ...]


@dataclass(frozen=True)
class Started:
    """What a process was started with: the hash of its files, and what was in them."""

    id: str
    files: Mapping[str, bytes]

    @cached_property
    def parts(self) -> Mapping[str, bytes]:
        """All parts of them."""
        return {name: piece for content in self.files.values() for name, piece in parts_of(content).items()}


Trial = Callable[[tuple[ManifestFile, ...]], Awaitable[Draft]]
"""Builds the files as this process would run them, and changes nothing. Problem `config-refused`; LogError."""


class Stand(StrEnum):
    """How a process stands to a manifest. `silent`: not heard for a while; it takes it up when it is back."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    PENDING = "pending"
    SILENT = "silent"


class Configuring:
    """What operators do with the configuration. LogError passes through."""

    def __init__(
        self,
        configurations: Configurations,
        statuses: ConfigStatuses,
        running: Callable[[], str],
        started: Started,
        trial: Trial,
        journal: Journal,
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self._configurations = configurations
        self._statuses = statuses
        self._running = running
        self._started = started
        self._trial = trial
        self._journal = journal
        self._now_ms = now_ms
        self._random_bytes = random_bytes
        self._over = asyncio.Event()

    def let_go(self) -> None:
        """Answer those who wait with what there is: the process is about to end."""
        self._over.set()

    async def overview(self) -> dict[str, Any]:
        """What is current, what runs here, all that were applied (the newest first), how each process stands to the
        current one, and how many processes are heard of."""
        await self._configurations.caught_up()
        current = self._configurations.current
        history = reversed(self._configurations.history)
        return {
            "current": None if current is None else current.id,
            "running": self._running(),
            "history": [_short(each) for each in history],
            "processes": [] if current is None else self._processes(current),
            "heard": sum(self._is_live(each) for each in self._statuses.latest()),
        }

    async def show(self, name: str, wait_s: float) -> dict[str, Any]:
        """One of them with its files; waits until no live process is `pending` any more. Problem `config-not-found`.

        What this process was started with is there too, as one that nobody has applied.
        """
        if len(name) >= _LEAST_NAMED and self._started.id.startswith(name):
            return _as_started(self._started)
        applied = await self._found(name)

        def decided() -> bool:
            return all(each["stand"] != Stand.PENDING for each in self._processes(applied))

        waits = {asyncio.ensure_future(self._statuses.until(decided)), asyncio.ensure_future(self._over.wait())}
        try:
            await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        files = [{"name": file.name, "parts": list(file.parts)} for file in applied.manifest.files]
        return {**_short(applied), "files": files, "processes": self._processes(applied)}

    async def part(self, name: str) -> bytes:
        """The content of a part. Problem `config-not-found`."""
        if name in self._started.parts:
            return self._started.parts[name]
        await self._configurations.caught_up()
        try:
            return await self._configurations.part(name)
        except LookupError:
            raise Problem("config-not-found", id=name[:64]) from None

    async def put_part(self, name: str, content: bytes) -> None:
        """Write a part, where the log lacks it. Problem `bad-request`."""
        if len(content) > PART_BYTES or hashlib.sha256(content).hexdigest() != name:
            why = said("a part is named by the SHA-256 of its content")
            raise Problem("bad-request", why=why)
        await self._configurations.put_part(content)

    async def apply(
        self, author: str, parent: str | None, message: str, files: tuple[ManifestFile, ...]
    ) -> dict[str, Any]:
        """Make `files` the current configuration, in place of `parent`.

        Problem `config-overtaken`, `config-incomplete`, `config-refused`.
        """
        await self._configurations.caught_up()
        self._follows(parent)
        missing = self._configurations.lacks({part for file in files for part in file.parts})
        if missing:
            raise Problem("config-incomplete", count=len(missing), members={"missing": sorted(missing)[:_SHOWN]})
        draft = await self._trial(files)
        manifest = Manifest(
            parent, author, self._now_ms(), message, draft.content, draft.files, draft.inboxes, draft.retry_s
        )
        try:
            applied = await self._configurations.put(manifest)
        except Overtaken:
            self._follows(parent)
            raise
        except ValueError as error:
            raise Problem("bad-request", why=str(error)) from None
        await self._write_down(manifest)
        return _short(applied)

    async def _write_down(self, manifest: Manifest) -> None:
        about = about_manifest(manifest, TraceContext.start(self._random_bytes))
        try:
            await self._journal.write(about, Step(StepKind.CONFIGURATION, "gateway", manifest.author, manifest.message))
        except LogError as error:
            # It is current all the same, and says itself who applied it and why.
            log.warning("configuration %s is not in the journal: %s", manifest.id[:12], error)

    def _follows(self, parent: str | None) -> None:
        current = self._configurations.current
        if parent == (None if current is None else current.id):
            return
        who = said("—") if current is None else _who(current)
        raise Problem("config-overtaken", who=who, members={"current": None if current is None else current.id})

    async def _found(self, name: str) -> Applied:
        await self._configurations.caught_up()
        enough = len(name) >= _LEAST_NAMED
        found = [each for each in self._configurations.history if each.id.startswith(name)]
        if len(found) != 1 or not enough:
            raise Problem("config-not-found", id=name[:64])
        return found[0]

    def _processes(self, applied: Applied) -> list[dict[str, Any]]:
        """How each process that did not end stands to `applied`."""
        return [
            {
                "instance": each.instance,
                "roles": list(each.roles),
                "stand": str(self._stand(each, applied)),
                "running": each.running,
                "heard": rfc3339(each.time_ms),
                "reason": each.reason if each.refused == applied.id else "",
            }
            for each in self._statuses.latest()
            if each.state is not ProcessState.ENDED
        ]

    def _stand(self, status: ConfigStatus, applied: Applied) -> Stand:
        later = self._since(applied)
        if status.running in later:
            return Stand.CONFIRMED
        if not self._is_live(status):
            return Stand.SILENT
        return Stand.REFUSED if status.refused in later else Stand.PENDING

    def _is_live(self, status: ConfigStatus) -> bool:
        return status.state is not ProcessState.ENDED and self._now_ms() - status.time_ms <= LIVE_MS

    def _since(self, applied: Applied) -> Sequence[str]:
        ids = [each.id for each in self._configurations.history]
        return ids[ids.index(applied.id) :]


def _who(applied: Applied) -> str:
    manifest = applied.manifest
    at, name = rfc3339(manifest.time_ms), applied.id[:12]
    return said(
        "{author} applied {name} at {at}: {message}", author=manifest.author, name=name, at=at, message=manifest.message
    )


def _as_started(started: Started) -> dict[str, Any]:
    files = [file_of(name, content) for name, content in sorted(started.files.items())]
    return {
        "id": started.id,
        "parent": None,
        "author": None,
        "time": None,
        "message": None,
        "content": started.id,
        "files": [{"name": file.name, "parts": list(file.parts)} for file in files],
        "processes": [],
    }


def _short(applied: Applied) -> dict[str, Any]:
    manifest = applied.manifest
    return {
        "id": applied.id,
        "parent": manifest.parent,
        "author": manifest.author,
        "time": rfc3339(manifest.time_ms),
        "message": manifest.message,
        "content": manifest.content,
    }

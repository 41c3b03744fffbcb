"""The configurations that there were, and the current one: a fold over the channel `config`, in every process."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Final

from adapters.following import Following
from adapters.own_records import OwnRecords
from contracts.channels import CONFIG, Inbox
from contracts.configuration import Applied, Manifest, Overtaken, manifest_from_avro, part_name
from contracts.envelope import CONTENT_TYPE
from contracts.errors import BusError, LogError, LogUnavailable
from contracts.ports import ChannelSpec, Message, Position, Stored, Transport

log = logging.getLogger(__name__)

CHANNEL: Final = ChannelSpec(CONFIG, partitions=1, retention_ms=None)
_HEADERS: Final = (("content-type", CONTENT_TYPE),)
_MAX_MANIFEST: Final = 900_000


class ConfigurationFold:
    """Implements the port `Configurations`. A manifest counts where its parent is current and its parts lie before it.

    Contents of parts stay on the log: where they lie is known. Used from one event loop.
    """

    def __init__(self, transport: Transport, own: OwnRecords, *, read_only: bool = False) -> None:
        self._transport = transport
        self._own = own
        self._following = Following(transport, CHANNEL, self._take, read_only=read_only)
        self._parts: dict[str, Position] = {}
        self._history: list[Applied] = []
        self._places: dict[str, int] = {}

    async def start(self) -> None:
        """Read what the channel holds, and follow it from now on. LogUnavailable."""
        await self._following.start()

    async def close(self) -> None:
        """Stop following. Idempotent."""
        await self._following.close()

    @property
    def current(self) -> Applied | None:
        """The newest that counts; None where nothing was ever applied."""
        return self._history[-1] if self._history else None

    @property
    def history(self) -> Sequence[Applied]:
        """All that ever counted, the oldest first."""
        return tuple(self._history)

    def get(self, manifest: str) -> Applied | None:
        """The one of that id."""
        place = self._places.get(manifest)
        return None if place is None else self._history[place]

    def place(self, manifest: str) -> int | None:
        """How many came before it; None where it is none that counts."""
        return self._places.get(manifest)

    async def changed(self, since: Applied | None) -> None:
        """Wait until another one than `since` is current."""
        await self._following.until(lambda: self.current is not since)

    async def caught_up(self) -> None:
        """Return once everything is known that was on the log when this was called. LogUnavailable."""
        await self._following.caught_up()

    def inboxes(self) -> set[Inbox]:
        """The inboxes of all configurations there were: something may lie in each."""
        return {inbox for _, manifest in self._history for inbox in manifest.inboxes}

    def retry_s(self) -> set[int]:
        """The retry delays of all configurations there were."""
        return {delay_s for _, manifest in self._history for delay_s in manifest.retry_s}

    def lacks(self, parts: Collection[str]) -> set[str]:
        """Those of `parts` that are not on the log."""
        return {part for part in parts if part not in self._parts}

    async def part(self, name: str) -> bytes:
        """The content of a part. LookupError: there is none of that name; LogError."""
        stored = await self._transport.read(self._parts[name])
        if stored is None:
            raise LogUnavailable(f"part {name[:12]} of a configuration cannot be read")
        content: bytes = (await self._own.decode(stored.message.value))["content"]
        return content

    async def put_part(self, content: bytes) -> str:
        """Write a part, where the log lacks it; answers its name. LogError."""
        name = part_name(content)
        if name not in self._parts:
            await self._transport.append(Message(CONFIG, name.encode(), self._own.config_part(content), _HEADERS))
        return name

    async def put(self, manifest: Manifest) -> Applied:
        """Write it, once its parts are there; returns when it is current, for a moment at least. Overtaken, LogError.

        ValueError: it is larger than a message may be.
        """
        value = self._own.manifest(manifest)
        if len(value) > _MAX_MANIFEST:
            raise ValueError("the workspace has too many files for one manifest")
        await self._transport.append(Message(CONFIG, manifest.id.encode(), value, _HEADERS))
        await self.caught_up()
        found = self.get(manifest.id)
        if found is None:
            raise Overtaken("somebody else applied a configuration first")
        return found

    async def _take(self, stored: Stored) -> None:
        try:
            record = await self._own.decode(stored.message.value)
            if "content" in record and "files" not in record:
                self._take_part(stored, record["content"])
            else:
                self._take_manifest(manifest_from_avro(record))
        except LogError:
            raise
        except (BusError, ValueError, LookupError, TypeError) as error:
            log.warning("passed over, no part of a configuration: %s: %s", stored.position, error)

    def _take_part(self, stored: Stored, content: bytes) -> None:
        if part_name(content).encode() != stored.message.key:
            raise ValueError("its key is not the hash of what it holds")
        self._parts.setdefault(part_name(content), stored.position)

    def _take_manifest(self, manifest: Manifest) -> None:
        name, current = manifest.id, self.current
        if manifest.parent != (None if current is None else current.id):
            log.info("configuration %s came too late: another was applied after its parent", name[:12])
        elif self.lacks(manifest.parts):
            log.warning("configuration %s does not count: parts of it are missing", name[:12])
        else:
            self._places[name] = len(self._history)
            self._history.append(Applied(name, manifest))

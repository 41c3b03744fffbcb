"""What each process says of its configuration: a fold over the last hour of `config-status`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from adapters.clock import Clock
from adapters.following import Following
from adapters.own_records import OwnRecords
from contracts.channels import CONFIG_STATUS
from contracts.configuration import ConfigStatus, config_status_from_avro
from contracts.envelope import CONTENT_TYPE
from contracts.errors import BusError, LogError
from contracts.ports import ChannelSpec, Message, Stored, Transport

log = logging.getLogger(__name__)

_KEPT_MS: Final = 3_600_000
CHANNEL: Final = ChannelSpec(CONFIG_STATUS, partitions=1, retention_ms=_KEPT_MS)


class StatusFold:
    """Implements the port `ConfigStatuses`, and speaks for this process. Used from one event loop."""

    def __init__(self, transport: Transport, own: OwnRecords, clock: Clock) -> None:
        self._transport = transport
        self._own = own
        self._clock = clock
        self._following = Following(transport, CHANNEL, self._take, since_ms=clock() - _KEPT_MS)
        self._latest: dict[str, ConfigStatus] = {}

    async def start(self) -> None:
        """Read what was said lately, and follow it from now on. LogUnavailable."""
        await self._following.start()

    async def close(self) -> None:
        """Stop following. Idempotent."""
        await self._following.close()

    def latest(self) -> Sequence[ConfigStatus]:
        """What each process said last, by its instance; of the last hour."""
        since_ms = self._clock() - _KEPT_MS
        self._latest = {name: each for name, each in self._latest.items() if each.time_ms >= since_ms}
        return [each for _, each in sorted(self._latest.items())]

    async def say(self, status: ConfigStatus) -> None:
        """Write it. LogError."""
        value = self._own.config_status(status)
        message = Message(CONFIG_STATUS, status.instance.encode(), value, (("content-type", CONTENT_TYPE),))
        await self._transport.append(message)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds`, which is asked whenever somebody said something."""
        await self._following.until(holds)

    async def _take(self, stored: Stored) -> None:
        try:
            status = config_status_from_avro(await self._own.decode(stored.message.value))
        except LogError:
            raise
        except (BusError, ValueError, LookupError, TypeError) as error:
            log.warning("passed over, not what a process says of its configuration: %s: %s", stored.position, error)
        else:
            self._latest[status.instance] = status

"""Records that cannot be taken in are laid down for a person, as what is delivered is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.delivery.outbox import Outbox
from contracts.catalogue import Ingress
from contracts.envelope import Envelope, Kind, exchange_id
from contracts.errors import Origin
from contracts.ingress import PLACE, attempt_of, key_of, place_of
from contracts.outcome import Pattern
from contracts.ports import Stored
from contracts.trace import RandomBytes, TraceContext

_MOST_BYTES: Final = 900_000


class DeadRecords:
    """Lays records down under the exchange id that they would have had. `configuration` is the workspace's hash."""

    def __init__(self, outbox: Outbox, clock: Callable[[], int], random_bytes: RandomBytes, configuration: str) -> None:
        self._outbox = outbox
        self._clock = clock
        self._random_bytes = random_bytes
        self._configuration = configuration

    async def lay_down(self, topic: Ingress, major: int, stored: Stored, reason: str) -> None:
        """Lay one down, with its bytes; of one that is too large for that only the reason, which says where it lies."""
        place, value = place_of(stored), stored.message.value
        if len(value) > _MOST_BYTES:
            reason, value = f"{reason} (its {len(value)} bytes lie at {place})", b""
        envelope = Envelope(
            kind=Kind.DEAD,
            exchange=exchange_id(topic.system, key_of(place)),
            time_ms=self._clock(),
            contract=topic.contract,
            major=major,
            pattern=Pattern.EVENT,
            sender=topic.system,
            receiver=topic.system,
            trace=TraceContext.start(self._random_bytes),
            configuration=self._configuration,
            attempt=attempt_of(stored),
        )
        await self._outbox.dead(envelope, value, reason, Origin.BUS, (PLACE, place))

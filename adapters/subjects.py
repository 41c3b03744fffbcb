"""The subjects of the registry of schemas: a fold over the channel `registry`, in every process."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from typing import Final

from adapters.clock import Clock
from adapters.following import Following
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from contracts.channels import REGISTRY
from contracts.envelope import CONTENT_TYPE
from contracts.errors import BusError, LogError, LogUnavailable
from contracts.ports import ChannelSpec, Message, Stored, Transport
from contracts.registry.own import OwnSubject, as_own_version
from contracts.registry.records import THE_BUS, Act, RegistryRecord, registry_record_from_avro
from contracts.registry.state import RegistryState
from contracts.registry.written import Written

log = logging.getLogger(__name__)

CHANNEL: Final = ChannelSpec(REGISTRY, partitions=1, retention_ms=None)
_HEADERS: Final = (("content-type", CONTENT_TYPE),)
_REMEMBERED: Final = 4096
_TRIES: Final = 20
_KEY_OF_ALL: Final = b"*"


class SubjectFold:
    """Implements the port `Subjects`. Used from one event loop."""

    def __init__(
        self, transport: Transport, registry: SchemaRegistry, own: OwnRecords, clock: Clock, *, read_only: bool = False
    ) -> None:
        self._transport = transport
        self._registry = registry
        self._own = own
        self._clock = clock
        self._following = Following(transport, CHANNEL, self._take, read_only=read_only)
        self._state = RegistryState()
        self._counted: deque[int] = deque(maxlen=_REMEMBERED)

    async def start(self) -> None:
        """Read what the channel holds, and follow it from now on. LogUnavailable."""
        await self._following.start()

    async def close(self) -> None:
        """Stop following. Idempotent."""
        await self._following.close()

    @property
    def state(self) -> RegistryState:
        """The subjects as far as the log was read."""
        return self._state

    @property
    def highest_id(self) -> int:
        """The highest id on this log."""
        return self._registry.highest

    def schema(self, schema_id: int) -> Written | None:
        """What has an id, as far as the log was read; None too for what was deleted for good."""
        if self._state.was_registered(schema_id) and not self._state.with_id(schema_id):
            return self._registry.written(schema_id) if self._registry.is_own(schema_id) else None
        return self._registry.written(schema_id)

    async def number(self, written: Written) -> int:
        """The id of what a client wrote, a new one where it has none. LogUnavailable, LogUnknown."""
        return await self._registry.number(written)

    async def caught_up(self) -> None:
        """Return once everything is known that was on the log when this was called. LogUnavailable."""
        await self._following.caught_up()

    async def ids_caught_up(self) -> None:
        """As `caught_up`, of the ids. LogUnavailable."""
        await self._registry.catch_up()

    async def put(self, record: RegistryRecord) -> bool:
        """Write it; whether it counted: else somebody else's came first, and what was decided is to be decided anew.
        LogError."""
        key = _KEY_OF_ALL if record.subject is None else record.subject.encode()
        at = await self._transport.append(Message(REGISTRY, key, self._own.registry_record(record), _HEADERS))
        await self.caught_up()
        return at.offset in self._counted

    async def ensure(self, own: Iterable[OwnSubject]) -> None:
        """See that the subjects of the bus's own topics have every schema they carry, which has its id. LogError."""
        for each in own:
            for _ in range(_TRIES):
                schema_id = self._registry.id_of(each.schema)
                known = self._state.versions(each.subject, deleted=True)
                if any(version.schema.id == schema_id for version in known):
                    break
                version = as_own_version(each.schema, schema_id)
                after, now_ms = self._state.revision, self._clock()
                if await self.put(
                    RegistryRecord(Act.REGISTERED, after, THE_BUS, now_ms, each.subject, registered=version)
                ):
                    break
            else:
                raise LogUnavailable(f"the subject {each.subject} could not be written: others write without end")

    async def _take(self, stored: Stored) -> None:
        try:
            record = registry_record_from_avro(await self._own.decode(stored.message.value))
        except LogError:
            raise
        except (BusError, ValueError, LookupError, TypeError) as error:
            log.warning("passed over, not an act on the registry: %s: %s", stored.position, error)
            return
        if record.registered is not None and self._registry.written(record.registered.id) is None:
            await self._registry.catch_up()
        if self._state.apply(record):
            self._counted.append(stored.position.offset)

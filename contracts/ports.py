"""The ports of the bus: what the rest of the code may ask of a log, a provider, a ledger. Types only.

A *message* is a frozen value; a *delivery* is a handle on one that is settled exactly once. Every implementation
passes the suite of its port in `contracts.testkit`.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from contracts.envelope import Headers
from contracts.json_types import JsonValue
from contracts.records import AvroRecord, Step
from contracts.registry.records import RegistryRecord
from contracts.registry.state import RegistryState
from contracts.registry.written import Written
from contracts.schema import Schema

# --- the log ---------------------------------------------------------------------------------------------------------


class Partition(NamedTuple):
    """One ordered part of a channel."""

    channel: str
    number: int


class Position(NamedTuple):
    """The place of one message. Ordered within a partition only."""

    channel: str
    partition: int
    offset: int

    @property
    def where(self) -> Partition:
        """The partition this position lies in."""
        return Partition(self.channel, self.partition)


@dataclass(frozen=True, slots=True)
class Message:
    """What is appended. `key` decides the partition (see `partition_of`) and is never empty."""

    channel: str
    key: bytes
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that the log has, with its place and the log's own time (milliseconds since 1970)."""

    message: Message
    position: Position
    time_ms: int


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel that a role needs. `retention_ms` None: kept for ever."""

    name: str
    partitions: int
    retention_ms: int | None


class Extent(NamedTuple):
    """What a partition holds: the first offset that is still there, and the one after the last."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Guarantees:
    """What a transport promises beyond the port; the testkit holds it to these."""

    survives_restart: bool
    many_processes: bool


class Delivery(Protocol):
    """One message on loan to a consumer. Unsettled, it comes again, here or elsewhere."""

    @property
    def stored(self) -> Stored:
        """The message, with its place."""

    def settle(self) -> None:
        """Done with it: it will not come again once the commit is through. Never blocks; once only (RuntimeError)."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A partition that a consumer was just given.

    `resume_at` is the offset of the first message that will be delivered; `oldest_ms` the log time of that message,
    None where there is none yet.
    """

    partition: Partition
    resume_at: int
    oldest_ms: int | None


Prepare = Callable[[Assignment], Awaitable[None]]
"""Awaited for each partition after it is assigned and before anything from it is delivered.

Raising keeps the partition paused; the transport logs it and calls again after a second.
"""

Release = Callable[[Partition], None]
"""Called once a partition is lost or given up, after its deliveries were drained or abandoned."""


class Consumer(Protocol):
    """One member of a consumer group. Used from one event loop.

    At most `max_in_flight` deliveries of one partition are unsettled at a time, so a slow inbox holds up no other.
    On a planned rebalance no new delivery starts and those in flight get three seconds to be settled.
    """

    async def take(self) -> Sequence[Delivery]:
        """The deliveries that are ready; waits until there is one. Empty only after `close`.

        Order within a partition is the log's. LogError is never raised here: a log that goes away is waited for.
        """

    def pause(self, channel: str) -> None:
        """Deliver nothing more from this channel until `resume`. What was taken already stays taken."""

    def resume(self, channel: str) -> None:
        """Undo `pause`."""

    def backlog(self) -> Mapping[Partition, int]:
        """For each assigned partition, how many messages lie between what is committed and the end, as last known."""

    async def close(self, *, drain: bool = True) -> None:
        """Leave the group: stop delivering, drain up to three seconds, commit. Idempotent.

        Without `drain`, what is not settled by now is left to the next holder at once.
        """


class Reader(Protocol):
    """Reads partitions from positions of its own choosing, without a group; for folds and for replies."""

    async def take(self, *, wait_s: float) -> Sequence[Stored]:
        """What came since; waits up to `wait_s` for a first message, then returns what there is (maybe nothing).

        Where retention has removed what was asked for, goes on at the first message there is. A log that goes away is
        waited for.
        """

    def positions(self) -> Mapping[Partition, int]:
        """The next offset of each partition, as of the last `take`."""

    async def close(self) -> None:
        """Stop reading. Idempotent."""


class Transport(Protocol):
    """The durable log."""

    @property
    def guarantees(self) -> Guarantees:
        """What it promises beyond the port."""

    async def start(self) -> None:
        """Connect or open. LogUnavailable where that fails within ten seconds."""

    async def close(self) -> None:
        """Let go of everything; appends in flight end first, at most ten seconds. Idempotent."""

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing, and know all of them afterwards, so that the first append is not slow.

        A channel that exists keeps its partitions. LogUnavailable.
        """

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these with all that they hold, and every group's place in them; what is not there is no mistake.

        For channels that nobody writes to any more: whoever still consumes or reads one gets nothing more of it. One
        that is made anew under the same name begins empty. LogUnavailable; then some may be gone: call again.
        """

    async def append(self, message: Message) -> Position:
        """Store it; returns once it is durable. LogUnavailable, LogUnknown, LogOverloaded; ValueError: no such channel
        or an empty key. Messages appended one after the other by one caller with one key keep that order."""

    async def consumer(
        self,
        group: str,
        channels: Collection[str],
        *,
        prepare: Prepare | None = None,
        release: Release | None = None,
        max_in_flight: int = 64,
    ) -> Consumer:
        """Join `group` on `channels`. A group that is new begins at the first message there is."""

    async def reader(self, starts: Mapping[Partition, int]) -> Reader:
        """Read from `starts` on."""

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds now. LogUnavailable."""

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The offset of the first message whose log time is at or after `time_ms`; the end where there is none."""

    async def read(self, position: Position) -> Stored | None:
        """The message at exactly that place; None where there is none (any more). LogUnavailable."""

    def partitions(self, channel: str) -> int:
        """How many partitions a channel has, once `ensure` has run. ValueError: no such channel."""

    def healthy(self) -> bool:
        """Whether the last contact with the log was good; cheap, for readiness."""


# --- sources ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """One record that a source brings in, in JSON as contracts write it.

    `major` None is the contract's latest. The same `idempotency_key` from the same sender is the same record, always.
    `attributes` are CloudEvents extension attributes (names without the ``ce_`` prefix, lower-case letters and digits)
    that travel on the message, so that a source can read back from the log what it has brought in. `is_new`: the source
    knows that the log has no record under this key, and nobody need look for one.
    """

    sender: str
    contract: str
    major: int | None
    record: JsonValue
    idempotency_key: str
    attributes: tuple[tuple[str, str], ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A record that the log has. `repeated`: it had it before, and nothing was stored now."""

    exchange: str
    position: Position
    repeated: bool = False


class Intake(Protocol):
    """The one way in for sources: what a gateway does with a request, without HTTP. Many calls may be in flight."""

    async def accept(self, submitted: Submitted) -> TakenIn:
        """Permit, validate, seal, append; returns once the log has it.

        Rejected: the record is wrong (pointers into the record), or its key stands for another one. LogUnavailable,
        LogUnknown, LogOverloaded (also where a quota or a backlog is full): call again with the same key. Permanent:
        the sender may not bring this in, or the contract is not there: a person has to look, then it may be called
        again.
        """


# --- providers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider, already in the system's own format.

    `body` is what the request mapping made (None: no body). `parts` are the values for templates (path, query,
    headers) by name. `deadline_s` is how long the whole call may take from now on. `sender` is the system that sent
    it, `accepted_ms` (since 1970) when the bus took it in. Of an event, `event` is its own exchange id, `exchange` that
    of this subscriber's copy, and `withheld` the pointers of what the subscriber's grant does not let through.
    """

    exchange: str
    contract: str
    service: str
    body: JsonValue
    parts: Mapping[str, JsonValue]
    traceparent: str
    attempt: int
    deadline_s: float
    sender: str = ""
    accepted_ms: int = 0
    event: str = ""
    withheld: tuple[str, ...] = ()
    tracestate: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's good answer: `found` False means "no data". `body` is in the system's own format.

    `status` is that of HTTP, where the provider speaks it; it is told, and means nothing.
    """

    body: JsonValue
    found: bool = True
    status: int | None = field(default=None, compare=False)


class Provider(Protocol):
    """The code behind an adapter that talks a protocol to one system."""

    async def start(self) -> None:
        """Open pools; no contact with the system is needed."""

    async def close(self) -> None:
        """Let go of everything. Idempotent."""

    async def call(self, call: Call) -> Answer:
        """Make the call. Raises Transient, Indeterminate, Rejected, Withheld or Permanent; nothing else on purpose."""


# --- the ledger ------------------------------------------------------------------------------------------------------


class Known(NamedTuple):
    """What the ledger remembers of an exchange that was accepted before."""

    exchange: str
    contract: str
    major: int
    sender: str
    receiver: str
    body_hash: str
    accepted: Position
    settled: bool


class Ledger(Protocol):
    """What intake and workers ask the ledger. It lags behind the log; it never runs ahead of it."""

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        """Those of `exchanges` that it has seen accepted. LedgerUnavailable."""

    async def position(self, partition: Partition) -> int:
        """The next offset it has not yet read from `partition`; 0 where it has read nothing. LedgerUnavailable."""


# --- bytes of records ------------------------------------------------------------------------------------------------


class Schemas(Protocol):
    """Schema ids on this log."""

    def id_of(self, schema: Schema) -> int:
        """The id of a registered schema. UnknownSchema."""

    async def schema(self, schema_id: int) -> Schema:
        """The schema with this id. UnknownSchema."""


class Subjects(Protocol):
    """The registry of schemas for whoever reads and writes Kafka: ids, and the subjects that give them versions."""

    @property
    def state(self) -> RegistryState:
        """The subjects as far as the log was read."""

    @property
    def highest_id(self) -> int:
        """The highest id on this log."""

    def schema(self, schema_id: int) -> Written | None:
        """What has an id, as far as the log was read; None too for what was deleted for good."""

    async def number(self, written: Written) -> int:
        """The id of what a client wrote, a new one where it has none. LogUnavailable, LogUnknown."""

    async def put(self, record: RegistryRecord) -> bool:
        """Write it; whether it counted: else somebody else's came first, and what was decided is to be decided anew.
        LogError."""

    async def caught_up(self) -> None:
        """Return once all acts are known that were on the log when this was called. LogUnavailable."""

    async def ids_caught_up(self) -> None:
        """As `caught_up`, of the ids. LogUnavailable."""


class OwnCodec(Protocol):
    """The bus's own records (`contracts.records`) to bytes and back."""

    def step(self, step: Step) -> bytes:
        """A journal line in the wire format."""

    def supplied(self, entries: list[AvroRecord]) -> bytes:
        """A batch of what was supplied, in the wire format."""

    async def decode(self, value: bytes) -> AvroRecord:
        """Any record on the log, by the schema id it carries. Malformed, UnknownSchema."""


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: CRC-32 modulo the count, the same in every transport and every process."""
    return zlib.crc32(key) % partitions

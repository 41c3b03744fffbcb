"""The way of one exchange, hop by hop: from the ledger, or from the log itself where the ledger cannot be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.ledger.entries import Batch, StepRecord
from adapters.ledger.queries import LedgerQueries
from adapters.ledger.reading import Decode, read_into
from adapters.ledger.rows import in_order
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from contracts import channels
from contracts.ports import Partition, Stored, Transport, partition_of

_WAIT_S: Final = 1.0
_KEYED_BY_EXCHANGE: Final = (channels.inbox(""), channels.event(""), channels.settled(""))


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happened to an exchange. Times are milliseconds since 1970 UTC, by the log's clock.

    `duration_ms` is the time until the next hop; None for the last. `kind` is what happened, `place` where. Ids are
    W3C's, in hex; "" where a batch told it.
    """

    time_ms: int
    duration_ms: int | None
    kind: str
    place: str
    attempt: int
    detail: str
    trace_id: str
    span_id: str


async def hops_from_ledger(queries: LedgerQueries, exchange: str) -> list[Hop]:
    """The hops of `exchange` as the ledger knows them; empty where it has not heard of it. LedgerUnavailable."""
    return _hops(await queries.step_records(exchange))


async def hops_from_log(
    transport: Transport,
    exchange: str,
    partitions: Collection[Partition],
    decode: Decode | None = None,
    *,
    ordered: Collection[str] = (),
) -> list[Hop]:
    """The same hops, read from the log. LogError.

    `partitions` are those that the ledger is a fold of; those of channels in `ordered` are not keyed by exchange. It
    reads from end to end each one that may have a word on the exchange: seconds for each million messages. Without
    `decode` the schemas are read from the log too. A `gap` follows from other exchanges: only the ledger tells it.
    """
    if decode is None:
        registry = SchemaRegistry(transport)
        await registry.start()
        try:
            return await hops_from_log(transport, exchange, partitions, OwnRecords(registry).decode, ordered=ordered)
        finally:
            await registry.close()
    batch = Batch()
    for stored in await _about(transport, exchange, _where(transport, exchange, partitions, ordered)):
        await read_into(batch, stored, decode)
    return _hops(in_order(step for step in batch.steps if step.exchange == exchange))


def _where(
    transport: Transport, exchange: str, partitions: Collection[Partition], ordered: Collection[str]
) -> list[Partition]:
    """Those of `partitions` that may hold a message about `exchange`."""
    key = exchange.encode()
    return [
        partition
        for partition in partitions
        if not partition.channel.startswith(_KEYED_BY_EXCHANGE)
        or partition.channel in ordered
        or partition.number == partition_of(key, transport.partitions(partition.channel))
    ]


async def _about(transport: Transport, exchange: str, partitions: Collection[Partition]) -> list[Stored]:
    """The messages that name `exchange`, or may, being batches."""
    extents = {where: extent for where, extent in (await transport.extents(partitions)).items() if extent.end}
    subject = ("ce_subject", exchange.encode())
    found: list[Stored] = []
    reader = await transport.reader({where: extent.first for where, extent in extents.items()})
    try:
        while any(reader.positions()[where] < extent.end for where, extent in extents.items()):
            for stored in await reader.take(wait_s=_WAIT_S):
                headers = stored.message.headers
                if subject in headers or _may_name(stored, exchange):
                    found.append(stored)
    finally:
        await reader.close()
    return found


def _may_name(stored: Stored, exchange: str) -> bool:
    # Avro writes text as it is, so a batch that names the exchange has its id among its bytes. A dead letter without
    # an envelope is named for where it lay.
    if stored.position.channel == channels.JOURNAL:
        return ("ce_step", b"supplied") in stored.message.headers and exchange.encode() in stored.message.value
    return ("ce_deadfrom", exchange.encode()) in stored.message.headers


def _hops(steps: Sequence[StepRecord]) -> list[Hop]:
    ends = [step.time_ms for step in steps[1:]]
    return [
        Hop(
            time_ms=step.time_ms,
            duration_ms=None if number == len(ends) else ends[number] - step.time_ms,
            kind=step.kind,
            place=step.place,
            attempt=step.attempt,
            detail=": ".join(filter(None, (step.outcome, step.detail))),
            trace_id=step.trace_id,
            span_id=step.span_id,
        )
        for number, step in enumerate(steps)
    ]

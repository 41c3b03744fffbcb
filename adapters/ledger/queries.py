"""What is asked of the ledger. It reads while another process, or none, writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from adapters.ledger.counting import count_open, flows_between, to_flow, to_took, to_use, took_since, uses_since
from adapters.ledger.database import open_reader, told
from adapters.ledger.entries import GAP, StepRecord
from adapters.ledger.fold import REQUEST_RANK
from adapters.ledger.lookups import Lookups
from adapters.ledger.rows import in_order, to_dead, to_exchange, to_known, to_step
from adapters.ledger.searching import searching
from adapters.ledger.store import chunks, read_positions
from adapters.ledger.tables import dead, exchanges, positions, steps
from contracts import channels
from contracts.errors import LedgerUnavailable
from contracts.ledger import (
    DeadPlace,
    DeadRow,
    ExchangePlace,
    ExchangeRow,
    ExchangeSearch,
    FlowCount,
    OpenCounts,
    StandingRow,
    StepRow,
    Took,
    UseCount,
)
from contracts.outcome import Outcome, Pattern, State
from contracts.ports import Extent, Known, Partition

_THREADS: Final = 3
_AFTER_ALL: Final = "\U0010ffff"
_IDS_AT_ONCE: Final = 256
_MAX_STEPS: Final = 1000
_MAX_GAPS: Final = 10

T = TypeVar("T")


def _count(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, 1), else_=0)), 0)


_EXCHANGES: Final = (
    select(exchanges, dead.c.origin.label("dead_origin"))
    .join_from(
        exchanges, dead, and_(dead.c.exchange == exchanges.c.id, dead.c.attempt == exchanges.c.dead), isouter=True
    )
    .where(exchanges.c.about_rank.is_not(None))
)
_KNOWN: Final = select(
    exchanges.c.id,
    exchanges.c.contract,
    exchanges.c.major,
    exchanges.c.sender,
    exchanges.c.receiver,
    exchanges.c.body_hash,
    exchanges.c.about_channel,
    exchanges.c.about_partition,
    exchanges.c.about_offset,
    exchanges.c.outcome,
).where(exchanges.c.id.in_(bindparam("ids", expanding=True)), exchanges.c.about_rank == REQUEST_RANK)
_IS_DEAD: Final = exchanges.c.waits_attempt.is_not(None)
_IS_RETRYING: Final = and_(exchanges.c.state == State.RETRYING.value, exchanges.c.waits_attempt.is_(None))
_IS_IN_DOUBT: Final = exchanges.c.outcome == Outcome.IN_DOUBT.value
# Both halves have an index of what is open alone; that every time is after 1970 is said so that it is taken.
_HALVES: Final = union_all(
    *(
        select(
            exchanges.c.receiver,
            _count(and_(exchanges.c.outcome.is_(None), not_(_IS_DEAD), not_(_IS_RETRYING))).label("waiting"),
            _count(_IS_RETRYING).label("retrying"),
            _count(_IS_DEAD).label("dead"),
            _count(_IS_IN_DOUBT).label("in_doubt"),
        )
        .where(half, exchanges.c.seen_ms >= literal_column("0"), exchanges.c.receiver != "")
        .group_by(exchanges.c.receiver)
        for half in (exchanges.c.outcome.is_(None), exchanges.c.outcome == literal_column("'in_doubt'"))
    )
).subquery()
_STANDING: Final = (
    select(_HALVES.c.receiver, *(func.sum(_HALVES.c[name]) for name in ("waiting", "retrying", "dead", "in_doubt")))
    .group_by(_HALVES.c.receiver)
    .order_by(_HALVES.c.receiver)
)
_STEPS: Final = select(steps).where(steps.c.exchange == bindparam("exchange")).limit(_MAX_STEPS)
_EARLIER: Final = exchanges.alias("earlier")
# Of an exchange of an ordered contract: those of its key that were accepted before it, gave up, and had not ended when
# it did.
_GAPS: Final = (
    select(
        _EARLIER.c.id,
        exchanges.c.about_log_ms,
        exchanges.c.about_channel,
        dead.c.time_ms,
        dead.c.partition,
        dead.c.offset,
    )
    .join_from(
        exchanges,
        _EARLIER,
        and_(
            _EARLIER.c.order_key == exchanges.c.order_key,
            _EARLIER.c.about_channel == exchanges.c.about_channel,
            _EARLIER.c.about_partition == exchanges.c.about_partition,
            _EARLIER.c.about_offset < exchanges.c.about_offset,
        ),
    )
    .join(dead, and_(dead.c.exchange == _EARLIER.c.id, dead.c.attempt == _EARLIER.c.dead))
    .where(
        exchanges.c.id == bindparam("exchange"),
        exchanges.c.order_key != "",
        exchanges.c.about_rank == REQUEST_RANK,
        # Said as the index says it, or SQLite would not know that it may use it.
        _EARLIER.c.dead > literal_column("0"),
        or_(_EARLIER.c.ended_ms.is_(None), _EARLIER.c.ended_ms > exchanges.c.ended_ms),
    )
    .order_by(_EARLIER.c.about_offset.desc())
    .limit(_MAX_GAPS)
)
_NEXT: Final = select(positions.c.next).where(
    positions.c.channel == bindparam("channel"), positions.c.partition == bindparam("number")
)
_DEAD: Final = select(dead, exchanges.c.waits_attempt).join_from(dead, exchanges, exchanges.c.id == dead.c.exchange)
_DEAD_ORDER: Final = tuple_(dead.c.time_ms, dead.c.partition, dead.c.offset)


class LedgerQueries:
    """Reads the ledger at `path`; implements the port `Ledger`. Used from one event loop.

    Every method raises LedgerUnavailable for whatever the database says, and where it is not there yet. Lookups of
    `known` are merged (see `Lookups`), for intake asks for each request.
    """

    def __init__(self, path: Path, *, known_wait_s: float = 2.0) -> None:
        self._path = path
        self._engine = open_reader(path)
        self._is_closed = False
        # `known` has a thread to itself: a long list for an operator must not hold up intake.
        self._fast = ThreadPoolExecutor(1, thread_name_prefix="ledger-known")
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ledger-reader")
        self._lookups = Lookups(self._find_known, self._fast, wait_s=known_wait_s)

    async def close(self) -> None:
        """Let go of the database. Idempotent."""
        self._is_closed = True
        for threads in (self._fast, self._threads):
            await asyncio.to_thread(threads.shutdown)
        await asyncio.to_thread(self._engine.dispose)

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        """Those of `exchanges` that it has seen accepted."""
        self._check_open()
        return await self._lookups.get(exchanges)

    async def position(self, partition: Partition) -> int:
        """The next offset it has not yet read from `partition`; 0 where it has read nothing."""
        asked = {"channel": partition.channel, "number": partition.number}
        return await self._read(lambda connection: connection.execute(_NEXT, asked).scalar() or 0)

    async def positions(self) -> Mapping[Partition, int]:
        """`position` for every partition it has read from."""
        return await self._read(read_positions)

    async def lag(self, extents: Mapping[Partition, Extent]) -> int:
        """How many messages of `extents` (what the log holds) it has not yet read."""
        read = await self.positions()
        return sum(max(0, extent.end - max(read.get(where, 0), extent.first)) for where, extent in extents.items())

    async def exchange(self, exchange: str) -> ExchangeRow | None:
        """One exchange, or None where it has not seen it. What was only refused at the door is none."""
        rows = await self._rows(_EXCHANGES.where(exchanges.c.id == exchange), to_exchange)
        return rows[0] if rows else None

    async def steps(self, exchange: str) -> tuple[StepRow, ...]:
        """What happened to an exchange as it happened; at most 1,000 steps."""
        return tuple(to_step(record) for record in await self.step_records(exchange))

    async def step_records(self, exchange: str) -> list[StepRecord]:
        """`steps` with all that the ledger has on them.

        Where the contract is ordered, a step `gap` for each of the ten latest before it, of the same key, that gave up
        and were not delivered before it. No message says so: it follows from theirs.
        """

        def read(connection: Connection) -> list[StepRecord]:
            asked = {"exchange": exchange}
            found = [StepRecord(*row) for row in connection.execute(_STEPS, asked)]
            return found + [_gap(exchange, row) for row in connection.execute(_GAPS, asked)]

        return in_order(await self._read(read))

    async def dead(
        self,
        *,
        system: str | None = None,
        exchange: str | None = None,
        limit: int,
        open_only: bool = True,
        after: DeadPlace | None = None,
    ) -> tuple[DeadRow, ...]:
        """Dead letters, the newest first; with `after` those that follow it in the list."""
        query = _DEAD
        if open_only:
            query = query.where(exchanges.c.waits_attempt.is_not(None), exchanges.c.waits_attempt == dead.c.attempt)
        if system is not None:
            query = query.where(dead.c.system == system)
        if exchange is not None:
            query = query.where(dead.c.exchange == exchange)
        if after is not None:
            query = query.where(tuple_(*after) > _DEAD_ORDER)
        query = query.order_by(*(column.desc() for column in _DEAD_ORDER.clauses)).limit(limit)
        return await self._rows(query, to_dead)

    async def in_doubt(self, *, limit: int, after: ExchangePlace | None = None) -> tuple[ExchangeRow, ...]:
        """Exchanges in doubt that nobody has resolved, the oldest first; with `after` those that follow it."""
        query = _EXCHANGES.where(exchanges.c.outcome == Outcome.IN_DOUBT.value)
        if after is not None:
            query = query.where(tuple_(exchanges.c.sealed_ms, exchanges.c.id) > tuple_(*after))
        return await self._rows(query.order_by(exchanges.c.sealed_ms, exchanges.c.id).limit(limit), to_exchange)

    async def copies(self, event: str, *, limit: int) -> tuple[ExchangeRow, ...]:
        """The subscribers' copies of an event, by subscriber."""
        query = _EXCHANGES.where(exchanges.c.event == event)
        return await self._rows(query.order_by(exchanges.c.receiver, exchanges.c.id).limit(limit), to_exchange)

    async def waiting(self, *, limit: int, receiver: str | None = None) -> tuple[ExchangeRow, ...]:
        """Exchanges that have not ended, the oldest first. An event has no end of its own; its copies have."""
        query = _EXCHANGES.where(exchanges.c.outcome.is_(None), exchanges.c.pattern != Pattern.EVENT.value)
        if receiver is not None:
            query = query.where(exchanges.c.receiver == receiver)
        return await self._rows(query.order_by(exchanges.c.seen_ms, exchanges.c.id).limit(limit), to_exchange)

    async def search(
        self, wanted: ExchangeSearch, *, limit: int, after: ExchangePlace | None = None
    ) -> tuple[ExchangeRow, ...]:
        """The exchanges that are wanted, the newest first; with `after` those that follow it in the list."""

        def read(connection: Connection) -> tuple[ExchangeRow, ...]:
            queries = searching(_EXCHANGES, wanted, limit, after)
            found = {row.id: row for query in queries for row in map(to_exchange, connection.execute(query))}
            return tuple(sorted(found.values(), key=_the_newest_first)[:limit])

        return await self._read(read)

    async def recent(self, beginning: str, *, limit: int) -> tuple[ExchangeRow, ...]:
        """Exchanges whose ids begin so, the latest first. It reads all that do: give a beginning of some length."""
        query = _EXCHANGES.where(exchanges.c.id >= beginning, exchanges.c.id < beginning + _AFTER_ALL)
        return await self._rows(query.order_by(exchanges.c.seen_ms.desc(), exchanges.c.id).limit(limit), to_exchange)

    async def standing(self) -> tuple[StandingRow, ...]:
        """What is open at each receiver, by its name. Its cost is that of what is open, however much has ended."""
        return await self._rows(_STANDING, _to_standing)

    async def flows(self, since_ms: int, until_ms: int, slot_ms: int) -> tuple[FlowCount, ...]:
        """What was sealed in that time (half-open), counted by slot, contract, parties and how it stands."""
        return await self._rows(flows_between(since_ms, until_ms, slot_ms), to_flow)

    async def uses(self, contract: str, since_ms: int) -> tuple[UseCount, ...]:
        """Who used a contract since then, by major version and system."""
        return await self._rows(uses_since(contract, since_ms), to_use)

    async def took(self, since_ms: int, *, limit: int) -> tuple[Took, ...]:
        """How long the newest exchanges took, of those that were sealed since then and have ended."""
        return await self._rows(took_since(since_ms, limit), to_took)

    async def open_counts(self) -> OpenCounts:
        """How many are being tried again, wait for a person, or are in doubt."""
        return await self._read(count_open)

    async def _rows(self, query: Select[Any], to: Callable[[Row[Any]], T]) -> tuple[T, ...]:
        return await self._read(lambda connection: tuple(to(row) for row in connection.execute(query)))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_thread, work)

    def _check_open(self) -> None:
        if self._is_closed:
            raise LedgerUnavailable(f"the ledger {self._path} was closed")

    def _in_thread(self, work: Callable[[Connection], T]) -> T:
        with told(self._path), self._engine.connect() as connection:
            return work(connection)

    def _find_known(self, ids: Collection[str]) -> dict[str, Known]:
        def read(connection: Connection) -> dict[str, Known]:
            return {
                row.id: to_known(row)
                for chunk in chunks(ids, _IDS_AT_ONCE)
                for row in connection.execute(_KNOWN, {"ids": padded(chunk)})
            }

        return self._in_thread(read)


def _the_newest_first(row: ExchangeRow) -> tuple[int, tuple[int, ...]]:
    # Of the same millisecond, ids in falling order, as the database has them.
    return -row.sealed_ms, tuple(-character for character in row.id.encode())


def _gap(exchange: str, row: Row[*tuple[Any, ...]]) -> StepRecord:
    """What the dead letter of an earlier exchange of the same key is to `exchange`."""
    return StepRecord(
        channels.DEAD,
        row.partition,
        row.offset,
        item=0,
        exchange=exchange,
        time_ms=max(row.time_ms, row.about_log_ms),
        kind=GAP,
        place=row.about_channel,
        attempt=1,
        detail=f"{row.id}, of the same key and before it, is a dead letter",
    )


def padded(ids: list[str]) -> list[str]:
    """`ids` filled up with the first to a power of two, so that few statements are ever prepared."""
    return ids + ids[:1] * ((1 << (len(ids) - 1).bit_length()) - len(ids))


def _to_standing(row: Row[Any]) -> StandingRow:
    system, waiting, retrying, dead_, in_doubt = tuple(row)
    return StandingRow(system, waiting, retrying, dead_, in_doubt)

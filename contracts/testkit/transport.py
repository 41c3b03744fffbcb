"""The suite of the port `Transport`. Every implementation must pass it.

Derive from `TransportSuite` and give it a fixture `bench`. What a transport declares in its `Guarantees` decides which
tests it may leave out, and nothing else does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from contracts.envelope import Headers
from contracts.errors import LogError
from contracts.ports import (
    Assignment,
    ChannelSpec,
    Consumer,
    Delivery,
    Extent,
    Message,
    Partition,
    Position,
    Stored,
    Transport,
    partition_of,
)

CHANNEL = "in.gddt"
OTHER = "in.dancu"
PARTITIONS = 4
DAY_MS = 86_400_000
SPECS = (ChannelSpec(CHANNEL, PARTITIONS, DAY_MS), ChannelSpec(OTHER, PARTITIONS, None))


class TransportBench(Protocol):
    """One log, empty at first, that a test may open and disturb."""

    async def open(self) -> Transport:
        """A started transport on the log; the bench closes what a test leaves open.

        Another call opens it once more, as another process would, where the transport allows many.
        """

    async def crash(self, transport: Transport) -> Transport:
        """End `transport` without any farewell, as `kill -9` would, and open another on the same log."""

    async def away(self) -> None:
        """Take the log away from everybody."""

    async def back(self) -> None:
        """Bring it back."""


def note(number: int, key: str = "k", channel: str = CHANNEL, headers: Headers = ()) -> Message:
    """A message that carries a number."""
    return Message(channel, key.encode(), str(number).encode(), headers)


def number_of(stored: Stored) -> int:
    """The number that a note carries."""
    return int(stored.message.value)


async def opened(bench: TransportBench) -> Transport:
    """An open transport with the channels of this suite."""
    transport = await bench.open()
    await transport.ensure(SPECS)
    return transport


async def take(consumer: Consumer, count: int, within_s: float = 20) -> list[Delivery]:
    """Deliveries until there are `count`; TimeoutError where fewer come."""
    taken: list[Delivery] = []
    async with asyncio.timeout(within_s):
        while len(taken) < count:
            taken.extend(await consumer.take())
    return taken


async def quiet(consumer: Consumer, for_s: float = 0.7) -> list[int]:
    """What is delivered within a time in which nothing should be."""
    taken: list[int] = []
    try:
        async with asyncio.timeout(for_s):
            while True:
                taken += [number_of(delivery.stored) for delivery in await consumer.take()]
    except TimeoutError:
        return taken


async def read_all(transport: Transport, starts: dict[Partition, int], count: int) -> list[Stored]:
    """What a reader finds until there are `count`; fewer where a quarter of a minute brings no more."""
    reader = await transport.reader(starts)
    found: list[Stored] = []
    try:
        async with asyncio.timeout(15):
            while len(found) < count:
                found.extend(await reader.take(wait_s=1))
    except TimeoutError:
        pass
    finally:
        await reader.close()
    return found


def starts_of(channel: str = CHANNEL) -> dict[Partition, int]:
    """Every partition of a channel from its beginning."""
    return {Partition(channel, number): 0 for number in range(PARTITIONS)}


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    """Wait for something to become true. TimeoutError."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - there is no event for what a test looks at
            await asyncio.sleep(0.02)


@asynccontextmanager
async def settling(consumer: Consumer, seen: list[int]) -> AsyncIterator[asyncio.Task[None]]:
    """Take and settle in the background, noting every number."""

    async def run() -> None:
        while True:
            deliveries = await consumer.take()
            if not deliveries:
                return
            await asyncio.sleep(0.001)
            for delivery in deliveries:
                seen.append(number_of(delivery.stored))
                delivery.settle()

    task = asyncio.create_task(run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class TransportSuite:
    """Sentences that are true of every log."""

    # --- storing -----------------------------------------------------------------------------------------------------

    async def test_what_was_appended_is_found_at_its_position(self, bench: TransportBench) -> None:
        """The message comes back byte for byte: key, value, headers, and the place that `append` named."""
        transport = await opened(bench)
        headers: Headers = (("ce_id", b"0197"), ("enduser", "Nguyễn Văn Á".encode()), ("empty", b""), ("twice", b"1"))
        message = Message(CHANNEL, b"\x00\xffk", bytes(range(256)) * 40, headers)
        position = await transport.append(message)
        found = await transport.read(position)
        assert found is not None
        assert found.message == message
        assert found.position == position

    async def test_the_key_decides_the_partition(self, bench: TransportBench) -> None:
        """CRC-32 of the key, the same in every transport."""
        transport = await opened(bench)
        positions = [await transport.append(note(0, key)) for key in ("a", "b", "c", "d", "e")]
        assert [position.partition for position in positions] == [
            partition_of(key.encode(), PARTITIONS) for key in ("a", "b", "c", "d", "e")
        ]

    async def test_a_message_needs_a_key_and_a_channel(self, bench: TransportBench) -> None:
        """A mistake of the caller is a ValueError, and stores nothing."""
        transport = await opened(bench)
        with pytest.raises(ValueError, match="key"):
            await transport.append(Message(CHANNEL, b"", b"x"))
        with pytest.raises(ValueError, match=r"in\.nobody"):
            await transport.append(Message("in.nobody", b"k", b"x"))
        assert all(extent == Extent(0, 0) for extent in (await transport.extents(list(starts_of()))).values())

    async def test_one_callers_messages_keep_their_order(self, bench: TransportBench) -> None:
        """Order per key, while many callers append at once."""
        transport = await opened(bench)

        async def caller(key: str) -> None:
            for number in range(40):
                await transport.append(note(number, key))

        await asyncio.gather(*(caller(f"key-{caller_number}") for caller_number in range(12)))
        found = await read_all(transport, starts_of(), 480)
        for caller_number in range(12):
            mine = [number_of(each) for each in found if each.message.key == f"key-{caller_number}".encode()]
            assert mine == list(range(40))

    async def test_the_logs_own_time_never_falls_within_a_partition(self, bench: TransportBench) -> None:
        """It is the log that stamps, at the moment of storing."""
        transport = await opened(bench)
        for number in range(20):
            await transport.append(note(number))
        times = [each.time_ms for each in await read_all(transport, starts_of(), 20)]
        assert times == sorted(times)
        assert times[0] > 0

    async def test_ensure_keeps_the_partitions_that_there_are(self, bench: TransportBench) -> None:
        """Asking again, with another count, changes nothing; what is new is created."""
        transport = await opened(bench)
        await transport.append(note(1))
        await transport.ensure([ChannelSpec(CHANNEL, 9, DAY_MS), ChannelSpec("in.new", 2, DAY_MS)])
        assert (transport.partitions(CHANNEL), transport.partitions("in.new")) == (PARTITIONS, 2)
        assert [number_of(each) for each in await read_all(transport, starts_of(), 1)] == [1]
        with pytest.raises(ValueError, match=r"in\.nobody"):
            transport.partitions("in.nobody")

    async def test_a_discarded_channel_is_gone_with_all_that_it_held(self, bench: TransportBench) -> None:
        """Nobody appends to it or reads from it, the others keep what is theirs, and made anew it begins empty."""
        transport = await opened(bench)
        gone = await transport.append(note(1))
        kept = await transport.append(note(2, channel=OTHER))
        consumer = await transport.consumer("g", [CHANNEL])
        for delivery in await take(consumer, 1):
            delivery.settle()
        await consumer.close()
        await transport.discard([CHANNEL, "in.nobody"])
        await transport.discard([CHANNEL])
        with pytest.raises(ValueError, match=r"in\.gddt"):
            await transport.append(note(3))
        assert await transport.read(gone) is None
        assert await transport.read(kept) is not None
        await _made_anew(transport)
        again = await transport.consumer("g", [CHANNEL])
        assert (await transport.append(note(4))).offset == 0
        assert [number_of(delivery.stored) for delivery in await take(again, 1)] == [4]

    async def test_who_still_listens_to_a_discarded_channel_goes_on_with_the_others(
        self, bench: TransportBench
    ) -> None:
        """Consumers and readers lose it alone, and what was in flight in it may still be settled."""
        transport = await opened(bench)
        consumer = await transport.consumer("g", [CHANNEL, OTHER])
        reader = await transport.reader(starts_of() | starts_of(OTHER))
        await transport.append(note(1))
        (in_flight,) = await take(consumer, 1)
        await transport.discard([CHANNEL])
        in_flight.settle()
        await transport.append(note(2, channel=OTHER))
        (other,) = await take(consumer, 1)
        other.settle()
        found: list[int] = []
        async with asyncio.timeout(30):
            while 2 not in found:
                found += [number_of(each) for each in await reader.take(wait_s=1)]
        assert number_of(other.stored) == 2
        joined = await transport.consumer("g", [OTHER])
        await transport.append(note(3, channel=OTHER))
        assert await _first_number([consumer, joined]) == 3

    async def test_what_was_discarded_is_not_back_after_a_crash(self, bench: TransportBench) -> None:
        """It is as durable as what is stored."""
        transport = await opened(bench)
        if not transport.guarantees.survives_restart:
            pytest.skip("this transport does not survive a restart, and says so")
        await transport.append(note(1))
        await transport.append(note(2, channel=OTHER))
        await transport.discard([CHANNEL])
        after = await bench.crash(transport)
        assert after.partitions(OTHER) == PARTITIONS
        with pytest.raises(ValueError, match=r"in\.gddt"):
            after.partitions(CHANNEL)

    async def test_what_was_acknowledged_survives_a_crash(self, bench: TransportBench) -> None:
        """2xx only after the log has it: whatever `append` returned for is there afterwards."""
        transport = await opened(bench)
        if not transport.guarantees.survives_restart:
            pytest.skip("this transport does not survive a restart, and says so")
        positions = await asyncio.gather(*(transport.append(note(number, f"k{number}")) for number in range(200)))
        after = await bench.crash(transport)
        await after.ensure(SPECS)
        found = [await after.read(position) for position in positions]
        assert [each and number_of(each) for each in found] == list(range(200))

    # --- consumers ---------------------------------------------------------------------------------------------------

    async def test_a_new_group_begins_at_the_first_message(self, bench: TransportBench) -> None:
        """And every group gets everything."""
        transport = await opened(bench)
        for number in range(5):
            await transport.append(note(number))
        for group in ("one", "two"):
            consumer = await transport.consumer(group, [CHANNEL])
            taken = await take(consumer, 5)
            assert [number_of(delivery.stored) for delivery in taken] == [0, 1, 2, 3, 4]
            for delivery in taken:
                delivery.settle()
            await consumer.close()

    async def test_what_was_settled_does_not_come_again(self, bench: TransportBench) -> None:
        """A consumer that closes in good order leaves nothing to repeat."""
        transport = await opened(bench)
        for number in range(6):
            await transport.append(note(number, f"k{number}"))
        first = await transport.consumer("g", [CHANNEL])
        for delivery in await take(first, 6):
            delivery.settle()
        await first.close()
        await transport.append(note(6))
        second = await transport.consumer("g", [CHANNEL])
        assert [number_of(delivery.stored) for delivery in await take(second, 1)] == [6]
        assert await quiet(second) == []

    async def test_what_was_not_settled_comes_again(self, bench: TransportBench) -> None:
        """A gap holds back what lies behind it: the unsettled message is never skipped."""
        transport = await opened(bench)
        for number in range(5):
            await transport.append(note(number))
        first = await transport.consumer("g", [CHANNEL])
        for delivery in await take(first, 5):
            if number_of(delivery.stored) != 2:
                delivery.settle()
        await first.close()
        second = await transport.consumer("g", [CHANNEL])
        assert [number_of(delivery.stored) for delivery in await take(second, 3)] == [2, 3, 4]

    async def test_what_was_not_settled_before_a_crash_comes_again(self, bench: TransportBench) -> None:
        """At least once, whatever happens to the process."""
        transport = await opened(bench)
        if not transport.guarantees.survives_restart:
            pytest.skip("this transport does not survive a restart, and says so")
        for number in range(5):
            await transport.append(note(number))
        consumer = await transport.consumer("g", [CHANNEL])
        taken = await take(consumer, 5)
        taken[0].settle()
        after = await bench.crash(transport)
        await after.ensure(SPECS)
        again = await after.consumer("g", [CHANNEL])
        found = await take(again, 4, within_s=60)
        assert [number_of(delivery.stored) for delivery in found][-4:] == [1, 2, 3, 4]

    async def test_a_delivery_is_settled_once(self, bench: TransportBench) -> None:
        """The second time is a mistake of the caller."""
        transport = await opened(bench)
        await transport.append(note(1))
        consumer = await transport.consumer("g", [CHANNEL])
        (delivery,) = await take(consumer, 1)
        delivery.settle()
        with pytest.raises(RuntimeError):
            delivery.settle()

    async def test_a_slow_partition_holds_up_no_other(self, bench: TransportBench) -> None:
        """In-flight is bounded for each partition by itself, and goes on as messages are settled."""
        transport = await opened(bench)
        for number in range(30):
            await transport.append(note(number, "slow"))
        consumer = await transport.consumer("g", [CHANNEL], max_in_flight=4)
        held = await take(consumer, 4)
        assert await quiet(consumer) == []
        fast = next(
            key
            for key in map(str, range(100))
            if partition_of(key.encode(), PARTITIONS) != partition_of(b"slow", PARTITIONS)
        )
        await transport.append(note(99, fast))
        (other,) = await take(consumer, 1)
        assert number_of(other.stored) == 99
        for delivery in held[:3]:
            delivery.settle()
        assert [number_of(delivery.stored) for delivery in await take(consumer, 3)] == [4, 5, 6]

    async def test_a_paused_channel_waits_and_the_others_go_on(self, bench: TransportBench) -> None:
        """Nothing of it is delivered until `resume`, and nothing is lost."""
        transport = await opened(bench)
        consumer = await transport.consumer("g", [CHANNEL, OTHER])
        consumer.pause(CHANNEL)
        await transport.append(note(1))
        await transport.append(note(2, channel=OTHER))
        assert [number_of(delivery.stored) for delivery in await take(consumer, 1)] == [2]
        assert await quiet(consumer) == []
        consumer.resume(CHANNEL)
        assert [number_of(delivery.stored) for delivery in await take(consumer, 1)] == [1]

    async def test_backlog_counts_what_is_not_settled(self, bench: TransportBench) -> None:
        """By partition, for what this consumer was given."""
        transport = await opened(bench)
        for number in range(7):
            await transport.append(note(number))
        consumer = await transport.consumer("g", [CHANNEL])
        taken = await take(consumer, 7)
        for delivery in taken[:3]:
            delivery.settle()
        where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
        await until(lambda: consumer.backlog().get(where) == 4)
        assert sum(consumer.backlog().values()) == 4

    async def test_a_partition_is_prepared_before_anything_of_it_is_delivered(self, bench: TransportBench) -> None:
        """`prepare` is told where delivery begins and how old that message is; a failure is tried again."""
        transport = await opened(bench)
        for number in range(3):
            await transport.append(note(number))
        where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
        begun: list[Assignment] = []
        fails = iter([True])

        async def prepare(assignment: Assignment) -> None:
            if assignment.partition == where:
                begun.append(assignment)
                await asyncio.sleep(0.1)
                if next(fails, False):
                    raise LogError("a first attempt that fails")

        consumer = await transport.consumer("g", [CHANNEL], prepare=prepare)
        taken = await take(consumer, 3)
        assert len(begun) == 2
        assert begun[0] == begun[1] == Assignment(where, 0, taken[0].stored.time_ms)
        for delivery in taken:
            delivery.settle()
        await consumer.close()
        begun.clear()
        again = await transport.consumer("g", [CHANNEL], prepare=prepare)
        await until(lambda: bool(begun))
        assert begun == [Assignment(where, 3, None)]
        await again.close()

    async def test_a_partition_that_is_given_up_is_released_after_it_was_drained(self, bench: TransportBench) -> None:
        """Closing waits for what is in flight to be settled, and then lets go of every partition once."""
        transport = await opened(bench)
        await transport.append(note(1))
        released: list[Partition] = []
        settled_before: list[bool] = []
        state = {"settled": False}

        def release(partition: Partition) -> None:
            released.append(partition)
            settled_before.append(state["settled"])

        consumer = await transport.consumer("g", [CHANNEL], prepare=_nothing, release=release)
        (delivery,) = await take(consumer, 1)
        closing = asyncio.create_task(consumer.close())
        await asyncio.sleep(0.2)
        state["settled"] = True
        delivery.settle()
        await closing
        assert sorted(released) == sorted(starts_of())
        assert settled_before[released.index(delivery.stored.position.where)]
        again = await transport.consumer("g", [CHANNEL])
        assert await quiet(again, 1.5) == []

    async def test_who_closes_without_draining_leaves_what_is_unsettled_to_the_next(
        self, bench: TransportBench
    ) -> None:
        """What is settled does not come again; what is not comes to whoever joins next, and nobody waits for it."""
        transport = await opened(bench)
        for number in range(2):
            await transport.append(note(number))
        released: list[Partition] = []
        consumer = await transport.consumer("g", [CHANNEL], prepare=_nothing, release=released.append)
        done, left = await take(consumer, 2)
        done.settle()
        await consumer.close(drain=False)
        assert sorted(released) == sorted(starts_of())
        again = await transport.consumer("g", [CHANNEL])
        (came,) = await take(again, 1)
        assert came.stored.position == left.stored.position
        came.settle()

    async def test_a_planned_rebalance_loses_nothing_and_repeats_nothing(self, bench: TransportBench) -> None:
        """A second consumer joins and leaves while messages flow."""
        transport = await opened(bench)
        partner = await bench.open() if transport.guarantees.many_processes else transport
        if partner is not transport:
            await partner.ensure(SPECS)
        seen: list[int] = []
        here: list[int] = []
        consumer = await transport.consumer("g", [CHANNEL], prepare=_nothing)

        async def feed() -> None:
            for number in range(600):
                await transport.append(note(number, f"k{number}"))
                await asyncio.sleep(0.005)

        feeding = asyncio.create_task(feed())
        async with settling(consumer, seen):
            await until(lambda: len(seen) > 50)
            joined = await partner.consumer("g", [CHANNEL], prepare=_nothing)
            async with settling(joined, here):
                await until(lambda: len(here) > 50, 60)
                await joined.close()
            await feeding
            await until(lambda: len(seen) + len(here) >= 600, 60)
            await asyncio.sleep(0.5)
        assert sorted(seen + here) == list(range(600))

    async def test_a_closed_consumer_delivers_nothing_more(self, bench: TransportBench) -> None:
        """`take` that waits ends empty; closing twice is no mistake."""
        transport = await opened(bench)
        consumer = await transport.consumer("g", [CHANNEL])
        waiting = asyncio.create_task(consumer.take())
        await asyncio.sleep(0.1)
        await consumer.close()
        await consumer.close()
        assert list(await asyncio.wait_for(waiting, 5)) == []
        assert list(await consumer.take()) == []

    # --- readers -----------------------------------------------------------------------------------------------------

    async def test_a_reader_goes_on_from_a_position(self, bench: TransportBench) -> None:
        """Replay: what lies before is left out, and `positions` says where to go on."""
        transport = await opened(bench)
        for number in range(10):
            await transport.append(note(number))
        where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
        reader = await transport.reader({where: 6})
        found: list[Stored] = []
        while len(found) < 4:
            found.extend(await reader.take(wait_s=5))
        assert [number_of(each) for each in found] == [6, 7, 8, 9]
        assert dict(reader.positions()) == {where: 10}
        await reader.close()

    async def test_a_reader_is_woken_by_what_is_appended(self, bench: TransportBench) -> None:
        """It waits for a first message, and returns with nothing when its time is over."""
        transport = await opened(bench)
        reader = await transport.reader(starts_of())
        assert list(await reader.take(wait_s=0.1)) == []
        waiting = asyncio.create_task(_first_of(reader.take))
        await asyncio.sleep(0.1)
        await transport.append(note(7))
        assert [number_of(each) for each in await asyncio.wait_for(waiting, 10)] == [7]
        await reader.close()

    async def test_a_reader_goes_on_from_a_time(self, bench: TransportBench) -> None:
        """`offset_at` is the first message at or after it, and the end where there is none."""
        transport = await opened(bench)
        for number in range(4):
            await transport.append(note(number))
            await asyncio.sleep(0.02)
        where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
        stored = await read_all(transport, {where: 0}, 4)
        assert await transport.offset_at(where, stored[2].time_ms) == 2
        assert await transport.offset_at(where, stored[1].time_ms + 1) == 2
        assert await transport.offset_at(where, 0) == 0
        assert await transport.offset_at(where, stored[3].time_ms + 60_000) == 4

    async def test_extents_tell_what_there_is(self, bench: TransportBench) -> None:
        """The first offset, and the one after the last."""
        transport = await opened(bench)
        for number in range(3):
            await transport.append(note(number))
        extents = await transport.extents(list(starts_of()))
        where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
        assert extents[where] == Extent(0, 3)
        assert sum(extent.end - extent.first for extent in extents.values()) == 3

    async def test_there_is_nothing_where_nothing_was_stored(self, bench: TransportBench) -> None:
        """`read` answers for exactly the place that was asked for."""
        transport = await opened(bench)
        position = await transport.append(note(1))
        assert await transport.read(position._replace(offset=position.offset + 1)) is None
        assert await transport.read(position._replace(partition=(position.partition + 1) % PARTITIONS)) is None
        assert await transport.read(Position(CHANNEL, PARTITIONS + 3, 0)) is None
        assert await transport.read(Position("in.nobody", 0, 0)) is None

    # --- trouble -----------------------------------------------------------------------------------------------------

    async def test_a_log_that_goes_away_is_waited_for(self, bench: TransportBench) -> None:
        """Appending says so in bounded time; consumers and readers wait; all goes on by itself."""
        transport = await opened(bench)
        await transport.append(note(0))
        consumer = await transport.consumer("g", [CHANNEL])
        reader = await transport.reader(starts_of())
        seen: list[int] = []
        async with settling(consumer, seen):
            await until(lambda: seen == [0])
            await bench.away()
            with pytest.raises(LogError):
                await asyncio.wait_for(transport.append(note(1)), 25)
            assert not transport.healthy()
            await bench.back()
            await _appended_again(transport, note(2))
            assert transport.healthy()
            await until(lambda: 2 in seen, 60)
        found: list[int] = []
        async with asyncio.timeout(60):
            while 2 not in found:
                found += [number_of(each) for each in await reader.take(wait_s=1)]
        assert found == [number for number in seen if number in found]
        await reader.close()

    async def test_closing_twice_is_no_mistake(self, bench: TransportBench) -> None:
        """And appends in flight end first."""
        transport = await opened(bench)
        pending = [asyncio.create_task(transport.append(note(number))) for number in range(20)]
        await asyncio.sleep(0)
        await transport.close()
        outcomes = await asyncio.gather(*pending, return_exceptions=True)
        assert all(isinstance(outcome, Position | LogError) for outcome in outcomes)
        await transport.close()


async def _nothing(_assignment: Assignment) -> None:
    """A partition that needs no preparation."""


async def _first_of(reading: Callable[..., Awaitable[Sequence[Stored]]]) -> Sequence[Stored]:
    while True:
        found = await reading(wait_s=10)
        if found:
            return found


async def _made_anew(transport: Transport) -> None:
    """Make what was just discarded: brokers may need a moment to forget it."""
    async with asyncio.timeout(30):
        while True:
            try:
                await transport.ensure(SPECS)
            except LogError:
                await asyncio.sleep(0.2)
            else:
                return


async def _first_number(consumers: Sequence[Consumer]) -> int:
    """The number of the first delivery that any of them gets."""
    taking = [asyncio.create_task(take(each, 1)) for each in consumers]
    done, others = await asyncio.wait(taking, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    (delivery,) = done.pop().result()
    return number_of(delivery.stored)


async def _appended_again(transport: Transport, message: Message) -> None:
    """Append as a patient caller does."""
    async with asyncio.timeout(60):
        while True:
            try:
                await transport.append(message)
            except LogError:
                await asyncio.sleep(0.2)
            else:
                return

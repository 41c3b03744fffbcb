"""The suite of the port `Provider`. Every implementation must pass it.

Derive from `ProviderSuite` and give it a fixture `bench`: a system that acts as it is told, with a provider for it.
Where a protocol has no words for "no data", "wrong" and "withheld" (a webhook's), derive from `TakerSuite`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Final, Protocol

import pytest

from contracts.errors import DeliveryError, Indeterminate, Origin, Permanent, Rejected, Transient, Withheld
from contracts.json_types import JsonValue
from contracts.ports import Answer, Call, Provider

_PATIENCE_S: Final = 10.0
_STEP_S: Final = 0.01
_PATIENCE_STEPS: Final = int(_PATIENCE_S / _STEP_S)


class Act(Enum):
    """What the system does with each call, from now on."""

    DATA = auto()
    """It gives data: `bench.data_for` the exchange."""
    NO_DATA = auto()
    """It has none."""
    REJECTED = auto()
    """It says that something in the request is wrong, and what."""
    WITHHELD = auto()
    """It has data that it may not share, and says why and by which rule."""
    TRANSIENT = auto()
    """It says that it did nothing, and that a later try may succeed."""
    LOST = auto()
    """It takes the request and ends the connection without an answer."""
    PERMANENT = auto()
    """It will never do it: the bus is not allowed to, or asks in the wrong place."""
    HANG = auto()
    """It takes the request and does not answer."""
    AWAY = auto()
    """It cannot be reached."""


class ProviderBench(Protocol):
    """A provider under test with its system."""

    service: str
    """A service that the provider has an operation for."""

    def open(self) -> Provider:
        """A new provider for the system, not started."""

    async def act(self, act: Act) -> None:
        """Have the system act so."""

    def data_for(self, exchange: str) -> JsonValue:
        """What `Answer.body` is for that exchange where the system gives data; different for each, or None."""

    @property
    def received(self) -> Sequence[str]:
        """The exchange ids of the calls that the system took, in order."""

    @property
    def under_way(self) -> int:
        """How many calls the system is still dealing with."""


@asynccontextmanager
async def started(bench: ProviderBench, act: Act = Act.DATA) -> AsyncIterator[Provider]:
    """A provider that is started, and closed in the end."""
    await bench.act(act)
    provider = bench.open()
    await provider.start()
    try:
        yield provider
    finally:
        await provider.close()


def call_of(bench: ProviderBench, exchange: str = "exchange-1", *, deadline_s: float = 5.0) -> Call:
    """A call to the bench's service."""
    return Call(
        exchange=exchange,
        contract=bench.service.partition("@")[0],
        service=bench.service,
        body={"id": "999214000024", "name": "Trần Gia Bảo"},
        parts={"id": "999214000024"},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        attempt=1,
        deadline_s=deadline_s,
    )


async def refusal(bench: ProviderBench, act: Act, *, deadline_s: float = 5.0) -> DeliveryError:
    """The error that a call ends with."""
    async with started(bench, act) as provider:
        with pytest.raises(DeliveryError) as caught:
            async with asyncio.timeout(_PATIENCE_S):
                await provider.call(call_of(bench, deadline_s=deadline_s))
    assert caught.value.detail, "an error says what happened"
    return caught.value


async def until(holds: Callable[[], bool], what: str) -> None:
    """Return once it holds."""
    for _ in range(_PATIENCE_STEPS):
        if holds():
            return
        await asyncio.sleep(_STEP_S)
    raise AssertionError(f"{what} did not come about")


async def quiet(bench: ProviderBench) -> None:
    """Return once the system deals with no call any more."""
    await until(lambda: not bench.under_way, "the end of all calls")


async def busy(bench: ProviderBench) -> None:
    """Return once the system deals with a call."""
    await until(lambda: bench.under_way > 0, "a call that the system deals with")


class TakerSuite:
    """The tests of any provider, also of one whose system takes what it is sent and has nothing to say about it.

    Each name is a sentence about the provider.
    """

    async def test_data_comes_as_the_system_gave_it(self, bench: ProviderBench) -> None:
        async with started(bench) as provider:
            assert await provider.call(call_of(bench)) == Answer(bench.data_for("exchange-1"))

    async def test_the_system_is_told_the_exchange_once(self, bench: ProviderBench) -> None:
        async with started(bench) as provider:
            await provider.call(call_of(bench, "exchange-7"))
        assert list(bench.received) == ["exchange-7"]

    async def test_a_system_that_did_nothing_yet_is_transient(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.TRANSIENT)
        assert isinstance(error, Transient)
        assert error.sent, "the request did leave the bus"

    async def test_a_system_that_is_away_was_sent_nothing(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.AWAY)
        assert isinstance(error, Transient)
        assert not error.sent

    async def test_a_lost_answer_is_indeterminate_and_asked_for_once(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.LOST)
        assert isinstance(error, Indeterminate)
        assert len(bench.received) == 1

    async def test_an_answer_lost_on_a_connection_used_before_is_asked_for_once_too(self, bench: ProviderBench) -> None:
        async with started(bench) as provider:
            await provider.call(call_of(bench, "first"))
            await bench.act(Act.LOST)
            with pytest.raises(Indeterminate):
                await provider.call(call_of(bench, "second"))
            await quiet(bench)
        assert list(bench.received) == ["first", "second"]

    async def test_what_will_never_work_is_permanent(self, bench: ProviderBench) -> None:
        assert isinstance(await refusal(bench, Act.PERMANENT), Permanent)

    async def test_a_call_does_not_outlive_its_deadline(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.HANG, deadline_s=0.2)
        assert isinstance(error, Indeterminate)
        await quiet(bench)

    async def test_without_time_left_nothing_is_sent(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.DATA, deadline_s=0.0)
        assert isinstance(error, Transient)
        assert not error.sent
        assert list(bench.received) == []

    async def test_a_cancelled_call_leaves_nothing_behind(self, bench: ProviderBench) -> None:
        async with started(bench, Act.HANG) as provider:
            before = asyncio.all_tasks()
            call = asyncio.create_task(provider.call(call_of(bench)))
            await busy(bench)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await quiet(bench)
            await until(lambda: not asyncio.all_tasks() - before, "the end of all tasks of the call")
            await bench.act(Act.DATA)
            assert (await provider.call(call_of(bench, "after"))).body == bench.data_for("after")

    async def test_calls_at_the_same_time_each_get_their_own_answer(self, bench: ProviderBench) -> None:
        exchanges = [f"exchange-{number}" for number in range(50)]
        async with started(bench) as provider:
            answers = await asyncio.gather(*(provider.call(call_of(bench, exchange)) for exchange in exchanges))
        assert [answer.body for answer in answers] == [bench.data_for(exchange) for exchange in exchanges]
        assert sorted(bench.received) == sorted(exchanges)

    async def test_a_hanging_call_does_not_hold_up_another(self, bench: ProviderBench) -> None:
        async with started(bench, Act.HANG) as provider:
            hanging = asyncio.create_task(provider.call(call_of(bench, "hanging")))
            await busy(bench)
            await bench.act(Act.DATA)
            async with asyncio.timeout(_PATIENCE_S):
                assert (await provider.call(call_of(bench, "other"))).found
            assert not hanging.done()
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging

    async def test_it_starts_while_the_system_is_away_and_works_once_it_is_back(self, bench: ProviderBench) -> None:
        async with started(bench, Act.AWAY) as provider:
            with pytest.raises(Transient):
                await provider.call(call_of(bench))
            await bench.act(Act.DATA)
            assert (await provider.call(call_of(bench, "later"))).body == bench.data_for("later")

    async def test_it_may_be_closed_twice_and_without_having_been_started(self, bench: ProviderBench) -> None:
        await bench.act(Act.DATA)
        unused = bench.open()
        await unused.close()
        provider = bench.open()
        await provider.start()
        await provider.call(call_of(bench))
        await provider.close()
        await provider.close()
        await quiet(bench)


class ProviderSuite(TakerSuite):
    """The tests of a provider whose system answers with data, or says why it does not."""

    async def test_no_data_is_an_answer(self, bench: ProviderBench) -> None:
        async with started(bench, Act.NO_DATA) as provider:
            answer = await provider.call(call_of(bench))
        assert not answer.found

    async def test_what_the_system_finds_wrong_is_rejected_in_its_name(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.REJECTED)
        assert isinstance(error, Rejected)
        assert error.origin is Origin.PROVIDER

    async def test_withheld_data_names_its_reason_and_its_ground(self, bench: ProviderBench) -> None:
        error = await refusal(bench, Act.WITHHELD)
        assert isinstance(error, Withheld)
        assert error.reason
        assert error.ground

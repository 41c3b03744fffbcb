"""The way of an exchange is the same, whether the ledger tells it or the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ledger.trace import Hop, hops_from_ledger, hops_from_log
from contracts.errors import LedgerUnavailable
from contracts.outcome import Outcome
from contracts.testkit.exchanges import Told, query, submission
from tests.adapters.ledger.support import FOLLOWED, ORDERED, Bench, OtherView, open_bench
from tests.adapters.ledger.test_projector import everything


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_hops_tell_when_where_what_and_how_long_until_the_next(bench: Bench) -> None:
    told, request = Told(bench.encode), submission("s")
    for message in (
        told.request(request),
        told.handed_on(request, "connection refused", due_ms=1_790_000_005_000),
        told.request(replace(request, attempt=2)),
        told.settled(replace(request, attempt=2), Outcome.DELIVERED),
    ):
        await bench.append(message)
    await bench.catch_up()
    hops = await hops_from_ledger(bench.ledger, request.exchange)
    told_of = [(hop.duration_ms, hop.kind, hop.place, hop.attempt) for hop in hops]
    assert told_of == [
        (10, "accepted", "in.gddt", 1),
        (10, "handed_on", "settled.gddt", 1),
        (10, "brought_back", "in.gddt", 2),
        (None, "settled", "settled.gddt", 2),
    ]
    assert hops[1].detail == "again at 2026-09-21T14:13:25.000Z: connection refused"
    assert hops[-1].detail == "delivered"
    assert {hop.trace_id for hop in hops} == {request.trace.trace_id}
    assert hops[0].span_id == request.trace.span_id != hops[1].span_id


@pytest.mark.parametrize("decodes", [True, False])
async def test_the_log_tells_the_same_hops_as_the_ledger(bench: Bench, *, decodes: bool) -> None:
    for message in everything(Told(bench.encode)):
        await bench.append(message)
    await bench.catch_up()
    decode = bench.own.decode if decodes else None
    exchanges = [submission("s"), query("q"), submission("other"), submission("refused")]
    for exchange in [request.exchange for request in exchanges] + ["in.gddt/0/99"]:
        hops = await hops_from_ledger(bench.ledger, exchange)
        assert hops
        assert await hops_from_log(bench.transport, exchange, FOLLOWED, decode) == hops


async def test_the_log_tells_what_it_still_holds(bench: Bench) -> None:
    told, request = Told(bench.encode), submission("s")
    position = await bench.append(told.request(request))
    await bench.append(told.settled(request, Outcome.DELIVERED))
    view = OtherView(bench.transport)
    view.firsts = {position.where: position.offset + 1}
    hops = await hops_from_log(view.transport, request.exchange, FOLLOWED, bench.own.decode)
    assert [hop.kind for hop in hops] == ["settled"]


async def test_nobody_has_heard_of_what_never_was(bench: Bench) -> None:
    await bench.append(Told(bench.encode).request(submission("s")))
    await bench.catch_up()
    never = submission("never").exchange
    assert await hops_from_ledger(bench.ledger, never) == []
    assert await hops_from_log(bench.transport, never, FOLLOWED, bench.own.decode) == []


async def test_without_its_ledger_only_the_log_can_tell(bench: Bench) -> None:
    request = submission("s")
    await bench.append(Told(bench.encode).request(request))
    await bench.ledger.close()
    with pytest.raises(LedgerUnavailable):
        await hops_from_ledger(bench.ledger, request.exchange)
    (hop,) = await hops_from_log(bench.transport, request.exchange, FOLLOWED, bench.own.decode)
    trace = request.trace
    at_ms = hop.time_ms
    assert hop == Hop(at_ms, None, "accepted", "in.gddt", 1, "", trace.trace_id, trace.span_id)


async def test_the_log_tells_of_an_exchange_that_is_keyed_by_its_order_too(bench: Bench) -> None:
    told = Told(bench.encode)
    requests = [replace(submission(f"s{number}"), order_key=f"{number:032x}") for number in range(6)]
    for request in requests:
        await bench.append(told.request(request))
        await bench.append(told.settled(request, Outcome.DELIVERED))
    await bench.catch_up()
    ordered = {ORDERED.channel, ORDERED.settled}
    for request in requests:
        hops = await hops_from_ledger(bench.ledger, request.exchange)
        assert [hop.place for hop in hops] == [ORDERED.channel, ORDERED.settled]
        assert await hops_from_log(bench.transport, request.exchange, FOLLOWED, ordered=ordered) == hops


async def test_a_gap_is_told_by_all_that_came_after_it_until_it_is_closed(bench: Bench) -> None:
    told = Told(bench.encode)
    lost, next_, later = (replace(submission(key), order_key="a" * 32) for key in ("lost", "next", "later"))
    other = replace(submission("other"), order_key="b" * 32)
    for request in (lost, other, next_):
        await bench.append(told.request(request))
    await bench.append(told.dead(lost, "connection refused"))
    await bench.append(told.handed_on(lost, "connection refused", due_ms=None))
    await bench.append(told.settled(other, Outcome.DELIVERED))
    await bench.append(told.settled(next_, Outcome.DELIVERED))
    again = replace(lost, attempt=2)
    await bench.append(told.request(again))
    await bench.append(told.settled(again, Outcome.DELIVERED))
    await bench.append(told.request(later))
    await bench.append(told.settled(later, Outcome.DELIVERED))
    await bench.catch_up()
    gaps = {
        request.exchange: [
            hop.detail for hop in await hops_from_ledger(bench.ledger, request.exchange) if hop.kind == "gap"
        ]
        for request in (lost, other, next_, later)
    }
    assert gaps == {
        lost.exchange: [],
        other.exchange: [],
        next_.exchange: [f"{lost.exchange}, of the same key and before it, is a dead letter"],
        later.exchange: [],
    }

"""The suite of the port `Ledger` and of what else the ledger is asked. Every implementation must pass it.

Derive from `LedgerSuite` and give it a fixture `bench`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from contracts import channels
from contracts.envelope import Envelope
from contracts.errors import Origin
from contracts.ledger import DeadPlace, DeadRow, ExchangePlace, ExchangeRow, StepRow
from contracts.outcome import Outcome, State
from contracts.ports import Known, Message, Partition, Position, partition_of
from contracts.records import Mark, MarkKind, Step, StepKind
from contracts.testkit.exchanges import SENDER, Told, query, submission


class ReadLedger(Protocol):
    """What is asked of a ledger."""

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        """As in the port."""

    async def position(self, partition: Partition) -> int:
        """As in the port."""

    async def positions(self) -> Mapping[Partition, int]:
        """`position` for every partition it has read from."""

    async def exchange(self, exchange: str) -> ExchangeRow | None:
        """One exchange."""

    async def steps(self, exchange: str) -> Sequence[StepRow]:
        """What happened to it."""

    async def dead(
        self,
        *,
        system: str | None = None,
        exchange: str | None = None,
        limit: int,
        open_only: bool = True,
        after: DeadPlace | None = None,
    ) -> Sequence[DeadRow]:
        """Dead letters, the newest first."""

    async def in_doubt(self, *, limit: int, after: ExchangePlace | None = None) -> Sequence[ExchangeRow]:
        """Exchanges in doubt, the oldest first."""

    async def waiting(self, *, limit: int, receiver: str | None = None) -> Sequence[ExchangeRow]:
        """Exchanges that have not ended, the oldest first."""


class LedgerBench(Protocol):
    """A ledger under test with its log: systems `gddt` and `dancu`, and a clock that ticks with each message."""

    partitions: int
    """Of each channel."""

    @property
    def ledger(self) -> ReadLedger:
        """The ledger."""

    def encode(self, schema: str, record: dict[str, Any]) -> bytes:
        """A record of the bus's own in the wire format of this log."""

    async def append(self, message: Message) -> Position:
        """Put a message on the log."""

    async def catch_up(self) -> None:
        """Return once the ledger has read all that is on the log."""


async def tell(bench: LedgerBench, *messages: Message) -> list[Position]:
    """Put messages on the log and have the ledger read them; answers where they lie."""
    positions = [await bench.append(message) for message in messages]
    await bench.catch_up()
    return positions


async def shown(bench: LedgerBench, request: Envelope) -> ExchangeRow:
    """What the ledger shows of an exchange; it has to show it."""
    row = await bench.ledger.exchange(request.exchange)
    assert row is not None, f"the ledger does not know {request.exchange}"
    return row


async def kinds(bench: LedgerBench, request: Envelope) -> list[str]:
    """What happened to an exchange, in order."""
    return [step.kind for step in await bench.ledger.steps(request.exchange)]


class LedgerSuite:
    """The tests. Each name is a sentence about the ledger."""

    async def test_what_was_never_accepted_is_not_known(self, bench: LedgerBench) -> None:
        request = submission("never")
        assert await bench.ledger.known([request.exchange]) == {}
        assert await bench.ledger.known([]) == {}
        assert await bench.ledger.exchange(request.exchange) is None
        assert list(await bench.ledger.steps(request.exchange)) == []

    async def test_an_accepted_exchange_is_known_with_its_place_and_body(self, bench: LedgerBench) -> None:
        request = submission("one")
        (at,) = await tell(bench, Told(bench.encode).request(request))
        contract = "education.student-transfer"
        expected = Known(request.exchange, contract, 1, SENDER, "gddt", "b" * 64, at, settled=False)
        assert await bench.ledger.known([request.exchange, "another"]) == {request.exchange: expected}
        row = await shown(bench, request)
        assert (row.state, row.outcome, row.accepted_at, row.accepted_ms) == (State.ACCEPTED, None, at, request.time_ms)
        assert (row.grant, row.purpose, row.end_user) == (request.grant, request.purpose, request.end_user)
        assert (row.case_key, row.trace_id) == (request.case_key, request.trace.trace_id)
        assert (row.body_hash, row.configuration, row.attempts) == (request.body_hash, request.configuration, 1)

    async def test_the_position_is_the_next_offset_that_it_has_not_read(self, bench: LedgerBench) -> None:
        request = submission("one")
        inbox = channels.inbox("gddt")
        where = Partition(inbox, partition_of(request.exchange.encode(), bench.partitions))
        assert await bench.ledger.position(where) == 0
        positions = await tell(bench, *[Told(bench.encode).request(request)] * 3)
        assert await bench.ledger.position(where) == positions[-1].offset + 1 == 3
        assert (await bench.ledger.positions())[where] == 3
        assert await bench.ledger.position(Partition("in.nobody", 0)) == 0

    async def test_a_query_ends_with_its_reply(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), query("q")
        _, at = await tell(bench, told.request(request), told.reply(request, Outcome.DATA))
        row = await shown(bench, request)
        assert (row.state, row.outcome, row.origin, row.settled_at) == (State.SETTLED, Outcome.DATA, None, at)
        assert (await bench.ledger.known([request.exchange]))[request.exchange].settled
        assert await kinds(bench, request) == ["accepted", "replied"]

    async def test_a_submission_ends_with_its_mark_and_not_with_a_reply(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s", reply_to="gateway-1")
        await tell(bench, told.request(request), told.reply(request, Outcome.DELIVERED))
        row = await shown(bench, request)
        assert (row.state, row.outcome) == (State.IN_PROGRESS, None)
        (at,) = await tell(bench, told.settled(request, Outcome.DELIVERED))
        row = await shown(bench, request)
        assert (row.state, row.outcome, row.settled_at) == (State.SETTLED, Outcome.DELIVERED, at)

    async def test_an_end_that_is_a_failure_names_its_origin(self, bench: LedgerBench) -> None:
        told, sent, asked = Told(bench.encode), submission("s"), query("q")
        refused = told.settled(sent, Outcome.REFUSED, Origin.PROVIDER)
        await tell(bench, told.request(sent), refused, told.request(asked))
        await tell(bench, told.reply(asked, Outcome.FAILED, Origin.BUS))
        assert (await shown(bench, sent)).origin is Origin.PROVIDER
        assert (await shown(bench, asked)).origin is Origin.BUS

    async def test_of_two_outcomes_the_first_in_the_log_stands_and_the_other_is_late(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        first, second = told.settled(request, Outcome.IN_DOUBT, Origin.BUS), told.settled(request, Outcome.DELIVERED)
        _, at, _, _ = await tell(bench, told.request(request), first, second, first)
        row = await shown(bench, request)
        assert (row.outcome, row.settled_at) == (Outcome.IN_DOUBT, at)
        assert await kinds(bench, request) == ["accepted", "settled", "late", "repeated"]

    async def test_of_replies_in_several_partitions_the_first_in_time_stands(self, bench: LedgerBench) -> None:
        told = Told(bench.encode)
        asked = [query("q", reply_to=f"gateway-{number}") for number in range(8)]
        replies = [told.reply(asked[0], Outcome.EXPIRED, Origin.BUS)]
        replies += [told.reply(each, Outcome.NO_DATA) for each in asked[1:]]
        _, at, *_ = await tell(bench, told.request(asked[0]), *replies)
        row = await shown(bench, asked[0])
        assert (row.outcome, row.settled_at) == (Outcome.EXPIRED, at)
        assert await kinds(bench, asked[0]) == ["accepted", "replied"] + ["late"] * 7

    async def test_an_exchange_that_waits_to_be_tried_again_is_retrying(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        handed_on = told.handed_on(request, "connection refused", due_ms=1_790_000_005_000)
        await tell(bench, told.request(request), told.mark(request, Mark(MarkKind.STARTED)))
        assert (await shown(bench, request)).state is State.IN_PROGRESS
        await tell(bench, told.mark(request, Mark(MarkKind.NOT_SENT, "connection refused")), handed_on)
        assert (await shown(bench, request)).state is State.RETRYING
        await tell(bench, told.request(replace(request, attempt=2)))
        row = await shown(bench, request)
        assert (row.state, row.attempts) == (State.RETRYING, 2)
        steps = await bench.ledger.steps(request.exchange)
        assert [step.kind for step in steps] == ["accepted", "started", "not_sent", "handed_on", "brought_back"]
        assert steps[3].detail == "again at 2026-09-21T14:13:25.000Z: connection refused"

    async def test_a_dead_letter_waits_for_a_person_until_it_is_sent_on(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        laid_down = told.handed_on(request, "no such school", due_ms=None)
        _, at, _ = await tell(bench, told.request(request), told.dead(request, "no such school"), laid_down)
        row = await shown(bench, request)
        assert (row.state, row.waits_for_person) == (State.IN_PROGRESS, True)
        (letter,) = await bench.ledger.dead(limit=10)
        assert (letter.exchange, letter.system, letter.attempt) == (request.exchange, "gddt", 1)
        assert (letter.reason, letter.origin, letter.is_open, letter.at) == ("no such school", "provider", True, at)
        await tell(bench, told.decided(request, StepKind.DEAD_RETRIED), told.request(replace(request, attempt=2)))
        row = await shown(bench, request)
        assert (row.state, row.waits_for_person) == (State.RETRYING, False)
        assert list(await bench.ledger.dead(limit=10)) == []
        (letter,) = await bench.ledger.dead(limit=10, open_only=False)
        assert not letter.is_open

    async def test_a_dead_letter_is_closed_by_a_later_request_even_without_a_line(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        again = told.request(replace(request, attempt=2))
        await tell(bench, told.request(request), told.dead(request, "a fault"), again)
        assert not (await shown(bench, request)).waits_for_person
        await tell(bench, told.dead(replace(request, attempt=2), "the same fault"))
        (letter,) = await bench.ledger.dead(limit=10)
        assert (letter.attempt, letter.reason) == (2, "the same fault")

    async def test_of_two_dead_letters_for_one_attempt_one_is_shown(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        first, second = told.dead(request, "a fault"), told.dead(request, "the fault, met again after a crash")
        _, at, _ = await tell(bench, told.request(request), first, second)
        assert [letter.at for letter in await bench.ledger.dead(limit=10)] == [at]
        assert await kinds(bench, request) == ["accepted", "dead", "dead"]

    async def test_a_dropped_dead_letter_ends_its_exchange_as_failed_where_it_failed(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        dropped = told.decided(request, StepKind.DEAD_DROPPED, Outcome.FAILED)
        dead = told.dead(request, "no such school", Origin.PROVIDER)
        *_, at = await tell(bench, told.request(request), dead, dropped)
        row = await shown(bench, request)
        assert (row.state, row.outcome, row.settled_at) == (State.SETTLED, Outcome.FAILED, at)
        assert (row.origin, row.waits_for_person) == (Origin.PROVIDER, False)
        assert list(await bench.ledger.dead(limit=10)) == []

    async def test_what_an_operator_found_out_counts_where_the_bus_was_in_doubt(self, bench: LedgerBench) -> None:
        told, doubted, sure = Told(bench.encode), submission("doubted"), submission("sure")
        in_doubt = told.settled(doubted, Outcome.IN_DOUBT, Origin.BUS)
        await tell(bench, told.request(doubted), in_doubt, told.request(sure), told.settled(sure, Outcome.DELIVERED))
        assert [row.id for row in await bench.ledger.in_doubt(limit=10)] == [doubted.exchange]
        (at, _) = await tell(
            bench,
            told.decided(doubted, StepKind.RESOLVED, Outcome.DELIVERED),
            told.decided(sure, StepKind.RESOLVED, Outcome.FAILED),
        )
        assert list(await bench.ledger.in_doubt(limit=10)) == []
        row = await shown(bench, doubted)
        assert (row.outcome, row.settled_at, row.origin) == (Outcome.DELIVERED, at, None)
        assert (await shown(bench, sure)).outcome is Outcome.DELIVERED
        assert (await bench.ledger.steps(doubted.exchange))[-1].detail == (
            "delivered: operator:lan: asked the school by telephone"
        )

    async def test_what_was_refused_at_the_door_is_told_but_is_no_exchange(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        refusal = Step(StepKind.REFUSED, "gateway", SENDER, "invalid-record", pointers=("/home_ward", "/birth_date"))
        await tell(bench, told.step(request, refusal))
        assert await bench.ledger.exchange(request.exchange) is None
        assert await bench.ledger.known([request.exchange]) == {}
        (step,) = await bench.ledger.steps(request.exchange)
        assert (step.kind, step.place) == ("refused", "gateway")
        assert step.detail == f"{SENDER}: invalid-record /home_ward /birth_date"
        await tell(bench, told.request(request))
        assert (await shown(bench, request)).state is State.ACCEPTED

    async def test_who_was_given_what_is_a_step_of_each_exchange(self, bench: LedgerBench) -> None:
        told, one, other = Told(bench.encode), query("one"), query("other")
        times = 1_790_000_000_700, 1_790_000_000_800
        supplied = told.supplied((one, Outcome.DATA, times[0]), (other, Outcome.NO_DATA, times[1]))
        await tell(bench, told.request(one), told.request(other), supplied)
        for request, outcome, time_ms in ((one, "data", times[0]), (other, "no_data", times[1])):
            (step,) = [step for step in await bench.ledger.steps(request.exchange) if step.kind == "supplied"]
            assert (step.time_ms, step.detail) == (time_ms, f"{outcome}: {SENDER}, grant hoi-an-asks")

    async def test_the_same_exchange_with_another_body_is_a_conflict(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        await tell(bench, told.request(request), told.request(request))
        assert not (await shown(bench, request)).conflict
        await tell(bench, told.request(replace(request, body_hash="d" * 64)))
        row = await shown(bench, request)
        assert (row.conflict, row.body_hash) == (True, "b" * 64)
        assert await kinds(bench, request) == ["accepted", "repeated", "repeated"]
        noted = submission("noted")
        await tell(bench, told.request(noted), told.step(noted, Step(StepKind.CONFLICT, "worker")))
        assert (await shown(bench, noted)).conflict

    async def test_what_is_no_message_of_the_bus_is_passed_over(self, bench: LedgerBench) -> None:
        told, request = Told(bench.encode), submission("s")
        for channel in (channels.inbox("gddt"), channels.settled("gddt"), channels.REPLY, channels.JOURNAL):
            await bench.append(Message(channel, b"key", b"rubbish"))
            await bench.append(Message(channel, b"key", b"", (("ce_type", b"\xff\xfe"), ("ce_mark", b"\xff"))))
            await bench.append(Message(channel, b"key", b"", request.headers()))
        await tell(bench, told.request(request))
        assert (await bench.ledger.known([request.exchange])).keys() == {request.exchange}

    async def test_a_dead_letter_that_is_no_message_of_the_bus_waits_under_its_place(self, bench: LedgerBench) -> None:
        told = Told(bench.encode)
        unread = told.dead_unread(b"key", "in.gddt/0/17", "not a message of the bus")
        (at,) = await tell(bench, unread)
        (letter,) = await bench.ledger.dead(limit=10, system="gddt")
        assert (letter.exchange, letter.is_open, letter.at) == ("in.gddt/0/17", True, at)
        assert await bench.ledger.exchange("in.gddt/0/17") is None

    async def test_dead_letters_are_listed_newest_first_by_system_and_by_page(self, bench: LedgerBench) -> None:
        told = Told(bench.encode)
        requests = [submission(str(number), receiver=("gddt", "dancu")[number % 2]) for number in range(6)]
        for request in requests:
            await tell(bench, told.request(request), told.dead(request, "a fault"))
        newest_first = [request.exchange for request in reversed(requests)]
        page = await bench.ledger.dead(limit=4)
        assert [letter.exchange for letter in page] == newest_first[:4]
        rest = await bench.ledger.dead(limit=4, after=page[-1].place)
        assert [letter.exchange for letter in rest] == newest_first[4:]
        of_dancu = await bench.ledger.dead(limit=10, system="dancu")
        assert [letter.exchange for letter in of_dancu] == newest_first[::2]
        (one,) = await bench.ledger.dead(limit=10, exchange=requests[2].exchange)
        assert one.exchange == requests[2].exchange

    async def test_what_has_not_ended_is_listed_oldest_first(self, bench: LedgerBench) -> None:
        told = Told(bench.encode)
        requests = [submission(str(number)) for number in range(4)] + [query("q")]
        for request in requests:
            await tell(bench, told.request(request))
        await tell(bench, told.settled(requests[1], Outcome.DELIVERED))
        waiting = [row.id for row in await bench.ledger.waiting(limit=10)]
        assert waiting == [requests[number].exchange for number in (0, 2, 3, 4)]
        of_dancu = await bench.ledger.waiting(limit=10, receiver="dancu")
        assert [row.id for row in of_dancu] == [requests[4].exchange]
        assert len(await bench.ledger.waiting(limit=2)) == 2

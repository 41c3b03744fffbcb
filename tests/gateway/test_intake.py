"""The only way in, step by step: each takes what the step before it made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.transport.embedded import EmbeddedTransport
from adapters.transport.memory import MemoryStore
from contracts.canonical import to_json
from contracts.catalogue import Quota
from contracts.codec import decode, split
from contracts.envelope import Envelope, exchange_id
from contracts.errors import LedgerUnavailable
from contracts.ports import ChannelSpec, Guarantees, Known, Message, Partition, Position
from gateway.auth.keys import read_token_key, write_token_key
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.case_keys import CaseKeys
from gateway.directory import Directory
from gateway.intake import Asked, CheckedRecord, Intake, Permit, Principal, Sealed
from gateway.order_keys import OrderKeys
from gateway.problems import Problem
from gateway.quota import Quotas
from tests.gateway.city import GRANTS, HANOI, LOOKUP, TRANSFER, TRANSFER_SCHEMA, directory, grant, service

NOW = datetime(2025, 9, 1, 3, 0, tzinfo=UTC)
GOOD = {"student": "Trần Gia Bảo", "home_ward": "20410", "home_ward_on": "2025-09-01"}
TRANSFERRED = Asked(TRANSFER, json.dumps(GOOD).encode())
LOOKED_UP = Asked(LOOKUP, b'{"id": "999214000024"}', end_user="canbo.01", case_ref="H17.61-251120-0007")


@dataclass
class Memory:
    """A ledger that knows what it was told, or is away."""

    exchanges: dict[str, Known] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        self.asked += 1
        if self.away:
            raise LedgerUnavailable("away")
        return {exchange: self.exchanges[exchange] for exchange in exchanges if exchange in self.exchanges}

    async def position(self, partition: Partition) -> int:
        raise LedgerUnavailable(f"intake has no business with {partition}")


@dataclass
class Door:
    """Everything behind a gateway's door: a real log, registry and tokens."""

    intake: Intake
    tokens: Tokens
    transport: EmbeddedTransport
    store: MemoryStore
    own: OwnRecords
    board: Board
    ledger: Memory
    workspace: list[Directory]
    now_ms: list[int]

    def change(self, **changed: Any) -> None:
        self.workspace[0] = replace(self.workspace[0], **changed)

    def principal(self, subject: str = "motcua", **options: Any) -> Principal:
        return self.intake.authenticate("Bearer " + self.tokens.issue(subject, **options))

    def permit(self, asked: Asked, subject: str = "motcua") -> Permit:
        return self.intake.permit(self.principal(subject), asked)

    def check(self, asked: Asked) -> CheckedRecord:
        return self.intake.check(self.permit(asked), asked)

    def seal(self, asked: Asked, key: str = "k1", reply_to: str = "") -> Sealed:
        return self.intake.seal(self.check(asked), asked, key, reply_to=reply_to)

    async def messages(self, system: str) -> list[Envelope]:
        where = Partition(f"in.{system}", 0)
        extent = (await self.transport.extents([where]))[where]
        found = [await self.transport.read(Position(where.channel, 0, offset)) for offset in range(extent.end)]
        return [Envelope.read(stored.message.headers) for stored in found if stored is not None]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    now_ms = [int(NOW.timestamp() * 1000)]
    write_token_key(tmp_path / "token.pem")
    tokens = Tokens(read_token_key(tmp_path / "token.pem"), "thanh-pho", lambda: now_ms[0] / 1000)
    store = MemoryStore(lambda: now_ms[0])
    transport = EmbeddedTransport(store, Guarantees(survives_restart=False, many_processes=False))
    workspace = [directory()]
    await transport.start()
    registry = SchemaRegistry(transport)
    await registry.start()
    own = OwnRecords(registry)
    await own.start()
    versions = [version for contract in workspace[0].contracts.values() for version in contract.versions.values()]
    await registry.register([version.request for version in versions])
    await transport.ensure([ChannelSpec(f"in.{system}", 1, None) for system in ("gddt", "truong-bac", "dancu")])
    await transport.ensure([ChannelSpec("status", 1, None)])
    board = Board(transport, own, lambda: now_ms[0], 1000)
    ledger = Memory()
    intake = Intake(
        lambda: workspace[0], tokens, transport, registry, ledger, board, Quotas(lambda: now_ms[0] / 1000),
        CaseKeys(b"k" * 32), OrderKeys(b"k" * 32), lambda: now_ms[0], lambda size: b"\x07" * size,
    )  # fmt: skip
    yield Door(intake, tokens, transport, store, own, board, ledger, workspace, now_ms)
    await registry.close()
    await transport.close()


@asynccontextmanager
async def following(board: Board) -> AsyncIterator[None]:
    """The board reads what workers tell."""
    task = asyncio.create_task(board.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def refused(step: Callable[[], object]) -> Problem:
    """The problem that a step ends in."""
    with pytest.raises(Problem) as found:
        step()
    return found.value


class TestAuthenticate:
    """Credentials → Principal."""

    async def test_a_token_of_a_system_is_that_system(self, door: Door) -> None:
        """An operator's rights come from its own token, or from a system declared so; from nothing else."""
        assert door.principal() == Principal("motcua", door.workspace[0].systems["motcua"], operator=False)
        assert door.principal("ban-quan-tri").operator
        assert door.principal("an-operator", operator=True) == Principal("an-operator", None, operator=True)

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic bW90Y3VhOng=", "token"])
    async def test_without_a_bearer_token_there_is_no_way_in(self, door: Door, header: str) -> None:
        """The answer says how one is had."""
        problem = refused(lambda: door.intake.authenticate(header))
        assert (problem.kind, problem.headers["www-authenticate"]) == ("unauthenticated", "Bearer")

    async def test_a_bad_token_is_told_from_none(self, door: Door) -> None:
        """As RFC 6750 has it."""
        problem = refused(lambda: door.intake.authenticate("Bearer x.y.z"))
        assert (problem.kind, problem.headers["www-authenticate"]) == ("invalid-token", 'Bearer error="invalid_token"')

    async def test_a_system_that_was_taken_out_is_locked_out_at_once(self, door: Door) -> None:
        """Its token is good for an hour yet; it is not."""
        header = "Bearer " + door.tokens.issue("motcua")
        door.change(systems={})
        assert refused(lambda: door.intake.authenticate(header)).kind == "invalid-token"


class TestPermit:
    """Principal → Permit. Default deny."""

    async def test_a_grant_in_force_opens_its_contract(self, door: Door) -> None:
        """With the services that it covers."""
        permit = door.permit(TRANSFERRED)
        assert (permit.grant, permit.version.major) == ("g-transfer", 2)
        assert [each.system for each in permit.services] == ["gddt", "truong-bac"]

    async def test_without_a_grant_there_is_no_way_in(self, door: Door) -> None:
        """Nor for another system, nor an operator's token, nor before and after its days."""
        assert refused(lambda: door.permit(TRANSFERRED, "dancu")).kind == "no-grant"
        operator = door.principal("an-operator", operator=True)
        assert refused(lambda: door.intake.permit(operator, TRANSFERRED)).kind == "no-grant"
        for to_come_or_over in (
            replace(GRANTS[0], valid_from=date(2025, 9, 2)),
            replace(GRANTS[0], valid_to=date(2025, 9, 1)),
        ):
            door.change(grants=(to_come_or_over,))
            assert refused(lambda: door.permit(TRANSFERRED)).kind == "no-grant"

    async def test_a_grant_ends_at_midnight_in_the_buss_zone(self, door: Door) -> None:
        """At 17:00 UTC."""
        door.change(grants=(replace(GRANTS[0], valid_to=date(2025, 9, 2)),))
        door.now_ms[0] = int(datetime(2025, 9, 1, 16, 59, 59, tzinfo=UTC).timestamp() * 1000)
        principal = door.principal()
        assert door.intake.permit(principal, TRANSFERRED)
        door.now_ms[0] += 1000
        assert refused(lambda: door.intake.permit(principal, TRANSFERRED)).kind == "no-grant"

    @pytest.mark.parametrize(
        "suffix",
        ["@3", "@0", "@", "@02", "@x", "@-1", "@²", "@٢", pytest.param("@" + "9" * 5000, id="5000 digits"), "@2@1"],
    )
    async def test_a_version_that_does_not_exist_is_a_404(self, door: Door, suffix: str) -> None:
        """Whatever stands for the number; the newest is the plain name."""
        asked = replace(TRANSFERRED, contract=TRANSFER + suffix)
        if suffix == "@":
            assert door.permit(asked).version.major == 2
            return
        problem = refused(lambda: door.permit(asked))
        assert (problem.kind, problem.params["known"]) == ("contract-unknown", f"{TRANSFER}, {LOOKUP}")

    async def test_a_contract_that_does_not_exist_is_a_404_with_those_granted(self, door: Door) -> None:
        """And tells nobody of contracts that he may not use."""
        door.change(grants=GRANTS[:1])
        problem = refused(lambda: door.permit(replace(TRANSFERRED, contract="nope")))
        assert (problem.kind, problem.params["known"]) == ("contract-unknown", TRANSFER)

    async def test_a_version_is_the_grants_or_the_one_that_was_asked_for(self, door: Door) -> None:
        """The newest of those granted."""
        services = (service("gddt", major=1), service("gddt"))
        door.change(grants=(grant("one", TRANSFER, "gddt", major=1),), services=services)
        assert door.permit(TRANSFERRED).version.major == 1
        assert refused(lambda: door.permit(replace(TRANSFERRED, contract=TRANSFER + "@2"))).kind == "no-grant"
        door.change(grants=(grant("one", TRANSFER, "gddt", major=1), grant("two", TRANSFER, "gddt")))
        assert door.permit(TRANSFERRED).version.major == 2
        assert door.permit(replace(TRANSFERRED, contract=TRANSFER + "@1")).grant == "one"

    async def test_a_purpose_is_one_of_those_granted(self, door: Door) -> None:
        """It goes into every report: a wrong one is refused with the right ones."""
        door.change(grants=(grant("a", TRANSFER, "gddt"), grant("b", TRANSFER, "gddt", purpose="nhập học")))
        assert door.permit(replace(TRANSFERRED, purpose="nhập học")).grant == "b"
        problem = refused(lambda: door.permit(replace(TRANSFERRED, purpose="tò mò")))
        assert (problem.kind, problem.params["purposes"]) == ("wrong-purpose", "cư trú, nhập học")

    async def test_the_grant_that_covers_the_receiver_is_used(self, door: Door) -> None:
        """Where each provider has its own."""
        door.change(grants=(grant("a", TRANSFER, "gddt"), grant("b", TRANSFER, "truong-bac")))
        assert door.permit(replace(TRANSFERRED, to="truong-bac")).grant == "b"

    async def test_a_quota_is_counted_once_a_request(self, door: Door) -> None:
        """And says when to come back."""
        door.change(grants=(replace(GRANTS[0], quota=Quota(2, 10)),))
        door.permit(TRANSFERRED)
        door.permit(TRANSFERRED)
        problem = refused(lambda: door.permit(TRANSFERRED))
        assert (problem.kind, problem.headers["retry-after"]) == ("quota-exceeded", "5")


class TestCheck:
    """Permit → CheckedRecord."""

    async def test_a_record_that_fits_is_on_its_way_to_its_receiver(self, door: Door) -> None:
        """In Avro, with the hash of what it means."""
        checked = door.check(TRANSFERRED)
        assert checked.receiver == "gddt"
        record = decode(split(checked.payload)[1], TRANSFER_SCHEMA)
        assert to_json(TRANSFER_SCHEMA, record, HANOI) == GOOD
        spaced = replace(TRANSFERRED, body=json.dumps(GOOD, indent=2, sort_keys=True).encode())
        assert door.check(spaced).body_hash == checked.body_hash

    async def test_a_record_that_does_not_fit_is_refused_at_its_place(self, door: Door) -> None:
        """Before anything is stored."""
        problem = refused(lambda: door.check(replace(TRANSFERRED, body=b'{"student": 5}')))
        assert (problem.kind, [error.pointer for error in problem.errors]) == ("invalid-record", ["/student"])

    async def test_a_body_beyond_the_contracts_bound_is_refused(self, door: Door) -> None:
        """Before it is read."""
        problem = refused(lambda: door.check(replace(TRANSFERRED, body=b"{" * 501)))
        assert (problem.kind, problem.params["limit"]) == ("body-too-large", "500")

    async def test_officer_and_dossier_are_asked_for_together_where_the_contract_needs_them(self, door: Door) -> None:
        """The worst leak is an officer who looks up his neighbours."""
        problem = refused(lambda: door.check(replace(LOOKED_UP, end_user="", case_ref="")))
        assert problem.kind == "header-missing"
        assert [dict(error.params)["name"] for error in problem.errors] == ["End-User", "Case-Ref"]
        assert door.check(LOOKED_UP).receiver == "dancu"


class TestSeal:
    """CheckedRecord → Sealed."""

    async def test_the_envelope_says_everything_that_a_report_will_need(self, door: Door) -> None:
        """Who, for whom, why, on which ground, under which configuration."""
        envelope = door.seal(LOOKED_UP, reply_to="gateway-1").envelope
        assert envelope.exchange == exchange_id("motcua", "k1")
        assert (envelope.sender, envelope.receiver, envelope.grant) == ("motcua", "dancu", "g-lookup")
        assert (envelope.purpose, envelope.end_user, envelope.case_ref) == ("cư trú", "canbo.01", "H17.61-251120-0007")
        assert envelope.case_key == CaseKeys(b"k" * 32).of("H17.61-251120-0007")
        assert (envelope.configuration, envelope.reply_to, envelope.attempt) == ("c" * 64, "gateway-1", 1)
        assert envelope.time_ms == door.now_ms[0]

    async def test_a_query_is_in_a_hurry_and_a_submission_is_not(self, door: Door) -> None:
        """The contract says how much of one."""
        assert door.seal(LOOKED_UP).envelope.deadline_ms == door.now_ms[0] + 10_000
        assert door.seal(TRANSFERRED).envelope.deadline_ms is None

    async def test_the_senders_trace_goes_on(self, door: Door) -> None:
        """Or one begins; nonsense in the header is no reason to refuse."""
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        asked = replace(TRANSFERRED, traceparent=f"00-{trace}-00f067aa0ba902b7-01", tracestate="a=b")
        found = door.seal(asked).envelope.trace
        assert (found.trace_id, found.span_id, found.state) == (trace, "07" * 8, "a=b")
        assert door.seal(replace(TRANSFERRED, traceparent="nonsense")).envelope.trace.trace_id == "07" * 16

    async def test_an_inbox_that_is_too_full_takes_nothing_more(self, door: Door) -> None:
        """By what its worker told last; what nobody has told for ten seconds is not believed."""
        inbox = {"system": "gddt", "partition": 0, "backlog": 1001, "breaker_open_s": 0.0}
        status = door.own.status({"instance": "w", "time_ms": door.now_ms[0], "inboxes": [inbox]})
        async with following(door.board), asyncio.timeout(5):
            while not door.board.backlogs():
                await door.transport.append(Message("status", b"w", status))
                await asyncio.sleep(0.01)
        problem = refused(lambda: door.seal(TRANSFERRED))
        assert (problem.kind, problem.status, problem.headers["retry-after"]) == ("backlog", 503, "10")
        door.now_ms[0] += 11_000
        assert door.seal(TRANSFERRED)


class TestAppend:
    """Sealed → Accepted."""

    async def test_what_is_accepted_is_in_the_inbox_of_its_receiver(self, door: Door) -> None:
        """Once, with its envelope."""
        sealed = door.seal(TRANSFERRED)
        accepted = await door.intake.append(sealed, TRANSFERRED)
        assert accepted.position == Position("in.gddt", 0, 0)
        assert await door.messages("gddt") == [sealed.envelope]
        assert door.ledger.asked == 0, "nobody sent a key: there is nothing to look up"

    async def test_the_same_key_and_body_is_the_same_exchange_and_stored_once(self, door: Door) -> None:
        """Within this process without asking anybody."""
        asked = replace(TRANSFERRED, idempotency_key="k1")
        first = await door.intake.append(door.seal(asked), asked)
        again = await door.intake.append(door.seal(asked), asked)
        assert again.position == first.position
        assert len(await door.messages("gddt")) == 1

    async def test_the_same_key_with_another_body_is_refused(self, door: Door) -> None:
        """With the exchange that it belongs to."""
        asked = replace(TRANSFERRED, idempotency_key="k1")
        await door.intake.append(door.seal(asked), asked)
        other = replace(asked, body=json.dumps({**GOOD, "student": "Khác"}).encode())
        with pytest.raises(Problem) as refusal:
            await door.intake.append(door.seal(other), other)
        assert refusal.value.kind == "idempotency-conflict"
        assert refusal.value.params["id"] == exchange_id("motcua", "k1")
        assert len(await door.messages("gddt")) == 1

    async def test_a_key_of_long_ago_is_found_in_the_ledger(self, door: Door) -> None:
        """And is never reusable: another body is refused, another contract too."""
        asked = replace(TRANSFERRED, idempotency_key="k1")
        envelope = door.seal(asked).envelope
        known = Known(
            envelope.exchange,
            TRANSFER,
            2,
            "motcua",
            "gddt",
            envelope.body_hash,
            Position("in.gddt", 0, 7),
            settled=True,
        )
        door.ledger.exchanges[envelope.exchange] = known
        accepted = await door.intake.append(door.seal(asked), asked)
        assert (accepted.position, accepted.before) == (None, known)
        assert await door.messages("gddt") == []
        for other in (known._replace(body_hash="0" * 64), known._replace(contract=LOOKUP)):
            door.ledger.exchanges[envelope.exchange] = other
            with pytest.raises(Problem) as refusal:
                await door.intake.append(door.seal(asked), asked)
            assert refusal.value.kind == "idempotency-conflict"

    async def test_where_the_ledger_is_away_the_message_is_taken_with_a_mark(self, door: Door) -> None:
        """A worker holds it until the key can be looked up: the door stays open, and nothing happens twice."""
        door.ledger.away = True
        asked = replace(TRANSFERRED, idempotency_key="k1")
        await door.intake.append(door.seal(asked), asked)
        (envelope,) = await door.messages("gddt")
        assert envelope.unverified

    async def test_what_is_known_to_be_new_is_not_looked_for(self, door: Door) -> None:
        """A source has read the log: it waits for no ledger, and a worker need not either."""
        door.ledger.away = True
        asked = replace(TRANSFERRED, idempotency_key="k1", is_new=True)
        await door.intake.append(door.seal(asked), asked)
        (envelope,) = await door.messages("gddt")
        assert not envelope.unverified

    async def test_where_the_log_is_away_nothing_is_said_to_be_stored(self, door: Door) -> None:
        """503, with the key to repeat it with."""
        sealed = door.seal(TRANSFERRED, key="generated-1")
        door.store.available = False
        with pytest.raises(Problem) as refusal:
            await door.intake.append(sealed, TRANSFERRED)
        assert (refusal.value.kind, refusal.value.status) == ("log-unavailable", 503)
        assert refusal.value.headers["idempotency-key"] == "generated-1"
        door.store.available = True
        await door.intake.append(sealed, TRANSFERRED)
        assert len(await door.messages("gddt")) == 1

"""The way out for events that are pulled: who may, from where on, what they see of it, and when to answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from contracts.catalogue import Grant
from contracts.channels import event
from contracts.codec import Malformed
from contracts.envelope import Envelope, MalformedMessage
from contracts.errors import UnknownSchema
from contracts.outcome import Outcome, Pattern
from contracts.partitions import all_partitions
from contracts.ports import Stored, Transport
from contracts.said import said
from gateway.cloud_events import CloudEvents
from gateway.cursors import Cursors
from gateway.directory import Directory
from gateway.intake import Principal
from gateway.journal import Journal
from gateway.lives import life_headers, must_go_on
from gateway.problems import Problem
from gateway.quota import Quotas
from gateway.routing import today
from gateway.tails import Tails
from gateway.warm_readers import Reading, WarmReaders

log = logging.getLogger(__name__)

PAGE_BYTES: Final = 5_000_000
_SENDING_BYTES: Final = 256_000_000
_LOOKED_AT: Final = 5_000
_PAUSE_EVERY: Final = 50


@dataclass(frozen=True, slots=True)
class Pull:
    """What a client asks. Without `cursor` it begins at the earliest, at `since_ms` (of 1970), or at the `latest`."""

    contract: str
    cursor: str = ""
    since_ms: int | None = None
    latest: bool = False
    limit: int = 100
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """The answer: the events as JSON texts, the cursor after the last that was looked at, whether there is more."""

    events: tuple[bytes, ...]
    cursor: str
    more: bool


@dataclass(slots=True)
class _Draft:
    """A page that is being made. `offsets` are what was not yet looked at, by partition."""

    offsets: list[int]
    limit: int
    events: list[bytes] = field(default_factory=list)
    supplied: list[tuple[str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    size: int = 0
    looked_at: int = 0

    def has_room(self, text: bytes) -> bool:
        """Whether one more event fits: the first one always does."""
        return not self.events or (len(self.events) < self.limit and self.size + len(text) <= PAGE_BYTES)


class Inbox:
    """Answers those who pull. It keeps nothing of any client. Used from one event loop."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        transport: Transport,
        tails: Tails,
        readers: WarmReaders,
        events: CloudEvents,
        cursors: Cursors,
        quotas: Quotas,
        journal: Journal,
        now_ms: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._transport = transport
        self._tails = tails
        self._readers = readers
        self._events = events
        self._cursors = cursors
        self._quotas = quotas
        self._journal = journal
        self._now_ms = now_ms
        self._sending_bytes = 0

    async def pull(self, principal: Principal, asked: Pull) -> Page:
        """One page. Problem `no-grant`, `contract-unknown`, `not-an-event`, `quota-exceeded`, `cursor-…`,
        `too-many-polls`, `overloaded`; LogUnavailable."""
        if self._sending_bytes > _SENDING_BYTES:
            raise _overloaded()
        for grant in self._grants(principal, asked.contract):
            self._quotas.take(grant)
        name = asked.contract.partition("@")[0]
        draft = _Draft(await self._start(name, asked), asked.limit)
        if not asked.wait_s:
            # Who does not wait is not woken by what the tail has yet to read: it is told all that there is by now.
            await self._tails.caught_up(event(name))
        loop = asyncio.get_running_loop()
        until = loop.time() + asked.wait_s
        while True:
            # Each time anew: the grant in force at reading decides, however long the client has waited.
            await self._fill(draft, name, self._grants(principal, asked.contract))
            more = self._is_more(name, draft.offsets)
            left_s = until - loop.time()
            if draft.events or left_s <= 0 or self._tails.closing:
                return self._page(principal, name, draft, more=more)
            draft.looked_at = 0
            if not more:
                await self._tails.news(event(name), draft.offsets, left_s)

    @contextmanager
    def sending(self, page: Page) -> Iterator[None]:
        """Count a page for as long as it is on its way to its client: slow clients must not fill the memory."""
        size = sum(map(len, page.events))
        self._sending_bytes += size
        try:
            yield
        finally:
            self._sending_bytes -= size

    def _grants(self, principal: Principal, text: str) -> list[Grant]:
        """The grants that let this system read, all of one major. Problem `no-grant`, `contract-unknown`, …"""
        directory = self._directory()
        name, _, major = text.partition("@")
        contract = directory.contracts.get(name)
        if contract is None or (major and major not in map(str, contract.versions)):
            granted = sorted({grant.contract for grant in directory.grants if grant.system == principal.id})
            raise Problem("contract-unknown", contract=text[:200], known=", ".join(granted) or "—")
        if contract.pattern is not Pattern.EVENT:
            raise Problem("not-an-event", contract=name)
        grants = directory.grants_of(principal.id, name, today(directory, self._now_ms()))
        grants = [grant for grant in grants if str(grant.major) == (major or str(grants[0].major))]
        if principal.system is None or not grants:
            raise Problem("no-grant", system=principal.id, contract=text, receiver="")
        must_go_on(directory, contract, contract.versions[grants[0].major], self._now_ms())
        return grants

    def life_headers(self, principal: Principal, text: str) -> dict[str, str]:
        """What is told of the version that this system reads, and when it ends. Problems as `pull`."""
        directory, grant = self._directory(), self._grants(principal, text)[0]
        contract = directory.contracts[grant.contract]
        return life_headers(directory, contract, contract.versions[grant.major])

    async def _start(self, name: str, asked: Pull) -> list[int]:
        """Where to begin. Problem `cursor-…`; LogUnavailable."""
        channel = event(name)
        if asked.cursor:
            offsets = list(self._cursors.read(name, asked.cursor))
            ends = self._tails.ends(channel)
            if len(offsets) != len(ends):
                why = said("the channel has another number of partitions now")
                raise Problem("cursor-invalid", why=why)
            if any(offset > end for offset, end in zip(offsets, ends, strict=True)):
                # Either another gateway has seen more than this one has, or the log is not the one it was.
                await self._ends(name, offsets)
            return offsets
        partitions = all_partitions(self._transport, channel)
        if asked.since_ms is not None:
            since_ms = asked.since_ms
            return list(await asyncio.gather(*(self._transport.offset_at(each, since_ms) for each in partitions)))
        extents = await self._transport.extents(partitions)
        return [extents[each].end if asked.latest else extents[each].first for each in partitions]

    async def _ends(self, name: str, offsets: Sequence[int]) -> list[int]:
        """The ends of the channel, where `offsets` lie within it. Problem `cursor-expired`, `cursor-ahead`."""
        partitions = all_partitions(self._transport, event(name))
        extents = await self._transport.extents(partitions)
        firsts = [extents[each].first for each in partitions]
        ends = [extents[each].end for each in partitions]
        if any(offset > end for offset, end in zip(offsets, ends, strict=True)):
            raise Problem("cursor-ahead", contract=name, members={"earliest": self._cursors.sign(name, firsts)})
        missed = sum(max(0, first - offset) for offset, first in zip(offsets, firsts, strict=True))
        if missed:
            earliest = [max(offset, first) for offset, first in zip(offsets, firsts, strict=True)]
            members = {"earliest": self._cursors.sign(name, earliest), "missed": missed}
            raise Problem("cursor-expired", contract=name, missed=missed, members=members)
        return ends

    def _is_more(self, name: str, offsets: Sequence[int]) -> bool:
        return any(offset < end for offset, end in zip(offsets, self._tails.ends(event(name)), strict=True))

    async def _fill(self, draft: _Draft, name: str, grants: Sequence[Grant]) -> None:
        """Look at what there is after the draft's offsets, until the page is full or there is no more."""
        held = self._tails.after(event(name), draft.offsets)
        if held is not None:
            for stored in held:
                if not await self._look(draft, stored, grants):
                    return
            return
        async with (
            self._readers.at(event(name), draft.offsets) as reading,
            aclosing(self._read(reading, draft, name)) as found,
        ):
            async for stored in found:
                if not await self._look(draft, stored, grants):
                    return
                reading.passed()

    async def _read(self, reading: Reading, draft: _Draft, name: str) -> AsyncGenerator[Stored, None]:
        """What the log has, up to its end as of now. Problem `cursor-expired`, `cursor-ahead`; LogUnavailable."""
        if reading.at_end:
            reading.ends = await self._ends(name, reading.offsets)
        while (stored := await reading.next()) is not None:
            if stored.position.offset > draft.offsets[stored.position.partition]:
                # Retention was here in the meantime: what is on the page already is answered first.
                if draft.events:
                    return
                await self._ends(name, draft.offsets)
            yield stored

    async def _look(self, draft: _Draft, stored: Stored, grants: Sequence[Grant]) -> bool:
        """Take it in, or pass over what is not for this system; False where it does not fit on the page."""
        if draft.looked_at >= _LOOKED_AT:
            return False
        draft.looked_at += 1
        if draft.looked_at % _PAUSE_EVERY == 0:
            await asyncio.sleep(0)
        try:
            envelope = Envelope.read(stored.message.headers)
            grant = _covering(grants, envelope)
            if grant is not None and envelope.exchange not in draft.ids:
                text = await self._events.text(stored, grant.view)
                if not draft.has_room(text):
                    return False
                draft.events.append(text)
                draft.supplied.append((envelope.exchange, grant.id))
                draft.ids.add(envelope.exchange)
                draft.size += len(text)
        except (MalformedMessage, Malformed, UnknownSchema) as error:
            log.warning("not an event at %s: %s", stored.position, error)
        draft.offsets[stored.position.partition] = stored.position.offset + 1
        return True

    def _page(self, principal: Principal, name: str, draft: _Draft, *, more: bool) -> Page:
        if not self._journal.has_room(len(draft.supplied)):
            raise _overloaded()
        for exchange, grant in draft.supplied:
            self._journal.supplied(exchange, principal.id, grant, Outcome.DATA)
        return Page(tuple(draft.events), self._cursors.sign(name, draft.offsets), more)


def _overloaded() -> Problem:
    return Problem("overloaded", retry_after_s=1, headers={"retry-after": "1"})


def _covering(grants: Sequence[Grant], envelope: Envelope) -> Grant | None:
    """The grant under which this event may be read: of its major, and over its publisher."""
    for grant in grants:
        if grant.major == envelope.major and envelope.sender in grant.providers:
            return grant
    return None

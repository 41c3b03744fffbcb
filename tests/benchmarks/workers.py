"""Sixteen workers, two thousand inboxes: does each find its share, and how soon? By hand; needs Java.

Every member is a process of its own and joins as a worker does. Printed: how long until all inboxes are held, how
evenly, how long a member's leaving and a member's death take, and how many records were seen, missed and repeated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from adapters.transport.kafka import KafkaTransport
from contracts.channels import inbox
from contracts.ports import Assignment, ChannelSpec, Message, Partition
from deploy.local.kafka import LocalKafka

_GROUP: Final = "worker"
_HOUR_MS: Final = 3_600_000
_SETTLED_S: Final = 5.0
_GIVE_UP_S: Final = 240.0


def main() -> None:
    """Run the members or, as a child, be one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--inboxes", type=int, default=2000)
    parser.add_argument("--member", nargs=2, metavar=("BOOTSTRAP", "PREFIX"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.member:
        bootstrap, prefix = options.member
        asyncio.run(_be_a_member(bootstrap, prefix, options.inboxes))
        return
    with LocalKafka(heap_mb=1024) as kafka:
        asyncio.run(_measure(kafka.bootstrap, options.workers, options.inboxes))


async def _be_a_member(bootstrap: str, prefix: str, inboxes: int) -> None:
    transport = KafkaTransport(bootstrap, prefix=prefix)
    await transport.start()
    held: set[str] = set()

    def tell(**news: object) -> None:
        print(json.dumps(news), flush=True)

    async def prepare(assignment: Assignment) -> None:
        held.add(assignment.partition.channel)
        tell(held=len(held))

    def release(partition: Partition) -> None:
        held.discard(partition.channel)
        tell(held=len(held))

    consumer = await transport.consumer(
        _GROUP, [_inbox(each) for each in range(inboxes)], prepare=prepare, release=release
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        taking = asyncio.ensure_future(consumer.take())
        await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if taking.done():
            for delivery in taking.result():
                tell(seen=delivery.stored.message.value.decode())
                delivery.settle()
        else:
            taking.cancel()
    await transport.close()


@dataclass(slots=True)
class _Member:
    process: Process
    held: int = 0
    seen: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Take in what it tells until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            news = json.loads(line)
            self.held = news.get("held", self.held)
            if "seen" in news:
                self.seen.append(news["seen"])
        self.held = 0


async def _measure(bootstrap: str, workers: int, inboxes: int) -> None:
    prefix = f"workers-{secrets.token_hex(3)}"
    transport = KafkaTransport(bootstrap, prefix=prefix)
    await transport.start()
    began = time.monotonic()
    await transport.ensure([ChannelSpec(_inbox(each), 1, _HOUR_MS) for each in range(inboxes)])
    print(f"{inboxes} inboxes made and loaded in {time.monotonic() - began:.1f} s", flush=True)
    members = [await _start(bootstrap, prefix, inboxes) for _ in range(workers)]
    listening = [asyncio.create_task(member.listen()) for member in members]
    await _until_all_held("all have joined", members, inboxes)
    sent = [await _send(transport, "a", each) for each in range(inboxes)]
    members[0].process.terminate()
    await members[0].process.wait()
    await _until_all_held("one has left", members[1:], inboxes)
    members[1].process.kill()
    await members[1].process.wait()
    await _until_all_held("one was killed", members[2:], inboxes)
    sent += [await _send(transport, "b", each) for each in range(inboxes)]
    await asyncio.sleep(_SETTLED_S)
    for member in members[2:]:
        member.process.terminate()
    await asyncio.gather(*(member.process.wait() for member in members), *listening)
    await transport.close()
    seen = [each for member in members for each in member.seen]
    print(f"records: sent {len(sent)}, missed {len(set(sent) - set(seen))}, repeated {len(seen) - len(set(seen))}")


async def _start(bootstrap: str, prefix: str, inboxes: int) -> _Member:
    arguments = ("-m", "tests.benchmarks.workers", "--inboxes", str(inboxes), "--member", bootstrap, prefix)
    return _Member(await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE))


async def _send(transport: KafkaTransport, name: str, number: int) -> str:
    value = f"{name}{number}"
    await transport.append(Message(_inbox(number), b"k", value.encode()))
    return value


async def _until_all_held(what: str, members: list[_Member], inboxes: int) -> None:
    """All are held, and for a while nothing has moved."""
    began, still_since, last = time.monotonic(), time.monotonic(), [-1]
    while time.monotonic() - began < _GIVE_UP_S:
        now = [member.held for member in members]
        if now != last:
            still_since, last = time.monotonic(), now
        if sum(now) == inboxes and time.monotonic() - still_since > _SETTLED_S:
            break
        await asyncio.sleep(0.05)
    shares = sorted(last)
    print(
        f"{what}: {sum(shares)} of {inboxes} held after {still_since - began:.1f} s, "
        f"by {len(shares)} members: {shares[0]} to {shares[-1]}, median {median(shares):.0f}",
        flush=True,
    )


def _inbox(number: int) -> str:
    return inbox(f"s{number}")


if __name__ == "__main__":
    main()

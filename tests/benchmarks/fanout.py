"""Ten subscribers by webhook, on Kafka and embedded: how many deliveries a second? By hand; Kafka needs Java.

On Kafka all events are published before the workers start, so what is measured is the fan-out and the pushes alone;
embedded, one process does everything at once. The time is that from the first push to the last, as the receiver saw
it; on a machine with other work to do, the last column says more: the processor time of one push, in the process that
fans out and pushes (on Kafka with its start; embedded with accepting and with the ledger). Absolute figures belong to the machine; no test depends on them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

import aiohttp
import httpx

from deploy.local.kafka import LocalKafka
from deploy.ports import free_port
from tests.benchmarks.city import record, schema, write_workspace
from tests.benchmarks.processes import cpu_s, process, ready, token

EVENT: Final = "bench.observation"
_AT_ONCE: Final = 32
_GIVE_UP_S: Final = 180.0


class Came(TypedDict):
    """What the receiver tells."""

    pushes: int
    different: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    where: str
    workers: int
    events: int
    published_per_s: float
    wanted: int
    came: Came
    cpu_s: float


def main() -> None:
    """Run what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--subscribers", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1, help="worker processes, on Kafka")
    parser.add_argument("--only", choices=("embedded", "kafka"))
    options = parser.parse_args()
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lienthong-bench-")))
        if options.only != "embedded":
            with LocalKafka() as kafka:
                transport = f"kafka://{kafka.bootstrap}"
                rows.append(_measure(folder / "kafka", transport, options.events, options.subscribers, options.workers))
        if options.only != "kafka":
            rows.append(_measure(folder / "embedded", "sqlite:log.db", options.events, options.subscribers, 0))
    _print(rows)


def _measure(root: Path, transport: str, events: int, subscribers: int, workers: int) -> Row:
    """One run; `workers` 0: embedded."""
    port, receiver = free_port(), free_port()
    write_workspace(root, transport, port, receiver)
    _add_subscribers(root, receiver, subscribers)
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(process("-m", "tests.benchmarks.receiver", str(receiver), port=receiver))
        for role in ("ledger", "gateway") if workers else ("serve",):
            listens = None if role == "ledger" else port
            pushing = stack.enter_context(process("-m", "gateway", role, str(root), port=listens))
        ready(url)
        idle_s = 0.0 if workers else cpu_s(pushing.pid)
        began = time.monotonic()
        asyncio.run(_publish(url, token(url), events))
        published_per_s = events / (time.monotonic() - began)
        members = [stack.enter_context(process("-m", "gateway", "worker", str(root))) for _ in range(workers)]
        wanted = events * subscribers
        came = _counted(f"http://127.0.0.1:{receiver}", wanted)
        used_s = sum(cpu_s(each.pid) for each in members or [pushing]) - idle_s
    return Row(root.name, workers, events, published_per_s, wanted, came, used_s)


async def _publish(url: str, bearer: str, events: int) -> None:
    headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json"}
    body, left = json.dumps(record()), iter(range(events))

    async def one_after_the_other(session: aiohttp.ClientSession) -> None:
        for _ in left:
            async with session.post(f"{url}/exchange/{EVENT}", data=body) as answer:
                if answer.status != httpx.codes.ACCEPTED:
                    raise RuntimeError(f"an event was not accepted: {answer.status} {await answer.text()}")

    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(one_after_the_other(session) for _ in range(_AT_ONCE)))


def _counted(receiver: str, wanted: int) -> Came:
    """What came, once all of it did, or nothing more does."""
    began = time.monotonic()
    while True:
        came: Came = httpx.get(receiver).json()
        if came["different"] >= wanted or time.monotonic() - began > _GIVE_UP_S:
            return came
        time.sleep(0.5)


def _add_subscribers(root: Path, receiver: int, subscribers: int) -> None:
    names = [f"s{number}" for number in range(subscribers)]
    files = {
        f"contracts/{EVENT}/contract.yaml": "title: Observation\npattern: event\n",
        f"contracts/{EVENT}/v1/event.avsc": json.dumps(schema()),
        f"contracts/{EVENT}/examples/request.json": json.dumps(record()),
        "systems/sender.yaml": f"publishes: [{EVENT}]\n",
        "secrets/webhook": "whsec_" + b64encode(bytes(32)).decode(),
        "agencies/subscribers.yaml": "agencies:\n  - code: H18\n    name: Bench\n    kind: state\n    systems:\n"
        + "".join(f"      - {{id: {name}, name: Subscriber}}\n" for name in names),
        "grants/subscribers.yaml": "grants:\n" + "".join(_GRANT.replace("NAME", name) for name in names),
        **{f"systems/{name}.yaml": _SUBSCRIBER.replace("PORT", str(receiver)) for name in names},
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _print(rows: list[Row]) -> None:
    print(
        f"{'log':10}{'workers':>8}{'events':>8}{'publ. /s':>10}{'pushes':>8}{'missed':>8}{'again':>7}{'s':>8}{'pushes /s':>11}{'cpu ms':>8}"
    )
    for row in rows:
        came = row.came
        missed, again = row.wanted - came["different"], came["pushes"] - came["different"]
        per_s = came["pushes"] / came["took_s"] if came["took_s"] else 0.0
        cpu_ms = 1000 * row.cpu_s / came["pushes"] if came["pushes"] else 0.0
        print(
            f"{row.where:10}{row.workers or 'all':>8}{row.events:8}{row.published_per_s:10.0f}{came['pushes']:8}{missed:8}"
            f"{again:7}{came['took_s']:8.1f}{per_s:11.0f}{cpu_ms:8.2f}"
        )


_GRANT = (
    f"  - {{id: g-NAME, system: NAME, contract: {EVENT}, providers: [sender], purpose: Bench, legal_basis: none, "
    "from: 2025-01-01, view: all}\n"
)
_SUBSCRIBER = f"""kind: webhook
connection: {{url: "http://127.0.0.1:PORT", allow_private: true, secrets: ["file:secrets/webhook"]}}
concurrency: 32
services:
  - contract: {EVENT}
    idempotent: true
    operation: {{}}
"""

if __name__ == "__main__":
    main()

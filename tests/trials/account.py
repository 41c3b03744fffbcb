"""Counting afterwards: what each subscriber was given, what was rejected, and what the ledger says of it."""

from __future__ import annotations

import collections
import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from tests.trials.city import ORDERED, PULLING, PUSHED, SELF, folder_of
from tests.trials.station import Written

_SHOWN: Final = 3

Reading: TypeAlias = tuple[str, int]
Files: TypeAlias = dict[str, Written]
"""What was written, by contract."""


class Came(NamedTuple):
    """One delivery, in the order in which they came."""

    contract: str
    id: str
    reading: Reading


@dataclass(slots=True)
class Given:
    """What one subscriber was given of one contract. `twice` are rows that came under two ids."""

    deliveries: int = 0
    effects: dict[str, Reading] = field(default_factory=dict)
    torn: int = 0

    @property
    def repeats(self) -> int:
        """Deliveries of an id that had come before."""
        return self.deliveries - len(self.effects)

    def faults(self, written: Written, *, ordered: bool) -> list[str]:
        """What is wrong with it, in words."""
        came = collections.Counter(self.effects.values())
        wanted = set(written.good)
        found: dict[str, Sequence[object]] = {
            "missing": [each for each in written.good if each not in came],
            "unknown": [each for each in came if each not in wanted],
            "under two ids": [each for each, times in came.items() if times > 1],
            "changed under its id": ["an id came with another row"] * self.torn,
        }
        if ordered:
            found["out of order"] = list(_backwards(self.effects.values()))
        return [f"{len(each)} {what}, as {each[:_SHOWN]}" for what, each in found.items() if each]


def _backwards(readings: Iterable[Reading]) -> Iterator[Reading]:
    latest: dict[str, int] = {}
    for station, number in readings:
        if number < latest.get(station, -1):
            yield station, number
        latest[station] = max(number, latest.get(station, -1))


def given(folder: Path, subscriber: str, files: Files) -> dict[str, Given]:
    """What a subscriber noted, by contract."""
    found = {contract: Given() for contract in files}
    came = _pulled(folder, subscriber) if subscriber in PULLING else _pushed(folder / subscriber)
    for each in came:
        of = found[each.contract]
        of.deliveries += 1
        of.torn += of.effects.setdefault(each.id, each.reading) != each.reading
    return found


def _pushed(path: Path) -> Iterator[Came]:
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                contract, message_id, station, number = line.split()
                yield Came(contract, message_id, (station, int(number)))


def _pulled(folder: Path, subscriber: str) -> Iterator[Came]:
    """What the clients of one subscriber printed, one after the other; the last line of a killed one may be torn."""
    for path in sorted(folder.glob(f"{subscriber}.*.jsonl")):
        contract = path.name.split(".", 1)[1].rsplit(".", 2)[0]
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    event = json.loads(line)
                    data = event["data"]
                    yield Came(contract, event["id"], (data["station"], data["number"]))


def rejected(root: Path, contract: str, written: Written) -> tuple[int, list[str]]:
    """How many rows the reject file tells of, and what is wrong with it."""
    folder = folder_of(root, contract)
    files = list((folder / "rejected").glob("*.rejected.csv"))
    rows: list[dict[str, str]] = []
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += csv.DictReader(file)
    fields = {int(row["row"]): row["field"] for row in rows}
    faults = []
    if not (folder / "done" / written.path.name).exists():
        faults.append("the file is not among those that are done")
    if len(files) != 1:
        faults.append(f"{len(files)} reject files")
    if len(rows) != len(fields):
        faults.append(f"{len(rows) - len(fields)} rejected rows are told twice")
    if fields != written.bad:
        other = sorted(fields.items() ^ written.bad.items())
        faults.append(f"{len(other)} rejected rows are others than the bad ones, as {other[:_SHOWN]}")
    if not all(row["reason"] for row in rows):
        faults.append("a reason is missing")
    return len(rows), faults


def in_ledger(root: Path, files: Files) -> tuple[dict[tuple[str, str, str], int], list[str]]:
    """How many exchanges the ledger has by contract, receiver ("" for the events themselves) and outcome; and what is
    wrong with that."""
    with sqlite3.connect(f"file:{root / 'ledger.db'}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select contract, case when event = '' then '' else receiver end, coalesce(outcome, ''), count(*) from exchanges "
            "group by 1, 2, 3"
        ).fetchall()
    database.close()
    counts: collections.Counter[tuple[str, str, str]] = collections.Counter()
    for contract, receiver, outcome, count in rows:
        # A subscription that a system made for itself is called after it.
        counts[contract, receiver.partition("_")[0], outcome] += count
    wanted = {
        (contract, receiver, "delivered"): len(written.good)
        for contract, written in files.items()
        for receiver in (*PUSHED, *SELF)
    }
    # An event itself has no outcome, only its copies have.
    wanted |= {(contract, "", ""): len(written.good) for contract, written in files.items()}
    other = sorted(counts.items() ^ wanted.items())
    return counts, [f"the ledger has other counts: {other[:20]}"] if other else []


def account(root: Path, folder: Path, files: Files, subscribers: tuple[str, ...]) -> bool:
    """Print what came of it; answers whether all of it is right."""
    faults = []
    for contract, written in files.items():
        bad, wrong = rejected(root, contract, written)
        faults += [f"{contract}: {each}" for each in wrong]
        print(f"{contract:16} rows {written.rows} = events {len(written.good)} + rejected {bad}")
        if written.rows != len(written.good) + bad:
            faults.append(f"{contract}: rows are not events + rejected")
    print(f"{'subscriber':12}{'contract':16}{'deliveries':>11}{'effects':>9}{'repeats':>9}")
    for subscriber in subscribers:
        for contract, of in given(folder, subscriber, files).items():
            print(f"{subscriber:12}{contract:16}{of.deliveries:11}{len(of.effects):9}{of.repeats:9}")
            wrong = of.faults(files[contract], ordered=contract == ORDERED)
            faults += [f"{subscriber}: {contract}: {each}" for each in wrong]
    _, wrong = in_ledger(root, files)
    faults += wrong
    for fault in faults:
        print(f"WRONG: {fault}")
    print("all of it is right" if not faults else f"{len(faults)} things are wrong")
    return not faults

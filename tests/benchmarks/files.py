"""How fast a file comes in: `python -m tests.benchmarks.files [--rows 200000]`, the whole product on the embedded log.

The model city's air station, with everything that a bus does in one process: real intake, event, fan-out, ledger. Beside
it, in the same minutes, what the same parts do with nothing around them: Python's csv, fastavro, SQLite in batches.
Absolute figures belong to the machine; the ratio carries over. No test depends on any of it.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sqlite3
import struct
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import fastavro
import httpx

from deploy.ports import free_port
from tests.benchmarks.processes import cpu_s, process, ready
from tests.benchmarks.station import CONTRACT, leave_file, write_station

_BATCH = 256


def bare(path: Path, schema: Path, log: Path) -> Speed:
    """A program that does the least: read, convert by hand, encode, store durably in batches."""
    parsed = fastavro.parse_schema(json.loads(schema.read_text(encoding="utf-8")))
    connection = sqlite3.connect(log, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, key BLOB, headers BLOB, value BLOB)")
    began_s, before_s, count = time.perf_counter(), time.process_time(), 0
    with path.open(encoding="utf-8", newline="") as file:
        for batch in _batches(csv.DictReader(file)):
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO messages (key, headers, value) VALUES (?, ?, ?)",
                [(uuid.uuid4().bytes, b"", _packed(parsed, _converted(row))) for row in batch],
            )
            connection.execute("COMMIT")
            count += len(batch)
    connection.close()
    return Speed(count / (time.perf_counter() - began_s), 1e6 * (time.process_time() - before_s) / count)


def _batches(rows: csv.DictReader[str]) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _converted(row: dict[str, str]) -> dict[str, Any]:
    numbers = {name: None if row[name] in {"", "N/A"} else float(row[name]) for name in _POLLUTANTS}
    return {
        "stationCode": "DN-MAU-01",
        "areaServed": row["city"],
        "dateObserved": datetime.fromisoformat(row["timestamp"]),
        "airQualityIndex": {"value": int(row["aqi"]), "method": "US_EPA"},
        **numbers,
        "temperature": float(row["temperature"].removesuffix("°C")),
        "relativeHumidity": float(row["humidity"].removesuffix("%")),
        "windSpeed": float(row["wind_speed"].removesuffix(" km/h")),
    }


_POLLUTANTS = ("pm25", "pm10", "o3", "no2", "so2", "co")


def _packed(parsed: Any, record: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    out.write(struct.pack(">bI", 0, 1))
    fastavro.schemaless_writer(out, parsed, record)
    return out.getvalue()


def rows_in(url: str) -> float:
    """How many rows have become events, as `/metrics` says."""
    return sum(
        float(value)
        for value in re.findall(r"^lienthong_source_rows_total\{.*end=\"event\".*\} (\S+)$", _metrics(url), re.M)
    )


def ended(url: str) -> bool:
    """Whether a file was dealt with."""
    return re.search(r"^lienthong_source_files_total\{.*end=\"done\"", _metrics(url), re.M) is not None


def _metrics(url: str) -> str:
    return httpx.get(url + "/metrics", timeout=30).text


@dataclass(frozen=True, slots=True)
class Speed:
    """Rows per second, and the processor time that a row cost, which a busy machine falsifies less."""

    rows_s: float
    cpu_us: float


def whole(root: Path, rows: int) -> tuple[Speed, Speed]:
    """The whole product, from the moment the file is there until it is done with; and the bare program."""
    port = free_port()
    folder = write_station(root, "sqlite:log.db", port, free_port())
    with process("-m", "gateway", "serve", str(root), port=port) as bus:
        url = f"http://127.0.0.1:{port}"
        ready(url)
        path = leave_file(folder, rows)
        began_s, before_s = time.perf_counter(), cpu_s(bus.pid)
        while not ended(url):
            time.sleep(0.2)
        speed = Speed(rows / (time.perf_counter() - began_s), 1e6 * (cpu_s(bus.pid) - before_s) / rows)
    yardstick = bare(folder / "done" / path.name, root / "contracts" / CONTRACT / "v1" / "event.avsc", root / "bare.db")
    return speed, yardstick


def main() -> None:
    """Print rows per second of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows: int = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-") as place:
        speed, yardstick = whole(Path(place) / "bus", rows)
    for what, each in (("whole product", speed), ("bare", yardstick)):
        print(f"{what:14} {rows} rows  {each.rows_s:8,.0f} rows/s  {each.cpu_us:6.1f} µs of processor a row")
    print(f"ratio {speed.rows_s / yardstick.rows_s:.3f}, of processor time {yardstick.cpu_us / speed.cpu_us:.3f}")


if __name__ == "__main__":
    main()

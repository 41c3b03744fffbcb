"""Accept and query at 1, 32 and 128 connections, embedded and on Kafka, beside the bare spike. Needs `wrk` and Java.

One table, one run. Absolute figures belong to the machine; ratios carry over. No test depends on any of it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.kafka import LocalKafka
from deploy.ports import free_port
from tests.benchmarks.city import QUERY, SUBMISSION, record, write_workspace
from tests.benchmarks.processes import process, ready, token

CONNECTIONS = (1, 32, 128)
_DRAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of wrk came to."""

    per_s: float
    p50_ms: float
    p99_ms: float
    errors: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    where: str
    connections: int
    run: Run
    bare: Run | None
    lag: str
    memory_mb: str


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", choices=("embedded", "kafka"))
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lienthong-bench-")))
        provider_port = free_port()
        stack.enter_context(process("-m", "tests.benchmarks.provider", str(provider_port), port=provider_port))
        bare: dict[tuple[str, int], Run] = {}
        if options.only != "embedded":
            kafka = LocalKafka()
            kafka.start()
            stack.callback(kafka.stop)
            bare = _bare(kafka.bootstrap, provider_port, options.seconds, folder)
            rows += _ours("kafka", f"kafka://{kafka.bootstrap}", folder, provider_port, options.seconds, bare)
        if options.only != "kafka":
            rows += _ours("embedded", "sqlite:log.db", folder, provider_port, options.seconds, bare)
    _print(rows)


def _bare(bootstrap: str, provider_port: int, seconds: int, folder: Path) -> dict[tuple[str, int], Run]:
    port = free_port()
    found: dict[tuple[str, int], Run] = {}
    provider = f"http://127.0.0.1:{provider_port}"
    with (
        process("-m", "tests.benchmarks.bare", "gateway", bootstrap, str(port), port=port),
        process("-m", "tests.benchmarks.bare", "worker", bootstrap, provider),
    ):
        time.sleep(4)
        for what, path, body in (("accept", "/report", record()), ("query", "/ask", {"person_id": "999314000017"})):
            for connections in CONNECTIONS:
                script = _script(folder, path, body, {})
                found[what, connections] = _wrk(f"http://127.0.0.1:{port}", script, connections, seconds)
    return found


def _ours(
    where: str, transport: str, folder: Path, provider_port: int, seconds: int, bare: dict[tuple[str, int], Run]
) -> list[Row]:
    port = free_port()
    root = folder / where
    write_workspace(root, transport, port, provider_port)
    roles = ("serve",) if where == "embedded" else ("ledger", "worker", "gateway")
    url = f"http://127.0.0.1:{port}"
    rows = []
    with ExitStack() as stack:
        processes = {
            role: stack.enter_context(
                process("-m", "gateway", role, str(root), port=port if role in {"serve", "gateway"} else None)
            )
            for role in roles
        }
        ready(url)
        bearer = token(url)
        for what, path, body in (
            ("accept", f"/exchange/{SUBMISSION}", record()),
            ("query", f"/exchange/{QUERY}", {"person_id": "999314000017"}),
        ):
            for connections in CONNECTIONS:
                script = _script(folder, path, body, {"authorization": f"Bearer {bearer}"})
                run = _wrk(url, script, connections, seconds)
                lag = _lag(url, bearer, where)
                memory = "/".join(str(_resident_mb(process.pid)) for process in processes.values())
                rows.append(Row(what, where, connections, run, bare.get((what, connections)), lag, memory))
                _print(rows[-1:])
    return rows


def _lag(url: str, bearer: str, where: str) -> str:
    """How long the ledger needs to pass what was just sent: a probe is sent and looked for without its pointer."""
    del where
    headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json"}
    began = time.monotonic()
    sent = httpx.post(f"{url}/exchange/{SUBMISSION}", json=record(), headers=headers, timeout=30)
    if sent.status_code != httpx.codes.ACCEPTED:
        return f"probe {sent.status_code}"
    exchange = sent.json()["id"]
    while time.monotonic() - began < 60:
        seen = httpx.get(f"{url}/exchanges/{exchange}", headers=headers, timeout=30)
        if seen.status_code == httpx.codes.OK and seen.json()["state"] == "settled":
            took_s = time.monotonic() - began
            return f"{took_s:.1f} s" + ("" if took_s <= _DRAIN_S else " (late)")
        time.sleep(0.05)
    return "> 60 s"


def _wrk(url: str, script: Path, connections: int, seconds: int) -> Run:
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "--timeout",
        "20s",
        "-s",
        str(script),
        url,
    ]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = sum(
        int(number) for number in re.findall(r"(?:Non-2xx or 3xx responses|connect|read|write|timeout):? (\d+)", text)
    )
    return Run(
        per_s=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50_ms=_ms(_found(r"\n\s+50%\s+(\S+)", text)),
        p99_ms=_ms(_found(r"\n\s+99%\s+(\S+)", text)),
        errors=errors,
    )


def _script(folder: Path, path: str, body: object, headers: dict[str, str]) -> Path:
    text = json.dumps(json.dumps(body, ensure_ascii=False), ensure_ascii=False)
    lines = [
        'wrk.method = "POST"',
        f"wrk.path = {json.dumps(path)}",
        f"wrk.body = {text}",
        'wrk.headers["content-type"] = "application/json"',
        *(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()),
    ]
    script = folder / "wrk.lua"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return script


def _resident_mb(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(_found(r"VmRSS:\s+(\d+)", text)) // 1024


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"{pattern} is not in: {text}")
    return match[1]


def _ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]  # wrk's own format
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def _print(rows: list[Row]) -> None:
    print(
        f"{'what':8}{'log':10}{'conn':>5}{'/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'err':>5}{'bare /s':>9}{'ratio':>7}{'lag':>12}  MB"
    )
    for row in rows:
        bare = f"{row.bare.per_s:9.0f}{row.run.per_s / row.bare.per_s:7.2f}" if row.bare else f"{'':16}"
        run = row.run
        print(
            f"{row.what:8}{row.where:10}{row.connections:5}{run.per_s:9.0f}{run.p50_ms:9.2f}{run.p99_ms:9.1f}{run.errors:5}"
            f"{bare}{row.lag:>12}  {row.memory_mb}",
            flush=True,
        )


if __name__ == "__main__":
    main()

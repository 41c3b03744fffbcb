"""What benchmarks have in common: the roles of a bus as processes of their own, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.benchmarks.city import SECRET

_UP_S = 60.0


@contextmanager
def process(*arguments: str, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A child of this Python; it listens on `port` where one is given, and ends with the block."""
    child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    try:
        if port is not None:
            _listening(child, port)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _listening(child: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _UP_S
    while time.monotonic() < until and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")


def ready(url: str) -> None:
    """Return once the gateway takes requests."""
    until = time.monotonic() + _UP_S
    while time.monotonic() < until:
        try:
            if httpx.get(url + "/readyz").status_code == httpx.codes.OK:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    time.sleep(3)


def token(url: str) -> str:
    """A token of the sender."""
    answer = httpx.post(url + "/oauth2/token", data={"grant_type": "client_credentials"}, auth=("sender", SECRET))
    return str(answer.raise_for_status().json()["access_token"])


def cpu_s(pid: int) -> float:
    """The processor time that a process has used, on all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""Ports of the loopback for what is started on this machine."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack
from typing import Final

HOST: Final = "127.0.0.1"
# Below those that a system gives to connections that go out (from 32768 on Linux, 49152 elsewhere): one of these might
# be taken for one between here and the moment in which somebody listens on it.
_FIRST: Final = 15_000
_PAST: Final = 32_000


def free_port() -> int:
    """A port that nobody listens on now, and that no outgoing connection is given. OSError where there is none."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """`count` of them, all different."""
    found: list[int] = []
    begin = secrets.randbelow(_PAST - _FIRST)
    with ExitStack() as stack:
        for step in range(_PAST - _FIRST):
            if len(found) == count:
                return found
            port = _FIRST + (begin + step) % (_PAST - _FIRST)
            try:
                stack.enter_context(socket.create_server((HOST, port)))
            except OSError:
                continue
            found.append(port)
    raise OSError(f"no {count} ports are free on {HOST}")


def is_free(port: int) -> bool:
    """Whether nobody listens on that port of this machine."""
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False

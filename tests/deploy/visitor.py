"""A person at a real terminal, who reads what stands there and presses keys."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pexpect

from deploy.ports import is_free

COMMAND = Path(sys.executable).with_name("lienthong")
_PATIENCE_S = 200
_SETTLED = {"NO_COLOR", "COLUMNS", "LINES", "LIENTHONG_LANG"}
"""What a newcomer's shell has not set, whatever runs the tests has."""
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINES = re.compile(r"[\s│╭╮╰╯─]+")


class Visitor:
    """Runs `lienthong demo …` in a pseudo-terminal, standing in `folder`."""

    def __init__(
        self, folder: Path, *arguments: str, rows: int = 30, columns: int = 100, env: dict[str, str] | None = None
    ) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if name not in _SETTLED}
        self._child: pexpect.spawn[str] = pexpect.spawn(
            str(COMMAND),
            ["demo", *arguments],
            cwd=str(folder),
            env={**inherited, "TERM": "xterm-256color", **(env or {})},
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=_PATIENCE_S,
        )
        self.raw = ""
        self._is_open = True

    def page(self) -> str:
        """What has come to the screen until the story waits for a key, as words: no colours, no frames."""
        return self._until("⏎")

    def kill_line(self) -> int:
        """Read on until the story says which process to kill; answers the process."""
        self._until(r"kill -9 \d+")
        return int(str(self._child.after).split()[-1])

    def see(self, what: str) -> None:
        """Read on until `what` stands there."""
        self._until(what)

    def watch(self, seconds: float) -> None:
        """Only look on for a while."""
        self._child.expect(pexpect.TIMEOUT, timeout=seconds)

    def press(self, keys: str = "\r") -> None:
        """Press keys; Enter, where none are named."""
        self._child.send(keys)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def hang_up(self) -> None:
        """Close the window without a word: the kernel tells those who live in it."""
        child: Any = self._child
        child.ptyproc.fileobj.close()
        self._is_open = False

    def leave(self) -> tuple[str, int | None]:
        """Read to the end: the last words, and the exit code."""
        last = self._until(pexpect.EOF)
        self._child.wait()
        self._child.close()
        return last, self._child.exitstatus

    def end(self) -> None:
        """Leave nothing behind, whatever has happened."""
        if not self._is_open:
            return
        if self._child.isalive():
            self._child.kill(signal.SIGTERM)
            self._child.expect(pexpect.EOF)
        self._child.close(force=True)

    def lines(self) -> list[str]:
        """The lines of the last page as they can be copied."""
        return [line.strip() for line in _CODES.sub("", self.raw).splitlines()]

    def _until(self, what: Any) -> str:
        self._child.expect(what)
        self.raw = str(self._child.before)
        return words(self.raw)


def words(text: str) -> str:
    """What a person reads of what a terminal is sent."""
    return _LINES.sub(" ", _CODES.sub("", text)).strip()


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that have to do with `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if str(folder).encode() in line:
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def quiet_port() -> int:
    """A port nobody listens on, of those that no outgoing connection is given either: it stays free for a while."""
    return next(port for port in random.sample(range(20_000, 32_000), 100) if is_free(port))

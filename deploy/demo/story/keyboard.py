"""The keys of the person at the terminal: one at a time, unseen, without waiting for Enter."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ENTER: Final = frozenset({"\r", "\n"})
_LEAVE: Final = frozenset({"", "\x04"})
_MOST: Final = 1024


class Left(Exception):
    """The person has left: by Ctrl-D, or the terminal is gone."""


class Keyboard:
    """Reads keys from a terminal. Ctrl-C stays a signal."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._keys: asyncio.Queue[str] = asyncio.Queue()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the terminal over until the end, and give it back as it was. Inside a running loop."""
        before = termios.tcgetattr(self._fd)
        loop = asyncio.get_running_loop()
        tty.setcbreak(self._fd)
        loop.add_reader(self._fd, self._read)
        try:
            yield
        finally:
            loop.remove_reader(self._fd)
            termios.tcsetattr(self._fd, termios.TCSADRAIN, before)

    def forget(self) -> None:
        """Forget what was pressed before anybody asked."""
        while not self._keys.empty():
            self._keys.get_nowait()

    async def key(self) -> str:
        """The next key. Left."""
        pressed = await self._keys.get()
        if pressed in _LEAVE:
            raise Left
        return pressed

    async def enter(self) -> None:
        """Return once Enter is pressed. Left."""
        while await self.key() not in ENTER:
            continue

    def _read(self) -> None:
        try:
            pressed = os.read(self._fd, _MOST).decode(errors="replace")
        except OSError:
            pressed = ""
        if not pressed:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._keys.put_nowait("")
        for each in pressed:
            self._keys.put_nowait(each)

"""The keys of the person at the terminal: one at a time, unseen, without waiting for Enter."""

from __future__ import annotations

import asyncio
import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
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
        """Take the terminal over until the end, and give it back as it was. Inside a running loop.

        A thread waits for the keys: an event loop would make the terminal non-blocking, for whoever writes to it too,
        and what a slow terminal cannot take at once would be lost.
        """
        before = termios.tcgetattr(self._fd)
        ended, end = os.pipe()
        reading = Thread(target=self._read, args=(asyncio.get_running_loop(), ended), name="keyboard", daemon=True)
        tty.setcbreak(self._fd)
        reading.start()
        try:
            yield
        finally:
            os.close(end)
            reading.join()
            os.close(ended)
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

    def _read(self, loop: asyncio.AbstractEventLoop, ended: int) -> None:
        """Hand on what is pressed until the pipe `ended` is closed at its other end, or the terminal is gone."""
        while True:
            ready, _, _ = select.select([self._fd, ended], [], [])
            if ended in ready:
                return
            try:
                pressed = os.read(self._fd, _MOST).decode(errors="replace")
            except OSError:
                pressed = ""
            for each in pressed or [""]:
                loop.call_soon_threadsafe(self._keys.put_nowait, each)
            if not pressed:
                return

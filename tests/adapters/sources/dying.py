"""A worker with the source over a folder, that kills itself at a row: `dying.py ROOT ROWS` (0: it lives)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from contracts.ports import Submitted
from tests.adapters.sources.support import bus


async def main(root: Path, rows: int) -> None:
    """Run until the file is done, or until so many rows were brought in."""
    left = rows

    async def die(_: Submitted) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async with bus(root, sqlite=True) as city:
        if rows % 2:
            city.intake.before = die
        else:
            city.intake.after = die
        await city.start(f"process-{os.getpid()}", note_s=0.05)
        await city.ended(within_s=100)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))

"""`kill -9` at any row: each good row is on the log once, each bad row in the reject file once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.sources.support import bus, table, twice

ROOT = Path(__file__).parents[3]


def run(root: Path, rows: int) -> int:
    """Run a worker that dies after so many rows; answers how its process ended."""
    arguments = [sys.executable, "-P", str(Path(__file__).with_name("dying.py")), str(root), str(rows)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(arguments, env=environment, timeout=120, check=False).returncode


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_random_rows_every_row_becomes_a_message_once(tmp_path: Path, seed: int) -> None:
    """Before a row is on the log, after it, between notes, at the first row and at the last ones."""
    rng = random.Random(seed)
    count, bad = 3000, (1, 700, 701, 2999)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "f.csv").write_text(table(count, bad=bad))
    for rows in (1, *(rng.randrange(1, 900) for _ in range(4))):
        code = run(tmp_path, rows)
        assert code in (-signal.SIGKILL, 0)
    assert run(tmp_path, 0) == 0
    async with bus(tmp_path, sqlite=True) as city:
        events = await city.events()
        assert sorted(row for _, row in events) == [row for row in range(1, count + 1) if row not in bad]
        assert not twice(events)
        assert [int(row["row"]) for row in city.rejected()] == list(bad)
        (done,) = await city.ended()
        assert done.detail == f"rows {count} = events {count - 4} + rejected 4"
        assert [path.name for path in (city.folder / "done").iterdir()] == ["f.csv"]

"""A fresh bus for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.support import FakeSystem, RunningBus, fine, start_bus


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus on the memory log with two systems: `memo` (idempotent) and `twice` (not)."""
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        yield running

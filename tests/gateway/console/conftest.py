"""A bus with people for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.support import RunningBus
from tests.gateway.console.support import Visitor, bus_with_people


@pytest.fixture
async def peopled(tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus with an operator and a viewer."""
    running = await bus_with_people(tmp_path)
    async with running.stack:
        yield running


@pytest.fixture
async def operator(peopled: RunningBus) -> Visitor:
    """An operator who is signed in."""
    visitor = Visitor.at(peopled)
    assert (await visitor.sign_in()).status_code == 303
    return visitor

"""The ledger passes the suite of its port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.testkit.ledger import LedgerBench, LedgerSuite
from tests.adapters.ledger.support import open_bench


class TestProjectedLedger(LedgerSuite):
    """The projection of a log in memory to SQLite."""

    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[LedgerBench]:
        async with open_bench(tmp_path) as bench:
            yield bench

"""What `/openapi.json` says is so: Schemathesis sends what fits it and what does not, with a token of either kind."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.flows.support import RunningBus

SETTINGS: Final = """
# What a schema cannot say: whether names are of this bus, a code is in force on its date, an address is public.
[[operations]]
include-path-regex = "^/(exchange/|subscriptions)"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422"]

# Which lists and rows there are, and what a code means on a date, stands in the list and not in the document.
[[operations]]
include-path-regex = "^/(codelists|agencies)/"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "401", "404", "422"]

# A cursor is signed: what fits its schema is hardly ever one.
[[operations]]
include-path-regex = "^/(inbox/|operate/(dead|in-doubt)$)"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "410"]

# A part is named by the hash of its content, and a configuration names parts that are there.
[[operations]]
include-path-regex = "^/operate/config"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409"]
"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("system", ["asker", None])
async def test_the_bus_keeps_to_its_document(bus: RunningBus, tmp_path: Path, system: str | None) -> None:
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={settings}",
        "run",
        f"{bus.client.base_url}/openapi.json",
        f"--header=Authorization: Bearer {bus.token(system)}",
        "--max-examples=10",
        "--seed=20250701",
        "--generation-deterministic",
        "--request-timeout=20",
        "--warnings=off",
    ]
    running = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await running.communicate()
    assert running.returncode == 0, told.decode(errors="replace")
    assert b" passed" in told

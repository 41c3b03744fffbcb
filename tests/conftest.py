"""What every test may rely on."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

pytest.register_assert_rewrite("contracts.testkit")


def missing_service(reason: str) -> None:
    """Skip a test whose server is absent; where LIENTHONG_SERVICES=required, fail instead."""
    if os.environ.get("LIENTHONG_SERVICES") == "required":
        pytest.fail(f"required service is missing: {reason}", pytrace=False)
    pytest.skip(reason)


# Whole flows need every part; they are collected as soon as all are there.
_PARTS = (
    "adapters.workspace.snapshot",
    "adapters.systems.kinds",
    "adapters.transport.sqlite",
    "adapters.transport.kafka",
)
collect_ignore_glob = [] if all(find_spec(part) for part in _PARTS) else ["flows/*", "deploy/test_demo.py"]

"""What every test may rely on."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite("contracts.testkit")


def missing_service(reason: str) -> None:
    """Skip a test whose server is absent; where LIENTHONG_SERVICES=required, fail instead."""
    if os.environ.get("LIENTHONG_SERVICES") == "required":
        pytest.fail(f"required service is missing: {reason}", pytrace=False)
    pytest.skip(reason)


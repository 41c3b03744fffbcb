"""The steps of intake, joined: the same for what comes over HTTP and for what sources bring in."""

from __future__ import annotations

import time
from collections.abc import Callable

from contracts.ports import Ledger
from gateway.auth.keys import TokenKey
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.case_keys import CaseKeys
from gateway.directory import Directory
from gateway.intake import Intake
from gateway.order_keys import OrderKeys
from gateway.quota import Quotas
from gateway.wiring.core import Core


def intake_of(
    core: Core, directory: Callable[[], Directory], key: TokenKey, ledger: Ledger, board: Board, quotas: Quotas
) -> Intake:
    """Intake over `core`; its keyed hashes and its tokens come of the token key, so all processes agree on them."""
    return Intake(
        directory,
        Tokens(key, core.workspace.bus.name, time.time),
        core.transport,
        core.registry,
        ledger,
        board,
        quotas,
        CaseKeys(key.derived("case")),
        OrderKeys(key.derived("order")),
        core.clock,
        core.random_bytes,
        core.telemetry.spans,
    )

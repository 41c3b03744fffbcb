"""The console, joined."""

from __future__ import annotations

import time

from contracts.sessions import SessionEnds
from gateway.auth.hashes import Hashes
from gateway.auth.keys import TokenKey
from gateway.board import Board
from gateway.case_keys import CaseKeys
from gateway.console.assets import Assets
from gateway.console.attempts import Attempts
from gateway.console.audit import Audit
from gateway.console.context import Console
from gateway.console.drawing import Drawing
from gateway.console.live.parts import Live
from gateway.console.passwords import PasswordWatch
from gateway.console.portal.index import PortalIndex
from gateway.console.sessions import Sessions
from gateway.context import Gateway
from gateway.wiring.core import Core
from gateway.wiring.receiving import WorkspaceReceiving
from gateway.wiring.secrets import SecretMissing, secret_reader


def console_of(gateway: Gateway, board: Board, core: Core, key: TokenKey, hashes: Hashes, ends: SessionEnds) -> Console:
    """The console over `gateway`. SecretMissing where a user's password is nowhere."""
    workspace = core.workspace
    secret = secret_reader(workspace.root)
    for user in workspace.users.values():
        # A reference that leads nowhere is told when the gateway starts, not when somebody signs in.
        secret(user.password_hash)

    def found(reference: str) -> str | None:
        try:
            return secret(reference).strip() or None
        except SecretMissing:
            return None

    def hashes_now() -> dict[str, str | None]:
        return {user.id: found(user.password_hash) for user in gateway.directory().users.values()}

    audit = Audit(gateway.journal, lambda: gateway.directory().configuration, gateway.now_ms, core.random_bytes)
    assets = Assets()
    drawing = Drawing(assets, workspace.bus.time_zone)
    return Console(
        gateway=gateway,
        secret=found,
        hashes=hashes,
        sessions=Sessions(key.derived("console"), time.time, ends),
        attempts=Attempts(time.monotonic),
        audit=audit,
        assets=assets,
        drawing=drawing,
        case_keys=CaseKeys(key.derived("case")),
        receiving=WorkspaceReceiving(lambda: core.workspace),
        live=Live(gateway, board, drawing),
        portal_index=PortalIndex(),
        passwords=PasswordWatch(hashes_now, audit),
    )

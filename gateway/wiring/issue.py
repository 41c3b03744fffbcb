"""Minting tokens from a workspace, without a running bus."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

from contracts.said import said
from gateway.auth.tokens import Tokens
from gateway.wiring.offline import load_workspace
from gateway.wiring.secrets import token_key_of


class NoSuchSystem(Exception):
    """The workspace has no such system."""


def issue_token(root: Path, system: str | None, lifetime_s: int) -> str:
    """A token for `system`, or an operator's where it is None. InvalidWorkspace, TokenKeyError, NoSuchSystem."""
    workspace = load_workspace(root)
    tokens = Tokens(token_key_of(workspace), workspace.bus.name, time.time)
    if system is None:
        return tokens.issue(f"operator:{getpass.getuser()}", operator=True, lifetime_s=lifetime_s)
    if system not in workspace.systems:
        raise NoSuchSystem(
            said("{system} is not among: {names}", system=system, names=", ".join(sorted(workspace.systems)))
        )
    return tokens.issue(system, operator=workspace.systems[system].operator, lifetime_s=lifetime_s)

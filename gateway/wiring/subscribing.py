"""What a gateway checks and seals the subscriptions with that systems make for themselves."""

from __future__ import annotations

from yarl import URL

from adapters.subscriptions.binding import target_of
from adapters.subscriptions.sealing import Sealer
from adapters.workspace.snapshot import Workspace
from gateway.subscription_requests import AddressFault, Rules
from gateway.wiring.secrets import token_key_of


def sealer_of(workspace: Workspace) -> Sealer:
    """Seals with a key that is made from the token key. TokenKeyError."""
    return Sealer(token_key_of(workspace).derived("subscription"))


def rules_of(workspace: Workspace) -> Rules:
    """What the gateway holds subscribers to."""
    rules = workspace.bus.subscriptions
    return Rules(rules.retry_s, rules.most, lambda url: _fault(url, allow_private=rules.allow_private))


def _fault(url: str, *, allow_private: bool) -> AddressFault | None:
    if target_of(url, allow_private=True) is None:
        return AddressFault.NOT_AN_ADDRESS
    if target_of(url, allow_private=allow_private) is None:
        return AddressFault.PRIVATE
    if URL(url).scheme != "https" and not allow_private:
        return AddressFault.NOT_HTTPS
    return None

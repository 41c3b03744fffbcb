"""The names of the channels; the only place where they are spelled."""

from __future__ import annotations

from typing import Final, NamedTuple

REPLY: Final = "reply"
DEAD: Final = "dead"
JOURNAL: Final = "journal"
STATUS: Final = "status"
METRICS: Final = "metrics"
SCHEMAS: Final = "schemas"
REGISTRY: Final = "registry"
SOURCES: Final = "sources"
SUBSCRIPTIONS: Final = "subscriptions"
CONFIG: Final = "config"
CONFIG_STATUS: Final = "config-status"
WITHDRAWALS: Final = "withdrawals"
SESSIONS: Final = "sessions"

RETRY_DELAYS_S: Final = (5, 30, 300, 3600, 21600)


class Inbox(NamedTuple):
    """Where messages for a system queue: all of them, or those of one `ordered` contract, which has its own.

    Names have dots in them, so nobody can tell system and contract from a channel's name: carry this instead.
    """

    system: str
    ordered: str | None = None

    @property
    def channel(self) -> str:
        """The name of its channel."""
        return inbox(self.system, self.ordered)

    @property
    def settled(self) -> str:
        """The name of the channel with its marks."""
        return settled(self.system, self.ordered)


def inbox(system: str, ordered: str | None = None) -> str:
    """Where messages for a system queue; those of an `ordered` contract, where one is named."""
    return _joined("in", system, ordered)


def event(contract: str) -> str:
    """Where the events of a contract lie for everybody who may have them, before they are copied to inboxes."""
    return f"event.{contract}"


def ingress(system: str, contract: str) -> str:
    """Where a system writes its events of a contract by itself, with a producer of its own."""
    return f"ingress.{system}.{contract}"


def settled(system: str, ordered: str | None = None) -> str:
    """The marks of what became of an inbox's messages; same partitions and keys as the inbox."""
    return _joined("settled", system, ordered)


def retry(delay_s: int) -> str:
    """Where messages wait for `delay_s` seconds before they go back to their inbox."""
    return f"retry.{delay_s}s"


def _joined(kind: str, system: str, ordered: str | None) -> str:
    return f"{kind}.{system}" if ordered is None else f"{kind}.{system}.{ordered}"


def subscription(system: str, token: str) -> str:
    """The id of a subscription, which is what its inbox is named after too: no system's name has a “_” in it."""
    return f"{system}_{token}"


def owner_of(receiver: str) -> str:
    """The system behind a receiver: itself, or the owner of the subscription."""
    return receiver.partition("_")[0]


def is_subscription(receiver: str) -> bool:
    """Whether a receiver is a subscription and not a system."""
    return "_" in receiver


def counted_as(receiver: str) -> str:
    """How a receiver is named where things are counted: a system's subscriptions together, so that names stay few."""
    return f"{owner_of(receiver)}_subscriptions" if is_subscription(receiver) else receiver

"""A subscription that a system made for itself, and its record on the channel `subscriptions`.

The records of one subscription are numbered. Of several with the same number the first in the log counts, so two that
change it at once cannot both win: the other one is told, and looks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final, Protocol

from contracts.catalogue import Contract
from contracts.channels import Inbox, owner_of
from contracts.envelope import Envelope, Kind
from contracts.errors import BusError
from contracts.outcome import Pattern
from contracts.records import AvroRecord
from contracts.trace import TraceContext

SUBSCRIPTION: Final = """{"type": "record", "name": "Subscription", "namespace": "vn.lienthong", "fields": [
    {"name": "id", "type": "string"},
    {"name": "revision", "type": "int"},
    {"name": "state", "type": "string"},
    {"name": "contract", "type": "string"},
    {"name": "major", "type": "int"},
    {"name": "url", "type": "string"},
    {"name": "retry_s", "type": {"type": "array", "items": "int"}},
    {"name": "secrets", "type": {"type": "array", "items": {"type": "record", "name": "SealedSecret", "fields": [
        {"name": "sealed", "type": "bytes"},
        {"name": "until_ms", "type": ["null", "long"], "default": null}]}}},
    {"name": "created_ms", "type": "long"},
    {"name": "changed_ms", "type": "long"},
    {"name": "resumed_ms", "type": ["null", "long"], "default": null},
    {"name": "succeeded_ms", "type": ["null", "long"], "default": null},
    {"name": "failed_ms", "type": ["null", "long"], "default": null},
    {"name": "failing_since_ms", "type": ["null", "long"], "default": null},
    {"name": "failure", "type": "string", "default": ""},
    {"name": "replay", "type": "int", "default": 0},
    {"name": "replay_since_ms", "type": ["null", "long"], "default": null}]}"""


class SubscriptionState(StrEnum):
    """Whether a subscription is pushed to. Events wait in its inbox while it is `paused` or `disabled`."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    DELETED = "deleted"


class Outdated(BusError):
    """Somebody else changed the subscription first: look again."""


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A signing secret, encrypted. It signs until `until_ms`; None: until it is replaced."""

    sealed: bytes
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """How a system is pushed the events of a contract's major version. Times are milliseconds since 1970 UTC.

    `retry_s` is its retry schedule, in seconds. `secrets` are the newest first. What failed before `resumed_ms` is
    forgiven. `succeeded_ms` and `failed_ms` are when a push did so last, as last noted; `failing_since_ms` when the
    first one failed after which none succeeded, None while all is well. `replay` counts the replays; with
    `replay_since_ms`, this record asks for one: of what was published since.
    """

    id: str
    revision: int
    state: SubscriptionState
    contract: str
    major: int
    url: str
    retry_s: tuple[int, ...]
    secrets: tuple[SealedSecret, ...]
    created_ms: int
    changed_ms: int
    resumed_ms: int | None = None
    succeeded_ms: int | None = None
    failed_ms: int | None = None
    failing_since_ms: int | None = None
    failure: str = ""
    replay: int = 0
    replay_since_ms: int | None = None

    @property
    def system(self) -> str:
        """The system that it belongs to."""
        return owner_of(self.id)

    def signing(self, now_ms: int) -> tuple[bytes, ...]:
        """The secrets, still encrypted, that sign now."""
        return tuple(each.sealed for each in self.secrets if each.until_ms is None or now_ms < each.until_ms)


def changed(subscription: Subscription, now_ms: int, **changes: Any) -> Subscription:  # noqa: ANN401 - of any field
    """The next record of a subscription; what it was asked to replay is not asked for again."""
    next_ = replace(subscription, revision=subscription.revision + 1, changed_ms=now_ms, replay_since_ms=None)
    return replace(next_, **changes)


def subscription_inboxes(subscription: Subscription, contracts: Mapping[str, Contract]) -> list[Inbox]:
    """Where its events wait to be pushed; as for a system, those of an `ordered` contract in an inbox of their own.

    In the other one is what was published before the contract was ordered.
    """
    contract = contracts.get(subscription.contract)
    is_ordered = contract is not None and contract.ordered is not None
    common = Inbox(subscription.id)
    return [common, Inbox(subscription.id, subscription.contract)] if is_ordered else [common]


def journal_envelope(subscription: Subscription, configuration: str, trace: TraceContext) -> Envelope:
    """What a line of the journal about a subscription is told with: its id is where an exchange's would be."""
    return Envelope(
        kind=Kind.STEP,
        exchange=subscription.id,
        time_ms=subscription.changed_ms,
        contract=subscription.contract,
        major=subscription.major,
        pattern=Pattern.EVENT,
        sender=subscription.system,
        receiver=subscription.id,
        trace=trace,
        configuration=configuration,
    )


class Subscriptions(Protocol):
    """The subscriptions there are, as a fold of their channel."""

    def all(self) -> Sequence[Subscription]:
        """Those that are not deleted, by id."""

    def get(self, subscription: str) -> Subscription | None:
        """The one of that id; None where there is none (any more)."""

    async def caught_up(self) -> None:
        """Return once everything is known that was on the log when this was called. LogUnavailable."""

    async def put(self, subscription: Subscription) -> None:
        """Write it, with its inbox where it is new; returns once it is known. Outdated, LogError."""


def subscription_to_avro(subscription: Subscription) -> AvroRecord:
    """`Subscription` as an Avro record."""
    return {**asdict(subscription), "state": str(subscription.state), "retry_s": list(subscription.retry_s)}


def subscription_from_avro(record: Mapping[str, Any]) -> Subscription:
    """The `Subscription` that `subscription_to_avro` wrote."""
    return Subscription(
        **{
            **record,
            "state": SubscriptionState(record["state"]),
            "retry_s": tuple(record["retry_s"]),
            "secrets": tuple(SealedSecret(each["sealed"], each["until_ms"]) for each in record["secrets"]),
        }
    )

"""The errors of the bus. The class of an error alone decides the fate of a message.

BusError
├── DeliveryError               while a message is on its way to a provider
│   ├── Transient               known not to have taken effect        → tried again
│   ├── Indeterminate           sent, the answer was lost             → tried again if idempotent, else in doubt
│   ├── Rejected                the record or request is wrong        → back to the sender, `refused`
│   ├── Withheld                there is data that may not be shared  → an outcome
│   └── Permanent               no repetition will help               → dead letter (a query: `failed`)
│       └── Gone                nor will anything else that is sent there
├── LogError                    the durable log did not do its part
│   ├── LogUnavailable          nothing was stored
│   ├── LogUnknown              it may have been stored: repeat with the same idempotency key
│   └── LogOverloaded           too much is in flight: nothing was stored
├── LedgerUnavailable           the ledger cannot be asked now
└── UnknownSchema               a message names a schema id that this log does not hold
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Who refused or failed: the gateway at the door, the bus on the way, or the provider at the end."""

    GATEWAY = "gateway"
    BUS = "bus"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong place in a record or request.

    `pointer` is an RFC 6901 JSON Pointer to exactly that place ("" is the whole record; an absent field is named as
    if it were there). `code` is stable, for programs, and names the wording in `contracts.wording`; `params` fill
    that wording in. `candidates` lists what the sender may choose from where there is a finite choice.
    """

    pointer: str
    code: str
    params: tuple[tuple[str, str], ...] = ()
    candidates: tuple[str, ...] = ()


def field_error(pointer: str, code: str, /, *, candidates: tuple[str, ...] = (), **params: object) -> FieldError:
    """A `FieldError` with its parameters turned into text."""
    return FieldError(pointer, code, tuple((name, str(value)) for name, value in params.items()), candidates)


class BusError(Exception):
    """Root of all errors that the bus raises on purpose."""


class DeliveryError(BusError):
    """Something stood between a message and its provider. `status` is that of HTTP, where the provider answered one."""

    def __init__(self, detail: str, *, origin: Origin = Origin.PROVIDER) -> None:
        super().__init__(detail)
        self.detail = detail
        self.origin = origin
        self.status: int | None = None


class Transient(DeliveryError):
    """Known not to have taken effect; worth trying again, not before `retry_after_s` where it is given.

    `sent` is False where the request never left this process (connection refused, DNS): nothing at all happened.
    """

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: float | None = None,
        sent: bool = True,
        origin: Origin = Origin.PROVIDER,
    ) -> None:
        super().__init__(detail, origin=origin)
        self.retry_after_s = retry_after_s
        self.sent = sent


class Indeterminate(DeliveryError):
    """The request was sent and the answer lost: nobody here knows whether it took effect."""


class Rejected(DeliveryError):
    """The sender has to change something; `fields` says what, place by place (may be empty)."""

    def __init__(self, detail: str, fields: tuple[FieldError, ...] = (), *, origin: Origin = Origin.PROVIDER) -> None:
        super().__init__(detail, origin=origin)
        self.fields = fields


class Withheld(DeliveryError):
    """There is data, and it may not be shared: `reason` in words, `ground` the law or rule that says so."""

    def __init__(self, reason: str, ground: str, *, origin: Origin = Origin.PROVIDER) -> None:
        super().__init__(reason, origin=origin)
        self.reason = reason
        self.ground = ground


class Permanent(DeliveryError):
    """No repetition will help; a person has to look."""


class Gone(Permanent):
    """The receiver says that it wants nothing more, ever."""


class LogError(BusError):
    """The durable log did not do its part."""


class LogUnavailable(LogError):
    """The log cannot be reached or written; what was asked for was certainly not stored."""


class LogUnknown(LogError):
    """The append began and its end is not known; repeating it under the same identity is safe."""


class LogOverloaded(LogError):
    """More is in flight than memory should hold; nothing was stored. Try again after `retry_after_s`."""

    def __init__(self, detail: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class LedgerUnavailable(BusError):
    """The ledger cannot be asked now; the log goes on without it."""


class UnknownSchema(BusError):
    """A message names a schema id, or a schema is used, that this log does not hold."""

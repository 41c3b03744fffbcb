"""Small things that stand in cells: a state with its shape and colour, an id that fits, words for codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from contracts.errors import Origin
from contracts.ledger import ExchangeRow
from contracts.outcome import Outcome, Pattern, State
from contracts.speech import N_


class Badge(NamedTuple):
    """How something stands: `tone` gives the colour, `shape` the sign in front of it, `words` are a message's id."""

    tone: str
    shape: str
    words: str


OUTCOMES: Final[Mapping[Outcome, Badge]] = MappingProxyType(
    {
        Outcome.DATA: Badge("ok", "✓", N_("data")),
        Outcome.NO_DATA: Badge("ok", "∅", N_("no data")),
        Outcome.WITHHELD: Badge("held", "⊘", N_("withheld")),
        Outcome.DELIVERED: Badge("ok", "✓", N_("delivered")),
        Outcome.REFUSED: Badge("refused", "✕", N_("refused")),
        Outcome.FAILED: Badge("failed", "▲", N_("failed")),
        Outcome.EXPIRED: Badge("failed", "◷", N_("expired")),
        Outcome.IN_DOUBT: Badge("doubt", "?", N_("in doubt")),
    }
)
STATES: Final[Mapping[State, Badge]] = MappingProxyType(
    {
        State.ACCEPTED: Badge("waiting", "○", N_("accepted")),
        State.IN_PROGRESS: Badge("waiting", "◐", N_("in progress")),
        State.RETRYING: Badge("retrying", "↻", N_("retrying")),
        State.SETTLED: Badge("ok", "●", N_("settled")),
    }
)
WAITS_FOR_PERSON: Final = Badge("failed", "▲", N_("waits for a person"))
PUBLISHED: Final = Badge("ok", "◆", N_("published"))

PATTERNS: Final[Mapping[Pattern, str]] = MappingProxyType(
    {Pattern.QUERY: N_("query"), Pattern.SUBMISSION: N_("submission"), Pattern.EVENT: N_("event")}
)

STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sealed": N_("checked at the gateway"),
        "accepted": N_("accepted by the bus"),
        "brought_back": N_("brought back to the inbox"),
        "started": N_("call begun"),
        "not_sent": N_("the call did not leave"),
        "handed_on": N_("to be tried again later"),
        "settled": N_("ended"),
        "replied": N_("answered"),
        "dead": N_("laid down for a person"),
        "supplied": N_("supplied to the sender"),
        "gap": N_("an earlier one of its key was not delivered"),
        "late": N_("another outcome came late"),
        "repeated": N_("the same again"),
        "refused": N_("refused at the door"),
        "attempt_failed": N_("an attempt failed"),
        "fields_dropped": N_("unknown fields left out"),
        "conflict": N_("the same key with another body"),
        "dead_retried": N_("sent again by an operator"),
        "dead_dropped": N_("given up by an operator"),
        "resolved": N_("clarified by an operator"),
        "withdrawal_asked": N_("asked to be withdrawn"),
        "subscription": N_("the subscription was changed"),
        "viewed": N_("its records were read"),
        "signed_in": N_("signed in"),
        "signed_out": N_("signed out"),
        "sign_in_refused": N_("sign-in refused"),
        "tried": N_("tried in the portal"),
        "password_changed": N_("the password was changed"),
    }
)
_TONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "settled": "ok",
        "replied": "ok",
        "supplied": "ok",
        "handed_on": "retrying",
        "attempt_failed": "retrying",
        "brought_back": "retrying",
        "dead": "failed",
        "dead_dropped": "failed",
        "refused": "refused",
        "conflict": "doubt",
        "late": "doubt",
        "gap": "doubt",
        "resolved": "ok",
        "withdrawal_asked": "held",
        "viewed": "held",
        "tried": "held",
    }
)


ORIGINS: Final[Mapping[Origin, str]] = MappingProxyType(
    {Origin.GATEWAY: N_("the gateway"), Origin.BUS: N_("the bus"), Origin.PROVIDER: N_("the receiving system")}
)


def badge(row: ExchangeRow) -> Badge:
    """How an exchange stands, at a glance."""
    if row.outcome is not None:
        return OUTCOMES[row.outcome]
    if row.waits_for_person:
        return WAITS_FOR_PERSON
    if row.pattern is Pattern.EVENT and not row.event:
        return PUBLISHED
    return STATES[row.state]


def short(exchange: str) -> str:
    """An id that fits into a cell: its beginning, which is enough to tell two apart."""
    return exchange[:8]


def step_words(kind: str) -> str:
    """A message's id for what happened; a kind of another version is shown as it is."""
    return STEPS.get(kind, kind)


def step_tone(kind: str) -> str:
    """The colour of what happened."""
    return _TONES.get(kind, "waiting")


CELLS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "badge": badge,
        "outcome_badge": lambda outcome: OUTCOMES[Outcome(outcome)],
        "short": short,
        "step_words": step_words,
        "step_tone": step_tone,
        "origin_words": lambda origin: ORIGINS[Origin(origin)],
        "pattern_words": lambda pattern: PATTERNS[Pattern(pattern)],
    }
)

"""What an answer means: the operation's own rules first, then the table of the status codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, NoReturn, TypeAlias

from adapters.mapping.conditions import Predicate, compile_condition
from adapters.mapping.literals import plain
from adapters.mapping.paths import Find, finder
from adapters.systems.rest.operation import Meaning, RestOperation, Rule
from adapters.systems.rest.places import paths_in
from contracts.errors import (
    DeliveryError,
    FieldError,
    Indeterminate,
    Permanent,
    Rejected,
    Transient,
    Withheld,
    field_error,
)
from contracts.json_types import JsonValue
from contracts.ports import Answer

Scrub: TypeAlias = Callable[[str], str]
"""Takes the connection's secrets out of a text."""

_LONGEST_WORDS: Final = 500
_LONGEST_WAIT_S: Final = 86_400
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_NOTHING_HAPPENED: Final = frozenset({408, 425, 429, 503})
_WRONG_REQUEST: Final = frozenset({400, 422})
_NO_CONTENT: Final = frozenset({204, 205})


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came: `body` None where there was none or it could not be read; then `fault` says why.

    `too_long`: it was longer than was agreed. `size_bytes` is what was read of it, unpacked.
    """

    status: int
    headers: Mapping[str, str]
    body: JsonValue
    fault: str = ""
    too_long: bool = False
    size_bytes: int = 0

    @property
    def title(self) -> str:
        """What it was, for people."""
        try:
            phrase = f" {HTTPStatus(self.status).phrase}"
        except ValueError:
            phrase = ""
        return f"the system answered {self.status}{phrase}"

    def view(self, *, with_headers: bool = True) -> JsonValue:
        """What conditions and paths see of it: /status, /headers/<name in small letters>, /body/…"""
        headers: dict[str, JsonValue] = {}
        if with_headers:
            headers = {name.lower(): value for name, value in self.headers.items()}
        return {"status": self.status, "headers": headers, "body": self.body}


Meant: TypeAlias = Callable[[Received, JsonValue], Answer]
Say: TypeAlias = Callable[[JsonValue], str]


class Judge:
    """Says what an answer means, by raising where it is nothing good."""

    def __init__(self, operation: RestOperation, scrub: Scrub) -> None:
        self._scrub = scrub
        self._record = finder(operation.record)
        self._rules: tuple[tuple[Predicate, Meant], ...] = tuple(
            (compile_condition(rule.when), self._meaning(rule)) for rule in operation.answers
        )
        # Who says what success looks like says that nothing else is.
        self._success_is_told = any(rule.is_ is Meaning.DATA for rule in operation.answers)
        self._sees_headers = any(path.startswith("/headers") for rule in operation.answers for path in _asked(rule))

    def __call__(self, received: Received) -> Answer:
        """The answer. Transient, Indeterminate, Rejected, Withheld, Permanent."""
        if received.fault and received.status < 300:
            # Something may have been done, and what was done cannot be read.
            raise Indeterminate(f"{received.title}, but {received.fault}")
        view = received.view(with_headers=self._sees_headers)
        for holds, meant in self._rules:
            if holds(view):
                return meant(received, view)
        if not 200 <= received.status < 300:
            raise self._by_status(received)
        if self._success_is_told:
            raise Indeterminate(f"{received.title}, and no rule says what it means")
        return Answer(None, found=False) if received.status in _NO_CONTENT else Answer(self._record(view))

    def _by_status(self, received: Received) -> DeliveryError:
        status, detail = received.status, received.title + self._problem(received)
        if status in _WRONG_REQUEST:
            return Rejected(detail)
        if status in _NOTHING_HAPPENED:
            return Transient(detail, retry_after_s=retry_after_s(received.headers))
        if 300 <= status < 400:
            return Permanent(f"{detail}: redirects are not followed")
        if status == HTTPStatus.NOT_FOUND:
            return Permanent(f"{detail}: the address is wrong, or there should be a rule that this means no data")
        return Permanent(detail) if 400 <= status < 500 else Indeterminate(detail)

    def _problem(self, received: Received) -> str:
        """What an RFC 9457 problem says about itself."""
        if not received.headers.get("Content-Type", "").startswith("application/problem+json"):
            return ""
        body = received.body if isinstance(received.body, dict) else {}
        said = self._said(body.get("detail") or body.get("title"))
        return f": {said}" if said else ""

    def _meaning(self, rule: Rule) -> Meant:
        if rule.is_ is Meaning.DATA:
            return lambda _, view: Answer(self._record(view))
        if rule.is_ is Meaning.NO_DATA:
            return lambda *_: Answer(None, found=False)
        if rule.is_ is Meaning.WITHHELD:
            return self._withheld(rule)
        return self._error(rule)

    def _withheld(self, rule: Rule) -> Meant:
        reason, ground = self._words(rule.reason), self._words(rule.ground)

        def meant(_: Received, view: JsonValue) -> NoReturn:
            raise Withheld(reason(view) or "the system gave no reason", ground(view) or "the system named no ground")

        return meant

    def _error(self, rule: Rule) -> Meant:
        words = self._words(rule.detail)

        def meant(received: Received, view: JsonValue) -> NoReturn:
            said = words(view)
            raise _error_of(rule, said or received.title, received.headers)

        return meant

    def _words(self, words: str | None) -> Say:
        if words is None or not words.startswith("/"):
            return lambda _: words or ""
        find: Find = finder(words)
        return lambda view: self._said(find(view))

    def _said(self, value: JsonValue) -> str:
        return spoken(value, self._scrub)


def spoken(value: JsonValue, scrub: Scrub) -> str:
    """A value of an answer as words for people: one line, not too long, without secrets."""
    text = scrub(" ".join(_CONTROL.sub(" ", plain(value) or "").split()))
    return text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + "…"


def _error_of(rule: Rule, detail: str, headers: Mapping[str, str]) -> DeliveryError:
    match rule.is_:
        case Meaning.REJECTED:
            fields: tuple[FieldError, ...] = ()
            if rule.field is not None:
                fields = (field_error(rule.field, "provider", text=detail),)
            return Rejected(detail, fields)
        case Meaning.TRANSIENT:
            asked_s = retry_after_s(headers) if rule.retry_after_s is None else rule.retry_after_s
            return Transient(detail, retry_after_s=asked_s)
        case Meaning.INDETERMINATE:
            return Indeterminate(detail)
        case _:
            return Permanent(detail)


def _asked(rule: Rule) -> list[str]:
    return [*paths_in(rule.when), *(words for words in (rule.reason, rule.ground, rule.detail) if words)]


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long `Retry-After` asks to wait, at most a day. A date counts from the answer's own `Date`."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), _LONGEST_WAIT_S))
    until, since = _moment(text), _moment(headers.get("Date", ""))
    if until is None or since is None:
        return None
    return min(max(0.0, (until - since).total_seconds()), _LONGEST_WAIT_S)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None

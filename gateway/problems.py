"""Every error that leaves the gateway: an RFC 9457 problem with a stable type, its origin and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson
from starlette.responses import Response

from contracts.errors import FieldError, Origin
from contracts.said import N_, said_with
from contracts.speech import speech
from contracts.wording import Language, worded

TYPE_PREFIX: Final = "urn:lienthong:problem:"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A stable type of problem. Title and detail are messages of the catalogue, the detail with parameters."""

    status: int
    origin: Origin
    title: str
    detail: str


class Problem(Exception):
    """An answer of the 4xx or 5xx family. `kind` is a key of `KINDS`; `params` fill its detail in; those that are
    `Said` are said in the reader's language.

    `errors` name wrong fields, `members` are further members of the problem document (an exchange id, an outcome),
    `headers` go out with it, `origin` overrides the kind's own.
    """

    def __init__(
        self,
        kind: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
        origin: Origin | None = None,
        **params: object,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.errors = errors
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        self.origin = origin
        self.params = {name: str(value) for name, value in params.items()}
        self._detail = said_with(KINDS[kind].detail, params)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def detail(self, language: Language) -> str:
        """What happened, in that language."""
        return speech(language).say(self._detail)


def problem_response(problem: Problem, language: Language) -> Response:
    """The problem as `application/problem+json` in the language asked for."""
    headers = {"content-language": str(language), "cache-control": "no-store", **problem.headers}
    document = orjson.dumps(problem_document(problem, language))
    return Response(document, problem.status, headers, media_type="application/problem+json")


def problem_document(problem: Problem, language: Language) -> dict[str, Any]:
    """The members of the problem in the language asked for."""
    kind = KINDS[problem.kind]
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": speech(language).gettext(kind.title),
        "status": kind.status,
        "detail": problem.detail(language),
        "origin": str(problem.origin or kind.origin),
        **problem.members,
    }
    if problem.errors:
        document["errors"] = [error_document(error, language) for error in problem.errors]
    return document


def error_document(error: FieldError, language: Language) -> dict[str, Any]:
    """One wrong field as a member of a problem."""
    words = worded(error, language)
    document: dict[str, Any] = {
        "pointer": error.pointer,
        "code": error.code,
        "detail": words.detail,
        "remedy": words.remedy,
    }
    if error.candidates:
        document["candidates"] = list(error.candidates)
    return document


def language_of(accept_language: str | None, default: Language) -> Language:
    """The language that `Accept-Language` prefers among ours; `default` where it names neither."""
    best, best_weight = default, 0.0
    for part in (accept_language or "")[:200].split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        primary = tag.strip().lower().partition("-")[0]
        if primary in set(Language) and weight > best_weight:
            best, best_weight = Language(primary), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


_G, _B, _P = Origin.GATEWAY, Origin.BUS, Origin.PROVIDER

KINDS: Final[Mapping[str, ProblemKind]] = MappingProxyType(
    {
        "bad-request": ProblemKind(400, _G, N_("Bad request"), N_("The request is not valid: {why}.")),
        "malformed-body": ProblemKind(
            400, _G, N_("Unreadable body"), N_("The body is not valid JSON in UTF-8; see “errors”.")
        ),
        "header-missing": ProblemKind(
            400,
            _G,
            N_("A required header is missing"),
            N_("The contract {contract} requires the headers named in “errors”."),
        ),
        "header-invalid": ProblemKind(
            400, _G, N_("A header is not valid"), N_("The header {name} is not valid: {why}.")
        ),
        "unauthenticated": ProblemKind(
            401,
            _G,
            N_("Not authenticated"),
            N_("Send “Authorization: Bearer <token>”; get the token from /oauth2/token."),
        ),
        "invalid-token": ProblemKind(
            401,
            _G,
            N_("The token is not valid"),
            N_("The token cannot be used ({why}); get a new one from /oauth2/token."),
        ),
        "no-grant": ProblemKind(
            403,
            _G,
            N_("No grant"),
            N_(
                "The system {system} holds no grant in force for {contract}{receiver}; ask the keepers of the bus for one."
            ),
        ),
        "wrong-purpose": ProblemKind(
            403,
            _G,
            N_("The purpose is not granted"),
            N_("No grant of {system} for {contract} has the purpose that was stated; granted purposes: {purposes}."),
        ),
        "not-operator": ProblemKind(403, _G, N_("For operators only"), N_("This needs an operator's token.")),
        "not-found": ProblemKind(404, _G, N_("Not found"), N_("There is nothing at {path}; see /openapi.json.")),
        "no-such-contract": ProblemKind(
            404, _G, N_("No such contract"), N_("There is no contract {contract} on this bus; /contracts names all.")
        ),
        "not-acceptable": ProblemKind(
            406,
            _G,
            N_("Not to be had in that form"),
            N_("What Accept asks for is not to be had here; there are: {forms}."),
        ),
        "exchange-not-found": ProblemKind(
            404, _G, N_("No such exchange"), N_("There is no exchange {id} to which your system is a party.")
        ),
        "dead-letter-not-found": ProblemKind(
            404, _G, N_("No such dead letter"), N_("The exchange {id} has no dead letter that waits for a person.")
        ),
        "dead-letter-unreadable": ProblemKind(
            409,
            _G,
            N_("It cannot be sent again"),
            N_(
                "The message {id} has no envelope that can be read: nobody knows what it is. Give it up; it stays on record."
            ),
        ),
        "not-in-doubt": ProblemKind(
            409, _G, N_("The exchange is not in doubt"), N_("The exchange {id} is not in doubt (it is: {outcome}).")
        ),
        "sender-only": ProblemKind(
            403,
            _G,
            N_("For the sender only"),
            N_("Only the system that sent the exchange {id}, or an operator, may withdraw it."),
        ),
        "not-a-submission": ProblemKind(
            409,
            _G,
            N_("Such an exchange cannot be withdrawn"),
            N_(
                "The exchange {id} is a {pattern}; only submissions can be withdrawn. A query expires by itself; an event that was published is put right by another event."
            ),
        ),
        "too-late-to-withdraw": ProblemKind(
            409,
            _B,
            N_("It is too late to withdraw it"),
            N_("The exchange {id} is settled already; its outcome: {outcome}."),
        ),
        "gave-up-before": ProblemKind(
            409,
            _B,
            N_("It is in an operator's hands"),
            N_(
                "The bus gave the exchange {id} up, and an operator decides on it; ask for it to be dropped (lienthong dead drop)."
            ),
        ),
        "maybe-taken": ProblemKind(
            409,
            _B,
            N_("The receiver may have taken it"),
            N_(
                "An attempt at {id} was not answered, so {receiver} may have taken it; the bus goes on until the end is known."
            ),
        ),
        "contract-unknown": ProblemKind(
            404, _G, N_("No such contract"), N_("There is no contract {contract}; those granted to you: {known}.")
        ),
        "invalid-subscription": ProblemKind(
            422,
            _G,
            N_("The subscription is not valid"),
            N_("The subscription is not valid; each wrong place is in “errors”."),
        ),
        "subscription-not-found": ProblemKind(
            404, _G, N_("No such subscription"), N_("Your system has no subscription {id}.")
        ),
        "subscription-deleted": ProblemKind(
            409,
            _G,
            N_("The subscription was deleted"),
            N_("The subscription {id} was deleted, and nobody takes what is sent on to it. Drop the message instead."),
        ),
        "too-many-subscriptions": ProblemKind(
            409,
            _G,
            N_("Too many subscriptions"),
            N_("A system may have {most} subscriptions; delete one that is not needed any more."),
        ),
        "subscription-busy": ProblemKind(
            409,
            _G,
            N_("The subscription is being changed"),
            N_("The subscription {id} was just changed by others; look again, then repeat."),
        ),
        "subscription-disabled": ProblemKind(
            409,
            _B,
            N_("The subscription is disabled"),
            N_(
                "Each push to {url} has failed since {since} (the last: {failure}); mend it, then POST /subscriptions/{id}/resume."
            ),
        ),
        "config-overtaken": ProblemKind(
            409, _G, N_("Another configuration was applied first"), N_("{who}. See `lienthong diff`, then apply again.")
        ),
        "config-incomplete": ProblemKind(
            409,
            _G,
            N_("Parts of the configuration are missing"),
            N_("The log lacks {count} parts; send them first, then the list again."),
        ),
        "config-refused": ProblemKind(
            422, _G, N_("The configuration cannot be used"), N_("Nothing was changed. {why}")
        ),
        "config-not-found": ProblemKind(
            404,
            _G,
            N_("No such configuration"),
            N_("No configuration that was applied has the id {id}; see `lienthong config log`."),
        ),
        "codelist-unknown": ProblemKind(
            404, _G, N_("No such code list"), N_("There is no code list {codelist}; those that there are: {known}.")
        ),
        "code-unknown": ProblemKind(
            404, _G, N_("No such code"), N_("The code list {codelist} never had the code {code}; see “errors”.")
        ),
        "code-not-in-force": ProblemKind(
            404,
            _G,
            N_("The code is not in force on that date"),
            N_("The code {code} of {codelist} means nothing on {date}; see “errors” and “candidates”."),
        ),
        "ambiguous": ProblemKind(
            422,
            _G,
            N_("More than one may be meant"),
            N_(
                "The code {code} of {codelist} may mean several on {date}; choose among “candidates”: the bus never picks."
            ),
        ),
        "no-counterpart": ProblemKind(
            422,
            _G,
            N_("There is no counterpart"),
            N_("The code {code} of {codelist} has no counterpart with a code on {date}; see “errors”."),
        ),
        "owner-only": ProblemKind(
            403,
            _G,
            N_("For the subscribing system only"),
            N_("Only the subscribing system itself may subscribe, or rotate its secret."),
        ),
        "method-not-allowed": ProblemKind(
            405, _G, N_("Method not allowed"), N_("{method} does not work at {path}; use: {allowed}.")
        ),
        "idempotency-conflict": ProblemKind(
            422,
            _G,
            N_("The idempotency key belongs to another body"),
            N_("This Idempotency-Key was used for exchange {id} with another body; use a new key for a new body."),
        ),
        "body-too-large": ProblemKind(
            413,
            _G,
            N_("The body is too large"),
            N_("The body is larger than the {limit} bytes that {contract} allows."),
        ),
        "uri-too-long": ProblemKind(414, _G, N_("The URI is too long"), N_("Shorten the URI.")),
        "headers-too-large": ProblemKind(
            431, _G, N_("The headers are too large"), N_("The head of the request is larger than {limit} bytes.")
        ),
        "unsupported-media-type": ProblemKind(
            415, _G, N_("Unsupported media type"), N_("Send Content-Type: {wanted}, not encoded (got: {got}).")
        ),
        "invalid-record": ProblemKind(
            422,
            _G,
            N_("The record does not fit its contract"),
            N_("The record does not fit {contract}; each wrong place is in “errors”."),
        ),
        "receiver-required": ProblemKind(
            422,
            _G,
            N_("The receiver is not clear"),
            N_("Several systems provide {contract}; send the header To with one of: {receivers}."),
        ),
        "receiver-of-event": ProblemKind(
            400,
            _G,
            N_("An event has no receiver"),
            N_("{contract} is an event, for every system that may have it; leave out the header To."),
        ),
        "not-an-event": ProblemKind(
            400,
            _G,
            N_("Not an event"),
            N_(
                "{contract} is no event, so there is no inbox of it and nobody can subscribe to it; send to /exchange/{contract}."
            ),
        ),
        "cursor-invalid": ProblemKind(
            400,
            _G,
            N_("The cursor cannot be used"),
            N_("The cursor cannot be used: {why}; use “cursor” exactly as it was answered."),
        ),
        "cursor-of-another-bus": ProblemKind(
            400,
            _G,
            N_("The cursor is of another bus"),
            N_("Another bus gave this cursor, not {bus}; leave it out to read from the start."),
        ),
        "cursor-of-another-contract": ProblemKind(
            400,
            _G,
            N_("The cursor is of another contract"),
            N_("This cursor is of {of} and not of {contract}; each contract has a cursor of its own."),
        ),
        "version-ended": ProblemKind(
            410,
            _G,
            N_("This version has ended"),
            N_("Version {major} of {contract} ended on {sunset}. Use {successor}, for which a grant is needed too."),
        ),
        "cursor-expired": ProblemKind(
            410,
            _B,
            N_("The events are not kept any more"),
            N_(
                "{missed} events of {contract} after this cursor are not kept any more; go on from the cursor in “earliest”."
            ),
        ),
        "cursor-ahead": ProblemKind(
            410,
            _B,
            N_("The log is not the one it was"),
            N_(
                "This cursor is ahead of all events of {contract}: the log was made anew; go on from the cursor in “earliest”."
            ),
        ),
        "viewer": ProblemKind(
            403, _G, N_("This account looks on"), N_("This is for operators; ask whoever runs the bus for that role.")
        ),
        "no-such-page": ProblemKind(404, _G, N_("There is no such page"), N_("The console has nothing at {path}.")),
        "no-such-exchange": ProblemKind(
            404,
            _G,
            N_("Exchange not found"),
            N_("The ledger has no {id}; check the id, or wait a second if it was only just sent."),
        ),
        "foreign-form": ProblemKind(
            403,
            _G,
            N_("The form is not of this session"),
            N_("The form was not sent from a page of this session; open the page again and repeat."),
        ),
        "not-publisher": ProblemKind(
            403,
            _G,
            N_("Not a publisher of this event"),
            N_("{system} may not publish {contract}; ask the integrator to add it under publishes."),
        ),
        "receiver-unknown": ProblemKind(
            422,
            _G,
            N_("The receiver does not provide it"),
            N_("{receiver} does not provide {contract}; use one of: {receivers}."),
        ),
        "agency-split": ProblemKind(
            422,
            _G,
            N_("The agency has been split"),
            N_("{agency} is no more since {day}; several took its place, name one of them: {successors}."),
        ),
        "handed-over": ProblemKind(
            410,
            _G,
            N_("The name is not answered any more"),
            N_("{name} was handed over, and is not answered since {day}; {heir} goes on with its work: use that name."),
        ),
        "agency-unknown": ProblemKind(
            404,
            _G,
            N_("No such agency"),
            N_("No agency has the code {code}; GET /agencies?q= looks for codes, in either order, and for names."),
        ),
        "unroutable": ProblemKind(
            422,
            _G,
            N_("No receiver for this record"),
            N_("No system answers for code {code} as of {date} for {contract}; check the code and the date."),
        ),
        "refused": ProblemKind(422, _P, N_("Refused"), N_("{reason}")),
        "quota-exceeded": ProblemKind(
            429,
            _G,
            N_("Quota exceeded"),
            N_("The grant {grant} allows {requests} requests each {per_s} s; try again in {retry_after_s} s."),
        ),
        "too-many-logins": ProblemKind(429, _G, N_("Too many token requests at once"), N_("Try again in a second.")),
        "internal": ProblemKind(
            500,
            _B,
            N_("A fault in the bus"),
            N_("Something unexpected failed; tell the operators the number {incident}."),
        ),
        "failed": ProblemKind(502, _P, N_("Failed"), N_("{reason}")),
        "overloaded": ProblemKind(
            503, _G, N_("The bus is overloaded"), N_("Nothing was stored; try again in {retry_after_s} s.")
        ),
        "too-many-polls": ProblemKind(
            503, _G, N_("Too many wait for events"), N_("Try again in {retry_after_s} s, or without “wait”.")
        ),
        "backlog": ProblemKind(
            503,
            _B,
            N_("The receiver's queue is full"),
            N_("{receiver} has {backlog} messages waiting; nothing was stored, try again in {retry_after_s} s."),
        ),
        "provider-away": ProblemKind(
            503,
            _P,
            N_("The provider is away"),
            N_("{receiver} did not answer the latest calls; try again in {retry_after_s} s."),
        ),
        "log-unavailable": ProblemKind(
            503,
            _B,
            N_("It could not be stored"),
            N_("The durable log cannot be written; nothing was stored. Repeat with the same Idempotency-Key."),
        ),
        "log-unknown": ProblemKind(
            503,
            _B,
            N_("Not known whether it was stored"),
            N_("The append began and its end is not known; repeat with the same Idempotency-Key."),
        ),
        "log-unreadable": ProblemKind(
            503,
            _B,
            N_("The log cannot be read"),
            N_("The durable log cannot be read now; repeat with the same cursor."),
        ),
        "log-away": ProblemKind(
            503,
            _B,
            N_("The log is away"),
            N_(
                "The durable log cannot be read or written now; open the page again, and repeat what is not seen there."
            ),
        ),
        "ledger-behind": ProblemKind(
            503,
            _B,
            N_("The ledger is behind"),
            N_("The ledger has not read this far yet; try again in {retry_after_s} s."),
        ),
        "expired": ProblemKind(504, _B, N_("Expired"), N_("{reason}")),
    }
)

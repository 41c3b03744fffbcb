"""What a sender is told of an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.responses import Response

from contracts.canonical import to_json
from contracts.citing import cited_in
from contracts.codec import decode, split
from contracts.errors import Origin
from contracts.outcome import Outcome, Result
from contracts.ports import OwnCodec, Schemas
from contracts.reasons import known_reason
from contracts.records import result_from_avro
from contracts.speech import speech
from contracts.views import seen_through
from contracts.withholding import told_of
from contracts.wording import Language
from gateway.directory import Directory
from gateway.grounds import ground_document
from gateway.journal import Journal
from gateway.problems import Problem, error_document
from gateway.routing import today

_PROBLEMS: Final[Mapping[Outcome, str]] = {
    Outcome.REFUSED: "refused",
    Outcome.FAILED: "failed",
    Outcome.EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads an outcome, of which exchange, under which grant."""

    system: str
    exchange: str
    grant: str


class Answers:
    """Turns what lies on the log into what is sent back."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        schemas: Schemas,
        own: OwnCodec,
        journal: Journal,
        now_ms: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._schemas = schemas
        self._own = own
        self._journal = journal
        self._now_ms = now_ms

    async def document(self, reader: Reader, outcome: Outcome, value: bytes, language: Language) -> dict[str, Any]:
        """The members that an outcome adds to an answer. Problem `no-grant` where the grant has ended since.

        `value` is the contract's reply record for `data`, a `Result` for every other.
        """
        if outcome is Outcome.DATA:
            members = await self._record(reader, value)
        else:
            members = self._of_result(result_from_avro(await self._own.decode(value)), language)
        if outcome in {Outcome.DATA, Outcome.NO_DATA, Outcome.WITHHELD}:
            self._journal.supplied(reader.exchange, reader.system, reader.grant, outcome)
        return members

    async def respond(
        self, reader: Reader, outcome: Outcome, value: bytes, headers: Mapping[str, str], language: Language
    ) -> Response:
        """The answer to the sender who waited. Problem `refused`, `failed`, `expired`, `no-grant`."""
        if outcome in _PROBLEMS:
            return self.respond_result(reader, result_from_avro(await self._own.decode(value)), headers, language)
        members = await self.document(reader, outcome, value, language)
        body = {"id": reader.exchange, "outcome": str(outcome), **members}
        return json_response(body, headers=headers)

    def respond_result(
        self, reader: Reader, result: Result, headers: Mapping[str, str], language: Language
    ) -> Response:
        """The answer to the sender of what ended with `result`. Problem `refused`, `failed`, `expired`."""
        if result.outcome in _PROBLEMS:
            raise _as_problem(reader.exchange, result, headers)
        body = {"id": reader.exchange, "outcome": str(result.outcome), **self._of_result(result, language)}
        return json_response(body, headers=headers)

    def _of_result(self, result: Result, language: Language) -> dict[str, Any]:
        """What a result says; of a ground in words also the documents that it names, as they stand today."""
        members = result_members(result, language)
        directory = self._directory()
        grounds = cited_in(result.ground, directory.laws)
        if grounds:
            day = today(directory, self._now_ms())
            members["grounds"] = [ground_document(each, directory.laws, day, language) for each in grounds]
        return members

    async def _record(self, reader: Reader, value: bytes) -> dict[str, Any]:
        directory = self._directory()
        grant = directory.grant(reader.grant, today(directory, self._now_ms()))
        if grant is None or grant.system != directory.holder_of(reader.system):
            raise Problem("no-grant", system=reader.system, contract=reader.grant, receiver="")
        schema_id, payload = split(value)
        schema = await self._schemas.schema(schema_id)
        record = to_json(schema, decode(payload, schema), directory.zone)
        seen = seen_through(grant.view, schema, record)
        return {
            "record": seen.record,
            "withheld": told_of(seen.withheld, schema, directory.laws),
        }


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401
    """JSON that no cache keeps."""
    return Response(
        orjson.dumps(body), status, {"cache-control": "no-store", **(headers or {})}, media_type="application/json"
    )


def result_members(result: Result, language: Language) -> dict[str, Any]:
    """What a result says, beyond its outcome, in the language asked for."""
    members: dict[str, Any] = {}
    if result.reason:
        members["reason"] = speech(language).say(known_reason(result.reason))
    if result.ground:
        members["ground"] = result.ground
    if result.origin is not None:
        members["origin"] = str(result.origin)
    if result.errors:
        members["errors"] = [error_document(error, language) for error in result.errors]
    if result.outcome in {Outcome.NO_DATA, Outcome.WITHHELD}:
        members["record"] = None
    return members


def _as_problem(exchange: str, result: Result, headers: Mapping[str, str]) -> Problem:
    return Problem(
        _PROBLEMS[result.outcome],
        errors=result.errors,
        headers=headers,
        members={"id": exchange, "outcome": str(result.outcome)},
        origin=result.origin or Origin.BUS,
        reason=known_reason(result.reason) or "—",
    )

"""`/console/exchanges/{id}`: one exchange from end to end; its records only for operators, who say why."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from contracts.ledger import ExchangeRow
from contracts.outcome import Pattern
from contracts.ports import Stored
from contracts.reasons import known_reason
from contracts.records import OF_NO_EXCHANGE
from contracts.said import said
from contracts.speech import N_, speech
from contracts.views import seen_through
from gateway.console.columns import ROW, Attempt, columns_of, hidden, leaves_of, shown, type_words
from gateway.console.context import Visit
from gateway.console.reading import Linked, linked_to, record_of, reply_of, request_of, result_of
from gateway.console.requests import Form, one
from gateway.console.visits import act, draw, page
from gateway.console.waterfall import WIDTH, hops_of
from gateway.problems import Problem, error_document

MAX_REASON: Final = 500
_MAX_COPIES: Final = 200
_PERSONAL: Final = frozenset({"ce_enduser", "ce_caseref"})

REASONS: Final = (
    N_("The sending agency asks about this dossier"),
    N_("Finding out why it failed"),
    N_("Checking the quality of the data"),
)
"""Why records are read most often: one click, and still on record."""


@page
async def exchange(visit: Visit) -> Response:
    """The exchange, without what stands in its records. Problem `no-such-exchange`."""
    row = await _row(visit)
    return draw(
        visit,
        "exchange.html",
        **await _around(visit, row),
        **await _records(visit, row, await linked_to(visit.gateway, row), reveal=False),
    )


@act
async def read_records(visit: Visit, form: Form) -> Response:
    """Its records, to an operator who says why: first the journal has it, then he sees them. Problem `bad-request`."""
    reason = reason_of(form)
    row = await _row(visit)
    linked = await linked_to(visit.gateway, row)
    for each in (row, linked.before, linked.after):
        found = None if each is None else await request_of(visit.gateway, each)
        if found is not None:
            await visit.console.audit.viewed(found[1], visit.user.id, reason)
    records = await _records(visit, row, linked, reveal=True)
    if visit.is_part:
        return draw(visit, "records.html", row=row, linked=linked, **records)
    return draw(visit, "exchange.html", **await _around(visit, row), **records)


def reason_of(form: Form) -> str:
    """The reason that every act has. Problem `bad-request`."""
    reason = one(form, "reason").strip()
    if not reason or len(reason) > MAX_REASON:
        why = said("a reason is needed, of 1–{max_reason} characters", max_reason=MAX_REASON)
        raise Problem("bad-request", why=why)
    return reason


async def _row(visit: Visit) -> ExchangeRow:
    sought = visit.request.path_params["id"]
    row = await visit.gateway.ledger.exchange(sought)
    if row is None:
        raise Problem("no-such-exchange", id=sought[:40])
    return row


async def _around(visit: Visit, row: ExchangeRow) -> dict[str, Any]:
    """All that is told of an exchange without its records."""
    gateway, directory = visit.gateway, visit.gateway.directory()
    steps = await gateway.ledger.steps(row.id)
    hops, whole_ms = hops_of(row, steps)
    result = await result_of(gateway, row)
    copies = await gateway.ledger.copies(row.id, limit=_MAX_COPIES) if _is_event(row) else ()
    contract = directory.contracts.get(row.contract)
    return {
        "row": row,
        "title": row.contract if contract is None else contract.title_in(visit.language),
        "names": directory.names(),
        "titles": directory.titles(visit.language),
        "grant": next((each for each in directory.grants if each.id == row.grant), None),
        "hops": hops,
        "whole_ms": whole_ms,
        "looks": [step for step in steps if step.kind in OF_NO_EXCHANGE],
        "bar_width": WIDTH,
        # A provider's own words may name somebody: they are for operators.
        "reason": speech(visit.language).say(known_reason(result.reason))
        if result is not None and visit.is_operator
        else "",
        "ground": "" if result is None else result.ground,
        "pointers": () if result is None else [each.pointer or "/" for each in result.errors],
        "copies": copies,
        "is_event": _is_event(row),
        "linked": await linked_to(gateway, row),
    }


async def _records(visit: Visit, row: ExchangeRow, linked: Linked, *, reveal: bool) -> dict[str, Any]:
    """The three columns and the headers: with what stands in them, or without."""
    gateway, directory = visit.gateway, visit.gateway.directory()
    base: dict[str, Any] = {"reveal": reveal, "reasons": REASONS, "row_height": ROW, "reply": None, "columns": None}
    logged = await record_of(gateway, row)
    if logged is None:
        found = await request_of(gateway, row)
        return {
            **base,
            "message_headers": () if found is None else _headers(found[0], reveal=reveal),
            "logged": None,
            "of_now": True,
        }
    record = logged.record
    if row.event:
        # A copy is cut to the grant of whoever receives it, before anything else.
        grant = next((each for each in directory.grants if each.id == row.grant), None)
        record = seen_through(grant.view if grant is not None else (), logged.schema, record).record
    before = None if linked.before is None or not reveal else await record_of(gateway, linked.before)
    after = None if linked.after is None or not reveal else await record_of(gateway, linked.after)
    result = await result_of(gateway, row)
    attempt = Attempt(
        logged.schema,
        logged.record,
        None if before is None else before.record,
        None if after is None else after.record,
    )
    received = None if _is_event(row) else visit.console.receiving.as_received(logged.envelope, record)
    refusals = () if result is None else result.errors
    if received is not None and received.errors and not refusals:
        refusals = received.errors
    columns = columns_of(attempt, received, refusals, directory.codelists, visit.language)
    return {
        **base,
        "columns": columns if reveal else hidden(columns),
        "refused": bool(refusals),
        "errors": [error_document(each, visit.language) for each in refusals] if reveal else (),
        "logged": logged,
        "message_headers": _headers(logged.stored, reveal=reveal),
        "reply": await _reply(visit, row) if reveal else None,
        "of_now": row.configuration == directory.configuration,
    }


async def _reply(visit: Visit, row: ExchangeRow) -> list[dict[str, Any]] | None:
    """A query's answer: each field with its type, and whether the grant keeps it back from the sender."""
    found = await reply_of(visit.gateway, row)
    if found is None:
        return None
    schema, record, withheld = found
    rows = []
    for pointer, value in leaves_of(record):
        of = schema.at(pointer)
        kept_back = any(pointer == each or pointer.startswith(each + "/") for each in withheld)
        rows.append(
            {
                "pointer": pointer,
                "value": shown(value),
                "type": "" if of is None else type_words(of),
                "kept_back": kept_back,
            }
        )
    return rows


def _headers(stored: Stored, *, reveal: bool) -> list[tuple[str, str]]:
    return [
        (name, value.decode(errors="replace") if reveal or name not in _PERSONAL else "•••••")
        for name, value in stored.message.headers
    ]


def _is_event(row: ExchangeRow) -> bool:
    return row.pattern is Pattern.EVENT and not row.event

"""`/codelists`: what codes mean, and when. For every system that can sign in: a list holds no one's data, and whoever
sends a record has to be able to find the right code first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.codelists import CodeList, CodeProblem
from contracts.codeviews import (
    Ambiguous,
    Wanted,
    attribute_of,
    candidate_document,
    convert,
    converted_document,
    list_document,
    looked_up,
    meaning_document,
    page_document,
    row_document,
    without_code,
)
from contracts.positions import Placed, Position, position_of
from contracts.said import said
from gateway.caching import kept_response
from gateway.context import gateway_of
from gateway.directory import Directory
from gateway.problems import Problem
from gateway.routes.days import day_parameter, span_parameter
from gateway.routing import today

_FRESH_S: Final = 60
_MAX_ROWS: Final = 1000
_MAX_TEXT: Final = 200
_KINDS: Final[Mapping[str, str]] = {
    "unknown_code": "code-unknown",
    "code_ended": "code-not-in-force",
    "code_not_yet": "code-not-in-force",
    "ambiguous_date": "ambiguous",
    "ambiguous_code": "ambiguous",
    "no_conversion": "no-counterpart",
    "no_code": "no-counterpart",
}


async def list_codelists(request: Request) -> Response:
    """`GET /codelists`: every list, with what it holds today and when it next changes."""
    directory, now = _entered(request, ())
    lists = sorted(directory.codelists.values(), key=lambda each: each.name)
    seen = (now.isoformat(), *(codes.digest for codes in lists))
    return kept_response(request, seen, lambda: {"codelists": [list_document(codes, now) for codes in lists]})


async def show_codelist(request: Request) -> Response:
    """`GET /codelists/{name}?on=&q=&where=&limit=&after=`: rows valid on a day; `on=any` is all there ever were."""
    directory, now = _entered(request, ("on", "q", "where", "limit", "after"))
    codes = _list(request, directory)
    given = request.query_params
    on = None if given.get("on") == "any" else day_parameter("on", given.get("on"), now)
    where = dict(_pair(each, codes) for each in given.getlist("where"))
    after = given.get("after", "")
    if after and not _has_row(codes, after):
        raise Problem("bad-request", why=said("after: there is no row {id}", id=after[:_MAX_TEXT]))
    wanted = Wanted(on, given.get("q", "")[:_MAX_TEXT], where, _limit(given.get("limit", "100")), after)
    seen = (codes.digest, str(on), wanted.text, repr(sorted(where.items())), str(wanted.limit), after)
    return kept_response(request, seen, lambda: page_document(codes, wanted), fresh_s=_fresh_s(request))


async def show_code(request: Request) -> Response:
    """`GET /codelists/{name}/{code}?on=`: what a code means on a date, which may be known to the month or year only."""
    directory, now = _entered(request, ("on",))
    codes = _list(request, directory)
    code = request.path_params["code"]
    when = span_parameter("on", request.query_params.get("on"), now)
    try:
        row = codes.look_up(code, when)
    except CodeProblem as problem:
        raise _refused(codes, code, str(when), problem) from None
    seen = (codes.digest, str(when))
    return kept_response(request, seen, lambda: meaning_document(codes, row), fresh_s=_fresh_s(request))


async def convert_code(request: Request) -> Response:
    """`GET /codelists/{name}/convert?code=&from=&to=&lat=&lon=`: the counterpart of a code on another day, forwards or
    backwards. `id=` instead of `code=&from=` is for what was never given a code."""
    directory, now = _entered(request, ("code", "id", "from", "to", "lat", "lon"))
    codes = _list(request, directory)
    given = request.query_params
    code, row_id = given.get("code", ""), given.get("id", "")
    if bool(code) == bool(row_id) or (row_id and "from" in given):
        raise Problem("bad-request", why=said("give code with from, or id alone"))
    if row_id and not _has_row(codes, row_id):
        raise Problem("bad-request", why=said("id: there is no row {id}", id=row_id[:_MAX_TEXT]))
    to = day_parameter("to", given.get("to"), now)
    position = _position(given.get("lat"), given.get("lon"))
    when = None if row_id else span_parameter("from", given.get("from"), now)
    try:
        row = looked_up(codes, code, row_id, when)
        converted = convert(codes, row, to, position)
    except CodeProblem as problem:
        raise _refused(codes, code or row_id, _date_of(problem, to), problem) from None
    except Ambiguous as several:
        raise _ambiguous(codes, code or row_id, to, several) from None
    if converted.row.code is None:
        nameless = without_code(codes, converted.row, to)
        members = {"row": row_document(converted.row)}
        raise _refused(codes, code or row_id, to.isoformat(), nameless, members) from None
    seen = (codes.digest, row.id, to.isoformat(), str(position))
    return kept_response(
        request, seen, lambda: converted_document(codes, row, to, converted), fresh_s=_fresh_s(request)
    )


def _entered(request: Request, parameters: tuple[str, ...]) -> tuple[Directory, date]:
    """What the bus knows, and the day it is there, for who can sign in. Problem `bad-request`, `invalid-token`, …"""
    gateway = gateway_of(request)
    gateway.intake.authenticate(request.headers.get("authorization", ""))
    given = request.query_params
    strange = sorted({name[:40] for name in given} - set(parameters))
    twice = [name for name in given if name != "where" and len(given.getlist(name)) > 1]
    if strange or twice:
        what = ", ".join([*strange, *twice][:5])
        known = ", ".join(parameters) or "—"
        raise Problem("bad-request", why=said("{what}: there are {known}, each at most once", what=what, known=known))
    directory = gateway.directory()
    return directory, today(directory, gateway.now_ms())


def _list(request: Request, directory: Directory) -> CodeList:
    name = request.path_params["name"]
    found = directory.codelists.get(name)
    if found is None:
        known = ", ".join(sorted(directory.codelists)) or "—"
        raise Problem("codelist-unknown", codelist=name[:_MAX_TEXT], known=known)
    return found


def _has_row(codes: CodeList, row_id: str) -> bool:
    try:
        codes.row(row_id)
    except KeyError:
        return False
    return True


def _fresh_s(request: Request) -> int:
    """What is asked for a stated day changes only where the list does; what is asked for today changes at midnight."""
    stated = {"on", "to"} & set(request.query_params)
    return _FRESH_S if stated else 0


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 0 < int(text) <= _MAX_ROWS:
        raise Problem("bad-request", why=said("limit: 1–{most}", most=_MAX_ROWS))
    return int(text)


def _pair(text: str, codes: CodeList) -> tuple[str, str]:
    found = attribute_of(text, codes)
    if found is None:
        known = ", ".join(codes.attributes) or "—"
        raise Problem("bad-request", why=said("where: attribute:value, with one of: {known}", known=known))
    return found


def _position(lat: str | None, lon: str | None) -> Position | None:
    if lat is None and lon is None:
        return None
    try:
        return position_of(lat or "", lon or "")
    except ValueError:
        why = said("lat, lon: both, in degrees of WGS 84, such as lat=15.88&lon=108.33")
        raise Problem("bad-request", why=why) from None


def _date_of(problem: CodeProblem, to: date) -> str:
    return dict(problem.params).get("date", to.isoformat())


def _refused(
    codes: CodeList, code: str, when: str, problem: CodeProblem, members: Mapping[str, object] | None = None
) -> Problem:
    candidates = [candidate_document(Placed(row)) for row in problem.rows]
    found = {"codelist": codes.name, "candidates": candidates, **(members or {})}
    kind = _KINDS[problem.code]
    return Problem(
        kind,
        errors=(problem.at(""),),
        members=found,
        codelist=codes.name,
        code=code[:_MAX_TEXT],
        date=when,
    )


def _ambiguous(codes: CodeList, code: str, to: date, several: Ambiguous) -> Problem:
    members = {"codelist": codes.name, "candidates": [candidate_document(each) for each in several.placed]}
    return Problem(
        "ambiguous",
        errors=(several.problem.at(""),),
        members=members,
        codelist=codes.name,
        code=code[:_MAX_TEXT],
        date=to.isoformat(),
    )

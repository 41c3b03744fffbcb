"""Differences in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.workspace.differences import About, Difference, How
from contracts.said import N_, said, said_with

_ABOUT: Final[Mapping[About, str]] = MappingProxyType(
    {
        About.BUS: N_("bus"),
        About.AGENCY: N_("agency"),
        About.SYSTEM: N_("system"),
        About.CONTRACT: N_("contract"),
        About.ADAPTER: N_("adapter"),
        About.SERVICE: N_("service"),
        About.PUBLISHER: N_("publisher"),
        About.SOURCE: N_("source"),
        About.GRANT: N_("grant"),
        About.LAW: N_("law"),
        About.CODELIST: N_("code list"),
        About.USER: N_("user"),
        About.FILE: N_("file"),
    }
)

_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": N_("name"),
        "kind": N_("kind"),
        "parent": N_("parent"),
        "valid_from": N_("valid from"),
        "valid_to": N_("valid to"),
        "successors": N_("successors"),
        "agency": N_("agency"),
        "operator": N_("operator's rights"),
        "handed_over": N_("handed over to"),
        "answered_until": N_("answered until"),
        "addressed_until": N_("addressed until"),
        "credentials": N_("credentials"),
        "secrets": N_("where its secrets are"),
        "title": N_("title"),
        "description": N_("description"),
        "english": N_("English title and description"),
        "pattern": N_("pattern"),
        "requires_end_user": N_("the officer must be named"),
        "requires_case_ref": N_("the dossier must be named"),
        "deadline_s": N_("deadline (s)"),
        "max_bytes": N_("largest body (bytes)"),
        "route": N_("route"),
        "ordered": N_("ordered by"),
        "versions": N_("versions"),
        "compatibility": N_("compatibility"),
        "lives": N_("when versions end"),
        "concurrency": N_("calls at a time"),
        "breaker": N_("breaker (failures / pause)"),
        "retry": N_("retries"),
        "rate": N_("rate (a second, burst)"),
        "idempotent": N_("idempotent"),
        "area": N_("area"),
        "extra": N_("extra fields"),
        "request mapping": N_("request mapping"),
        "reply mapping": N_("reply mapping"),
        "record mapping": N_("record mapping"),
        "examples": N_("examples"),
        "contract": N_("contract"),
        "key": N_("key columns"),
        "system": N_("system"),
        "providers": N_("providers"),
        "purpose": N_("purpose"),
        "legal_basis": N_("legal basis"),
        "cites": N_("documents cited"),
        "number": N_("document number"),
        "title in English": N_("title in English"),
        "replaced_by": N_("replaced by"),
        "articles": N_("articles"),
        "confirmed": N_("confirmed"),
        "from": N_("in force from"),
        "to": N_("in force until"),
        "quota": N_("quota"),
        "view": N_("view"),
        "rows": N_("rows"),
        "meaning of rows": N_("what rows say"),
        "role": N_("role"),
        "languages": N_("languages"),
        "time_zone": N_("time zone"),
        "retention_days": N_("retention (days)"),
    }
)

_PREFIXES: Final = (
    ("fields of ", N_("fields of {what}")),
    ("schema of ", N_("schema of {what}")),
    ("row ", N_("row {what}")),
    ("article ", N_("article {what}")),
    ("operation.", N_("operation: {what}")),
    ("connection.", N_("connection: {what}")),
    ("subscriptions.", N_("subscriptions: {what}")),
    ("publish.", N_("publishing: {what}")),
)


def worded(difference: Difference) -> str:
    """`grant g-1: purpose: “A” → “B”`, as it can be said in either language."""
    about = said(_ABOUT[difference.about])
    return said("{about} {name}: {what}", about=about, name=difference.name, what=_what(difference))


def _what(difference: Difference) -> str:
    how, field = difference.how, _field(difference.field)
    if how is How.REWRITTEN:
        return said("written in another way, with the same meaning")
    if how is How.CHANGED:
        if not difference.field:
            return said("changed")
        if not difference.before and not difference.after:
            return said("{field}: changed", field=field)
        before, after = difference.before or "…", difference.after or "…"
        return said("{field}: {before} → {after}", field=field, before=before, after=after)
    if not difference.field:
        return said("newly added") if how is How.ADDED else said("taken away")
    named = difference.after or difference.before
    if how is How.ADDED:
        return said("{field}: {named} added", field=field, named=named)
    return said("{field}: {named} removed", field=field, named=named)


def _field(field: str) -> str:
    known = _FIELDS.get(field)
    if known is not None:
        return said(known)
    for prefix, message in _PREFIXES:
        if field.startswith(prefix):
            return said_with(message, {"what": field.removeprefix(prefix)})
    return field

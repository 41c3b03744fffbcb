"""Reads what an example is to be refused with."""

from __future__ import annotations

from adapters.workspace.adapter_models import ErrorModel
from adapters.workspace.documents import Document, Loc
from adapters.workspace.report import Report
from adapters.workspace.snapshot import ExpectedError
from contracts.said import said
from contracts.spelling import meant
from contracts.wording import WORDINGS


def expected_error(report: Report, document: Document, loc: Loc, model: ErrorModel | None) -> ExpectedError | None:
    """The error that the example at `loc` names; an unknown code, with which no example ever ends, is reported."""
    if model is None:
        return None
    if model.code not in WORDINGS:
        remedy = meant(model.code, WORDINGS, said("codes"))
        report.at(
            document, (*loc, "error", "code"), said("no field is ever refused with {code}", code=model.code), remedy
        )
    return ExpectedError(model.pointer, model.code)

"""The areas that services answer for: rows of a code list, so that a record finds its receiver by code and date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from adapters.workspace.adapter_models import AreaModel
from adapters.workspace.documents import Document, Loc
from adapters.workspace.report import Report
from contracts.catalogue import Area, Contract, Service
from contracts.codelists import CodeList, CodeProblem, CodeRow
from contracts.dates import day
from contracts.said import said
from contracts.spelling import meant

_SHOWN = 5


def read_area(report: Report, document: Document, loc: Loc, model: AreaModel, codes: CodeList) -> Area | None:
    """The rows that `model` means; None, and reported, where it means none or cannot be read."""
    reader = _Reader(report, document, loc, model, codes)
    rows = reader.read()
    if reader.failed:
        return None
    if not rows:
        report.at(document, loc, said("no row of the list is meant"), said("look at codes, where and except"))
        return None
    return Area(model.codelist, model.as_of, frozenset(row.id for row in rows))


class _Reader:
    def __init__(self, report: Report, document: Document, loc: Loc, model: AreaModel, codes: CodeList) -> None:
        self._report = report
        self._document = document
        self._loc = loc
        self._model = model
        self._codes = codes
        self.failed = False

    def read(self) -> set[CodeRow]:
        if (self._model.codes is None) == (self._model.where is None):
            self._wrong(
                (),
                said("an area is given by codes or by where"),
                said('write codes: ["20194"] or where: {province: "48"}'),
            )
            return set()
        if self._model.codes is not None:
            rows = self._looked_up("codes", self._model.codes)
        else:
            rows = self._matching(self._model.where or {})
        return rows - self._looked_up("except", self._model.excepted)

    def _wrong(self, loc: Loc, message: str, remedy: str) -> None:
        self.failed = True
        self._report.at(self._document, (*self._loc, *loc), message, remedy)

    def _looked_up(self, key: str, codes: Sequence[str]) -> set[CodeRow]:
        found = set()
        for index, code in enumerate(codes):
            try:
                found.add(self._codes.look_up(code, day(self._model.as_of)))
            except CodeProblem as problem:
                message = said(
                    "{code} is not in force in {name} on {as_of}",
                    code=code,
                    name=self._codes.name,
                    as_of=self._model.as_of,
                )
                meant = ", ".join(problem.candidates)
                self._wrong(
                    (key, index),
                    message,
                    said("perhaps: {meant}", meant=meant) if meant else said("correct the code, or as_of"),
                )
        return found

    def _matching(self, where: dict[str, str]) -> set[CodeRow]:
        columns = {name for row in self._codes for name in row.attributes}
        for name in where:
            if name not in columns:
                message = said("the list {name} has no column {name_2}", name=self._codes.name, name_2=name)
                self._wrong(("where", name), message, meant(name, columns, said("columns")))
        return {
            row
            for row in self._codes.rows_on(self._model.as_of)
            if all(row.attributes.get(name) == value for name, value in where.items())
        }


def shared_rows(first: Area, second: Area, codes: CodeList) -> list[CodeRow]:
    """The rows of `second` that `first` claims too, each seen on its own day."""
    if first.as_of == second.as_of:
        return [codes.row(row_id) for row_id in sorted(first.rows & second.rows)]
    claimed = {row.id for row_id in first.rows for row in codes.candidates(codes.row(row_id), second.as_of)}
    return [codes.row(row_id) for row_id in sorted(claimed & second.rows)]


def check_areas(
    report: Report, contract: Contract, offers: Sequence[tuple[Service, Document, Loc]], codes: CodeList | None
) -> None:
    """Report where a contract with a route leaves open, or doubly answers, who receives a record."""
    if contract.route is None:
        for service, document, loc in offers:
            if service.area is not None:
                message = said("{name} has no route, so nobody looks at this area", name=contract.name)
                report.at(document, (*loc, "area"), message, said("give contract.yaml a route, or remove the area"))
        return
    for service, document, loc in offers:
        if service.area is None:
            message = said(
                "{name} is routed by {codelist}, and {system} has no area",
                name=contract.name,
                codelist=contract.route.codelist,
                system=service.system,
            )
            report.at(document, (*loc, "contract"), message, said("add: area: {codelist: …, as_of: …, codes: […]}"))
        elif service.area.codelist != contract.route.codelist:
            message = said(
                "the area is of {codelist}, and the route goes by {codelist_2}",
                codelist=service.area.codelist,
                codelist_2=contract.route.codelist,
            )
            report.at(
                document,
                (*loc, "area", "codelist"),
                message,
                said("write codelist: {codelist}", codelist=contract.route.codelist),
            )
    if codes is not None:
        _check_overlaps(report, contract, offers, codes)


def _check_overlaps(
    report: Report, contract: Contract, offers: Iterable[tuple[Service, Document, Loc]], codes: CodeList
) -> None:
    for (first, _, _), (second, document, loc) in combinations(offers, 2):
        if first.area is None or second.area is None or first.major != second.major:
            continue
        if {first.area.codelist, second.area.codelist} != {codes.name}:
            continue
        shared = shared_rows(first.area, second.area, codes)
        if shared:
            more = said(" and {count} more", count=len(shared) - _SHOWN) if len(shared) > _SHOWN else ""
            names = ", ".join(row.label for row in shared[:_SHOWN]) + more
            message = said(
                "{system} and {system_2} both answer for {name} in: {names}",
                system=first.system,
                system_2=second.system,
                name=contract.name,
                names=names,
            )
            report.at(document, (*loc, "area"), message, said("leave each of them to one system (except: […])"))

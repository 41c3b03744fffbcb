"""Reads `laws/*.yaml`, and finds what each grant rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from adapters.workspace.documents import Document, Loc
from adapters.workspace.files import Files
from adapters.workspace.law_models import LawModel, LawsModel, ProvisionModel, TitleModel, WithheldModel
from adapters.workspace.models import CitationModel
from adapters.workspace.report import Report
from contracts.laws import ARTICLE, Citation, Law, Laws, Provision, Term
from contracts.meaning import Words
from contracts.said import said
from contracts.spelling import meant

ADD: Final = said("add it to laws/, or take it from the list that comes with the bus: `lienthong law add`")


def read_laws(files: Files, report: Report) -> Laws:
    """Every document. Without any, nothing can be cited but in words."""
    reader = _Reader(report)
    for name in files.names("laws", ".yaml"):
        document = files.document(name)
        model = None if document is None else report.read(LawsModel, document, document.tree)
        if document is not None and model is not None:
            for index, law in enumerate(model.laws):
                reader.law(document, ("laws", index), law)
            if model.withheld is not None:
                reader.withheld(document, model.withheld)
    reader.check_successors()
    personal, other = reader.cited_for_withheld()
    return Laws(reader.found, personal, other)


def read_citations(
    report: Report, document: Document, loc: Loc, models: Sequence[CitationModel], laws: Mapping[str, Law]
) -> tuple[Citation, ...]:
    """What is cited at `loc`, less what is on no list, which is reported."""
    found: list[Citation] = []
    for index, model in enumerate(models):
        if model.law not in laws:
            remedy = meant(model.law, laws, said("laws")) if laws else ADD
            message = said("there is no law {law} on the list", law=model.law)
            report.at(document, (*loc, index, "law"), message, remedy)
        else:
            found.append(Citation(model.law, model.article))
    return tuple(dict.fromkeys(found))


class _Reader:
    def __init__(self, report: Report) -> None:
        self._report = report
        self.found: dict[str, Law] = {}
        self._places: dict[str, tuple[Document, Loc, LawModel]] = {}
        self._withheld: tuple[Document, WithheldModel] | None = None

    def law(self, document: Document, loc: Loc, model: LawModel) -> None:
        """Check one document and keep it."""
        at = self._report.at
        if model.id in self.found:
            at(document, (*loc, "id"), said("the law {id} is there twice", id=model.id), said("keep one of them"))
        same = [law.id for law in self.found.values() if law.number == model.number]
        if same and model.id not in self.found:
            message = said("{number} is on the list already, as {id}", number=model.number, id=same[0])
            at(document, (*loc, "number"), message, said("keep one of them"))
        self._check_term(document, loc, model.valid_from, model.valid_to)
        articles = [each.article for each in model.articles]
        for index, provision in enumerate(model.articles):
            place = (*loc, "articles", index)
            if articles.index(provision.article) != index:
                message = said("the article {article} is there twice", article=provision.article)
                at(document, (*place, "article"), message, said("keep one of them"))
            self._check_term(document, place, provision.valid_from, provision.valid_to)
        self.found[model.id] = Law(
            id=model.id,
            kind=model.kind,
            number=model.number,
            title=_title(model.title),
            term=Term(model.valid_from, model.valid_to),
            replaced_by=tuple(model.replaced_by),
            provisions={each.article: _provision(each) for each in model.articles},
            confirmed=model.confirmed,
        )
        self._places[model.id] = document, loc, model

    def withheld(self, document: Document, model: WithheldModel) -> None:
        """What is cited for fields kept back; said in one place only."""
        if self._withheld is not None:
            first = self._withheld[0].file
            message = said("what is cited for withheld fields is said in {file} already", file=first)
            self._report.at(document, ("withheld",), message, said("keep one of them"), of_key=True)
        else:
            self._withheld = document, model

    def cited_for_withheld(self) -> tuple[tuple[Citation, ...], tuple[Citation, ...]]:
        """Of data about people, and of all other."""
        if self._withheld is None:
            return (), ()
        document, model = self._withheld
        personal = read_citations(self._report, document, ("withheld", "personal"), model.personal, self.found)
        return personal, read_citations(self._report, document, ("withheld", "other"), model.other, self.found)

    def check_successors(self) -> None:
        """What took a document's place is on the list, and is another one."""
        for document, loc, model in self._places.values():
            for index, name in enumerate(model.replaced_by):
                self._check_successor(document, (*loc, "replaced_by", index), model.id, Citation(name))
            if model.replaced_by and model.valid_to is None:
                message = said("{number} was replaced, and nobody says since when", number=model.number)
                remedy = said("add: to: … (the first day on which it no longer holds)")
                self._report.at(document, (*loc, "replaced_by"), message, remedy, of_key=True)
            for index, provision in enumerate(model.articles):
                successor = Citation.read(provision.replaced_by)
                if successor.law:
                    place = (*loc, "articles", index, "replaced_by")
                    self._check_successor(document, place, model.id, successor)

    def _check_successor(self, document: Document, loc: Loc, of: str, successor: Citation) -> None:
        if successor.law not in self.found:
            message = said("there is no law {law} on the list", law=successor.law)
            self._report.at(document, loc, message, meant(successor.law, self.found, said("laws")))
        elif successor == Citation(of):
            self._report.at(document, loc, said("a law does not replace itself"), said("name what took its place"))
        elif successor.article and ARTICLE.match(successor.article) is None:
            remedy = said("write 16, 16(2) or 16(2)(a): article, clause, point")
            self._report.at(document, loc, said("this is not an article"), remedy)

    def _check_term(self, document: Document, loc: Loc, begins: date | None, ends: date | None) -> None:
        if begins is not None and ends is not None and ends <= begins:
            message = said("it ends before it begins")
            self._report.at(document, (*loc, "to"), message, said("give a later day, or none"))


def _title(model: TitleModel) -> Words:
    return Words(model.vi, model.en)


def _provision(model: ProvisionModel) -> Provision:
    return Provision(model.article, _title(model.title), Term(model.valid_from, model.valid_to), model.replaced_by)

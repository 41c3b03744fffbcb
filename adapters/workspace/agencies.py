"""Reads `agencies/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.workspace.documents import Document, Loc, Tree
from adapters.workspace.files import Files
from adapters.workspace.models import AgenciesModel, AgencyModel, SystemModel
from adapters.workspace.report import Report
from contracts.catalogue import Agency, Credential, HandedOver, System
from contracts.handed_over import holder_of
from contracts.said import said
from contracts.spelling import meant


@dataclass(slots=True)
class Agencies:
    """What was found. `broken`: a file could not be read, so that names may be missing that exist; `hidden` are the
    names in files of which nothing else could be used."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    broken: bool = False
    hidden: set[str] = field(default_factory=set)

    def lacks(self, system: str) -> bool:
        """Whether there is certainly no such system."""
        return system not in self.systems and system not in self.hidden and not self.broken

    def lacks_agency(self, code: str) -> bool:
        """Whether there is certainly no such agency."""
        return code not in self.agencies and code not in self.hidden and not self.broken


def read_agencies(files: Files, report: Report) -> Agencies:
    """Every agency and every system."""
    return _Reader(files, report).read()


class _Reader:
    def __init__(self, files: Files, report: Report) -> None:
        self._files = files
        self._report = report
        self._found = Agencies()
        self._clients: dict[str, str] = {}
        self._named: list[tuple[Document, Loc, str]] = []
        self._places: dict[str, tuple[Document, Loc]] = {}
        self._heirs: list[tuple[Document, Loc, str, str]] = []

    def read(self) -> Agencies:
        for name in self._files.names("agencies", ".yaml"):
            document = self._files.document(name)
            model = None if document is None else self._report.read(AgenciesModel, document, document.tree)
            if document is None:
                self._found.broken = True
                continue
            if model is None:
                self._found.hidden |= set(_names_in(document.tree))
                continue
            for index, agency in enumerate(model.agencies):
                self._agency(document, ("agencies", index), agency)
        self._check_lives()
        self._check_heirs()
        for document, loc, code in self._named:
            if self._found.lacks_agency(code):
                remedy = meant(code, self._found.agencies, said("agencies"))
                self._report.at(document, loc, said("there is no agency {code}", code=code), remedy)
        return self._found

    def _agency(self, document: Document, loc: Loc, model: AgencyModel) -> None:
        if model.code in self._found.agencies:
            self._report.at(
                document,
                (*loc, "code"),
                said("the agency {code} is there twice", code=model.code),
                said("keep one of them"),
            )
        if model.valid_from and model.valid_to and model.valid_from >= model.valid_to:
            self._report.at(document, (*loc, "valid_to"), said("it ends before it begins"), said("give a later day"))
        self._places.setdefault(model.code, (document, loc))
        if model.parent is not None:
            self._named.append((document, (*loc, "parent"), model.parent))
        for index, code in enumerate(model.successors):
            self._named.append((document, (*loc, "successors", index), code))
        self._found.agencies[model.code] = Agency(
            model.code,
            model.name,
            model.kind,
            model.parent,
            model.valid_from,
            model.valid_to,
            tuple(model.successors),
            model.addressed_until,
        )
        for index, system in enumerate(model.systems):
            self._system(document, (*loc, "systems", index), system, model.code)

    def _check_lives(self) -> None:
        """What has successors ends, before or when they begin; and nothing succeeds itself."""
        agencies = self._found.agencies
        for code, (document, loc) in self._places.items():
            agency, here = agencies[code], (*loc, "successors")
            if agency.successors and agency.valid_to is None:
                message = said("{id} has successors but no end", id=code)
                self._report.at(document, here, message, said("fill in valid_to, or remove the successors"))
            for index, each in enumerate(agency.successors):
                heir = agencies.get(each)
                if heir is not None and heir.valid_to and agency.valid_to and heir.valid_to <= agency.valid_to:
                    message = said(
                        "the successor {id} ends on {day}, not after {id_2}", id=each, day=heir.valid_to, id_2=code
                    )
                    remedy = said("name what is there afterwards, or correct the dates")
                    self._report.at(document, (*here, index), message, remedy)

    def _check_heirs(self) -> None:
        """Who goes on with a system's work exists, and is not itself gone on with by that system."""
        for document, loc, system, heir in self._heirs:
            if self._found.lacks(heir):
                remedy = meant(heir, self._found.systems, said("systems"))
                self._report.at(document, (*loc, "to"), said("there is no system {provider}", provider=heir), remedy)
            elif holder_of(self._found.systems, system) == system:
                message = said("{id} is handed over in a circle", id=system)
                self._report.at(document, (*loc, "to"), message, said("name the system that goes on with its work"))

    def _system(self, document: Document, loc: Loc, model: SystemModel, agency: str) -> None:
        if model.id in self._found.systems:
            self._report.at(
                document, (*loc, "id"), said("the system {id} is there twice", id=model.id), said("keep one of them")
            )
        for index, credential in enumerate(model.credentials):
            owner = self._clients.setdefault(credential.client_id, model.id)
            if owner != model.id:
                self._report.at(
                    document,
                    (*loc, "credentials", index, "client_id"),
                    said("{owner} has the client id {client_id} already", owner=owner, client_id=credential.client_id),
                    said("give every system a client id of its own"),
                )
        credentials = tuple(Credential(each.client_id, each.secret) for each in model.credentials)
        handed = model.handed_over
        handed_over = None if handed is None else HandedOver(handed.to, handed.on, handed.until)
        self._heirs += [] if handed is None else [(document, (*loc, "handed_over"), model.id, handed.to)]
        self._found.systems[model.id] = System(
            model.id, model.name, agency, credentials, model.operator, tuple(model.subjects), handed_over
        )


def _names_in(tree: Tree) -> Iterator[str]:
    """Every code and id in a file, wherever it stands."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in {"code", "id"} and isinstance(value, str):
                yield value
            yield from _names_in(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from _names_in(each)

"""Reads `grants/*.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.workspace.adapter_files import Adapters
from adapters.workspace.agencies import Agencies
from adapters.workspace.contract_files import Contracts
from adapters.workspace.documents import Document, Loc
from adapters.workspace.files import Files
from adapters.workspace.grounds import Grounds
from adapters.workspace.models import GrantModel, GrantsModel
from adapters.workspace.report import Report
from adapters.workspace.values import split_version
from contracts.catalogue import Contract, Grant, Quota
from contracts.json_types import parts_of, pointer_of
from contracts.outcome import Pattern
from contracts.said import said
from contracts.schema import ArrayType, Schema, branches
from contracts.spelling import meant
from contracts.views import fields_under, lets_through

_NOTHING: Final = frozenset(
    {"", "-", "–", "—", "?", ".", "…", "...", "x", "n/a", "na", "none", "no", "todo", "tbd"}
    | {"không", "không có", "chưa có"}
)
"""What stands where somebody had to write something."""


def read_grants(
    files: Files, report: Report, agencies: Agencies, contracts: Contracts, adapters: Adapters, grounds: Grounds
) -> tuple[Grant, ...]:
    """Every grant."""
    reader = _Reader(report, agencies, contracts, adapters, grounds)
    for name in files.names("grants", ".yaml"):
        document = files.document(name)
        model = None if document is None else report.read(GrantsModel, document, document.tree)
        if document is not None and model is not None:
            for index, grant in enumerate(model.grants):
                reader.grant(document, ("grants", index), grant)
    reader.check_takers()
    return tuple(reader.found.values())


class _Reader:
    def __init__(
        self, report: Report, agencies: Agencies, contracts: Contracts, adapters: Adapters, grounds: Grounds
    ) -> None:
        self._report = report
        self._agencies = agencies
        self._contracts = contracts
        self._adapters = adapters
        self._grounds = grounds
        self.found: dict[str, Grant] = {}

    def grant(self, document: Document, loc: Loc, model: GrantModel) -> None:
        """Check one grant and keep it, where it names what there is."""
        if model.id in self.found:
            self._report.at(
                document, (*loc, "id"), said("the grant {id} is there twice", id=model.id), said("keep one of them")
            )
        if model.valid_to is not None and model.valid_to <= model.valid_from:
            self._report.at(
                document, (*loc, "to"), said("the grant ends before it begins"), said("give a later day, or none")
            )
        self._check_system(document, loc, model)
        contract = self._contract(document, loc, model)
        name, named = split_version(model.contract)
        if contract is None:
            if name in self._contracts.names:
                self._check_as_far_as_it_goes(document, loc, model, name, named)
            return
        major = contract.latest if named is None else named
        if major not in contract.versions:
            remedy = meant(f"{name}@{major}", [f"{name}@{each}" for each in contract.versions], said("versions"))
            self._report.at(
                document, (*loc, "contract"), said("{name} has no version {major}", name=name, major=major), remedy
            )
            return
        self._check_providers(document, loc, model, name, major)
        self._check_view(document, loc, model, contract, major)
        legal_basis, grounds = self._grounds.of(document, loc, model)
        self.found[model.id] = Grant(
            id=model.id,
            system=model.system,
            contract=name,
            major=major,
            providers=tuple(model.providers),
            purpose=model.purpose,
            legal_basis=legal_basis,
            grounds=grounds,
            valid_from=model.valid_from,
            valid_to=model.valid_to,
            quota=None if model.quota is None else Quota(model.quota.requests, model.quota.per_s),
            view=None if model.view is None else tuple(model.view),
        )

    def _check_as_far_as_it_goes(
        self, document: Document, loc: Loc, model: GrantModel, name: str, named: int | None
    ) -> None:
        """A grant for a contract that is broken."""
        self._check_providers(document, loc, model, name, None)
        schemas = self._contracts.schemas[name]
        _, reply = schemas.get(max(schemas, default=0) if named is None else named, (None, None))
        if reply is not None and model.view is not None:
            self._check_fields(document, loc, model.view, reply, "reply")

    def check_takers(self) -> None:
        """Nobody is pushed events without a grant."""
        granted = {(grant.system, grant.contract, grant.major) for grant in self.found.values()}
        for service, document, loc in self._adapters.takers:
            if (service.system, service.contract, service.major) not in granted:
                name = f"{service.contract}@{service.major}"
                message = said(
                    "{system} has no grant for {name}, so it is pushed nothing", system=service.system, name=name
                )
                remedy = said(
                    "add a grant: {{system: {system}, contract: {name}, …}}", system=service.system, name=name
                )
                self._report.at(document, (*loc, "contract"), message, remedy)

    def _check_system(self, document: Document, loc: Loc, model: GrantModel) -> None:
        place, system = (*loc, "system"), model.system
        pushed = {(service.system, service.contract) for service, _, _ in self._adapters.takers}
        if self._agencies.lacks(system):
            remedy = meant(system, self._agencies.systems, said("systems"))
            self._report.at(document, place, said("there is no system {system}", system=system), remedy)
        elif (known := self._agencies.systems.get(system)) is not None and known.handed_over is not None:
            message = said("{system} was handed over to {heir}", system=system, heir=known.handed_over.to)
            self._report.at(document, place, message, said("write system: {heir}", heir=known.handed_over.to))
        elif (system, split_version(model.contract)[0]) in pushed:
            # It need not come and ask: what it may have is brought to it.
            return
        elif system in self._agencies.systems and not self._agencies.systems[system].credentials:
            message = said("{system} has no credentials, so it cannot use the grant", system=system)
            self._report.warn(document, place, message, said("give it one in agencies/"))

    def _contract(self, document: Document, loc: Loc, model: GrantModel) -> Contract | None:
        name, _ = split_version(model.contract)
        if name not in self._contracts.names:
            remedy = meant(name, self._contracts.names, said("contracts"))
            self._report.at(document, (*loc, "contract"), said("there is no contract {name}", name=name), remedy)
        return self._contracts.found.get(name)

    def _check_providers(self, document: Document, loc: Loc, model: GrantModel, name: str, major: int | None) -> None:
        """Each is a system that provides the contract; where that is broken, `major` is None and any version counts."""
        if major is None:
            offering, version = sorted(self._adapters.promised.get(name, ())), name
        else:
            offering, version = self._adapters.offers.get((name, major), []), f"{name}@{major}"
        for index, provider in enumerate(model.providers):
            place = (*loc, "providers", index)
            if self._agencies.lacks(provider):
                remedy = meant(provider, self._agencies.systems, said("systems"))
                self._report.at(document, place, said("there is no system {provider}", provider=provider), remedy)
            elif provider not in offering and provider not in self._adapters.unclear:
                who = (
                    said("{version} is provided by: {offering}", version=version, offering=", ".join(offering))
                    if offering
                    else said("nobody provides {name}", name=name)
                )
                remedy = said(
                    "{who}; add it to systems/{provider}.yaml, or correct the grant", who=who, provider=provider
                )
                self._report.at(
                    document,
                    place,
                    said("{provider} does not provide {version}", provider=provider, version=version),
                    remedy,
                )
            if model.providers.index(provider) != index:
                self._report.at(
                    document, place, said("{provider} is there twice", provider=provider), said("keep one of them")
                )

    def _check_view(self, document: Document, loc: Loc, model: GrantModel, contract: Contract, major: int) -> None:
        version = contract.versions[major]
        seen = version.request if contract.pattern is Pattern.EVENT else version.reply
        if seen is not None:
            self._check_personal(document, loc, model, seen)
        if model.view is None:
            return
        if seen is None:
            self._report.at(
                document, (*loc, "view"), said("a submission has no reply to be seen"), said("write view: all")
            )
            return
        if not model.view:
            self._report.at(
                document, (*loc, "view"), said("the view lets nothing through"), said("name at least one field")
            )
        what = "event" if contract.pattern is Pattern.EVENT else "reply"
        self._check_fields(document, loc, model.view, seen, what)

    def _check_fields(self, document: Document, loc: Loc, view: Sequence[str], seen: Schema, what: str) -> None:
        """A view is of fields that whoever writes has; each once."""
        for index, pointer in enumerate(view):
            place = (*loc, "view", index)
            through = _through_items(seen, pointer)
            if seen.at(pointer) is None:
                remedy = meant(pointer, [known for known, _ in fields_under(seen)], said("fields"))
                message = said("the {what} has no field {pointer}", what=what, pointer=pointer)
                self._report.at(document, place, message, remedy)
            elif through != pointer:
                message = said("{pointer} names one item of a list, and a view is of all or none", pointer=pointer)
                self._report.at(document, place, message, said("write {through}", through=through))
            elif (wider := _wider(view, index)) is not None:
                message = said("{wider} lets {pointer} through already", wider=wider, pointer=pointer)
                self._report.warn(document, place, message, said("remove one of them"))

    def _check_personal(self, document: Document, loc: Loc, model: GrantModel, seen: Schema) -> None:
        """Data about people is let through for a purpose and on a ground of law that somebody can look up."""
        basis = "" if model.legal_basis is None else model.legal_basis
        stated = {"purpose": model.purpose, "legal_basis": "cited" if model.cites else basis}
        lacking = [name for name, text in stated.items() if _says_nothing(text)]
        if not lacking:
            return
        view = None if model.view is None else tuple(model.view)
        told: set[str] = set()
        for pointer, field in fields_under(seen):
            by = None if field.personal is None else lets_through(view, pointer)
            if by is None or by in told:
                continue
            told.add(by)
            place = (*loc, "view") if view is None else (*loc, "view", view.index(by))
            message = said(
                "{pointer} is personal data ({personal}), and the grant says nothing in: {lacking}",
                pointer=pointer,
                personal=field.personal,
                lacking=", ".join(lacking),
            )
            remedy = said(
                "write there what and which provision of the law it is for ({lacking}), or leave the field out of view",
                lacking=", ".join(lacking),
            )
            self._report.at(document, place, message, remedy)


def _through_items(seen: Schema, pointer: str) -> str:
    """The pointer with "*" wherever it goes through a list."""
    parts = parts_of(pointer)
    for index in range(len(parts)):
        above = seen.at(pointer_of(parts[:index]))
        if above is not None and any(isinstance(branch, ArrayType) for branch in branches(above)):
            parts = (*parts[:index], "*", *parts[index + 1 :])
    return pointer_of(parts)


def _wider(view: Sequence[str], index: int) -> str | None:
    """Another pointer of the view that covers this one."""
    parts = parts_of(view[index])
    for place, other in enumerate(view):
        named = parts_of(other)
        is_twice = len(named) == len(parts) and place < index
        if place != index and named == parts[: len(named)] and (len(named) < len(parts) or is_twice):
            return other
    return None


def _says_nothing(text: str) -> bool:
    return text.strip().casefold() in _NOTHING

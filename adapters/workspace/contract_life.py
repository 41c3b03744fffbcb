"""How contracts change and end: minor versions that break somebody are refused, and lives are checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from adapters.workspace.documents import WHOLE, Document, Loc, Place, Tree
from adapters.workspace.files import Files
from adapters.workspace.models import ContractModel, LifeModel
from adapters.workspace.report import Report
from adapters.workspace.snapshot import Workspace
from contracts.affected import Changed, Users, breaks
from contracts.catalogue import Contract, Grant, Life, Schemas
from contracts.findings import Finding
from contracts.json_types import parts_of
from contracts.said import said
from contracts.spelling import meant


def read_lives(report: Report, document: Document, model: ContractModel, majors: Collection[int]) -> dict[int, Life]:
    """The lives of the versions in `majors`; what is wrong is reported."""
    lives: dict[int, Life] = {}
    for major, life in model.versions.items():
        loc: Loc = ("versions", str(major))
        if major not in majors:
            remedy = meant(str(major), [str(each) for each in majors], said("versions"))
            report.at(document, loc, said("there is no version {major}", major=major), remedy, of_key=True)
        else:
            _check_life(report, document, loc, major, life, majors)
            lives[major] = Life(life.deprecated, life.sunset, life.successor)
    return lives


def _check_life(
    report: Report, document: Document, loc: Loc, major: int, life: LifeModel, majors: Collection[int]
) -> None:
    if life.successor is not None and (life.successor not in majors or life.successor == major):
        others = [str(each) for each in majors if each != major]
        message = said("{successor} is no other version of the contract", successor=life.successor)
        report.at(document, (*loc, "successor"), message, meant(str(life.successor), others, said("versions")))
    if life.sunset is not None and life.deprecated is None:
        message = said("the version ends without having been deprecated before")
        report.at(document, (*loc, "sunset"), message, said("say from which day on others should be used: deprecated"))
    if life.sunset is not None and life.deprecated is not None and life.sunset < life.deprecated:
        message = said("the version ends before it is deprecated")
        report.at(document, (*loc, "sunset"), message, said("give a later day, or none"))


def check_sunsets(
    report: Report, files: Files, contracts: Iterable[Contract], grants: Iterable[Grant], day: date
) -> None:
    """Warn of grants whose version has ended."""
    ended = {
        (contract.name, major): version.life.sunset
        for contract in contracts
        for major, version in contract.versions.items()
        if version.life.sunset is not None and version.life.sunset <= day
    }
    for grant in grants:
        sunset = ended.get((grant.contract, grant.major))
        if sunset is not None and (grant.valid_to is None or day < grant.valid_to):
            document = files.document(f"contracts/{grant.contract}/contract.yaml")
            message = said(
                "the grant {grant} of {system} is for version {major}, which ended on {sunset}",
                grant=grant.id,
                system=grant.system,
                major=grant.major,
                sunset=sunset,
            )
            if document is not None:
                report.warn(
                    document, ("versions", str(grant.major), "sunset"), message, said("give it another version")
                )


def check_breaks(report: Report, files: Files, contracts: Iterable[Contract], users: Users) -> None:
    """Refuse what a minor version may not change since those before it."""
    for contract in contracts:
        for version in contract.versions.values():
            if version.earlier:
                tell_breaks(
                    report, files, contract.name, version.major, breaks(contract, version, version.earlier, users)
                )


def tell_breaks(report: Report, files: Files, contract: str, major: int, found: Iterable[Changed]) -> None:
    """Report each at the field that changes."""
    for each in found:
        name = f"contracts/{contract}/v{major}/{each.part}.avsc"
        text = files.text(name) or ""
        place = _place_of(files.places(name, text), each.change.pointer)
        remedy = said("take it back, or write a version {next}, which goes on beside this one", next=major + 1)
        report.add(name, place, each.words(), remedy)


def breaks_since(old: Workspace, new: Workspace, day: date) -> Sequence[Finding]:
    """What versions of contracts in `new` change that they may not since `old`, by whom `old` knows
    to use them."""
    report = Report()
    users = Users(old.grants, old.services, old.publishers, day)
    for name, contract in new.contracts.items():
        for major, version in contract.versions.items():
            before = old.contracts[name].versions.get(major) if name in old.contracts else None
            if before is not None and (before.reply is None) == (version.reply is None):
                earlier = (Schemas(before.request, before.reply),)
                tell_breaks(report, Files(new.folder, report), name, major, breaks(contract, version, earlier, users))
    return report.findings


def _place_of(document: Document, pointer: str) -> Place:
    """Where a schema's text defines the field, or one of its name; the whole file where there is none any more."""
    parts = [part for part in parts_of(pointer) if part != "*"]
    loc = None if not parts else _field_named(parts[-1], document.tree, ())
    return WHOLE if loc is None else document.place(loc)


def _field_named(name: str, tree: Tree, loc: Loc) -> Loc | None:
    if isinstance(tree, dict) and tree.get("name") == name and "type" in tree:
        return (*loc, "name")
    inner: Sequence[tuple[str | int, Tree]] = []
    if isinstance(tree, dict):
        inner = list(tree.items())
    elif isinstance(tree, list):
        inner = list(enumerate(tree))
    return next((found for key, each in inner if (found := _field_named(name, each, (*loc, key))) is not None), None)

"""One agency goes on with another's work: what moves, and the files of the workspace after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

import yaml

from adapters.workspace.agency_insertion import CannotInsert, with_system
from adapters.workspace.documents import Document, Loc, Tree, read_document
from adapters.workspace.snapshot import Workspace
from adapters.workspace.yaml_edits import Edit, edited, node_at, replacing, with_key, without_items
from contracts.agencies import normal_code
from contracts.catalogue import Agency, Area, Service
from contracts.codelists import CodeList
from contracts.said import said


class CannotHandOver(Exception):
    """It would lose something, or cannot be written; the message says what, and the remedy."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """`before`'s work goes on at `after` since `on`; old names are answered before `until`.

    `heirs` are systems of `before` whose work a system of `after` goes on with; all others move as they are.
    """

    before: Agency
    after: Agency
    heirs: Mapping[str, str]
    on: date
    until: date


@dataclass(frozen=True, slots=True)
class Moving:
    """What a hand-over moves: ids of grants, services and publishers as `system contract@major`, systems."""

    systems: tuple[str, ...]
    services: tuple[str, ...]
    publishers: tuple[str, ...]
    grants_held: tuple[str, ...]
    grants_given: tuple[str, ...]


def moving(workspace: Workspace, plan: HandOver) -> Moving:
    """What it moves."""
    own = {system.id for system in workspace.systems.values() if system.agency == plan.before.code}
    offered = [(each.system, f"{each.system} {each.contract}@{each.major}") for each in workspace.services]
    published = [(each.system, f"{each.system} {each.contract}@{each.major}") for each in workspace.publishers]
    return Moving(
        tuple(sorted(own)),
        tuple(sorted(name for system, name in offered if system in own)),
        tuple(sorted(name for system, name in published if system in own)),
        tuple(sorted(grant.id for grant in workspace.grants if grant.system in own)),
        tuple(sorted(grant.id for grant in workspace.grants if own & set(grant.providers))),
    )


def check_plan(workspace: Workspace, plan: HandOver) -> None:
    """CannotHandOver where it makes no sense, or would lose something."""
    if plan.before.code == plan.after.code:
        _refuse(said("an agency is not handed over to itself"))
    if not plan.after.valid_on(plan.on):
        _refuse(
            said(
                "{agency} does not exist on {day}: correct its dates, or name another",
                agency=plan.after.code,
                day=plan.on,
            )
        )
    if plan.until <= plan.on:
        _refuse(said("--until: old names are answered for a while: give a day after {day}", day=plan.on))
    for system, heir in plan.heirs.items():
        _check_pair(workspace, plan, system, heir)


def _check_pair(workspace: Workspace, plan: HandOver, system: str, heir: str) -> None:
    for name, agency in ((system, plan.before), (heir, plan.after)):
        known = workspace.systems.get(name)
        if known is None or known.agency != agency.code or known.handed_over is not None:
            names = ", ".join(sorted(each.id for each in workspace.systems.values() if each.agency == agency.code))
            _refuse(
                said(
                    "{system} is no system of {agency}; there are: {names}",
                    system=name,
                    agency=agency.code,
                    names=names or "—",
                )
            )
    if any(source.system == system for source in workspace.sources):
        _refuse(said("{system} has sources: move them to systems/{heir}.yaml first", system=system, heir=heir))
    offered = {(each.contract, each.major): each for each in workspace.services if each.system == heir}
    published = {(each.contract, each.major) for each in workspace.publishers if each.system == heir}
    for publisher in workspace.publishers:
        if publisher.system == system and (publisher.contract, publisher.major) not in published:
            name = f"{publisher.contract}@{publisher.major}"
            lacks = said("{heir} does not publish {contract}", heir=heir, contract=name)
            _refuse(said("{lacks}: add it to systems/{heir}.yaml first", lacks=lacks, heir=heir))
    for service in workspace.services:
        if service.system != system:
            continue
        name = f"{service.contract}@{service.major}"
        other = offered.get((service.contract, service.major))
        if other is None:
            lacks = said("{provider} does not provide {version}", provider=heir, version=name)
            _refuse(said("{lacks}: add it to systems/{heir}.yaml first", lacks=lacks, heir=heir))
        if workspace.contracts[service.contract].ordered is not None:
            message = said(
                "the order of {contract} is kept in the inbox of {system}: leave out --system {system}, so that the "
                "system itself moves, and change its connection afterwards",
                contract=name,
                system=system,
            )
            _refuse(message)
        _joined(workspace, service, other)


def files_after(files: Mapping[str, bytes], workspace: Workspace, plan: HandOver) -> dict[str, bytes]:
    """All files of the workspace once it is done. CannotHandOver."""
    check_plan(workspace, plan)
    texts = {name: content.decode() for name, content in files.items() if name.endswith(".yaml")}
    changed = dict(files)
    for name, text in _rewritten(texts, workspace, plan):
        changed[name] = text.encode()
    for system in plan.heirs:
        changed.pop(f"systems/{system}.yaml", None)
    return changed


def _rewritten(texts: dict[str, str], workspace: Workspace, plan: HandOver) -> Iterator[tuple[str, str]]:
    for name, text in texts.items():
        folder = name.partition("/")[0]
        if folder == "grants":
            yield name, edited(text, _of_grants(read_document(name, text), text, plan))
        elif folder == "systems":
            yield name, _with_areas(name, text, workspace, plan)
    agencies = {name: text for name, text in texts.items() if name.startswith("agencies/")}
    yield from _of_agencies(agencies, workspace, plan).items()


def _of_grants(document: Document, text: str, plan: HandOver) -> Iterator[Edit]:
    """Who held or gave a right is its heir."""
    tree = document.tree
    listed = tree.get("grants") if isinstance(tree, dict) else None
    for index, grant in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(grant, dict):
            continue
        system, providers = grant.get("system"), grant.get("providers")
        if isinstance(system, str) and system in plan.heirs:
            yield replacing(node_at(text, ("grants", index, "system")), plan.heirs[system])
        if isinstance(providers, list) and any(each in plan.heirs for each in providers):
            heirs = dict.fromkeys(plan.heirs.get(str(each), str(each)) for each in providers)
            yield replacing(node_at(text, ("grants", index, "providers")), f"[{', '.join(heirs)}]")


def _with_areas(name: str, text: str, workspace: Workspace, plan: HandOver) -> str:
    """The file of an heir, whose areas are what it answered for and what is handed to it."""
    heir = name.removeprefix("systems/").removesuffix(".yaml")
    handed = {system for system, to in plan.heirs.items() if to == heir}
    if not handed:
        return text
    edits = []
    configured = workspace.adapters[heir].services if heir in workspace.adapters else ()
    for index, config in enumerate(configured):
        of = [each for each in workspace.services if (each.contract, each.major) == (config.contract, config.major)]
        own = next(each for each in of if each.system == heir)
        rows = own.area
        for each in of:
            if each.system in handed and each.area is not None:
                rows = _joined(workspace, each, Service(own.contract, own.major, heir, idempotent=True, area=rows))
        if rows is not None and rows != own.area:
            edits.append(
                replacing(
                    node_at(text, ("services", index, "area")), _written(rows, workspace.codelists[rows.codelist])
                )
            )
    return edited(text, edits)


def _joined(workspace: Workspace, handed: Service, own: Service) -> Area | None:
    """Both areas in one. CannotHandOver where that cannot be written by codes of one day."""
    if handed.area is None or own.area is None:
        return own.area
    area = Area(own.area.codelist, own.area.as_of, own.area.rows | handed.area.rows)
    codes = workspace.codelists[area.codelist]
    same_day = own.area.as_of == handed.area.as_of
    if not same_day or any(codes.row(row).code is None for row in area.rows):
        message = said(
            "the areas of {system} and {heir} for {contract} cannot be joined by themselves: give both the same as_of, "
            "and rows that have codes",
            system=handed.system,
            heir=own.system,
            contract=handed.contract,
        )
        _refuse(message)
    return area


def _written(area: Area, codes: CodeList) -> str:
    listed = ", ".join(f'"{code}"' for code in sorted(codes.row(row).code or "" for row in area.rows))
    return f"{{codelist: {area.codelist}, as_of: {area.as_of}, codes: [{listed}]}}"


def _of_agencies(texts: dict[str, str], workspace: Workspace, plan: HandOver) -> dict[str, str]:
    """The agency ends, with its successor; its systems say who goes on with them, or are the successor's."""
    name, loc, tree = _agency_in(texts, plan.before.code)
    text = texts[name]
    until = max(plan.until, plan.before.addressed_until or plan.until)
    text = with_key(text, loc, "addressed_until", until.isoformat())
    if plan.after.code not in plan.before.successors:
        heirs = ", ".join((*plan.before.successors, plan.after.code))
        text = with_key(text, loc, "successors", f"[{heirs}]")
    if plan.before.valid_to is None:
        text = with_key(text, loc, "valid_to", plan.on.isoformat())
    listed = tree.get("systems")
    systems = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    gone: dict[int, Tree] = {}
    for index, system in enumerate(systems):
        system_id = str(system.get("id"))
        if system_id in plan.heirs:
            value = f"{{to: {plan.heirs[system_id]}, on: {plan.on}, until: {plan.until}}}"
            text = with_key(text, (*loc, "systems", index), "handed_over", value)
        elif workspace.systems[system_id].handed_over is None:
            gone[index] = system
    if gone:
        text = without_items(text, loc, "systems", set(gone))
    found = {**texts, name: text}
    for moved in gone.values():
        file, _, _ = _agency_in(found, plan.after.code)
        found[file] = _with_system(found[file], plan.after.code, moved)
    return found


def _with_system(text: str, agency: str, system: Tree) -> str:
    flow = yaml.safe_dump(_plain(system), default_flow_style=True, allow_unicode=True, sort_keys=False, width=1_000_000)
    try:
        return with_system(text, agency, flow.strip())
    except CannotInsert:
        _refuse(said("{agency} cannot be added to by itself: write its systems below each other", agency=agency))


def _plain(tree: Tree) -> object:
    if isinstance(tree, dict):
        return {name: _plain(each) for name, each in tree.items()}
    if isinstance(tree, list):
        return [_plain(each) for each in tree]
    return None if tree is None else str(tree)


def _agency_in(texts: Mapping[str, str], code: str) -> tuple[str, Loc, dict[str, Tree]]:
    for name, text in texts.items():
        tree = read_document(name, text).tree
        listed = tree.get("agencies") if isinstance(tree, dict) else None
        for index, agency in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(agency, dict) and normal_code(str(agency.get("code"))) == code:
                return name, ("agencies", index), agency
    raise KeyError(code)


def _refuse(message: str) -> NoReturn:
    raise CannotHandOver(message)


__all__ = ["CannotHandOver", "HandOver", "Moving", "check_plan", "files_after", "moving"]

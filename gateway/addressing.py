"""What a sender may write in `To`: a system, or the agency whose system it is, by its code in either order."""

from __future__ import annotations

from datetime import date, datetime, time

from contracts.agencies import agency_named, in_place_of
from contracts.catalogue import Agency, System
from gateway.deprecation import Deprecated, note
from gateway.directory import Directory
from gateway.problems import Problem


def system_addressed(directory: Directory, contract: str, to: str, day: date) -> str:
    """The system that `to` means: of an agency, the one that provides `contract`; of one that has ended, its
    successor's, and of a system that was handed over, who goes on with its work. What means no agency stays as it is.

    Problem `receiver-required`, `agency-split`, `receiver-unknown`, `handed-over`.
    """
    known = directory.systems.get(to)
    if known is not None:
        return to if known.handed_over is None else note_old_name(directory, known, day)
    agency = agency_named(directory.agencies, to)
    if agency is None:
        return to
    providers = directory.providers_of(contract)
    systems = [each for each in providers if directory.systems[each].agency == agency.code]
    if not systems:
        heirs = in_place_of(directory.agencies, agency, day)
        if len(heirs) > 1:
            names = "; ".join(f"{each.code} {each.name}" for each in heirs)
            members = {"candidates": [{"code": each.code, "name": each.name} for each in heirs]}
            raise Problem("agency-split", members=members, agency=to, day=agency.valid_to or day, successors=names)
        systems = [each for each in providers if [directory.systems[each].agency] == [heir.code for heir in heirs]]
        if systems and agency.valid_to is not None:
            _note_ended(directory, agency, heirs[0], agency.valid_to, day)
    if len(systems) == 1:
        return systems[0]
    if systems:
        raise Problem("receiver-required", contract=contract, receivers=", ".join(systems))
    raise Problem("receiver-unknown", receiver=to, contract=contract, receivers=", ".join(providers) or "—")


def note_old_name(directory: Directory, system: System, day: date) -> str:
    """Who goes on with the work of a system that was handed over, and have the answer say that its name is an old one.

    Problem `handed-over` from the day on which it is not answered any more.
    """
    handed_over, heir = system.handed_over, directory.holder_of(system.id)
    if handed_over is None:
        return system.id
    agency = directory.systems[heir].agency if heir in directory.systems else ""
    name = f"{heir} ({agency})"
    if day >= handed_over.until:
        raise Problem("handed-over", headers=_link(agency), name=system.id, day=handed_over.until, heir=name)
    _note(directory, handed_over.on, handed_over.until, agency)
    return heir


def _note_ended(directory: Directory, agency: Agency, heir: Agency, ended: date, day: date) -> None:
    until = agency.addressed_until
    if until is not None and day >= until:
        name = f"{heir.code} {heir.name}"
        raise Problem("handed-over", headers=_link(heir.code), name=agency.code, day=until, heir=name)
    _note(directory, ended, until, heir.code)


def _note(directory: Directory, since: date, until: date | None, successor: str) -> None:
    ends = None if until is None else _midnight(until, directory)
    note(Deprecated(_midnight(since, directory), ends, _address(successor)))


def _midnight(day: date, directory: Directory) -> datetime:
    return datetime.combine(day, time(), directory.zone)


def _address(code: str) -> str:
    return f"/agencies/{code}"


def _link(code: str) -> dict[str, str]:
    return {"link": f'<{_address(code)}>; rel="successor-version"'}

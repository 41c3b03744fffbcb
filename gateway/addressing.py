"""What a sender may write in `To`: a system, or the agency whose system it is, by its code in either order."""

from __future__ import annotations

from datetime import date

from contracts.agencies import agency_named, in_place_of
from gateway.directory import Directory
from gateway.problems import Problem


def system_addressed(directory: Directory, contract: str, to: str, day: date) -> str:
    """The system that `to` means: of an agency, the one that provides `contract`; of one that has ended, its
    successor's. What means no agency stays as it is. Problem `receiver-required`, `agency-split`, `receiver-unknown`.
    """
    if to in directory.systems:
        return to
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
    if len(systems) == 1:
        return systems[0]
    if systems:
        raise Problem("receiver-required", contract=contract, receivers=", ".join(systems))
    raise Problem("receiver-unknown", receiver=to, contract=contract, receivers=", ".join(providers) or "—")

"""Grants that end or rest on what lapses, and systems whose agency ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from contracts.catalogue import Agency, Grant
from contracts.lapse_words import lapse_remedy, lapse_words
from contracts.laws import lapses
from contracts.outlook.shared import Break, Known, Spot, Subject
from contracts.said import said


def breaks_of_grants(known: Known, today: date, day: date) -> Iterator[Break]:
    """Grants of today, or of a day until then, that end with none in their place, or whose ground lapses."""
    for grant in known.grants:
        if grant.valid_to is not None and grant.valid_to <= today:
            continue
        if grant.valid_to is not None and grant.valid_to <= day:
            if not _is_followed(known, grant, day):
                message: str = said("the grant {id} no longer holds from {day} on", id=grant.id, day=grant.valid_to)
                remedy = said("renew it: a later “to”, or another grant that begins on that day")
                spot = Spot("grant", grant.id, ("to",))
                yield Break(Subject.GRANT, grant.id, grant.valid_to, message, remedy, spot)
            continue
        for lapse in lapses(known.laws, grant.grounds, day, ahead_days=0):
            spot = Spot("grant", grant.id, ("legal_basis",))
            told = said("the ground of the grant {id}: {lapse}", id=grant.id, lapse=lapse_words(known.laws, lapse))
            mend = lapse_remedy(known.laws, lapse)
            yield Break(Subject.GRANT, grant.id, lapse.day, told, mend, spot, stops=False)


def _is_followed(known: Known, grant: Grant, day: date) -> bool:
    """Whether other grants give the same right on that day."""
    covered = {
        provider
        for other in known.grants
        if (other.system, other.contract, other.major) == (grant.system, grant.contract, grant.major)
        and other.in_force(day)
        for provider in other.providers
    }
    return covered >= set(grant.providers)


def breaks_of_agencies(known: Known, day: date) -> Iterator[Break]:
    """Everything that systems of an agency provide, publish or may use that has ended by then."""
    ended = {
        system.id: agency
        for system in known.systems.values()
        if (agency := known.agencies.get(system.agency)) is not None and agency.valid_to and agency.valid_to <= day
    }
    if not ended:
        return
    for service in known.services:
        if service.system in ended:
            name = f"{service.system} {service.contract}@{service.major}"
            spot = Spot("service", name, ("contract",))
            yield _gone(known, ended[service.system], Subject.SERVICE, name, spot)
    for index, publisher in enumerate(each for each in known.publishers if each.system in ended):
        name = f"{publisher.system} {publisher.contract}@{publisher.major}"
        spot = Spot("publisher", publisher.system, ("publishes", index))
        yield _gone(known, ended[publisher.system], Subject.SERVICE, name, spot)
    for grant in known.grants:
        if grant.system in ended and (grant.valid_to is None or grant.valid_to > day):
            spot = Spot("grant", grant.id, ("system",))
            yield _gone(known, ended[grant.system], Subject.GRANT, grant.id, spot)


def _gone(known: Known, agency: Agency, subject: Subject, name: str, spot: Spot) -> Break:
    message = said(
        "{name} is of {agency} ({code}), which is no more from {day} on",
        name=name,
        agency=agency.name,
        code=agency.code,
        day=agency.valid_to,
    )
    heirs = [known.agencies[each] for each in agency.successors if each in known.agencies]
    if heirs:
        remedy = said(
            "move it to its successor: {names}", names="; ".join(f"{each.code} {each.name}" for each in heirs)
        )
    else:
        remedy = said("name its successors in agencies/, and move to one of them what goes on")
    return Break(subject, name, agency.valid_to or date.max, message, remedy, spot, stops=False)

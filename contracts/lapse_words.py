"""What there is to say of a legal ground that does not hold, or soon will not, and what to do about it."""

from __future__ import annotations

from contracts.laws import Citation, Lapse, Laws, Standing
from contracts.said import either, said


def lapse_words(laws: Laws, lapse: Lapse) -> str:
    """How it stands."""
    name, day = laws.words(lapse.citation), lapse.day.isoformat()
    if lapse.standing is Standing.NOT_YET:
        return said("{name} is in force only from {day} on", name=name, day=day)
    if lapse.standing is Standing.ENDED:
        return said("{name} has not been in force since {day}", name=name, day=day)
    return said("{name} is in force only until {day}", name=name, day=day)


def lapse_remedy(laws: Laws, lapse: Lapse) -> str:
    """What whoever keeps the grant has to look at."""
    if lapse.standing is Standing.NOT_YET:
        return said("see whether it has to begin so early, and on what it rests until then")
    names = [said("{name} ({id})", name=laws.words(each), id=each.law) for each in map(Citation.read, lapse.successors)]
    if not names:
        return said("name what it rests on now, or let it end on that day")
    return said("see whether it rests on what took its place: {names}", names=either(names))

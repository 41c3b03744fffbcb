"""Codes of agencies, which are written in two orders, and what stands in an agency's place once it has ended.

QĐ 20/2020 writes an agency's levels from left to right (`H17.01`), QCVN 102 from right to left, in four groups filled
up with zeros (`000.00.01.H17`). Both are in the field, and mixtures of them; inside the bus there is one form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from contracts.catalogue import Agency

MOST_CHARACTERS: Final = 35
"""Of a code, by QĐ 20/2020."""

_GROUPS: Final = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*\Z", re.ASCII)
_LEVEL_1: Final = re.compile(r"[A-Y]\d{2}\Z", re.ASCII)
_ZEROS: Final = re.compile(r"0+\Z", re.ASCII)
_WIDTHS: Final = (2, 2, 3)
"""Of QCVN 102's groups below the first level, from the second level on."""


def normal_code(text: str) -> str:
    """The one form of a code: levels from left to right, without the groups of zeros that stand for no level.

    `000.00.10.H17`, `10.H17` and `H17.10.00.000` are all `H17.10`. A code of which neither end is a first level (a
    letter A–Y and two digits) stays as it is. ValueError where it is no code of an agency.
    """
    if len(text) > MOST_CHARACTERS or _GROUPS.match(text) is None:
        raise ValueError("not a code of an agency")
    levels = text.split(".")
    if not _LEVEL_1.match(levels[0]):
        if not _LEVEL_1.match(levels[-1]):
            return text
        levels.reverse()
    while len(levels) > 1 and _ZEROS.match(levels[-1]):
        levels.pop()
    return ".".join(levels)


def qcvn_code(code: str) -> str | None:
    """A code as QCVN 102 writes it: `000.00.10.H17`. None where it has more levels, or wider ones, than that has."""
    first, *below = normal_code(code).split(".")
    if not _LEVEL_1.match(first) or len(below) > len(_WIDTHS):
        return None
    below += [""] * (len(_WIDTHS) - len(below))
    groups = [level.rjust(width, "0") for level, width in zip(below, _WIDTHS, strict=True)]
    if any(len(group) > width for group, width in zip(groups, _WIDTHS, strict=True)):
        return None
    return ".".join([*reversed(groups), first])


def agency_named(agencies: Mapping[str, Agency], text: str) -> Agency | None:
    """The agency of a code in either order, in small letters too; None where there is none."""
    try:
        return agencies.get(normal_code(text.strip().upper()))
    except ValueError:
        return None


def predecessors(agencies: Mapping[str, Agency], agency: Agency) -> tuple[Agency, ...]:
    """The agencies whose place it took, in whole or in part, by code."""
    return tuple(each for _, each in sorted(agencies.items()) if agency.code in each.successors)


def in_place_of(agencies: Mapping[str, Agency], agency: Agency, day: date) -> tuple[Agency, ...]:
    """What there is on `day` of an agency: itself, or what took its place or was in it then, by code.

    One: it. Several: it was split, or is made of several, and nobody here knows which part is meant. None: the register
    knows of nothing.
    """
    forward = agency.valid_to is not None and agency.valid_to <= day
    found: dict[str, Agency] = {}
    seen, ahead = {agency.code}, [agency]
    while ahead:
        here = ahead.pop()
        if here.valid_on(day):
            found[here.code] = here
            continue
        if forward:
            further = tuple(agencies[code] for code in here.successors if code in agencies)
        else:
            further = predecessors(agencies, here)
        ahead += [each for each in further if each.code not in seen]
        seen |= {each.code for each in further}
    return tuple(found[code] for code in sorted(found))

"""Where everything stands on the map: senders at the left, the bus with its contracts in the middle, receivers at the
right, each side in the groups of its agencies. The same figures give the same drawing.

All in units of the drawing, which are pixels at its own size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from contracts.languages import Language
from gateway.console.cells import Badge
from gateway.console.live.map_figures import Line, MapFigures
from gateway.console.live.standings import IDLE, PAUSED, PULLS, Tally
from gateway.directory import Directory

WIDTH: Final = 1280
BOX: Final = 320
_MIDDLE: Final = (WIDTH - BOX) // 2
_RIGHT: Final = WIDTH - BOX
_TOP: Final = 44
_TALL, _FLAT = 52, 34
_MANY: Final = 12
"""A side with more systems than this draws them flat, one line of text each."""
_GAP: Final = 8
_GROUP_HEAD: Final = 24
_GROUP_GAP: Final = 18
_MIDDLE_GAP, _WIDEST_MIDDLE_GAP = 18, 90
_MOST_CHARS: Final = {_TALL: 35, _FLAT: 29}
_THINNEST, _THICKEST = 1.75, 12.0


@dataclass(frozen=True, slots=True)
class Box:
    """A system or a contract. `name` fits into it, `whole_name` is all of it."""

    id: str
    x: int
    y: float
    height: int
    name: str
    whole_name: str
    tally: Tally
    badge: Badge


class Group(NamedTuple):
    """An agency's name above its systems."""

    x: int
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line between a system and a contract, as wide as much went along it."""

    path: str
    width: float
    badge: Badge
    count: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The drawing. `most` is how much went along the widest line."""

    height: int
    most: int
    groups: tuple[Group, ...]
    senders: tuple[Box, ...]
    contracts: tuple[Box, ...]
    receivers: tuple[Box, ...]
    curves: tuple[Curve, ...]


def lay_out(figures: MapFigures, directory: Directory, language: Language) -> Layout:
    """The drawing of these figures, with the contracts' titles in `language`."""
    # An event is sent once, however many copies of it go out; what went wrong with one is told where that copy went.
    sent = _merged(figures.lines, is_sent=True)
    received = _merged(figures.lines, is_sent=False)
    senders = {system for system, _ in sent}
    receivers = {system for system, _ in received} | figures.receivers
    left, left_groups, left_height = _side(
        0, senders, directory, lambda system: _total(line for (who, _), line in sent.items() if who == system), None
    )
    right, right_groups, right_height = _side(
        _RIGHT,
        receivers,
        directory,
        lambda system: _total(line for (who, _), line in received.items() if who == system),
        figures.standing,
    )
    names = sorted({contract for _, contract in (*sent, *received)})
    middle_height = _TOP + len(names) * (_TALL + _MIDDLE_GAP) + _MIDDLE_GAP
    height = max(left_height, right_height, middle_height)
    left, left_groups = _centred(left, left_groups, height - left_height)
    right, right_groups = _centred(right, right_groups, height - right_height)
    ends = {("sent", box.id): box.y for box in left} | {("received", box.id): box.y for box in right}

    def pull(contract: str) -> float:
        at = [ends["sent", who] for who, what in sent if what == contract]
        at += [ends["received", who] for who, what in received if what == contract]
        return sum(at) / len(at)

    middle = _middle(
        sorted(names, key=lambda name: (pull(name), name)), height, directory.titles(language), sent, received
    )
    most = max((line.tally.total for line in (*sent.values(), *received.values())), default=0)
    curves = (*_curves(left, middle, sent, most, is_sent=True), *_curves(right, middle, received, most, is_sent=False))
    return Layout(
        int(height) + _GAP,
        most,
        (*left_groups, *right_groups),
        tuple(left),
        tuple(middle),
        tuple(right),
        # What stands badly is drawn over what stands well.
        tuple(sorted(curves, key=lambda curve: (curve.badge not in (IDLE, PULLS), curve.badge.tone != "ok"))),
    )


class _Half(NamedTuple):
    tally: Tally
    badge: Badge


_Halves = Mapping[tuple[str, str], _Half]


def _merged(lines: Iterable[Line], *, is_sent: bool) -> _Halves:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        sender, contract, receiver = line.way
        if is_sent:
            found.setdefault((sender, contract), []).append(line)
        elif receiver:
            found.setdefault((receiver, contract), []).append(line)
    return {key: _half(each, is_sent=is_sent) for key, each in sorted(found.items())}


def _half(lines: Sequence[Line], *, is_sent: bool) -> _Half:
    published = [line for line in lines if not line.way.receiver]
    counted = _total(_Half(line.tally, line.badge) for line in (published if is_sent and published else lines))
    is_paused = not is_sent and any(line.is_paused for line in lines)
    if is_paused:
        return _Half(counted, PAUSED)
    is_pulled = not is_sent and all(line.is_pulled for line in lines) and not counted.total
    return _Half(counted, PULLS if is_pulled else counted.badge)


def _total(halves: Iterable[_Half]) -> Tally:
    tallies = [half.tally for half in halves]
    return Tally(*(sum(getattr(each, name) for each in tallies) for name in Tally.__slots__))


def _side(
    x: int,
    systems: Iterable[str],
    directory: Directory,
    counted: Callable[[str], Tally],
    standing: Callable[[str], Badge] | None,
) -> tuple[list[Box], list[Group], float]:
    """One side's boxes under the names of their agencies, from the top, and how high it is."""
    by_agency: dict[str, list[str]] = {}
    for system in systems:
        known = directory.systems.get(system)
        by_agency.setdefault("" if known is None else known.agency, []).append(system)
    box_height = _TALL if sum(len(each) for each in by_agency.values()) <= _MANY else _FLAT
    boxes, groups, y = [], [], float(_TOP)
    for agency in sorted(by_agency, key=lambda code: (_agency(directory, code), code)):
        groups.append(Group(x, y + _GROUP_HEAD - 9, fitted(_agency(directory, agency), 46)))
        y += _GROUP_HEAD
        for system in sorted(by_agency[agency], key=lambda each: (_name(directory, each), each)):
            name, mine = _name(directory, system), counted(system)
            badge = mine.badge if standing is None else standing(system)
            boxes.append(Box(system, x, y, box_height, fitted(name, _MOST_CHARS[box_height]), name, mine, badge))
            y += box_height + _GAP
        y += _GROUP_GAP - _GAP
    return boxes, groups, y


def _centred(boxes: list[Box], groups: list[Group], spare: float) -> tuple[list[Box], list[Group]]:
    by = spare / 2
    moved = [Box(b.id, b.x, b.y + by, b.height, b.name, b.whole_name, b.tally, b.badge) for b in boxes]
    return moved, [Group(each.x, each.y + by, each.name) for each in groups]


def _middle(
    names: Sequence[str], height: float, titles: Mapping[str, str], sent: _Halves, received: _Halves
) -> list[Box]:
    free = height - _TOP - len(names) * _TALL
    gap = min(float(_WIDEST_MIDDLE_GAP), free / (len(names) + 1))
    y = _TOP + (free - gap * (len(names) - 1)) / 2
    boxes = []
    for name in names:
        title = titles.get(name, name)
        mine = _total(half for (_, what), half in sent.items() if what == name)
        wrong = _total(half for (_, what), half in received.items() if what == name)
        told = Tally(mine.total, wrong.errors, wrong.refused, wrong.retrying)
        boxes.append(Box(name, _MIDDLE, y, _TALL, fitted(title, _MOST_CHARS[_TALL]), title, told, told.badge))
        y += _TALL + gap
    return boxes


def _curves(
    side: Sequence[Box], middle: Sequence[Box], halves: _Halves, most: int, *, is_sent: bool
) -> Iterable[Curve]:
    """The lines between one side and the middle, spread over the height of each box so that none hides another."""
    systems, contracts = {box.id: box for box in side}, {box.id: box for box in middle}
    ours: dict[str, list[tuple[float, str]]] = defaultdict(list)
    theirs: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for system, contract in halves:
        ours[system].append((contracts[contract].y, contract))
        theirs[contract].append((systems[system].y, system))
    for ends in (*ours.values(), *theirs.values()):
        ends.sort()
    for (system, contract), half in halves.items():
        box, pill = systems[system], contracts[contract]
        at = box.y + box.height * _share(ours[system], (pill.y, contract))
        there = pill.y + pill.height * _share(theirs[contract], (box.y, system))
        start, end = ((box.x + BOX, at), (pill.x, there)) if is_sent else ((pill.x + BOX, there), (box.x, at))
        bend = (start[0] + end[0]) / 2
        path = f"M{start[0]} {start[1]:.1f}C{bend:g} {start[1]:.1f} {bend:g} {end[1]:.1f} {end[0]} {end[1]:.1f}"
        names = (box.whole_name, pill.whole_name) if is_sent else (pill.whole_name, box.whole_name)
        yield Curve(path, width_of(half.tally.total, most), half.badge, half.tally.total, *names)


def _share(ends: Sequence[tuple[float, str]], end: tuple[float, str]) -> float:
    """Where along a side one of its lines begins, from 0 to 1."""
    return (ends.index(end) + 1) / (len(ends) + 1)


def width_of(count: int, most: int) -> float:
    """How wide a line is: its area seems to grow with what goes along it, and the least is still to be seen."""
    return round(_THINNEST + (_THICKEST - _THINNEST) * sqrt(count / most), 2) if most else _THINNEST


def fitted(name: str, most: int) -> str:
    """`name` cut to `most` characters."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _name(directory: Directory, system: str) -> str:
    known = directory.systems.get(system)
    return system if known is None else known.name


def _agency(directory: Directory, code: str) -> str:
    known = directory.agencies.get(code)
    return code if known is None else known.name

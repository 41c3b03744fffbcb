"""What an outlook is of, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from contracts.catalogue import Agency, Contract, Grant, Publisher, Service, System
from contracts.codelists import CodeList
from contracts.laws import Laws


class Known(Protocol):
    """What an outlook is made of: a workspace, or what a gateway knows of one."""

    @property
    def agencies(self) -> Mapping[str, Agency]: ...
    @property
    def systems(self) -> Mapping[str, System]: ...
    @property
    def contracts(self) -> Mapping[str, Contract]: ...
    @property
    def services(self) -> Sequence[Service]: ...
    @property
    def publishers(self) -> Sequence[Publisher]: ...
    @property
    def grants(self) -> Sequence[Grant]: ...
    @property
    def codelists(self) -> Mapping[str, CodeList]: ...
    @property
    def laws(self) -> Laws: ...


class Subject(StrEnum):
    """What breaks."""

    CONTRACT = "contract"
    ROUTE = "route"
    GRANT = "grant"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the cause is written: a key or an index below a thing of the workspace, by the thing's name.

    `name` is of a grant its id, of a service `system contract@major`, of a contract its name, of a schema
    `contract/v1/part`, of an example `contract/part`. `loc` is what lies below.
    """

    what: str
    name: str
    loc: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that will not work. `day` is the first on which it does not; `stops` False: it is to be looked at, and
    nothing is refused for it."""

    subject: Subject
    name: str
    day: date
    message: str
    remedy: str
    spot: Spot
    stops: bool = True


def first_day(changes: Iterable[date], today: date, day: date, fails: Callable[[date], bool]) -> date:
    """The first of the days on which something changes, from today to `day`, on which it fails; else `day`."""
    between = (each for each in changes if today < each <= day)
    return next((each for each in between if fails(each)), day)

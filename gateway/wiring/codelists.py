"""`lienthong codelist`: the lists of a workspace on disk, without a running bus."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from adapters.workspace.files import Files
from adapters.workspace.lists import read_lists
from adapters.workspace.reading import load_bus
from adapters.workspace.report import Report
from contracts.codelists import CodeList
from contracts.findings import Severity
from contracts.said import in_lines, said
from contracts.spelling import meant
from gateway.wiring.offline import InvalidWorkspace


class NoSuchList(Exception):
    """The workspace has no such code list; the message names those that it has."""


def lists_in(root: Path) -> dict[str, CodeList]:
    """The code lists of a workspace; what else is wrong with it does not matter here. InvalidWorkspace."""
    report = Report()
    found, _ = read_lists(Files(root, report), report)
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    if errors:
        raise InvalidWorkspace(in_lines(finding.words() for finding in errors))
    return found


def list_in(root: Path, name: str) -> CodeList:
    """One of them. InvalidWorkspace, NoSuchList."""
    lists = lists_in(root)
    if name not in lists:
        remedy = meant(name, lists, said("code lists"))
        raise NoSuchList(said("there is no code list “{name}”: {remedy}", name=name, remedy=remedy))
    return lists[name]


def today_in(root: Path) -> date:
    """The day that it is for the bus of that workspace."""
    bus, _ = load_bus(root)
    return datetime.now(None if bus is None else bus.time_zone).date()

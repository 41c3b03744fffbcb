"""`lienthong diff|apply|rollback|config`: a workspace on disk, and what was applied, through the operator's desk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from adapters.configuration.folders import Folders
from adapters.configuration.snapshots import CannotBuild, checked
from adapters.workspace.contract_life import breaks_since
from adapters.workspace.difference_words import worded as difference_words
from adapters.workspace.differences import Difference, differences
from adapters.workspace.reading import Loaded, load
from contracts.configuration import file_of, parts_of
from contracts.findings import Finding, Severity
from contracts.said import in_lines, said
from gateway.wiring.operator import NotDone, OperatorDesk

_PLACE: Final = "/operate/config"
_LOOK_S: Final = 5
_INVALID: Final = 3

JsonObject = dict[str, Any]


class Broken(Exception):
    """The workspace on disk has errors."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(in_lines(finding.words() for finding in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Compared:
    """How the workspace on disk differs from what was applied. `base` is the id of that; None: nothing ever was.

    Then it is compared with what the running bus was started with.
    """

    base: str | None
    same: bool
    differences: Sequence[Difference]


def read_disk(root: Path) -> Loaded:
    """The workspace in `root`, checked. Broken."""
    loaded = load(root)
    errors = [each for each in loaded.findings if each.severity is Severity.ERROR]
    if errors or loaded.workspace is None:
        raise Broken(errors)
    return loaded


def compare(desk: OperatorDesk, disk: Loaded, base: str | None = None) -> Compared:
    """What would change if `disk` were applied; from `base`, else from what is current. NotDone."""
    overview = desk.call("GET", _PLACE)
    told = checked(disk)
    name = base or overview["current"]
    if name is None and overview["running"] == told.hash:
        return Compared(None, same=True, differences=())
    shown = desk.call("GET", f"{_PLACE}/{name or overview['running']}")
    with _applied(desk, shown, told.root) as applied:
        found = differences(checked(applied), applied.files, told, disk.files)
    return Compared(name and shown["id"], not found, found)


def breaking(desk: OperatorDesk, disk: Loaded) -> Sequence[Finding]:
    """What contracts in `disk` change that they may not, since the versions that are in force. NotDone."""
    name = desk.call("GET", _PLACE)["current"]
    if name is None:
        raise NotDone(said("nothing was ever applied: there is nothing to compare with"), 4)
    told = checked(disk)
    with _applied(desk, desk.call("GET", f"{_PLACE}/{name}"), told.root) as applied:
        today = datetime.now(told.bus.time_zone).date()
        return breaks_since(checked(applied), told, today)


def apply(desk: OperatorDesk, disk: Loaded, message: str, told: Callable[[int, int], None]) -> JsonObject:
    """Write the parts that the log lacks and then the manifest; answers it. `told` hears how many parts are sent.

    NotDone: somebody was first, the bus refuses it, or the log is away.
    """
    current = desk.call("GET", _PLACE)["current"]
    known = set() if current is None else _parts(desk.call("GET", f"{_PLACE}/{current}"))
    parts: dict[str, bytes] = {}
    for content in disk.files.values():
        parts.update(parts_of(content))
    missing = {name: content for name, content in parts.items() if name not in known}
    for count, (name, content) in enumerate(missing.items(), 1):
        desk.call("PUT", f"{_PLACE}/parts/{name}", content=content)
        told(count, len(missing))
    files = [file_of(name, content) for name, content in sorted(disk.files.items())]
    named = [{"name": file.name, "parts": list(file.parts)} for file in files]
    return desk.call("POST", _PLACE, json={"parent": current, "message": message, "files": named})


def roll_back(desk: OperatorDesk, name: str | None, message: str | None) -> JsonObject:
    """Apply once more what was applied before, `name` or the one before the current; answers the new one. NotDone."""
    overview = desk.call("GET", _PLACE)
    if overview["current"] is None:
        raise NotDone(said("nothing was ever applied: there is nothing to go back to"), 4)
    if name is None:
        before = desk.call("GET", f"{_PLACE}/{overview['current']}")["parent"]
        if before is None:
            message = said("the current configuration is the first that was applied: there is none before it")
            raise NotDone(message, 4)
        name = before
    shown = desk.call("GET", f"{_PLACE}/{name}")
    if shown["id"] == overview["current"]:
        raise NotDone(said("{id} is current already", id=shown["id"][:12]), 6)
    why = message or f"rollback to {shown['id'][:12]}: {shown['message']}"[:1000]
    body = {"parent": overview["current"], "message": why, "files": shown["files"]}
    return desk.call("POST", _PLACE, json=body)


def log_of(desk: OperatorDesk) -> JsonObject:
    """Everything that was applied, the newest first, and how each process stands to it. NotDone."""
    return desk.call("GET", _PLACE)


def show(desk: OperatorDesk, name: str) -> JsonObject:
    """One of them. NotDone."""
    return desk.call("GET", f"{_PLACE}/{name}")


def wait_for_all(
    desk: OperatorDesk, name: str, wait_s: float, told: Callable[[Sequence[JsonObject]], None]
) -> Sequence[JsonObject]:
    """How each process stands to a configuration, once no live one is undecided, or after `wait_s`. NotDone."""
    until = time.monotonic() + wait_s
    while True:
        left_s = until - time.monotonic()
        step_s = max(0, min(_LOOK_S, int(left_s)))
        processes: Sequence[JsonObject] = desk.call("GET", f"{_PLACE}/{name}", params={"wait": step_s})["processes"]
        if left_s <= 1 or all(each["stand"] != "pending" for each in processes):
            return processes
        told(processes)


@contextmanager
def _applied(desk: OperatorDesk, shown: JsonObject, root: Path) -> Iterator[Loaded]:
    """The workspace of a manifest, laid out for as long as it is looked at by whoever stands in `root`."""
    folders = Folders(root)
    try:
        folder = folders.new()
        for file in shown["files"]:
            path = folder / file["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(desk.read(f"{_PLACE}/parts/{part}") for part in file["parts"]))
        yield load(folder)
    except CannotBuild as error:
        told = said("configuration {id} cannot be read any more: {error}", id=shown["id"][:12], error=error)
        raise NotDone(told, _INVALID) from error
    finally:
        folders.close()


def _parts(shown: Mapping[str, Any]) -> set[str]:
    return {part for file in shown["files"] for part in file["parts"]}


__all__ = [
    "Broken",
    "Compared",
    "Difference",
    "Loaded",
    "apply",
    "breaking",
    "compare",
    "difference_words",
    "log_of",
    "read_disk",
    "roll_back",
    "show",
    "wait_for_all",
]

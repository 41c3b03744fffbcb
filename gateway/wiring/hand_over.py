"""`lienthong agency hand-over`: what would move, asked of the running bus; and the one act that moves it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from adapters.workspace.handing_over import CannotHandOver, HandOver, Moving, files_after, moving
from adapters.workspace.reading import Loaded
from adapters.workspace.snapshot import Workspace
from contracts.agencies import agency_named
from contracts.said import said
from gateway.wiring import applying
from gateway.wiring.operator import NotDone, OperatorDesk, Unclear


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a hand-over moves: of the configuration and, as the bus says now, subscriptions and messages that wait in
    the inboxes of its systems, by system. `after` is the workspace as it would be."""

    plan: HandOver
    moving: Moving
    subscriptions: tuple[str, ...]
    waiting: Mapping[str, int]
    after: Mapping[str, bytes]


class Messages(NamedTuple):
    """Why, as the log of configurations says it: of the act, and of what ran before it, where that is written down."""

    act: str
    before: str


def planned(
    workspace: Workspace, codes: tuple[str, str], heirs: Mapping[str, str], days: tuple[date, date]
) -> HandOver:
    """The plan that was typed. CannotHandOver where there is no such agency."""
    found = []
    for code in codes:
        agency = agency_named(workspace.agencies, code)
        if agency is None:
            raise CannotHandOver(said("there is no agency {code}", code=code))
        found.append(agency)
    return HandOver(found[0], found[1], heirs, *days)


def prospect(desk: OperatorDesk, disk: Loaded, plan: HandOver) -> Prospect:
    """What it would move. CannotHandOver, NotDone."""
    if disk.workspace is None:
        raise CannotHandOver(said("the workspace has errors"))
    compared = applying.compare(desk, disk)
    if not compared.same:
        raise CannotHandOver(said("what lies here is not what the bus runs: see `lienthong diff`, and apply it first"))
    after = files_after(disk.files, disk.workspace, plan)
    _must_hold(after)
    moves = moving(disk.workspace, plan)
    status = desk.call("GET", "/operate/status")["systems"]
    waiting = {each["system"]: _waiting(each) for each in status if each["system"] in moves.systems}
    subscribed = desk.call("GET", "/subscriptions")["subscriptions"]
    mine = tuple(sorted(each["id"] for each in subscribed if each["system"] in moves.systems))
    return Prospect(plan, moves, mine, waiting, after)


def hand_over(desk: OperatorDesk, root: Path, disk: Loaded, found: Prospect, messages: Messages) -> dict[str, Any]:
    """Write the files, and apply them; answers the manifest. NotDone: nothing is changed, on disk neither; Unclear: the
    files are written, and perhaps applied.

    The files are written first: who is killed between the two applies them, and is done. For the same reason they stay
    where no answer came: were they taken back, the next `apply` would undo a hand-over that the bus goes by.

    A bus on which nothing was ever applied is given first what it runs: else it would know nothing of the inboxes and
    delays that it had, should it be started again from files that name them no more.
    """
    if applying.log_of(desk)["current"] is None:
        applying.apply(desk, disk, messages.before, _untold)
    _write(root, disk.files, found.after)
    try:
        return applying.apply(desk, applying.read_disk(root), messages.act, _untold)
    except Unclear as error:
        words = said("{error} – the files are rewritten; `lienthong apply` finishes the hand-over", error=error.args[0])
        raise Unclear(words, error.exit_code) from error
    except (NotDone, applying.Broken):
        _write(root, found.after, disk.files)
        raise


def _untold(_count: int, _total: int) -> None:
    """Nobody hears how many parts are sent."""


def _must_hold(files: Mapping[str, bytes]) -> None:
    """The workspace as it would be has no errors. CannotHandOver names them."""
    with tempfile.TemporaryDirectory(prefix="lienthong-hand-over-") as folder:
        _write(Path(folder), {}, files)
        try:
            applying.read_disk(Path(folder))
        except applying.Broken as broken:
            raise CannotHandOver(broken.args[0]) from None


def _write(root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    for name, content in after.items():
        if before.get(name) != content:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name in before.keys() - after.keys():
        (root / name).unlink(missing_ok=True)


def _waiting(status: Mapping[str, Any]) -> int:
    """How much has not come to an end: what the ledger counts, or what lies in the inbox."""
    counted = [status.get(name) for name in ("waiting", "retrying")]
    if any(each is not None for each in counted):
        return sum(each or 0 for each in counted)
    return int(status.get("backlog") or 0)


__all__ = ["CannotHandOver", "Messages", "Prospect", "hand_over", "planned", "prospect"]

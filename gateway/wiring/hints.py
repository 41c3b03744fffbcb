"""What a shell offers while a command is typed: read from the files at hand, quickly, and without a running bus."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from adapters.ledger.queries import LedgerQueries
from adapters.workspace.documents import Tree, Unreadable, read_document
from adapters.workspace.reading import load_bus
from contracts.languages import Language
from contracts.ledger import ExchangeRow, ExchangeSearch

_MOST = 50
_NEWEST = 200
_LONG_ENOUGH = 4
"""Ids are hexadecimal and evenly spread: so many characters leave one in 65,536."""


class Hint(NamedTuple):
    """A word, and what it is."""

    word: str
    help: str = ""


class Wanted(StrEnum):
    """Which exchanges."""

    RECENT = "recent"
    DEAD = "dead"
    IN_DOUBT = "in_doubt"


def contracts(root: Path, language: Language) -> list[Hint]:
    """The contracts of a workspace, with their titles in that language where they have one in it."""
    found = []
    for path in sorted(root.glob("contracts/*/contract.yaml")):
        tree = _tree(path)
        title = tree.get("title") if isinstance(tree, dict) else None
        said = title.get(str(language)) or title.get("vi") if isinstance(title, dict) else title
        found.append(Hint(path.parent.name, str(said or "")))
    return found


def systems(root: Path) -> list[Hint]:
    """The systems of a workspace, with their names."""
    files = [_tree(path) for path in sorted(root.glob("agencies/*.yaml"))]
    agencies = [agency for tree in files for agency in _list(tree, "agencies")]
    entries = [system for agency in agencies for system in _list(agency, "systems")]
    return [Hint(str(each.get("id", "")), str(each.get("name", ""))) for each in entries if isinstance(each, dict)]


def exchanges(root: Path, wanted: Wanted, beginning: str) -> list[Hint]:
    """Ids of exchanges that begin so, the latest first, from the ledger. BusError, OSError."""
    bus, _ = load_bus(root)
    if bus is None:
        return []
    return asyncio.run(_exchanges(Path(root, bus.ledger.removeprefix("sqlite:")), wanted, beginning))


async def _exchanges(ledger: Path, wanted: Wanted, beginning: str) -> list[Hint]:
    queries = LedgerQueries(ledger)
    try:
        if wanted is Wanted.DEAD:
            dead = await queries.dead(limit=1000)
            found = [Hint(row.exchange, f"{row.system}: {row.reason.partition(chr(10))[0]}") for row in dead]
        else:
            rows = await (queries.in_doubt(limit=1000) if wanted is Wanted.IN_DOUBT else _recent(queries, beginning))
            found = [Hint(row.id, f"{row.contract} {row.receiver} {row.outcome or row.state}") for row in rows]
    finally:
        await queries.close()
    return [each for each in found if each.word.startswith(beginning)][:_MOST]


async def _recent(queries: LedgerQueries, beginning: str) -> Sequence[ExchangeRow]:
    """The latest that begin so. A short beginning fits too many: then it is looked for among the newest alone, which
    an index has, so that a <Tab> costs the same however large the ledger is."""
    if len(beginning) >= _LONG_ENOUGH:
        return await queries.recent(beginning, limit=_MOST)
    return await queries.search(ExchangeSearch(), limit=_NEWEST)


def _tree(path: Path) -> Tree:
    try:
        return read_document(path.name, path.read_text(encoding="utf-8")).tree
    except (Unreadable, OSError, UnicodeError):
        return None


def _list(tree: Tree, key: str) -> Sequence[Tree]:
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else ()

"""What the shell completes: names of the workspace at hand, ids of its ledger. It never fails: at worst it offers
nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from contracts.outcome import Pattern
from gateway.commands.speaking import at_hand, told
from gateway.wiring.hints import Hint, Wanted, contracts, exchanges, systems
from gateway.wiring.offline import KINDS_OF_FILES
from gateway.wiring.scaffolding import PROVIDER_KINDS
from gateway.wiring.standards import standards

Completer = Callable[[typer.Context, str], list[tuple[str, str]]]

_CREDENTIALS = "_CLIENT_ID="


def _from(find: Callable[[typer.Context, str], Iterable[Hint]]) -> Completer:
    """The words of `find` that begin as what is typed."""

    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        # Whatever is said here would stand in the middle of a line that somebody types.
        logging.disable()
        try:
            return [(each.word, each.help) for each in find(ctx, incomplete) if each.word.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - as above
            return []

    return complete


def _words(words: Sequence[str]) -> Completer:
    return _from(lambda _ctx, _incomplete: map(Hint, words))


def _of_exchanges(wanted: Wanted) -> Completer:
    return _from(lambda ctx, incomplete: exchanges(_workspace(ctx), wanted, incomplete))


def _workspace(ctx: typer.Context) -> Path:
    """The workspace that the command is about: as it says, beside its credentials, or where one stands."""
    given: Any = ctx.params.get("directory") or os.environ.get("LIENTHONG_DIR")
    if given is not None and (Path(given) / "bus.yaml").exists():
        return Path(given)
    credentials = ctx.params.get("env_file")
    if credentials is not None:
        beside = Path(credentials).resolve().parent
        for place in (beside / "workspace", beside.parent):
            if (place / "bus.yaml").exists():
                return place
    return Path(given or ".")


def _clients(ctx: typer.Context, _incomplete: str) -> Iterable[Hint]:
    """Those who have credentials in the file that is named; else all systems."""
    credentials = ctx.params.get("env_file")
    if credentials is None:
        return systems(_workspace(ctx))
    lines = Path(credentials).read_text(encoding="utf-8").splitlines()
    return [Hint(line.partition("=")[2].strip()) for line in lines if _CREDENTIALS in line]


def _contracts(ctx: typer.Context, _incomplete: str) -> Iterable[Hint]:
    root = at_hand(_workspace(ctx))
    return contracts(root, told().language)


contract_names = _from(_contracts)
system_names = _from(lambda ctx, _: systems(_workspace(ctx)))
client_names = _from(_clients)
recent_exchanges = _of_exchanges(Wanted.RECENT)
dead_exchanges = _of_exchanges(Wanted.DEAD)
doubted_exchanges = _of_exchanges(Wanted.IN_DOUBT)
kinds_of_files = _words(KINDS_OF_FILES)
standard_names = _from(lambda _ctx, _: [Hint(each.name, each.model.title[told().language]) for each in standards()])
provider_kinds = _words(PROVIDER_KINDS)
patterns = _words([str(each) for each in Pattern])
resolutions = _words(("delivered", "failed"))

"""One act on one exchange or on many: what came of each."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from contracts.errors import LogError
from contracts.said import said
from contracts.wording import Language
from gateway.console.context import Visit
from gateway.console.requests import Form
from gateway.problems import Problem, problem_document

MOST: Final = 200
"""So many are listed, and may be acted on at once."""

_ID: Final = re.compile(r"[\x21-\x7e]{1,200}\Z", re.ASCII)
_SEEN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: `problem` is "" where it was done, `note` what else is to be known of it."""

    exchange: str
    problem: str = ""
    note: str = ""


def chosen_in(form: Form) -> list[str]:
    """The exchanges that a form names. Problem `bad-request`: none, too many, or not an id."""
    found = list(dict.fromkeys(form.get("id", [])))
    if not found or len(found) > MOST or not all(_ID.match(each) for each in found):
        raise Problem("bad-request", why=said("choose 1–{most} exchanges", most=MOST))
    return found


async def act_on_each(ids: Sequence[str], language: Language, do: Callable[[str], Awaitable[str]]) -> list[Done]:
    """Do it to one after the other; what one is refused for does not keep the next from it."""
    done = []
    for exchange in ids:
        try:
            done.append(Done(exchange, note=await do(exchange)))
        except Problem as problem:
            done.append(Done(exchange, str(problem_document(problem, language)["detail"])))
        except LogError:
            done.append(Done(exchange, str(problem_document(Problem("log-away"), language)["detail"])))
    return done


async def seen_by_ledger(visit: Visit) -> None:
    """Return once the ledger has read what was just done, or a second has passed: the list is then as new as can be."""
    with suppress(Problem):
        await visit.gateway.exchanges.ledger_caught_up(within_s=_SEEN_S)

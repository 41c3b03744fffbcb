"""What somebody may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

_NEAR: Final = 0.6
_MOST_MEANT: Final = 3
_MOST_SHOWN: Final = 20


def near(name: str, known: Iterable[str], *, at_least: float = _NEAR) -> list[str]:
    """Those of `known` that `name` resembles, the nearest first, at most three. Small and large letters are alike.

    `at_least` is how much of both has to be the same, from 0 to 1.
    """
    by_folded: dict[str, str] = {}
    for each in sorted(known):
        by_folded.setdefault(each.casefold(), each)
    folded = get_close_matches(name.casefold(), by_folded, n=_MOST_MEANT, cutoff=at_least)
    return [by_folded[each] for each in folded]


def meant(name: str, known: Collection[str], what: str) -> str:
    """A remedy: the names that `name` may stand for or, where none is near, those that there are.

    `what` says what they are, in the plural: “systems”, “keys”.
    """
    close = near(name, known)
    if close:
        quoted = [f"“{each}”" for each in close]
        return f"did you mean {' or '.join(filter(None, (', '.join(quoted[:-1]), quoted[-1])))}?"
    if not known:
        return f"there are no {what} yet"
    names = sorted(known)
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"{what} that there are: {', '.join(names[:_MOST_SHOWN])}{more}"

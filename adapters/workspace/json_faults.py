"""Where a text stops being JSON."""

from __future__ import annotations

import json
from typing import NamedTuple

from adapters.workspace.documents import Place


class Fault(NamedTuple):
    """A place, and what is wrong there."""

    place: Place
    message: str


def place_of_fault(text: str) -> Fault | None:
    """The first place at which `text` is no JSON; None where it is, or nobody can say where it is not."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Fault(Place(error.lineno, error.colno), error.msg)
    except (ValueError, RecursionError):
        return None
    return None

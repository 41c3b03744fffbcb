"""The errors of one record, as they come to light. Bounded: nobody reads thousands, and an answer must end."""

from __future__ import annotations

from typing import Final

from contracts.errors import FieldError

MOST_ERRORS: Final = 1000
"""After so many errors a record is given up."""

MOST_POINTED: Final = 1_000_000
"""So many characters may all pointers have together: names are a sender's, and may be as long as a body."""


class EnoughErrors(Exception):
    """There are MOST_ERRORS, or their pointers have MOST_POINTED characters."""


class Errors:
    """What is wrong with a record, in the order in which it was found."""

    __slots__ = ("_room", "found")

    def __init__(self) -> None:
        self.found: list[FieldError] = []
        self._room = MOST_POINTED

    def add(self, error: FieldError) -> None:
        """Note an error. EnoughErrors where there is room for no other."""
        self.found.append(error)
        self._room -= len(error.pointer)
        if len(self.found) >= MOST_ERRORS or self._room <= 0:
            raise EnoughErrors

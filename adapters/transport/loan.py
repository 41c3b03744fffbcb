"""A message on loan to a consumer, whatever the log."""

from __future__ import annotations

from collections.abc import Callable

from contracts.ports import Position, Stored


class Loan:
    """Implements the port `Delivery`. `settled` is told the message's place, once."""

    __slots__ = ("_is_settled", "_settled", "_stored")

    def __init__(self, stored: Stored, settled: Callable[[Position], None]) -> None:
        self._stored = stored
        self._settled = settled
        self._is_settled = False

    @property
    def stored(self) -> Stored:
        """The message."""
        return self._stored

    def settle(self) -> None:
        """Done with it. RuntimeError the second time."""
        if self._is_settled:
            raise RuntimeError(f"{self._stored.position} is settled already")
        self._is_settled = True
        self._settled(self._stored.position)

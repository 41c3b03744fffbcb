"""How far a consumer has come in a partition: only the settled messages without a gap before them count."""

from __future__ import annotations


class Progress:
    """The contiguous prefix of what was settled, from the offset at which delivery began."""

    __slots__ = ("_settled_ahead", "committed", "delivered")

    def __init__(self, resume_at: int) -> None:
        self.committed = resume_at
        self.delivered = resume_at
        self._settled_ahead: set[int] = set()

    def handed_out(self, offset: int) -> None:
        """The message at `offset` is on loan now. Offsets only grow; retention may have left a gap before it."""
        if self.delivered == self.committed and not self._settled_ahead:
            self.committed = offset
        else:
            self._settled_ahead.update(range(self.delivered, offset))
        self.delivered = offset + 1

    def settle(self, offset: int) -> bool:
        """The message at `offset` is done with; answers whether `committed` moved."""
        self._settled_ahead.add(offset)
        before = self.committed
        while self.committed in self._settled_ahead:
            self._settled_ahead.remove(self.committed)
            self.committed += 1
        return self.committed != before

    @property
    def in_flight(self) -> int:
        """How many messages are on loan."""
        return self.delivered - self.committed - len(self._settled_ahead)

"""What `lienthong check` tells an integrator: a place, what is wrong there, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts.said import Said, said


class Severity(StrEnum):
    """An error keeps a workspace from being served; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend. `file` is relative to the workspace; `line` and `column` count from 1 (0: the whole file)."""

    file: str
    line: int
    column: int
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return str(self.words())

    def words(self) -> Said:
        """The whole of it, to be said in either language."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        parts = {"place": place, "message": self.message, "remedy": self.remedy}
        if self.severity is Severity.WARNING:
            return said("{place}: warning: {message}\n    → {remedy}", **parts)
        return said("{place}: error: {message}\n    → {remedy}", **parts)

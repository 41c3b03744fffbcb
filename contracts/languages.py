"""The languages the bus speaks."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """The languages the bus speaks."""

    VI = "vi"
    EN = "en"

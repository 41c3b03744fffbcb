"""The validators of all contracts of a bus."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Final

from contracts.codelists import CodeList
from contracts.schema import Schema
from contracts.validation.validator import Validator

MOST_READY: Final = 1000
"""So many validators are kept: one of a large schema takes some hundred kilobytes."""


class Validators:
    """Each is made when it is first asked for. Of more than `most`, those are kept that were asked for last.

    `zone` and `codelists` are every validator's. In any thread.
    """

    def __init__(self, zone: tzinfo, codelists: Mapping[str, CodeList], most: int = MOST_READY) -> None:
        self._kept = lru_cache(maxsize=most)(lambda schema: Validator(schema, zone, codelists))

    def of(self, schema: Schema) -> Validator:
        """The validator of that schema. ValueError where it names a code list that is not there."""
        return self._kept(schema)

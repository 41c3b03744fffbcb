"""How much a schema spreads out to when its named types are written out wherever they are used.

Sixty records, each with two fields of the one before, are a short text, and more places than there are atoms: whatever
walks over a schema's places (views, validators, documents) relies on it that somebody has counted.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from contracts.avro_types import ArrayType, MapType, RecordType, Type, branches

MOST_PLACES: Final = 10_000
MOST_DEEP: Final = 64
"""As deep as a record may be nested in JSON, and in Avro."""


def spreads_too_far(root: RecordType) -> bool:
    """Whether there are more than MOST_PLACES fields, those of records in it counted each time and of a record within
    itself once, or any lies deeper than MOST_DEEP."""
    waiting: deque[tuple[Type, frozenset[int], int]] = deque([(root, frozenset(), 0)])
    places = 0
    while waiting:
        of, within, level = waiting.popleft()
        if level > MOST_DEEP:
            return True
        for branch in branches(of):
            if isinstance(branch, ArrayType | MapType):
                waiting.append((branch.items if isinstance(branch, ArrayType) else branch.values, within, level + 1))
            elif isinstance(branch, RecordType) and id(branch) not in within:
                places += len(branch.fields)
                if places > MOST_PLACES:
                    return True
                around = within | {id(branch)}
                waiting.extend((field.type, around, level + 1) for field in branch.fields)
    return False

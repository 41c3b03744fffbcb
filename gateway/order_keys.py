"""Order keys: a keyed hash of the value that an `ordered` contract is ordered by.

Keys lie in clear on the log, in its tools and in the ledger, and the value may be a person's number. The contract goes
in, so that nobody can tell that two contracts speak of the same person.
"""

from __future__ import annotations

import hashlib
import hmac

from contracts.catalogue import Contract
from contracts.json_types import parts_of
from contracts.validation import Encoded


class OrderKeys:
    """Makes order keys with a key derived from the token key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, contract: Contract, record: Encoded) -> str:
        """The order key of a record that fits its contract (32 hex digits); "" where the contract has no order."""
        if contract.ordered is None:
            return ""
        found: object = record.record
        for part in parts_of(contract.ordered):
            # The workspace's check saw to it that the way leads through required records to a required text or number.
            found = found[part] if isinstance(found, dict) else None
        text = f"{contract.name}\0{found}"
        return hmac.digest(self._key, text.encode(), hashlib.sha256)[:16].hex()

"""Search keys: a keyed hash of a dossier's code, so that the ledger can be searched and tells nothing by itself."""

from __future__ import annotations

import hashlib
import hmac


class CaseKeys:
    """Makes search keys with a key derived from the token key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, case_ref: str) -> str:
        """The search key of a dossier (32 hex digits); "" for none."""
        if not case_ref:
            return ""
        return hmac.digest(self._key, case_ref.strip().encode(), hashlib.sha256)[:16].hex()

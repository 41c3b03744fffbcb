"""The token key: one Ed25519 key in a file that all gateways share. Other keys are derived from it by name."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import OKPKey


class TokenKeyError(Exception):
    """The token key cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The signing key, and a secret for what is derived from it."""

    signing: OKPKey
    secret: bytes

    def derived(self, name: str) -> bytes:
        """A 32-byte key for one purpose; knowing it tells nothing about the others."""
        return hmac.digest(self.secret, b"lienthong/" + name.encode(), hashlib.sha256)


def read_token_key(path: Path) -> TokenKey:
    """The key in a PEM file (PKCS #8, Ed25519). TokenKeyError."""
    try:
        pem = path.read_bytes()
    except OSError as error:
        remedy = f"make one with: lienthong token --new-key {path}"
        raise TokenKeyError(f"the token key {path} cannot be read ({error.strerror}); {remedy}") from None
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise TokenKeyError(f"{path} holds no unencrypted PEM private key") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise TokenKeyError(f"{path} holds a key of another kind; an Ed25519 key is needed")
    return TokenKey(OKPKey.import_key(pem), private.private_bytes_raw())


def write_token_key(path: Path) -> None:
    """A new key, readable by its owner alone. FileExistsError: an old key is never overwritten."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)

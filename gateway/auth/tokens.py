"""Bearer tokens: JWTs signed with EdDSA, good for an hour at every gateway that shares the key."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from joserfc import jwt
from joserfc._rfc7515.model import JWSAlgModel
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from contracts.said import said
from gateway.auth.keys import TokenKey
from gateway.problems import Problem

LIFETIME_S: Final = 3600
LEEWAY_S: Final = 60
_CACHED: Final = 10_000
_ALGORITHM: Final = "EdDSA"
_MAX_TOKEN: Final = 4096


class _OneAlgorithm(JWSRegistry):
    """Signs and verifies with EdDSA and nothing else.

    The library warns that RFC 9864 now writes "Ed25519" for it; most verifiers in the field know only "EdDSA" so far.
    """

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != _ALGORITHM:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: who (`subject`), whether as an operator, and until when (seconds since 1970)."""

    subject: str
    operator: bool
    expires_s: float


class Tokens:
    """Issues and verifies. `now_s` is seconds since 1970; a minute of clock skew is tolerated."""

    def __init__(self, key: TokenKey, issuer: str, now_s: Callable[[], float]) -> None:
        self._key = key
        self._issuer = issuer
        self._now_s = now_s
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def issue(self, subject: str, *, operator: bool = False, lifetime_s: int = LIFETIME_S) -> str:
        """A token for `subject`."""
        now = int(self._now_s())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": subject,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_s,
            "jti": secrets.token_urlsafe(12),
        }
        if operator:
            claims["scope"] = "operate"
        header = {"alg": _ALGORITHM, "typ": "at+jwt"}
        return jwt.encode(header, claims, self._key.signing, registry=_OneAlgorithm())

    def public_jwk(self) -> dict[str, object]:
        """The public half of the key, as a JWK."""
        return {**self._key.signing.as_dict(private=False), "alg": "EdDSA", "use": "sig"}

    def verify(self, token: str) -> Claims:
        """What the token says. Problem `invalid-token`: forged, expired, not yet valid, or from another bus."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._read(token)
            self._verified[token] = claims
            if len(self._verified) > _CACHED:
                self._verified.popitem(last=False)
        if claims.expires_s + LEEWAY_S < self._now_s():
            raise Problem("invalid-token", why=said("expired"))
        return claims

    def _read(self, token: str) -> Claims:
        if len(token) > _MAX_TOKEN:
            raise Problem("invalid-token", why=said("too long"))
        try:
            claims = jwt.decode(token, self._key.signing, registry=_OneAlgorithm()).claims
        except (JoseError, ValueError, TypeError):
            raise Problem("invalid-token", why=said("signature")) from None
        if claims.get("iss") != self._issuer or claims.get("aud") != self._issuer:
            raise Problem("invalid-token", why=said("another bus"))
        subject, expires, begins = claims.get("sub"), claims.get("exp"), claims.get("nbf", 0)
        if not (isinstance(subject, str) and isinstance(expires, int | float) and isinstance(begins, int | float)):
            raise Problem("invalid-token", why=said("claims"))
        if begins - LEEWAY_S > self._now_s():
            raise Problem("invalid-token", why=said("not yet valid"))
        return Claims(subject, claims.get("scope") == "operate", float(expires))

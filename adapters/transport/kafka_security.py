"""How Kafka is reached: over TLS or not, and as whom."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final


class BadCertificates(Exception):
    """TLS cannot be set up; the message names the file, and never quotes it."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who the bus is to Kafka. `mechanism` is SASL's: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN."""

    mechanism: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS that `context` was tried with, and the files that it was made of."""

    context: ssl.SSLContext
    ca: Path | None
    cert: Path | None
    key: Path | None

    def librdkafka(self) -> dict[str, Any]:
        """As librdkafka wants it. Its OpenSSL is its own: where this machine keeps what it trusts has to be said."""
        machine = ssl.get_default_verify_paths()
        found: dict[str, Any] = {
            "ssl.ca.location": str(self.ca or machine.cafile or machine.capath or "probe"),
            "ssl.endpoint.identification.algorithm": "https" if self.context.check_hostname else "none",
        }
        if self.cert is not None:
            found["ssl.certificate.location"] = str(self.cert)
            found["ssl.key.location"] = str(self.key)
        return found


@dataclass(frozen=True, slots=True)
class Security:
    """`tls` None: in clear. `login` None: Kafka does not ask who it is, or sees it by the certificate."""

    tls: Tls | None = None
    login: Login | None = None

    @property
    def protocol(self) -> str:
        """As Kafka names it."""
        return ("" if self.login is None else "SASL_") + ("PLAINTEXT" if self.tls is None else "SSL")

    def settings(self) -> dict[str, Any]:
        """As kafka-python wants it; the same for consumers and administration."""
        found: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls is not None:
            found["ssl_context"] = self.tls.context
        if self.login is not None:
            found["sasl_mechanism"] = self.login.mechanism
            found["sasl_plain_username"] = self.login.username
            found["sasl_plain_password"] = self.login.password
        return found

    def librdkafka(self) -> dict[str, Any]:
        """As librdkafka wants it. It reads the files of TLS itself, when a client is made."""
        found: dict[str, Any] = {"security.protocol": self.protocol}
        if self.tls is not None:
            found.update(self.tls.librdkafka())
        if self.login is not None:
            found["sasl.mechanism"] = self.login.mechanism
            found["sasl.username"] = self.login.username
            found["sasl.password"] = self.login.password
        return found


IN_CLEAR: Final = Security()


def tls_of(ca: Path | None, cert: Path | None, key: Path | None, *, verify_host: bool) -> Tls:
    """TLS 1.2 or later. `ca` None: the authorities that this machine trusts; `cert` and `key`: who the bus is.

    BadCertificates. Without `verify_host` a broker may have any certificate that the authority signed.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise BadCertificates(f"{ca} holds no certificates that can be read: {_why(error)}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = verify_host
    if cert is not None:
        try:
            # Without an answer for a pass phrase OpenSSL would ask the terminal.
            context.load_cert_chain(cert, key, password="")
        except (ssl.SSLError, OSError) as error:
            raise BadCertificates(f"{cert} and {key} are no certificate with its key: {_why(error)}") from None
    return Tls(context, ca, cert, key)


def _why(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or "it should be a PEM file"

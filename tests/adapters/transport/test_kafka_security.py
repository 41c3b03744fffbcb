"""A broker that wants TLS and a login: the log works over both, and says clearly what is wrong with either."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from adapters.transport.kafka import KafkaTransport
from adapters.transport.kafka_security import BadCertificates, Login, Security, tls_of
from contracts.errors import LogUnavailable
from contracts.testkit.transport import CHANNEL, SPECS, note, number_of
from deploy.local.certificates import Authority
from deploy.local.kafka import KafkaMissing, LocalKafka
from tests.conftest import missing_service

USER: Final = "lienthong"
PASSWORD: Final = "s3cret-of-the-bus"
WRONG: Final = "not-what-it-is"


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalKafka]:
    """A Kafka with a second listener that asks for a login over TLS."""
    kafka = LocalKafka(users={USER: PASSWORD})
    try:
        kafka.start()
    except KafkaMissing as missing:
        missing_service(str(missing))
    yield kafka
    kafka.stop()


def _transport(kafka: LocalKafka, security: Security) -> KafkaTransport:
    return KafkaTransport(kafka.secure_bootstrap, prefix=f"s-{secrets.token_hex(4)}", security=security)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
async def test_the_log_works_over_tls_with_a_login(guarded: LocalKafka, mechanism: str) -> None:
    tls = tls_of(guarded.authority.ca, None, None, verify_host=True)
    transport = _transport(guarded, Security(tls, Login(mechanism, USER, PASSWORD)))
    await transport.start()
    try:
        await transport.ensure(SPECS)
        position = await transport.append(note(7))
        stored = await transport.read(position)
        assert stored is not None
        assert number_of(stored) == 7
        consumer = await transport.consumer("group", [CHANNEL])
        (delivery,) = await asyncio.wait_for(consumer.take(), 30)
        assert number_of(delivery.stored) == 7
        delivery.settle()
        await consumer.close()
    finally:
        await transport.close()


async def test_the_bus_may_show_a_certificate_of_its_own(guarded: LocalKafka) -> None:
    tls = tls_of(guarded.authority.ca, *guarded.authority.issue("bus"), verify_host=True)
    transport = _transport(guarded, Security(tls, Login("SCRAM-SHA-512", USER, PASSWORD)))
    await transport.start()
    await transport.ensure(SPECS)
    assert (await transport.append(note(1))).channel == CHANNEL
    await transport.close()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_a_wrong_password_is_told_within_ten_seconds_and_not_repeated(
    guarded: LocalKafka, mechanism: str, caplog: pytest.LogCaptureFixture
) -> None:
    tls = tls_of(guarded.authority.ca, None, None, verify_host=True)
    transport = _transport(guarded, Security(tls, Login(mechanism, USER, WRONG)))
    with pytest.raises(LogUnavailable) as told:
        await asyncio.wait_for(transport.start(), 10)
    await transport.close()
    assert "login" in str(told.value)
    assert USER in str(told.value)
    assert WRONG not in str(told.value) + caplog.text + repr(transport._cluster)


# The client leaves a socket whose handshake failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_a_broker_that_the_authority_does_not_know_is_not_spoken_to(guarded: LocalKafka, tmp_path: Path) -> None:
    tls = tls_of(Authority(tmp_path).ca, None, None, verify_host=True)
    transport = _transport(guarded, Security(tls, Login("PLAIN", USER, PASSWORD)))
    with pytest.raises(LogUnavailable, match="certificate"):
        await asyncio.wait_for(transport.start(), 10)
    await transport.close()
    gc.collect()


def test_what_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind")
    with pytest.raises(BadCertificates, match=r"ca\.pem"):
        tls_of(tmp_path / "ca.pem", None, None, verify_host=True)
    authority = Authority(tmp_path / "other")
    certificate, _ = authority.issue("one")
    with pytest.raises(BadCertificates, match=r"one\.pem and .*two\.key"):
        tls_of(authority.ca, certificate, authority.issue("two")[1], verify_host=True)

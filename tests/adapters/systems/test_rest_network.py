"""Whom the provider connects to: addresses, names, certificates, connections."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.systems.opening import CannotOpen
from adapters.systems.rest.addresses import is_private
from adapters.systems.rest.connection import RestConnection
from contracts.errors import DeliveryError, Origin, Permanent, Transient
from tests.adapters.systems.support import RawSystem, call, connection, http, operation, provider, says

NAME = "provider.test"


@pytest.fixture
async def system() -> AsyncIterator[RawSystem]:
    made = RawSystem(says(http({"a": 1})))
    yield made
    await made.stop()


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have DNS say so, whatever it is asked."""

    def getaddrinfo(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


async def failing(to: RestConnection, **more: Any) -> DeliveryError:
    """The error of one call."""
    calls = provider(to, operation(), **more)
    await calls.start()
    try:
        with pytest.raises(DeliveryError) as caught:
            await calls.call(call({}))
    finally:
        await calls.close()
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "64:ff9b::a00:1",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_addresses_that_are_not_public_are_known(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "113.160.1.1", "::ffff:1.1.1.1", "2606:4700::1111", "2001:ee0::1"])
def test_public_addresses_are_known(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::ffff:127.0.0.1"], ["127.0.0.1", "::1"], ["10.255.255.1"]])
async def test_a_name_that_leads_to_a_private_address_is_not_called(
    system: RawSystem, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    await system.start()
    resolve_to(monkeypatch, *addresses)
    error = await failing(RestConnection.model_validate({"url": f"http://{NAME}:{system.port}"}))
    assert isinstance(error, Permanent)
    assert error.origin is Origin.BUS
    assert "allow_private: true" in error.detail
    assert system.connections == 0


async def test_a_literal_private_address_is_not_called_even_where_the_check_was_passed_by(system: RawSystem) -> None:
    await system.start()
    slipped = RestConnection.model_construct(url=f"http://127.0.0.1:{system.port}")
    error = await failing(slipped)
    assert isinstance(error, Permanent)
    assert system.connections == 0


async def test_this_machine_is_not_called_by_its_name_either(system: RawSystem) -> None:
    await system.start()
    slipped = RestConnection.model_construct(url=f"http://localhost:{system.port}")
    assert isinstance(await failing(slipped), Permanent)
    assert system.connections == 0


async def test_a_name_that_leads_to_an_allowed_private_address_is_called(
    system: RawSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    await system.start()
    resolve_to(monkeypatch, "127.0.0.1")
    calls = provider(connection(0, url=f"http://{NAME}:{system.port}"), operation())
    await calls.start()
    assert (await calls.call(call({}))).body == {"a": 1}
    await calls.close()
    assert system.asked[0].headers["host"] == f"{NAME}:{system.port}"


async def test_a_name_that_cannot_be_resolved_is_transient_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch)
    error = await failing(RestConnection.model_validate({"url": f"https://{NAME}"}))
    assert isinstance(error, Transient)
    assert not error.sent
    assert NAME in error.detail


async def test_a_system_that_refuses_connections_is_transient_and_nothing_was_sent(system: RawSystem) -> None:
    await system.start()
    await system.stop()
    error = await failing(connection(system.port))
    assert isinstance(error, Transient)
    assert not error.sent
    assert "127.0.0.1 cannot be connected to: " in error.detail


async def test_a_system_that_does_not_finish_connecting_is_transient_and_nothing_was_sent(system: RawSystem) -> None:
    # It waits for a request in clear, and so never says a word of TLS.
    await system.start()
    for limits in ({"connect_timeout_s": "0.2"}, {"timeout_s": "0.3"}):
        error = await failing(connection(0, url=f"https://127.0.0.1:{system.port}", **limits))
        assert isinstance(error, Transient)
        assert not error.sent
        assert error.detail == "the system could not be connected to in time"


async def test_waiting_for_a_free_connection_counts_as_not_sent(system: RawSystem) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.sleep(60)

    system.answer = hang
    await system.start()
    calls = provider(connection(system.port, max_connections="1", connect_timeout_s="0.2"), operation())
    await calls.start()
    first = asyncio.create_task(calls.call(call({}, deadline_s=1)))
    await asyncio.sleep(0.05)
    with pytest.raises(Transient) as caught:
        await calls.call(call({}, exchange="second"))
    assert not caught.value.sent
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await calls.close()
    assert [asked.headers["idempotency-key"] for asked in system.asked] == ["exchange-1"]


async def test_connections_are_kept_and_reused(system: RawSystem) -> None:
    await system.start()
    calls = provider(connection(system.port), operation())
    await calls.start()
    for _ in range(20):
        await calls.call(call({}))
    await calls.close()
    assert (len(system.asked), system.connections) == (20, 1)


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / f"{host}.pem", folder / f"{host}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, private


async def serve_tls(system: RawSystem, folder: Path, host: str) -> Path:
    """Have the system speak TLS with a certificate for `host`."""
    pem, key = certificate(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    await system.start(ssl=context)
    return pem


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(system: RawSystem, tmp_path: Path) -> None:
    await serve_tls(system, tmp_path, "127.0.0.1")
    error = await failing(connection(0, url=f"https://127.0.0.1:{system.port}"))
    assert isinstance(error, Transient)
    assert not error.sent
    assert "the certificate of 127.0.0.1 is not accepted: self-signed certificate" in error.detail
    assert system.asked == []


async def test_an_authority_of_the_workspace_counts(system: RawSystem, tmp_path: Path) -> None:
    pem = await serve_tls(system, tmp_path, "127.0.0.1")
    to = connection(0, url=f"https://127.0.0.1:{system.port}", ca_file=pem.name)
    calls = provider(to, operation(), base=tmp_path)
    await calls.start()
    assert (await calls.call(call({}))).body == {"a": 1}
    await calls.close()


async def test_a_certificate_for_another_host_is_not_accepted(system: RawSystem, tmp_path: Path) -> None:
    pem = await serve_tls(system, tmp_path, "127.0.0.2")
    error = await failing(connection(0, url=f"https://127.0.0.1:{system.port}", ca_file=pem.name), base=tmp_path)
    assert isinstance(error, Transient)
    assert "not accepted" in error.detail
    assert system.asked == []


@pytest.mark.parametrize("name", ["absent.pem", "../outside.pem", "/etc/hostname", "empty.pem"])
def test_a_file_of_authorities_that_is_none_is_told_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w/empty.pem").write_text("nothing")
    (tmp_path / "outside.pem").write_text("nothing")
    with pytest.raises(CannotOpen, match=name.rpartition("/")[2]):
        provider(connection(1, ca_file=name), operation(), base=tmp_path / "w")


async def test_no_error_shows_the_secret(system: RawSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "Tuyệt-mật&123"
    auth = {"api_key": {"query": "key", "value": "env:K"}}
    echo = http({"why": f"invalid key {secret}"}, 403)
    rules = [{"when": {"path": "/status", "equals": "403"}, "is": "permanent", "detail": "/body/why"}]
    for answer in (echo, http(b"<html>"), b"SSH\r\n\r\n", http("x", 302, Location=f"/?key={secret}")):
        system.answer = says(answer, close=True)
        await system.start()
        for does in (operation(), operation(answers=rules)):
            calls = provider(connection(system.port, auth=auth), does, {"env:K": secret})
            assert secret not in repr(calls.__dict__)
            await calls.start()
            with pytest.raises(DeliveryError) as caught:
                await calls.call(call({}))
            await calls.close()
            assert secret not in str(caught.value)
            assert "key=" not in str(caught.value)
            assert caught.value.__cause__ is None
        await system.stop()
    error = await failing(connection(system.port, auth=auth), secrets={"env:K": secret})
    assert secret not in str(error)


@pytest.mark.parametrize("secret", ["", "two\nlines", "a\r\nX-Admin: 1"])
def test_a_secret_that_cannot_be_sent_is_told_by_its_reference(secret: str) -> None:
    with pytest.raises(CannotOpen, match="env:K") as caught:
        provider(connection(1, auth={"bearer": "env:K"}), operation(), {"env:K": secret})
    assert not secret or secret not in str(caught.value)

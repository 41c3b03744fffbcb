"""The brokers' secrets are looked up when the log is opened, and a missing one is told without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import LogUnavailable
from deploy.local.certificates import Authority
from gateway.wiring.core import kafka_security
from gateway.wiring.offline import load_workspace
from tests.adapters.workspace.support import FILES, write

ACCESS = """kafka:
  tls: {ca: ca/ca.pem}
  sasl: {mechanism: PLAIN, username: bus, password: env:KAFKA_PASSWORD}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Authority(tmp_path / "ca")
    return write(tmp_path, {"bus.yaml": FILES["bus.yaml"].replace("memory:", "kafka://kafka:9093") + ACCESS})


def test_the_password_comes_from_where_the_reference_leads(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "s3cret")
    security = kafka_security(load_workspace(root))
    assert security.settings()["security_protocol"] == "SASL_SSL"
    assert security.settings()["sasl_plain_password"] == "s3cret"
    assert "s3cret" not in repr(security)


def test_both_clients_of_kafka_are_told_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that appends reads the files of TLS itself, and checks the broker's name as the other does."""
    monkeypatch.setenv("KAFKA_PASSWORD", "s3cret")
    settings = kafka_security(load_workspace(root)).librdkafka()
    assert settings == {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(root / "ca/ca.pem"),
        "ssl.endpoint.identification.algorithm": "https",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "bus",
        "sasl.password": "s3cret",
    }


def test_a_password_that_is_not_there_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_PASSWORD", raising=False)
    with pytest.raises(LogUnavailable, match="KAFKA_PASSWORD is not set"):
        kafka_security(load_workspace(root))


def test_a_file_without_certificates_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "s3cret")
    (root / "ca/ca.pem").write_text("nothing of the kind")
    with pytest.raises(LogUnavailable, match=r"ca\.pem holds no certificates"):
        kafka_security(load_workspace(root))

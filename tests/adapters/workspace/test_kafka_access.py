"""What an integrator is told about how Kafka is reached, and where traces and the log go."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from adapters.workspace.snapshot import KafkaAccess, KafkaSasl, KafkaTls
from tests.adapters.workspace.support import FILES, errors_of, write

BUS = FILES["bus.yaml"]
REMOTE = BUS.replace("memory:", "kafka://kafka.example.vn:9093")
LOGIN = "{mechanism: SCRAM-SHA-512, username: bus, password: env:KAFKA_PASSWORD}"
FULL = f"""kafka:
  tls: {{ca: ca.pem, cert: bus.pem, key: "file:../secrets/bus.key", verify_host: false}}
  sasl: {LOGIN}
"""

# bus.yaml, what is added to it, words of the finding's message and of its remedy
SPOILT = [
    (REMOTE, FULL.replace("ca.pem", "other.pem"), "there is no file other.pem", "PEM"),
    (REMOTE, FULL.replace("bus.pem", "none.pem"), "there is no file none.pem", "PEM"),
    (REMOTE, FULL.replace(', key: "file:../secrets/bus.key"', ""), "there is a cert alone", "cert and key"),
    (REMOTE, FULL.replace("cert: bus.pem, ", ""), "there is a key alone", "cert and key"),
    (REMOTE, FULL.replace("file:../secrets/bus.key", "bus.key"), "outside git", "file:PATH"),
    (REMOTE, FULL.replace("env:KAFKA_PASSWORD", "hunter2"), "in clear", "env:NAME"),
    (REMOTE, FULL.replace("SCRAM-SHA-512", "GSSAPI"), "cannot be this", "SCRAM-SHA-512"),
    (REMOTE, FULL.replace("verify_host: false", "verify_host: maybe"), "true or false", ""),
    (REMOTE, FULL.replace("username: bus, ", ""), "username is missing", "username"),
    (REMOTE, f"kafka: {{sasl: {LOGIN.replace('SCRAM-SHA-512', 'PLAIN')}}}\n", "shows the password", "add tls"),
    (BUS, FULL, "the log is not Kafka", "kafka://host:port"),
    (BUS, "telemetry: {otlp: collector:4318}\n", "no address of a collector", "http://host:4318"),
    (BUS, "telemetry: {otlp: 'https://me:pw@collector:4318'}\n", "in clear", "git"),
    (BUS, "log: yaml\n", "cannot be this", "json"),
]


def _write(root: Path, bus: str) -> Path:
    return write(root, {"bus.yaml": bus, "ca.pem": "", "bus.pem": ""})


def test_kafka_is_reached_as_the_workspace_says(tmp_path: Path) -> None:
    loaded = load(_write(tmp_path, REMOTE + FULL))
    assert errors_of(list(loaded.findings)) == []
    assert loaded.workspace is not None
    assert loaded.workspace.bus.kafka == KafkaAccess(
        KafkaTls("ca.pem", "bus.pem", "file:../secrets/bus.key", verify_host=False),
        KafkaSasl("SCRAM-SHA-512", "bus", "env:KAFKA_PASSWORD"),
    )


@pytest.mark.parametrize(("bus", "added", "message", "remedy"), SPOILT, ids=[row[2] for row in SPOILT])
def test_a_fault_is_told_with_its_remedy(tmp_path: Path, bus: str, added: str, message: str, remedy: str) -> None:
    found = errors_of(list(load(_write(tmp_path, bus + added)).findings))
    assert len(found) == 1, "\n".join(map(str, found))
    assert found[0].line > BUS.count("\n")
    assert message in found[0].message
    assert remedy in found[0].remedy
    assert "hunter2" not in str(found[0])


@pytest.mark.parametrize("brokers", ["127.0.0.1:9092", "localhost:9092,[::1]:9092"])
def test_plain_needs_no_tls_on_this_machine_alone(tmp_path: Path, brokers: str) -> None:
    bus = BUS.replace("memory:", f"kafka://{brokers}") + f"kafka: {{sasl: {LOGIN.replace('SCRAM-SHA-512', 'PLAIN')}}}\n"
    assert errors_of(list(load(_write(tmp_path, bus)).findings)) == []


def test_traces_and_the_log_go_where_the_workspace_says(tmp_path: Path) -> None:
    bus = BUS + 'telemetry: {otlp: "http://collector:4318/"}\nlog: json\n'
    workspace = load(_write(tmp_path, bus)).workspace
    assert workspace is not None
    assert (workspace.bus.otlp, workspace.bus.log) == ("http://collector:4318", "json")

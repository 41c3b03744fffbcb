"""Reads `kafka` in `bus.yaml`: how the brokers are reached, and as whom."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from adapters.workspace.bus_models import BusModel, KafkaTlsModel
from adapters.workspace.documents import Document, Loc
from adapters.workspace.files import Files
from adapters.workspace.report import Report
from adapters.workspace.snapshot import KafkaAccess, KafkaSasl, KafkaTls
from contracts.said import said

_TLS: Final[Loc] = ("kafka", "tls")
_SASL: Final[Loc] = ("kafka", "sasl")


def read_kafka_access(files: Files, report: Report, document: Document, model: BusModel) -> KafkaAccess | None:
    """How Kafka is reached; None where nothing is said of it. Secrets are not looked up."""
    access = model.kafka
    if access is None:
        return None
    kind, _, brokers = model.transport.partition(":")
    if kind != "kafka":
        message = said("the log is not Kafka: transport is {transport}", transport=model.transport)
        report.at(
            document, ("kafka",), message, said("remove kafka, or write transport: kafka://host:port"), of_key=True
        )
        return None
    if access.tls is not None:
        _check_files(files, report, document, access.tls)
    in_clear = access.tls is None and not _is_loopback(brokers)
    if access.sasl is not None and access.sasl.mechanism == "PLAIN" and in_clear:
        message = said("PLAIN shows the password to everybody on the way")
        remedy = said("add tls, or choose SCRAM-SHA-512 (only a broker on this machine's loopback needs no TLS)")
        report.at(document, (*_SASL, "mechanism"), message, remedy)
    tls, sasl = access.tls, access.sasl
    return KafkaAccess(
        None if tls is None else KafkaTls(tls.ca, tls.cert, tls.key, tls.verify_host),
        None if sasl is None else KafkaSasl(sasl.mechanism, sasl.username, sasl.password),
    )


def _check_files(files: Files, report: Report, document: Document, tls: KafkaTlsModel) -> None:
    for name, path in (("ca", tls.ca), ("cert", tls.cert)):
        if path is not None and not files.exists(path):
            remedy = said("write the path of a PEM file, against the workspace's folder")
            report.at(document, (*_TLS, name), said("there is no file {path}", path=path), remedy)
    for given, name, other in ((tls.cert, "cert", tls.key), (tls.key, "key", tls.cert)):
        if given is not None and other is None:
            message, remedy = (
                said("there is a {name} alone", name=name),
                said("a certificate of the bus's own needs both, cert and key"),
            )
            report.at(document, (*_TLS, name), message, remedy, of_key=True)


def _is_loopback(brokers: str) -> bool:
    hosts = [urlsplit(f"//{host}").hostname or "" for host in brokers.removeprefix("//").split(",")]
    return all(host == "localhost" or _is_loopback_address(host) for host in hosts)


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

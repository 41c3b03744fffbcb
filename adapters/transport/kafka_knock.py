"""Why Kafka does not let the bus in. The client tries again and again and in the end says only that time is over."""

from __future__ import annotations

import time
from typing import Any, Final

from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from adapters.transport.kafka_client import Cluster
from contracts.errors import LogUnavailable

_PATIENCE_S: Final = 1.5


def knock(cluster: Cluster) -> None:
    """Connect once over TLS and log in. LogUnavailable where a broker turns the bus away.

    Brokers that are not there say nothing; whoever connects for good waits for them. Blocks for little over a second.
    """
    # In a function of its own, so that the client's errors, and the sockets that it leaves open with them, are gone.
    refusal = _refusal(cluster)
    if refusal:
        raise LogUnavailable(refusal)


def _refusal(cluster: Cluster) -> str:
    net = NetworkSelector(client_id="lienthong")
    try:
        manager = KafkaConnectionManager(net, **cluster.settings())
        try:
            return str(net.run(_knock, manager, cluster))
        finally:
            manager.close()
    finally:
        net.close()


async def _knock(manager: Any, cluster: Cluster) -> str:  # noqa: ANN401 - the client's
    until = time.monotonic() + _PATIENCE_S
    for broker in manager.cluster.bootstrap_brokers():
        left_ms = (until - time.monotonic()) * 1000
        if left_ms <= 0:
            break
        connection = manager.get_connection(broker.node_id, timeout_ms=left_ms, refresh_metadata_on_err=False)
        try:
            await connection
        except KafkaError as error:
            # It has told its version once it was reached over TLS; what ends the connection then is the login.
            reason = _reason(error, cluster, was_reached=connection.broker_version_data is not None)
            if reason:
                return f"Kafka at {broker.host}:{broker.port} {reason}"
        else:
            break
    return ""


def _reason(error: KafkaError, cluster: Cluster, *, was_reached: bool) -> str:
    """What is wrong and what to do; "" where the broker did not say anything. Never with a secret."""
    login = cluster.security.login
    if login is not None and isinstance(error, UnsupportedSaslMechanismError):
        return f"has no login by {login.mechanism}: see kafka: sasl: mechanism in bus.yaml"
    if login is not None and (was_reached or isinstance(error, SaslAuthenticationFailedError)):
        return (
            f"refuses the login of {login.username} by {login.mechanism}: "
            "see kafka: sasl: username and password in bus.yaml"
        )
    handshake = error.__context__
    if isinstance(error, KafkaConnectionError) and handshake is not None:
        return f"and the bus do not agree on TLS: {handshake}: see kafka: tls in bus.yaml"
    return ""

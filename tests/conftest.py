"""What every test may rely on."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from deploy.local.kafka import KafkaMissing, LocalKafka

pytest.register_assert_rewrite("contracts.testkit")

# The command line speaks as the terminal does; tests read its English, wherever they run.
os.environ["LIENTHONG_LANG"] = "en"


def missing_service(reason: str) -> None:
    """Skip a test whose server is absent; where LIENTHONG_SERVICES=required, fail instead."""
    if os.environ.get("LIENTHONG_SERVICES") == "required":
        pytest.fail(f"required service is missing: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def local_kafka() -> Iterator[LocalKafka]:
    """A Kafka of one node that a test may suspend, kill and start again."""
    kafka = LocalKafka()
    try:
        kafka.start()
    except KafkaMissing as missing:
        missing_service(str(missing))
    yield kafka
    kafka.stop()


@pytest.fixture
def kafka_bootstrap(local_kafka: LocalKafka) -> str:
    """`host:port` of a running Kafka."""
    return local_kafka.bootstrap

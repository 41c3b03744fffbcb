"""A whole bus on a Kafka that wants TLS and a login, as `bus.yaml` says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from deploy.local.kafka import KafkaMissing, LocalKafka
from gateway.wiring.embedded import Bus
from gateway.wiring.run import Address, CannotRun
from tests.conftest import missing_service
from tests.flows.support import GOOD, NOTE, FakeSystem, fine, start_bus

PASSWORD: Final = "s3cret-of-the-bus"


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalKafka]:
    """A Kafka with a second listener that asks for a login over TLS."""
    kafka = LocalKafka(users={"lienthong": PASSWORD})
    try:
        kafka.start()
    except KafkaMissing as missing:
        missing_service(str(missing))
    yield kafka
    kafka.stop()


def _access(kafka: LocalKafka) -> str:
    login = "{mechanism: SCRAM-SHA-512, username: lienthong, password: env:KAFKA_PASSWORD}"
    return (
        f'channels: {{inbox: 1, reply: 1, other: 1}}\nkafka: {{tls: {{ca: "{kafka.authority.ca}"}}, sasl: {login}}}\n'
    )


async def test_a_submission_goes_through_and_a_wrong_password_stops_the_bus(
    guarded: LocalKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    transport = f"kafka://{guarded.secure_bootstrap}"
    monkeypatch.setenv("KAFKA_PASSWORD", PASSWORD)
    bus = await start_bus(tmp_path, systems, transport=transport, settings=_access(guarded))
    sent = await bus.send(NOTE, GOOD, to="memo")
    assert sent.status_code == 202
    assert (await bus.settled(sent.json()["id"]))["outcome"] == "delivered"
    await bus.stack.aclose()
    monkeypatch.setenv("KAFKA_PASSWORD", "not-what-it-is")
    with pytest.raises(CannotRun, match="refuses the login of lienthong by SCRAM-SHA-512") as told:
        async with AsyncExitStack() as stack:
            await Bus.start(tmp_path, stack, Address("127.0.0.1", 0))
    assert "not-what-it-is" not in str(told.value)

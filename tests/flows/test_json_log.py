"""What a running bus says in its own log, for whoever collects it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from gateway.logs import set_up_logging
from tests.flows.support import GOOD, LOOKUP, NOTE, RunningBus, status


@pytest.fixture
def json_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log in JSON; afterwards as it was."""
    monkeypatch.delenv("LIENTHONG_LOG", raising=False)
    loggers = [logging.getLogger(name) for name in ("", "lienthong.delivery")]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    set_up_logging(form="json")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    said = io.StringIO()
    handler.setStream(said)
    yield said
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


async def test_every_attempt_is_a_line_with_its_ids_and_no_line_has_a_body(
    json_log: io.StringIO, bus: RunningBus
) -> None:
    asked = await bus.send(LOOKUP, {"person_id": "999314000017"}, end_user="canbo.07", case_ref="HS-0042")
    assert asked.status_code == 200
    bus.systems["twice"].behave = status(500)
    sent = await bus.send(NOTE, GOOD, to="twice")
    assert (await bus.settled(sent.json()["id"]))["outcome"] == "in_doubt"
    said = json_log.getvalue()
    attempts = [line for line in map(json.loads, said.splitlines()) if line["logger"] == "lienthong.delivery"]
    assert [(line["message"], line["system"], line["attempt"]) for line in attempts] == [
        ("data", "memo", 1),
        ("in_doubt", "twice", 1),
    ]
    assert [line["exchange"] for line in attempts] == [asked.json()["id"], sent.json()["id"]]
    assert attempts[0]["trace_id"] == asked.headers["traceparent"].split("-")[1]
    for secret in ("999314000017", "NGUYỄN", "xin chào", "canbo.07", "HS-0042", bus.token("asker")[:40]):
        assert secret not in said

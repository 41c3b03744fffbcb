"""The program's own log: ids and places, a line an event, and nothing of what records hold."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.errors import LogUnavailable
from gateway.logs import JsonFormatter, TextFormatter, set_up_logging

PERSON = "999314000017"


Said = Callable[[], str]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """What stands on standard error, once; the logging of the process is as before afterwards."""
    monkeypatch.delenv("LIENTHONG_LOG", raising=False)
    loggers = [logging.getLogger(name) for name in ("", "lienthong.delivery")]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    yield lambda: capsys.readouterr().err
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


def _lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_json_has_one_object_a_line_with_the_ids(told: Said) -> None:
    set_up_logging(form="json")
    ids = {"exchange": "x-1", "contract": "test.note", "system": "memo", "attempt": 2, "trace_id": "4b" * 16}
    logging.getLogger("lienthong.delivery").info("%s", "delivered", extra={**ids, "took_ms": 1.5})
    (line,) = _lines(told())
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "logger": "lienthong.delivery", "message": "delivered", **ids, "took_ms": 1.5}


def test_only_ids_are_written_of_what_is_given_along(told: Said) -> None:
    for form in ("json", "text"):
        set_up_logging(form=form)
        logging.getLogger("x").warning("odd", extra={"exchange": "x-1", "body": PERSON, "record": {"id": PERSON}})
    said = told()
    assert said.count("x-1") == 2
    assert PERSON not in said


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_error_is_told_by_its_class_and_place_and_its_text_only_where_it_is_our_own(told: Said, form: str) -> None:
    set_up_logging(form=form)
    try:
        try:
            int(f"person {PERSON}")
        except ValueError as cause:
            raise LogUnavailable("Kafka took nothing") from cause
    except LogUnavailable:
        logging.getLogger("x").exception("unexpected")
    said = told()
    assert PERSON not in said
    assert "LogUnavailable: Kafka took nothing" in said
    assert "ValueError" in said
    assert "test_logs.py" in said
    assert said.index("ValueError") < said.index("LogUnavailable: ")


def test_an_exception_stays_in_its_line_of_json(told: Said) -> None:
    set_up_logging(form="json")
    try:
        dict[str, str]()[PERSON]
    except KeyError:
        logging.getLogger("x").exception("unexpected\nand on two lines")
    (line,) = _lines(told())
    assert line["level"] == "error"
    assert line["exception"].endswith("KeyError")


def test_nobody_writes_a_line_of_his_own_into_the_log(told: Said) -> None:
    set_up_logging()
    logging.getLogger("x").warning("no route %s", "/a\n2026-01-01 00:00:00 INFO x: all is well")
    assert len(told().splitlines()) == 1


def test_the_environment_has_the_last_word(told: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENTHONG_LOG", "json")
    set_up_logging(form="text")
    assert isinstance(logging.getLogger().handlers[0].formatter, JsonFormatter)
    monkeypatch.setenv("LIENTHONG_LOG", "xml")
    set_up_logging(form="text")
    assert isinstance(logging.getLogger().handlers[0].formatter, TextFormatter)
    assert "write text or json" in told()


def test_a_line_for_each_attempt_is_for_those_who_collect_the_log(told: Said) -> None:
    set_up_logging()
    logging.getLogger("lienthong.delivery").info("delivered")
    assert told() == ""

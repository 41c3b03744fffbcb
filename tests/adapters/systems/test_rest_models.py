"""What the YAML of a REST system may say, and how it is told what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from adapters.systems.kinds import KINDS
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.operation import RestOperation

URL = "https://gddt.danang.gov.vn/api"


def faults(model: type[BaseModel], given: dict[str, Any]) -> str:
    """What is said about it."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    return str(caught.value)


def test_plain_values_are_text_in_the_yaml() -> None:
    read = RestConnection.model_validate(
        {"url": URL, "allow_private": "false", "timeout_s": "2.5", "max_connections": "8", "max_response_bytes": "5000"}
    )
    assert (read.allow_private, read.timeout_s, read.max_connections, read.max_response_bytes) == (False, 2.5, 8, 5000)


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("gddt.danang.gov.vn", "write it like https://host/path"),
        ("ftp://gddt.danang.gov.vn", "write it like https://host/path"),
        ("https://", "write it like https://host/path"),
        ("https://h:99999/", "write it like https://host/path"),
        ("https://a b/", "write it like https://host/path"),
        ("https://h/\r\nX: y", "write it like https://host/path"),
        ("https://user:pw@h/", "write it under auth"),
        ("https://h/a?key=1", "under query"),
        ("https://h/a#b", "under query"),
        ("https://h/a//b", "write the path in full"),
        ("http://127.0.0.1:80", "allow_private: true"),
        ("http://localhost", "allow_private: true"),
        ("http://api.localhost", "allow_private: true"),
        ("http://10.1.2.3", "allow_private: true"),
        ("http://[::1]:80", "allow_private: true"),
        ("http://[::ffff:10.0.0.1]", "allow_private: true"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_with_its_remedy(url: str, remedy: str) -> None:
    assert remedy in faults(RestConnection, {"url": url})


def test_a_private_address_may_be_allowed() -> None:
    read = RestConnection.model_validate({"url": "http://10.1.2.3:8080/x/", "allow_private": "true"})
    assert read.base == "http://10.1.2.3:8080/x"


@pytest.mark.parametrize(
    "auth",
    [
        {"bearer": "hunter2-in-clear"},
        {"basic": {"user": "a", "password": "hunter2-in-clear"}},
        {"api_key": {"header": "X-Key", "value": "hunter2-in-clear"}},
    ],
)
def test_a_secret_in_clear_is_refused_and_not_repeated(auth: dict[str, Any]) -> None:
    said = faults(RestConnection, {"url": URL, "auth": auth})
    assert "file:PATH or env:NAME" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("reference", ["env:", "file:", "file: "])
def test_a_reference_to_nowhere_is_refused(reference: str) -> None:
    assert "file:PATH or env:NAME" in faults(RestConnection, {"url": URL, "auth": {"bearer": reference}})


@pytest.mark.parametrize(
    ("auth", "remedy"),
    [
        ({}, "write one of: basic, bearer, api_key"),
        ({"bearer": "env:A", "basic": {"user": "a", "password": "env:B"}}, "write one of: basic, bearer, api_key"),
        ({"api_key": {"value": "env:A"}}, "write one of: header, query"),
        ({"api_key": {"header": "A", "query": "b", "value": "env:A"}}, "write one of: header, query"),
        ({"bearer": "env:A", "oauth2": {}}, "Field required"),
        ({"json_header": {"header": "X", "values": {}}}, "write at least one"),
        ({"json_header": {"header": "X", "values": {"App": "x"}}}, "file:… or env:…"),
        ({"json_header": {"header": "X", "values": {"A": "env:A"}}, "basic": {}, "bearer": "env:B"}, "Field required"),
        ({"basic": {"user": "a:b", "password": "env:B"}}, "write the name alone"),
    ],
)
def test_there_is_one_way_to_show_who_one_is(auth: dict[str, Any], remedy: str) -> None:
    assert remedy in faults(RestConnection, {"url": URL, "auth": auth})


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"headers": {"Authorization": "Bearer x"}}, "write it under auth"),
        ({"headers": {"Cookie": "a=b"}}, "write it under auth"),
        ({"headers": {"Host": "h"}}, "leave it out"),
        ({"headers": {"Content-Length": "1"}}, "leave it out"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "keep one"),
        ({"headers": {"X A": "1"}}, "letters, digits and hyphens"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "write it in one line"),
        ({"headers": {"X-A": "{open"}}, "like {name}"),
        ({"path": "people"}, "write it like /students/{id}"),
        ({"path": "/people?id={id}"}, "goes under query"),
        ({"path": "/a/../b"}, "write the path in full"),
        ({"path": "/a/%2e%2e/b"}, "write the path in full"),
        ({"path": "/a//b"}, "write the path in full"),
        ({"path": "/{a/b}"}, "like {name}"),
        ({"method": "CONNECT"}, "write one like GET"),
        ({"method": "GET /x"}, "write one like GET"),
        ({"record": "/congDan"}, "write it like /body/data/person"),
        ({"answers": [{"when": {"path": "/ketQua", "equals": "1"}, "is": "data"}]}, "begin with /status"),
        ({"answers": [{"when": {"path": "/headers/X-A", "equals": "1"}, "is": "data"}]}, "small letters"),
        ({"answers": [{"when": {"not": {"path": "/code", "equals": "1"}}, "is": "data"}]}, "begin with /status"),
        (
            {"answers": [{"when": {"path": "/body/a", "equals": "1"}, "is": "withheld", "reason": "x"}]},
            "reason, ground",
        ),
        ({"answers": [{"when": {"path": "/body/a", "equals": "1"}, "is": "data", "detail": "x"}]}, "leave detail out"),
        (
            {"answers": [{"when": {"path": "/body/a", "equals": "1"}, "is": "permanent", "field": "/a"}]},
            "leave field out",
        ),
        ({"answers": [{"when": {"path": "/body/a", "equals": "1"}, "is": "ok"}]}, "'no_data'"),
        ({"answer": []}, "Extra inputs are not permitted"),
    ],
)
def test_an_operation_that_cannot_work_is_refused_with_its_remedy(given: dict[str, Any], remedy: str) -> None:
    assert remedy in faults(RestOperation, {"path": "/people", **given})


def test_an_operation_tells_which_parts_it_needs() -> None:
    operation = RestOperation.model_validate(
        {"path": "/a/{ward}/{id}", "query": {"q": "{name}"}, "headers": {"X-Officer": "{officer}"}}
    )
    assert operation.parts == {"ward", "id", "name", "officer"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_key_has_a_description_for_editors(kind: str) -> None:
    for model in (KINDS[kind].connection, KINDS[kind].operation):
        schema = model.model_json_schema()
        assert not schema["additionalProperties"]
        missing = [name for name, told in schema["properties"].items() if "description" not in told]
        assert missing == []

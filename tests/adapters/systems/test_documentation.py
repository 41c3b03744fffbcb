"""What docs/providers.md says is so."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from multidict import CIMultiDict
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from adapters.mapping.language import FieldsSpec
from adapters.systems.kinds import KINDS
from adapters.systems.python_plugin import PythonConnection, PythonOperation
from adapters.systems.rest.answers import Judge, Received
from adapters.systems.rest.auth import Auth
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.logins import OAuth2, Session
from adapters.systems.rest.operation import Meaning, RestOperation, Rule
from adapters.systems.rest.paging import Paging
from adapters.systems.webhook.answers import refusal
from adapters.systems.webhook.connection import WebhookConnection, WebhookOperation
from contracts.errors import DeliveryError
from tests.adapters.systems.partner import Partner, running
from tests.adapters.systems.webhooks import push, pushing

PAGE = (Path(__file__).parents[3] / "docs" / "providers.md").read_text("utf-8")
REST, PYTHON = PAGE.split("## Systems that speak something else")
BLOCKS: list[dict[str, Any]] = [
    yaml.load(block, yaml.BaseLoader)
    for block in re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    if block.count("auth:") < 2
]


def section(title: str) -> str:
    """The part of the page under a title."""
    return re.split(r"^###? ", PAGE.split(f"### {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without their heads."""
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip(" |") for cell in line] for line in lines if not line[0].startswith("---")]


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("The connection", RestConnection),
        ("The operation", RestOperation),
        ("A token: `oauth2`", OAuth2),
        ("A session: `session`", Session),
        ("Answers in pages", Paging),
    ],
)
def test_the_page_names_every_key_and_its_default(title: str, model: type[BaseModel]) -> None:
    shown = {row[0].strip("`"): row[1].strip("`") for row in rows(section(title)) if row[0] != "key"}
    assert set(shown) == set(model.model_fields)
    for name, field in model.model_fields.items():
        if isinstance(field.default, bool | int | float):
            assert shown[name] == str(field.default).lower()
        elif field.default is PydanticUndefined and field.default_factory is None:
            assert shown[name] == "–"


def test_the_page_names_every_key_of_a_webhook_and_its_own_defaults() -> None:
    shown = section("The webhook's connection")
    named = [name for row in rows(shown) if row[0] != "key" for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(named) == sorted(WebhookConnection.model_fields)
    defaults = {name: field.default for name, field in WebhookConnection.model_fields.items()}
    others = {name: field.default for name, field in RestConnection.model_fields.items()}
    for name in set(defaults) & set(others):
        assert (defaults[name] == others[name]) != (f"`{name}`: `{defaults[name]}`" in shown), name
    assert all(f"`{name}`" in shown for name in WebhookOperation.model_fields)


async def test_what_is_pushed_and_how_it_is_verified_is_as_on_the_page() -> None:
    (example,) = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    (verifier,) = re.findall(r"```python\n(from standardwebhooks .+?)```", PAGE, re.DOTALL)
    (made,) = re.findall(r'python3 -c "(.+)"', PAGE)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(made)
    secret = printed.getvalue().strip()
    on_the_page: dict[str, Any] = {}
    exec(verifier, on_the_page)
    wanted = json.loads(example)
    async with running(Partner({"/hooks": lambda _: web.Response()})) as partner:
        async with pushing(partner.port, known={"env:NEW": secret}) as call:
            withheld = tuple(each["path"] for each in wanted["withheld"])
            await call(push(wanted["data"], event=wanted["id"], withheld=withheld))
        (visit,) = partner.visits
    assert on_the_page["received"](visit.text.encode(), dict(visit.headers), secret) == wanted
    headers = {row[0].strip("`") for row in rows(section("What is pushed")) if row[0] != "header"}
    assert headers <= {name.lower() for name in visit.headers}
    assert {name.lower() for name in visit.headers if name.lower().startswith("webhook-")} < headers


def test_the_table_of_a_subscribers_answers_is_so() -> None:
    table = [(row[0], row[1].split(",")[0]) for row in rows(section("What a subscriber's answer becomes"))]
    named = {int(status): became for left, became in table for status in re.findall(r"\b\d{3}\b", left)}
    others = {digit: became for left, became in table for digit in re.findall(r"(\d)xx", left)}
    assert others.keys() == {*"2345"}
    for status in range(200, 600):
        error = refusal(Received(status, CIMultiDict(), None))
        became = "delivered" if error is None else type(error).__name__.lower()
        assert became == named.get(status, others[str(status)[0]]), status


def test_the_page_names_every_key_of_a_plugin() -> None:
    shown = {row[0].strip("`") for row in rows(PYTHON)}
    keys: list[tuple[str, type[BaseModel]]] = [("connection", PythonConnection), ("operation", PythonOperation)]
    wanted = {f"{part}.{field.alias or name}" for part, model in keys for name, field in model.model_fields.items()}
    assert wanted <= shown


def test_the_page_names_every_meaning_and_what_may_stand_beside_it() -> None:
    shown = {row[0].strip("`"): row[2] for row in rows(section("What an answer means")) if row[0].startswith("`")}
    assert {*shown} - {"is"} == {*Meaning}
    for name in set(Rule.model_fields) - {"when", "is_"}:
        assert any(f"`{name}`" in beside for beside in shown.values())


@pytest.mark.parametrize("block", [block for block in BLOCKS if "connection" in block], ids=lambda block: block["kind"])
def test_a_system_on_the_page_can_be_read(block: dict[str, Any]) -> None:
    kind = KINDS[block["kind"]]
    kind.connection.model_validate(block["connection"])
    for service in block["services"]:
        kind.operation.model_validate(service["operation"])


def test_the_operations_on_the_page_can_be_read() -> None:
    with_parts = next(block for block in BLOCKS if "parts" in block)
    assert RestOperation.model_validate(with_parts["operation"]).parts == {*with_parts["parts"]}
    FieldsSpec.model_validate(with_parts["parts"])
    RestOperation.model_validate({"path": "/x", **next(block for block in BLOCKS if "answers" in block)})


def test_the_session_on_the_page_can_be_read() -> None:
    session = next(block for block in BLOCKS if "session" in block)
    assert RestConnection.model_validate({"url": "https://h", "auth": session})


@pytest.mark.parametrize("paging", re.findall(r"^paging: (.+)$", PAGE, re.MULTILINE))
def test_each_way_from_page_to_page_can_be_read(paging: str) -> None:
    RestOperation.model_validate({"path": "/x", "paging": yaml.load(paging, yaml.BaseLoader)})


def test_the_pages_on_the_page_can_be_read() -> None:
    paging = next(block for block in BLOCKS if "paging" in block)
    assert RestOperation.model_validate({"path": "/x", **paging}).paging is not None


def test_the_credentials_that_can_be_read_are_all_on_the_page() -> None:
    shown = {next(iter(yaml.load(text, yaml.BaseLoader))) for text in re.findall(r"^auth: (.+)$", PAGE, re.MULTILINE)}
    assert shown == {*Auth.model_fields}


@pytest.mark.parametrize("auth", re.findall(r"^auth: (.+)$", PAGE, re.MULTILINE))
def test_the_credentials_on_the_page_can_be_read(auth: str) -> None:
    RestConnection.model_validate({"url": "https://h", "auth": yaml.load(auth, yaml.BaseLoader)})


def test_the_table_of_statuses_is_so() -> None:
    table = [
        (row[0], row[1].split(",")[0]) for row in rows(section("What an answer means")) if re.search(r"\d", row[0])
    ]
    named = {int(status): became for left, became in table for status in re.findall(r"\b\d{3}\b", left)}
    others = {digit: became for left, became in table for digit in re.findall(r"(\d)xx", left)}
    assert others.keys() == {*"2345"}
    judge = Judge(RestOperation.model_validate({"path": "/x"}), str)
    for status in range(200, 600):
        try:
            became = "data" if judge(Received(status, CIMultiDict(), {})).found else "no data"
        except DeliveryError as error:
            became = type(error).__name__.lower()
        assert became == named.get(status, others[str(status)[0]]), status

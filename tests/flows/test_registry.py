"""The registry of schemas as its clients see it, over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.flows.support import FakeSystem, RunningBus, fine, start_bus

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/vnd.schemaregistry.v1+json"
READING_SUBJECT = "event.test.reading-value"


def record(*fields: Any, name: str = "Note") -> str:
    """An Avro record of fields: a name alone is a text."""
    given = [{"name": each, "type": "string"} if isinstance(each, str) else each for each in fields]
    return json.dumps({"type": "record", "name": name, "fields": given})


OPTIONAL = {"name": "more", "type": ["null", "string"], "default": None}
V1, V2 = record("text"), record("text", OPTIONAL)
BROKEN = record("text", {"name": "must", "type": "int"})


def given_subjects(root: Path) -> None:
    """The system `asker` may write what begins with `hoi-an.`."""
    agencies = root / "agencies/a.yaml"
    text = agencies.read_text(encoding="utf-8")
    agencies.write_text(text.replace("{id: asker,", '{id: asker, subjects: ["hoi-an.*"],'), encoding="utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBus]:
    """One bus for all, whose `asker` has subjects of its own."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    bus = await start_bus(tmp_path_factory.mktemp("registry"), systems, change=given_subjects)
    async with bus.stack:
        yield bus


@dataclass(frozen=True, slots=True)
class Asker:
    """The system `asker` in one test. A “~” stands for the beginning of names that no other test has."""

    bus: RunningBus
    own: str

    def named(self, text: str) -> str:
        """`text` with this test's names."""
        return text.replace("~", self.own)

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """A request to the registry."""
        headers = {"content-type": JSON, **options.pop("headers", {})}
        content = None if body is None else self.named(json.dumps(body))
        place = self.named(f"/registry{path}")
        return await self.bus.client.request(method, place, content=content, headers=headers, **options)

    async def operate(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The same of an operator."""
        return await self.ask(method, path, body, headers={"authorization": f"Bearer {self.bus.token(None)}"})

    async def put(self, subject: str, schema: str, **more: Any) -> Any:
        """Register: the answer's JSON."""
        return (await self.ask("POST", f"/subjects/{subject}/versions", {"schema": schema, **more})).json()


_NUMBERS = itertools.count(1)


@pytest.fixture
def bus(running: RunningBus) -> Asker:
    """`asker`, with names of its own."""
    return Asker(running, f"hoi-an.{next(_NUMBERS)}.")


async def test_a_schema_is_registered_once_and_found_by_id_subject_and_text(bus: Asker) -> None:
    first = await bus.put("~notes-value", V1)
    again = await bus.put("~notes-value", json.dumps(json.loads(V1), indent=2))
    other = await bus.put("~other-value", V1)
    second = await bus.put("~notes-value", V2)
    assert (first, first["version"]) == (again, 1)
    assert (other["id"], second["version"]) == (first["id"], 2)
    by_id = await bus.ask("GET", f"/schemas/ids/{first['id']}")
    assert (by_id.headers["content-type"], json.loads(by_id.json()["schema"])) == (JSON, json.loads(V1))
    assert (await bus.ask("GET", f"/schemas/ids/{first['id']}/schema")).json() == json.loads(V1)
    assert (await bus.ask("GET", f"/schemas/ids/{first['id']}/subjects")).json() == [
        bus.named("~notes-value"),
        bus.named("~other-value"),
    ]
    assert (await bus.ask("GET", f"/schemas/ids/{first['id']}/versions")).json() == [
        {"subject": bus.named("~notes-value"), "version": 1},
        {"subject": bus.named("~other-value"), "version": 1},
    ]
    assert (await bus.ask("GET", "/subjects/~notes-value/versions")).json() == [1, 2]
    latest = (await bus.ask("GET", "/subjects/~notes-value/versions/latest")).json()
    assert (latest["subject"], latest["version"], latest["id"]) == (bus.named("~notes-value"), 2, second["id"])
    found = (await bus.ask("POST", "/subjects/~notes-value", {"schema": V1})).json()
    assert (found["version"], found["id"], found["subject"]) == (1, first["id"], bus.named("~notes-value"))


async def test_an_id_is_kept_by_whoever_has_it(bus: Asker) -> None:
    schema_id = (await bus.put("~notes-value", V1))["id"]
    first = await bus.ask("GET", f"/schemas/ids/{schema_id}")
    assert "immutable" in first.headers["cache-control"]
    kept = await bus.ask("GET", f"/schemas/ids/{schema_id}", headers={"if-none-match": first.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")
    highest = (await bus.ask("GET", f"/schemas/ids/{schema_id}", params={"fetchMaxId": "true"})).json()["maxId"]
    assert highest >= schema_id


async def test_what_is_not_there_is_said_in_the_registrys_codes(bus: Asker) -> None:
    await bus.put("~notes-value", V1)
    asked = [
        ("GET", "/subjects/nobody/versions", None, 404, 40401),
        ("GET", "/subjects/nobody/versions/1", None, 404, 40401),
        ("GET", "/subjects/~notes-value/versions/7", None, 404, 40402),
        ("GET", "/schemas/ids/99999", None, 404, 40403),
        ("POST", "/subjects/nobody", {"schema": V1}, 404, 40401),
        ("POST", "/subjects/~notes-value", {"schema": V2}, 404, 40403),
        ("GET", "/subjects/~notes-value/versions/0", None, 422, 42202),
        ("GET", "/subjects/~notes-value/versions/second", None, 422, 42202),
        ("GET", "/subjects/~notes-value/versions/2147483648", None, 422, 42202),
        ("POST", "/subjects/~notes-value/versions", {"schema": "{"}, 422, 42201),
        ("POST", "/subjects/~notes-value/versions", {}, 422, 42201),
        ("POST", "/subjects/~notes-value/versions", {"schema": V1, "schemaType": "PROTOBUF"}, 422, 42201),
        ("GET", "/config/~notes-value", None, 404, 40408),
        ("GET", "/mode/~notes-value", None, 404, 40409),
        ("PUT", "/config/~notes-value", {"compatibility": "SIDEWARD"}, 422, 42203),
        ("PUT", "/mode/~notes-value", {"mode": "IMPORT"}, 422, 42204),
        ("POST", "/subjects/~notes-value/versions", {"schema": V2, "id": 5}, 422, 42205),
        ("GET", "/nowhere", None, 404, 404),
        ("PATCH", "/subjects", None, 405, 405),
    ]
    for method, path, body, status, code in asked:
        answer = await bus.ask(method, path, body)
        told = answer.json()
        assert (answer.status_code, told["error_code"], path) == (status, code, path)
        assert set(told) == {"error_code", "message"}
        assert answer.headers["content-type"] == JSON
    assert (await bus.ask("GET", "/subjects/nobody/versions")).json()["message"] == "Subject 'nobody' not found."


async def test_whoever_cannot_sign_in_sees_nothing_and_basic_is_the_clients_secret(bus: Asker) -> None:
    nobody = await bus.ask("GET", "/subjects", headers={"authorization": ""})
    assert (nobody.status_code, nobody.json()["error_code"]) == (401, 401)
    assert nobody.headers["www-authenticate"].startswith("Basic")
    async with httpx.AsyncClient(base_url=bus.bus.client.base_url, trust_env=False) as client:
        assert (await client.get("/registry/subjects", auth=("asker", "s3cret"))).status_code == 200
        assert (await client.get("/registry/subjects", auth=("asker", "wrong"))).status_code == 401
        assert (await client.get("/registry/subjects", auth=("nobody", "s3cret"))).status_code == 401
        assert (await client.get("/registry/subjects", headers={"authorization": "Basic ???"})).status_code == 401


async def test_a_system_writes_its_own_subjects_and_no_others(bus: Asker) -> None:
    assert "id" in await bus.put("~notes-value", V1)
    refused = await bus.ask("POST", "/subjects/da-nang.notes-value/versions", {"schema": V1})
    assert (refused.status_code, refused.json()["error_code"]) == (403, 40301)
    for method, path, body in (
        ("DELETE", "/subjects/hoi-an", None),
        ("PUT", "/config", {"compatibility": "NONE"}),
        ("PUT", "/config/da-nang.notes-value", {"compatibility": "NONE"}),
        ("PUT", "/mode", {"mode": "READONLY"}),
        ("DELETE", "/mode", None),
    ):
        assert (await bus.ask(method, path, body)).status_code == 403
    taken = await bus.operate("POST", "/subjects/da-nang.notes-value/versions", {"schema": V1})
    assert taken.status_code == 200
    # Whoever registers what is there already writes nothing.
    assert (await bus.put("da-nang.notes-value", V1))["id"] == taken.json()["id"]
    memo = {"authorization": f"Bearer {bus.bus.token('memo')}"}
    body = {"schema": V2}
    assert (await bus.ask("POST", "/subjects/~notes-value/versions", body, headers=memo)).status_code == 403


async def test_the_bus_has_its_events_as_subjects_that_nobody_else_writes(bus: Asker) -> None:
    subjects = (await bus.ask("GET", "/subjects")).json()
    own = [each for each in subjects if each.endswith(READING_SUBJECT)]
    assert len(own) == 1
    version = (await bus.ask("GET", f"/subjects/{own[0]}/versions/1")).json()
    # The text is the contract's file as it stands, and its id the one that messages carry.
    kept = (bus.bus.root / "contracts/test.reading/v1/event.avsc").read_text(encoding="utf-8")
    assert version["schema"] == kept
    assert (await bus.ask("POST", f"/subjects/{own[0]}", {"schema": kept})).json()["id"] == version["id"]
    assert (await bus.put(own[0], json.dumps(json.loads(kept), indent=1)))["id"] == version["id"]
    assert (await bus.put("~readings-value", json.dumps(json.loads(kept), indent=2)))["id"] == version["id"]
    assert (await bus.ask("GET", f"/mode/{own[0]}")).json() == {"mode": "READONLY"}
    for method, path, body in (
        ("POST", f"/subjects/{own[0]}/versions", {"schema": V1}),
        ("DELETE", f"/subjects/{own[0]}", None),
        ("DELETE", f"/subjects/{own[0]}/versions/1", None),
        ("PUT", f"/config/{own[0]}", {"compatibility": "NONE"}),
        ("PUT", f"/mode/{own[0]}", {"mode": "READWRITE"}),
    ):
        refused = await bus.operate(method, path, body)
        assert (refused.status_code, refused.json()["error_code"]) == (422, 42205)


async def test_a_version_that_would_break_readers_is_refused_with_the_place(bus: Asker) -> None:
    await bus.put("~notes-value", V1)
    refused = await bus.ask("POST", "/subjects/~notes-value/versions", {"schema": BROKEN})
    assert (refused.status_code, refused.json()["error_code"]) == (409, 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.json()["message"]
    assert "/fields/1" in refused.json()["message"]
    checked = "/compatibility/subjects/~notes-value/versions"
    for path in (f"{checked}/latest", f"{checked}/1", checked):
        told = (await bus.ask("POST", path, {"schema": BROKEN}, params={"verbose": "true"})).json()
        assert told["is_compatible"] is False
        assert any("'must'" in message for message in told["messages"])
        assert (await bus.ask("POST", path, {"schema": V2})).json() == {"is_compatible": True}
    assert (await bus.ask("POST", f"{checked}/9", {"schema": V2})).json()["error_code"] == 40402
    assert (await bus.ask("POST", "/compatibility/subjects/new/versions/latest", {"schema": V2})).json() == {
        "is_compatible": True
    }


async def test_a_subject_goes_by_its_own_compatibility_before_that_of_all(bus: Asker) -> None:
    subject = bus.named("~notes-value")
    await bus.put(subject, V1)
    assert (await bus.ask("GET", "/config")).json() == {"compatibilityLevel": "BACKWARD"}
    set_all = await bus.operate("PUT", "/config", {"compatibility": "forward"})
    assert set_all.json() == {"compatibility": "FORWARD"}
    defaulted = await bus.ask("GET", f"/config/{subject}", params={"defaultToGlobal": "true"})
    assert defaulted.json() == {"compatibilityLevel": "FORWARD"}
    assert "id" in await bus.put(subject, BROKEN)
    assert (await bus.put(subject, record("other", name="Other")))["error_code"] == 409
    assert (await bus.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})).status_code == 200
    assert (await bus.ask("GET", f"/config/{subject}")).json() == {"compatibilityLevel": "NONE"}
    assert "id" in await bus.put(subject, record("other", name="Other"))
    assert (await bus.ask("DELETE", f"/config/{subject}")).json() == {"compatibilityLevel": "NONE"}
    assert (await bus.operate("DELETE", "/config")).json() == {"compatibilityLevel": "FORWARD"}
    assert (await bus.ask("GET", f"/config/{subject}")).json()["error_code"] == 40408


async def test_nothing_is_written_while_a_subject_or_all_of_them_are_read_only(bus: Asker) -> None:
    subject = bus.named("~notes-value")
    await bus.put(subject, V1)
    assert (await bus.ask("PUT", f"/mode/{subject}", {"mode": "READONLY"})).json() == {"mode": "READONLY"}
    assert (await bus.put(subject, V2))["error_code"] == 42205
    assert (await bus.put(subject, V1))["version"] == 1
    assert (await bus.ask("DELETE", f"/subjects/{subject}")).json()["error_code"] == 42205
    assert (await bus.ask("DELETE", f"/mode/{subject}")).json() == {"mode": "READONLY"}
    assert (await bus.operate("PUT", "/mode", {"mode": "READONLY"})).status_code == 200
    defaulted = await bus.ask("GET", f"/mode/{subject}", params={"defaultToGlobal": "true"})
    assert defaulted.json() == {"mode": "READONLY"}
    assert (await bus.put(subject, V2))["error_code"] == 42205
    await bus.operate("DELETE", "/mode")
    assert (await bus.put(subject, V2))["version"] == 2


async def test_what_is_deleted_can_be_seen_and_come_back_until_it_is_deleted_for_good(bus: Asker) -> None:
    subject = bus.named("~notes-value")
    place = f"/subjects/{subject}"
    # Schemas that no other subject has.
    gone, wider = record("text", name="Gone"), record("text", OPTIONAL, name="Gone")
    first, _ = await bus.put(subject, gone), await bus.put(subject, wider)

    async def code(method: str, path: str, **params: str) -> Any:
        answer = (await bus.ask(method, path, params=params)).json()
        return answer["error_code"] if isinstance(answer, dict) and "error_code" in answer else answer

    assert await code("DELETE", f"{place}/versions/1", permanent="true") == 40407
    assert await code("DELETE", f"{place}/versions/1") == 1
    assert await code("DELETE", f"{place}/versions/1") == 40406
    assert await code("GET", f"{place}/versions/1") == 40402
    assert await code("GET", f"{place}/versions") == [2]
    assert await code("GET", f"{place}/versions", deleted="true") == [1, 2]
    assert await code("GET", f"{place}/versions", deletedOnly="true") == [1]
    assert (await bus.ask("GET", f"{place}/versions/1", params={"deleted": "true"})).json()["id"] == first["id"]
    # Its id still means what it meant, and the same schema comes back as a new version under it.
    assert "schema" in await code("GET", f"/schemas/ids/{first['id']}")
    assert await code("GET", f"/schemas/ids/{first['id']}/versions") == []
    back = await bus.put(subject, gone)
    assert (back["id"], back["version"]) == (first["id"], 3)
    assert await code("DELETE", place, permanent="true") == 40405
    assert await code("DELETE", place) == [2, 3]
    assert await code("DELETE", place) == 40404
    assert await code("GET", "/subjects", deletedOnly="true") == [subject]
    assert subject not in (await bus.ask("GET", "/subjects")).json()
    assert await code("GET", f"{place}/versions") == 40401
    assert await code("DELETE", place, permanent="true") == [1, 2, 3]
    assert await code("DELETE", place) == 40401
    assert await code("GET", f"/schemas/ids/{first['id']}") == 40403
    # Ids are never given anew.
    again = await bus.put(subject, gone)
    assert (again["id"], again["version"]) == (first["id"], 1)


async def test_a_schema_is_made_of_others_that_stay_while_it_needs_them(bus: Asker) -> None:
    address = json.dumps({"type": "record", "name": "vn.Address", "fields": [{"name": "ward", "type": "string"}]})
    await bus.put("~address", address)
    person = json.dumps({"type": "record", "name": "vn.Person", "fields": [{"name": "home", "type": "vn.Address"}]})
    references = [{"name": "vn.Address", "subject": bus.named("~address"), "version": 1}]
    assert (await bus.put("~person", person))["error_code"] == 42201
    registered = await bus.put("~person", person, references=references)
    shown = (await bus.ask("GET", f"/schemas/ids/{registered['id']}")).json()
    assert shown["references"] == references
    used_by = await bus.ask("GET", "/subjects/~address/versions/1/referencedby")
    assert used_by.json() == [registered["id"]]
    kept = await bus.ask("DELETE", "/subjects/~address/versions/1")
    assert (kept.status_code, kept.json()["error_code"]) == (422, 42206)
    lost = [{"name": "vn.Address", "subject": bus.named("~address"), "version": 4}]
    refused = await bus.put("~other", person, references=lost)
    assert (refused["error_code"], bus.named("~address") in refused["message"]) == (42201, True)
    wider = json.dumps({"type": "record", "name": "vn.Person", "fields": [
        {"name": "home", "type": "vn.Address"}, {"name": "work", "type": ["null", "vn.Address"], "default": None}]})  # fmt: skip
    assert (await bus.put("~person", wider, references=references))["version"] == 2
    for subject, version in (("~person", 2), ("~person", 1)):
        await bus.ask("DELETE", f"/subjects/{subject}/versions/{version}")
        await bus.ask("DELETE", f"/subjects/{subject}/versions/{version}?permanent=true")
    assert (await bus.ask("DELETE", "/subjects/~address/versions/1")).json() == 1


async def test_lists_are_cut_by_prefix_deletion_offset_and_limit(bus: Asker) -> None:
    for name in "abc":
        await bus.put(f"~{name}", V1)
        await bus.put(f"~{name}", V2)

    async def names(**params: str) -> Any:
        return (await bus.ask("GET", "/subjects", params={"subjectPrefix": bus.own, **params})).json()

    assert await names() == [bus.named(each) for each in ("~a", "~b", "~c")]
    assert await names(offset="1", limit="1") == [bus.named("~b")]
    await bus.ask("DELETE", "/subjects/~b")
    assert await names() == [bus.named(each) for each in ("~a", "~c")]
    assert await names(deleted="true") == [bus.named(each) for each in ("~a", "~b", "~c")]
    assert await names(deletedOnly="true") == [bus.named("~b")]

    async def schemas(**params: str) -> list[tuple[str, int]]:
        found = (await bus.ask("GET", "/schemas", params={"subjectPrefix": bus.own, **params})).json()
        return [(each["subject"][-1], each["version"]) for each in found]

    assert await schemas() == [("a", 1), ("a", 2), ("c", 1), ("c", 2)]
    assert await schemas(latestOnly="true") == [("a", 2), ("c", 2)]
    assert await schemas(deleted="true", offset="1", limit="2") == [("a", 2), ("b", 1)]
    assert (await bus.ask("GET", "/subjects", params={"limit": "x"})).status_code == 422


async def test_the_normal_form_tells_schemas_again_and_leaves_fields_alone(bus: Asker) -> None:
    names = [
        {"name": each, "type": {"type": "map", "values": "int"}} for each in ("array", "map", "type", "items", "fields")
    ]
    schema = {"type": "record", "name": "Odd", "z": 1, "a": {"y": 1, "b": 2}, "fields": names}
    turned = {"fields": names, "z": 1, "a": {"b": 2, "y": 1}, "namespace": "", "name": "Odd", "type": "record"}
    normal = {"params": {"normalize": "true"}}
    place = "/subjects/~odd"
    first = (await bus.ask("POST", f"{place}/versions", {"schema": json.dumps(schema)}, **normal)).json()
    kept = json.loads((await bus.ask("GET", f"/schemas/ids/{first['id']}")).json()["schema"])
    assert kept["fields"] == names
    assert kept == schema
    again = (await bus.ask("POST", f"{place}/versions", {"schema": json.dumps(turned)}, **normal)).json()
    assert again == first
    assert (await bus.ask("POST", place, {"schema": json.dumps(turned)}, **normal)).json()["id"] == first["id"]
    assert (await bus.ask("POST", place, {"schema": json.dumps(turned)})).json()["error_code"] == 40403


async def test_json_schemas_are_kept_too_and_compared_where_that_can_be_proved(bus: Asker) -> None:
    def of(**properties: Any) -> str:
        return json.dumps({"type": "object", "properties": properties, "additionalProperties": False})

    first, wider, narrower = of(a={"type": "integer"}), of(a={"type": "number"}, b={"type": "string"}), of()
    registered = await bus.put("~json", first, schemaType="JSON")
    shown = (await bus.ask("GET", f"/schemas/ids/{registered['id']}")).json()
    assert (shown["schemaType"], json.loads(shown["schema"])) == ("JSON", json.loads(first))
    assert (await bus.put("~json", wider, schemaType="JSON"))["version"] == 2
    refused = await bus.put("~json", narrower, schemaType="JSON")
    assert (refused["error_code"], "additionalProperties" in refused["message"]) == (409, True)
    assert (await bus.put("~json", V1))["error_code"] == 409
    wrong = await bus.put("~wrong", of(a={"type": "nummer"}), schemaType="JSON")
    assert (wrong["error_code"], "/properties/a/type" in wrong["message"]) == (42201, True)
    named = [{"name": "part.json", "subject": bus.named("~json"), "version": 1}]
    whole = json.dumps({"type": "array", "items": {"$ref": "part.json"}})
    assert (await bus.put("~whole", whole, schemaType="JSON"))["error_code"] == 42201
    assert "id" in await bus.put("~whole", whole, schemaType="JSON", references=named)
    assert sorted((await bus.ask("GET", "/schemas/types")).json()) == ["AVRO", "JSON"]


async def test_a_hundred_registrations_at_once_give_each_schema_one_id_and_one_version(bus: Asker) -> None:
    schemas = [record("text", {**OPTIONAL, "name": f"more{index % 4}"}) for index in range(40)]
    answers = await asyncio.gather(*(bus.put("~race", each) for each in schemas))
    assert len({each["id"] for each in answers}) == 4
    assert sorted({each["version"] for each in answers}) == [1, 2, 3, 4]


HOSTILE = {
    "not JSON": "{",
    "NaN": '{"type": "double", "x": NaN}',
    "half a character": '"\\ud800"',
    "nested 10,000 times": '{"type":"array","items":' * 10_000 + '"int"' + "}" * 10_000,
    "nested 10,000 lists": "[" * 10_000 + "]" * 10_000,
    "a record without end": record({"name": "me", "type": "Note"}),
    "names alike but for case": record("name", "NAME"),
    "types alike but for case": record(
        {"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["X"]}},
        {"name": "b", "type": {"type": "enum", "name": "e", "symbols": ["X"]}},
    ),
    "no such type": record({"name": "a", "type": "sting"}),
    "a key twice": '{"type": "int", "type": "string"}',
    "1 MB": record(*(f"field{index}" for index in range(25_000))),
    "20,000 mistakes": record(*({"name": f"f{index}", "type": "x"} for index in range(20_000))),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_schema_that_cannot_be_used_is_refused_with_its_place_and_rule(bus: Asker, kind: str) -> None:
    answer = await bus.ask("POST", "/subjects/~bad/versions", {"schema": HOSTILE[kind]})
    told = answer.json()
    assert (answer.status_code, told["error_code"]) == (422, 42201)
    assert "→" in told["message"]
    assert len(told["message"]) < 20_000
    assert (await bus.ask("GET", "/subjects")).status_code == 200


async def test_the_reader_is_told_in_his_language(bus: Asker) -> None:
    body = {"schema": record("name", "NAME")}
    told = await bus.ask("POST", "/subjects/~bad/versions", body, headers={"accept-language": "vi"})
    assert "/fields/1/name: NAME và name chỉ khác nhau chữ hoa, chữ thường" in told.json()["message"]


async def test_a_body_over_the_limit_is_answered_to_a_client_that_is_still_sending(bus: Asker) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(120):
            yield b" " * 100_000

    for size, body in ((None, endless()), (12_000_000, b" " * 12_000_000)):
        answer = await bus.bus.client.post(
            "/registry/subjects/~big/versions", content=body, headers={"content-type": JSON}
        )
        assert (answer.status_code, answer.json()["error_code"], size) == (413, 413, size)
    wrong = await bus.bus.client.post(
        "/registry/subjects/~big/versions", content=b"[1]", headers={"content-type": JSON}
    )
    assert wrong.status_code == 422
    form = await bus.bus.client.post("/registry/subjects/hoi-an.big/versions", data={"schema": V1})
    assert form.status_code == 415

"""What anybody may read of a running bus: its documents, its contracts and their schemas, from its contracts alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from rdflib import Graph
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from contracts.schema import parse_schema
from tests.flows.support import GOOD, LOOKUP, NOTE, READING, FakeSystem, RunningBus, fine, start_bus
from tests.flows.test_configuration import Applying

ONE_BUS = pytest.mark.asyncio(loop_scope="module")
pytestmark = [ONE_BUS, pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")]
DOCUMENTS = (
    "/openapi.json",
    "/asyncapi.json",
    "/catalogue",
    "/contracts",
    f"/contracts/{NOTE}",
    f"/contracts/{NOTE}/1",
    f"/contracts/{NOTE}/1/request.avsc",
    f"/contracts/{NOTE}/1/request.schema.json",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBus]:
    """A bus that says by which address it is reached and who runs it."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    settings = "publish: {url: 'https://lgsp.example.vn/', publisher: H17}\n"
    running = await start_bus(tmp_path_factory.mktemp("shown"), systems, settings=settings)
    async with running.stack:
        yield running


async def open_to_all(bus: RunningBus, path: str, **headers: str) -> httpx.Response:
    """What somebody gets who is nobody here."""
    async with httpx.AsyncClient(base_url=bus.client.base_url, trust_env=False) as stranger:
        return await stranger.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_whoever_has_a_document_is_not_sent_it_again(shown: RunningBus, path: str) -> None:
    """By its ETag, which is the same for the same content; another one gets it."""
    first = await open_to_all(shown, path)
    assert first.status_code == 200
    etag = first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]
    for known in (etag, f"W/{etag}", f'"another", {etag}', "*"):
        again = await open_to_all(shown, path, if_none_match=known)
        assert (again.status_code, again.content) == (304, b""), known
        assert again.headers["etag"] == etag
    assert (await open_to_all(shown, path, if_none_match='"another"')).content == first.content


async def test_the_catalogue_comes_in_the_form_that_is_preferred(shown: RunningBus) -> None:
    """And each form is one that rdflib reads."""
    sizes = set()
    for accept, media_type, form in (
        ("text/turtle", "text/turtle", "turtle"),
        ("application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml", "xml"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("*/*", "application/ld+json", "json-ld"),
    ):
        found = await open_to_all(shown, "/catalogue", accept=accept)
        assert found.headers["content-type"].partition(";")[0] == media_type
        assert found.headers["vary"] == "accept"
        graph = Graph().parse(data=found.content, format=form)
        sizes.add(len(graph))
        catalogue = graph.value(None, RDF.type, DCAT.Catalog)
        publisher = graph.value(catalogue, DCTERMS.publisher)
        assert str(graph.value(publisher, FOAF.name)) == "Một cơ quan"
        offered = {str(each).rpartition("/")[2] for each in graph.objects(catalogue, DCAT.service)}
        assert offered == {f"{name}#service" for name in (NOTE, LOOKUP, READING)}
    assert len(sizes) == 1


async def test_a_form_that_there_is_not_is_406_and_names_those_there_are(shown: RunningBus) -> None:
    """In the reader's language."""
    refused = await open_to_all(shown, "/catalogue", accept="text/csv", accept_language="vi")
    assert refused.status_code == 406
    assert refused.json()["type"] == "urn:lienthong:problem:not-acceptable"
    assert "text/turtle" in refused.json()["detail"]
    assert refused.headers["vary"] == "accept"


async def test_the_catalogue_names_the_address_that_the_workspace_says(shown: RunningBus) -> None:
    """Whatever a request calls the bus."""
    found = (await open_to_all(shown, "/catalogue", accept="text/turtle", host="evil.example")).text
    assert f"<https://lgsp.example.vn/exchange/{LOOKUP}>" in found
    assert "evil.example" not in found
    assert (await open_to_all(shown, "/asyncapi.json")).json()["servers"]["gateway"]["host"] == "lgsp.example.vn"


async def test_a_contracts_schemas_lie_where_the_list_says(shown: RunningBus) -> None:
    """Every one of them, as Avro that parses and as JSON Schema that its example fits."""
    listed = (await open_to_all(shown, "/contracts")).json()["contracts"]
    assert [each["name"] for each in listed] == sorted((NOTE, LOOKUP, READING))
    parts = []
    for contract in listed:
        assert contract["provided_by"] == [{"code": "H17", "name": "Một cơ quan"}]
        for version in contract["versions"]:
            assert (await open_to_all(shown, version["href"])).json()["schemas"] == version["schemas"]
            for part, schema in version["schemas"].items():
                parts.append(f"{contract['name']} {part}")
                avro = await open_to_all(shown, schema["avro"])
                assert parse_schema(avro.text).name == schema["name"]
                found = (await open_to_all(shown, schema["json_schema"])).json()
                assert found["$id"] == f"https://lgsp.example.vn{schema['json_schema']}"
                Draft202012Validator.check_schema(found)
    assert parts == [f"{LOOKUP} request", f"{LOOKUP} reply", f"{NOTE} request", f"{READING} event"]
    note = (await open_to_all(shown, f"/contracts/{NOTE}/1/request.schema.json")).json()
    assert Draft202012Validator(note).is_valid(GOOD)
    assert not Draft202012Validator(note).is_valid({**GOOD, "number": "7"})


async def test_the_dataschema_of_an_event_leads_to_its_schema(shown: RunningBus) -> None:
    """From an event that was pulled, in two steps."""
    assert (await shown.send(READING, {"station": "A1", "pm25": 1.5})).status_code == 202
    grant = await shown.client.get(
        f"/inbox/{READING}", params={"wait": 5}, headers={"authorization": f"Bearer {shown.token('memo')}"}
    )
    (event, *_) = grant.json()["events"]
    described = (await open_to_all(shown, event["dataschema"])).json()
    found = await open_to_all(shown, described["schemas"]["event"]["avro"])
    assert [field["name"] for field in json.loads(found.text)["fields"]] == ["station", "pm25", "operator"]


@pytest.mark.parametrize(
    "path",
    [
        "/contracts/no.such",
        f"/contracts/{NOTE}/2",
        f"/contracts/{NOTE}/one",
        f"/contracts/{NOTE}/1/reply.avsc",
        f"/contracts/{NOTE}/1/request.xsd",
        f"/contracts/{NOTE}/²/request.avsc",
        "/contracts/no.such/1/request.avsc",
    ],
)
async def test_what_there_is_not_is_a_problem(shown: RunningBus, path: str) -> None:
    """404, and where all of them are."""
    found = await open_to_all(shown, path)
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"


async def test_a_bus_that_does_not_say_its_address_goes_by_the_request(tmp_path: Path) -> None:
    """By a host that is one; anything else is refused, not written into a document."""
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        first = (await open_to_all(running, "/catalogue", host="one.example:8443")).text
        second = (await open_to_all(running, "/catalogue", host="two.example")).text
        assert "http://one.example:8443/catalogue" in first
        assert first.replace("one.example:8443", "two.example") == second
        for bad in ("a.example/x", "<a>", "a b", '"'):
            assert (await open_to_all(running, "/catalogue", host=bad)).status_code == 400, bad


async def test_the_catalogue_has_the_dates_of_what_was_applied(tmp_path: Path) -> None:
    """From the first configuration that has a contract; before anything is applied, nobody knows."""
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        before = Graph().parse(data=(await open_to_all(running, "/catalogue", accept="text/turtle")).text)
        assert not list(before.objects(None, DCTERMS.issued))
        applying = Applying(running)
        applying.edit(f"contracts/{NOTE}/contract.yaml", "title: Note", "title: Ghi chú")
        await applying.applied()
        after = Graph().parse(data=(await open_to_all(running, "/catalogue", accept="text/turtle")).text)
        assert len(list(after.objects(None, DCTERMS.issued))) > 3
        assert "Ghi chú" in {str(each) for each in after.objects(None, DCTERMS.title)}

"""The catalogue at /catalogue, read back by rdflib: the three forms are one graph, and DCAT-AP's mandatory parts are
there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph as Parsed
from rdflib import Literal as ParsedLiteral
from rdflib import URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from contracts.outcome import Pattern
from contracts.publish.dcat import Dated, Offer, dcat_catalogue
from contracts.publish.rdf import Graph, Iri, Literal, json_ld, rdf_xml, turtle
from tests.contracts.avsc import field, schema
from tests.contracts.published import ABOUT, CITY, READING, SCHOOLS, contract, of_the_city

FORMS: Final[dict[str, Callable[[Graph], bytes]]] = {"turtle": turtle, "json-ld": json_ld, "xml": rdf_xml}
BASE: Final = ABOUT.base
ROOT: Final = URIRef(f"{BASE}/catalogue")
AP: Final = "http://data.europa.eu/r5r/"
AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
PERSON: Final = schema(field("name", "string", personal="basic"))
MANDATORY: Final = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description),
    DCAT.Distribution: (DCAT.accessURL,),
    DCAT.DataService: (DCTERMS.title, DCAT.endpointURL),
    FOAF.Agent: (FOAF.name,),
}
"""By class, as DCAT-AP 3.0 has them."""

# rdflib's own reader of JSON-LD uses what rdflib says not to use.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


def offers() -> list[Offer]:
    """A query, a submission, events, something nobody provides, and the model city's contracts."""
    day_ms = 86_400_000
    return [
        Offer(
            contract("health.record", Pattern.QUERY, PERSON, reply=PERSON),
            (SCHOOLS,),
            ("Nghị định 278/2025/NĐ-CP",),
            Dated(day_ms, 2 * day_ms),
        ),
        Offer(contract("education.move", Pattern.SUBMISSION, READING), (SCHOOLS, CITY)),
        Offer(contract("air.reading", Pattern.EVENT, READING), (SCHOOLS, CITY)),
        Offer(contract("nobody.has-it", Pattern.QUERY, READING, reply=READING), ()),
        *(Offer(each, (CITY,)) for each in of_the_city()),
    ]


def parsed(graph: Graph, form: str) -> Parsed:
    """What rdflib reads."""
    return Parsed().parse(data=FORMS[form](graph), format=form)


@pytest.fixture(scope="module")
def catalogue() -> Parsed:
    """The catalogue, by way of Turtle."""
    return parsed(dcat_catalogue(ABOUT, offers(), Dated(0, 1_000)), "turtle")


def test_the_three_forms_say_the_same() -> None:
    """Statement by statement."""
    graph = dcat_catalogue(ABOUT, offers(), Dated(0, 1_000))
    first, *others = (parsed(graph, form) for form in FORMS)
    assert len(first) > 150
    assert all(isomorphic(first, other) for other in others)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.text(), st.sampled_from(["", "vi", "en"]))
def test_any_text_comes_back_from_each_form(text: str, language: str) -> None:
    """Quotes, ends of lines, letters outside the basic plane; what XML cannot carry is shown as unreadable in all."""
    graph = Graph()
    graph.state(Iri("https://a.example/x"), "dct:title", Literal(text, language))
    told = {form: list(parsed(graph, form).objects()) for form in FORMS}
    assert told["turtle"] == told["json-ld"] == told["xml"]
    ((found,),) = (told["turtle"],)
    assert isinstance(found, ParsedLiteral)
    assert len(found) == len(text)
    assert text.isprintable() is False or str(found) == text


@pytest.mark.parametrize("bad", ["https://a.example/<x>", "https://a.example/a b", 'https://a.example/"', "a\n"])
def test_what_is_no_address_is_never_written_as_one(bad: str) -> None:
    """Nobody ends a statement from inside."""
    with pytest.raises(ValueError, match="no IRI"):
        Iri(bad)


def test_what_dcat_ap_asks_for_is_there(catalogue: Parsed) -> None:
    """Of every class that is used."""
    for kind, properties in MANDATORY.items():
        nodes = list(catalogue.subjects(RDF.type, kind))
        assert nodes, kind
        for node in nodes:
            for each in properties:
                assert list(catalogue.objects(node, each)), (node, each)


def test_every_reference_within_the_catalogue_leads_to_something_described(catalogue: Parsed) -> None:
    """Datasets, services, distributions, agencies, laws, schemas."""
    described = set(catalogue.subjects())
    for term in (
        DCAT.dataset,
        DCAT.service,
        DCAT.distribution,
        DCAT.accessService,
        DCAT.servesDataset,
        DCAT.contactPoint,
        DCTERMS.publisher,
        DCTERMS.creator,
        DCTERMS.conformsTo,
        URIRef(f"{AP}applicableLegislation"),
    ):
        objects = set(catalogue.objects(None, term))
        assert objects, term
        assert objects <= described, term


def test_titles_say_their_language(catalogue: Parsed) -> None:
    """The catalogue's own are in both."""
    titles = list(catalogue.objects(ROOT, DCTERMS.title))
    assert {each.language for each in titles if isinstance(each, ParsedLiteral)} == {"vi", "en"}
    for kind in (DCAT.Dataset, DCAT.DataService, DCAT.Distribution):
        for node in catalogue.subjects(RDF.type, kind):
            named = list(catalogue.objects(node, DCTERMS.title))
            assert all(isinstance(each, ParsedLiteral) and each.language for each in named)


def test_a_query_is_a_dataset_and_the_service_that_answers(catalogue: Parsed) -> None:
    """With who provides it, since when, on what law, and that it is about persons."""
    data, service = URIRef(f"{BASE}/contracts/health.record#data"), URIRef(f"{BASE}/contracts/health.record#service")
    assert catalogue.value(service, DCAT.servesDataset) == data
    assert catalogue.value(service, DCAT.endpointURL) == URIRef(f"{BASE}/exchange/health.record")
    assert catalogue.value(data, DCTERMS.publisher) == URIRef(f"{ROOT}#agency-H17.10")
    assert catalogue.value(data, DCTERMS.issued) == ParsedLiteral("1970-01-02T00:00:00Z", datatype=XSD.dateTime)
    assert catalogue.value(data, DCTERMS.accessRights) == URIRef(f"{AUTHORITY}/access-right/NON_PUBLIC")
    assert catalogue.value(data, DCAT.theme) == URIRef(f"{AUTHORITY}/data-theme/HEAL")
    law = catalogue.value(data, URIRef(f"{AP}applicableLegislation"))
    assert str(catalogue.value(law, DCTERMS.title)) == "Nghị định 278/2025/NĐ-CP"
    schema_of = catalogue.value(data, DCTERMS.conformsTo)
    assert schema_of == URIRef(f"{BASE}/contracts/health.record/1/reply.schema.json")


def test_events_are_a_dataset_that_is_pulled_or_pushed(catalogue: Parsed) -> None:
    """Of several who provide them all are named, and the bus publishes."""
    data = URIRef(f"{BASE}/contracts/air.reading#data")
    ways = {catalogue.value(each, DCAT.accessURL) for each in catalogue.objects(data, DCAT.distribution)}
    assert ways == {URIRef(f"{BASE}/inbox/air.reading"), URIRef(f"{BASE}/subscriptions")}
    assert len(list(catalogue.objects(data, DCTERMS.creator))) == 2
    assert catalogue.value(data, DCTERMS.publisher) == URIRef(f"{ROOT}#bus")
    assert catalogue.value(data, DCTERMS.accessRights) == URIRef(f"{AUTHORITY}/access-right/RESTRICTED")


def test_a_submission_is_a_service_without_data(catalogue: Parsed) -> None:
    """It takes, and gives nothing to harvest."""
    service = URIRef(f"{BASE}/contracts/education.move#service")
    assert (ROOT, DCAT.service, service) in catalogue
    assert (URIRef(f"{BASE}/contracts/education.move#data"), None, None) not in catalogue


def test_what_nobody_provides_is_not_offered(catalogue: Parsed) -> None:
    """A catalogue is of what there is."""
    assert not [each for each in catalogue.subjects() if "nobody.has-it" in str(each)]


def test_the_agency_that_runs_the_bus_publishes_the_catalogue() -> None:
    """Where the workspace names it."""
    found = parsed(dcat_catalogue(replace(ABOUT, publisher=CITY), offers(), Dated()), "turtle")
    assert found.value(ROOT, DCTERMS.publisher) == URIRef(f"{ROOT}#agency-H17")
    assert (ROOT, DCTERMS.issued, None) not in found

"""The catalogue of a bus in DCAT-AP 3: what is offered through it, by whom, and where it is asked for.

A query is a dataset and the service that answers; events are a dataset, pulled or pushed; a submission is a service
alone, for it takes data and gives none. What nobody provides is not offered, and stands at `/contracts` only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from contracts.catalogue import Agency, Contract
from contracts.languages import Language
from contracts.outcome import Pattern
from contracts.publish.about import About, descriptions, parts_of_version, schema_path, titles
from contracts.publish.rdf import Graph, Iri, Literal
from contracts.publish.themes import TAXONOMY, theme_of
from contracts.said import Said, said
from contracts.schema import records_in
from contracts.speech import speech

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
_LANGUAGES: Final = {Language.VI: "VIE", Language.EN: "ENG"}
_JSON: Final = Iri("https://www.iana.org/assignments/media-types/application/json")


class Dated(NamedTuple):
    """When something was published first, and when it changed last, in milliseconds since 1970; None: not known."""

    issued_ms: int | None = None
    modified_ms: int | None = None


_UNKNOWN: Final = Dated()


@dataclass(frozen=True, slots=True)
class Offer:
    """A contract with the agencies that provide it, the legal bases that it is shared on, and its dates."""

    contract: Contract
    providers: tuple[Agency, ...]
    legal_bases: tuple[str, ...] = ()
    dated: Dated = _UNKNOWN


def dcat_catalogue(about: About, offers: Iterable[Offer], dated: Dated) -> Graph:
    """The whole catalogue; `dated` are its own dates."""
    writer = _Writer(about)
    writer.catalogue(dated)
    for offer in sorted(offers, key=lambda each: each.contract.name):
        if offer.providers:
            writer.offer(offer)
    return writer.graph


class _Writer:
    def __init__(self, about: About) -> None:
        self.graph = Graph()
        self._about = about
        self._root = Iri(f"{about.base}/catalogue")

    def catalogue(self, dated: Dated) -> None:
        """The catalogue itself, and who runs it."""
        graph, root, about = self.graph, self._root, self._about
        graph.state(root, "rdf:type", "dcat:Catalog")
        graph.state(root, "dct:title", *_both(said("Data shared through {bus}", bus=about.bus)))
        graph.state(
            root,
            "dct:description",
            *_both(said("The data and services that agencies share through {bus}, with their schemas.", bus=about.bus)),
        )
        graph.state(root, "dct:language", *(Iri(f"{_AUTHORITY}/language/{code}") for code in _LANGUAGES.values()))
        graph.state(root, "dct:spatial", Iri(f"{_AUTHORITY}/country/VNM"))
        graph.state(root, "dct:publisher", self._publisher())
        graph.state(root, "dcat:themeTaxonomy", TAXONOMY)
        graph.state(root, "foaf:homepage", self._document(f"{about.base}/console/contracts"))
        self._dates(root, dated)

    def offer(self, offer: Offer) -> None:
        """What one contract offers."""
        contract = offer.contract
        at = f"{self._about.base}/contracts/{contract.name}"
        service, data = Iri(f"{at}#service"), Iri(f"{at}#data")
        self._common(service, offer, "dcat:DataService", reply=False)
        self.graph.state(self._root, "dcat:service", service)
        self.graph.state(service, "dct:publisher", self._publisher())
        self.graph.state(service, "dcat:endpointURL", Iri(f"{self._about.base}{_endpoint(contract)}"))
        described = ("openapi.json", "asyncapi.json") if contract.pattern is Pattern.EVENT else ("openapi.json",)
        self.graph.state(
            service, "dcat:endpointDescription", *(Iri(f"{self._about.base}/{name}") for name in described)
        )
        if contract.pattern is Pattern.SUBMISSION:
            return
        self.graph.state(service, "dcat:servesDataset", data)
        self._common(data, offer, "dcat:Dataset", reply=contract.pattern is Pattern.QUERY)
        self.graph.state(self._root, "dcat:dataset", data)
        agencies = [self._agency(each) for each in offer.providers]
        # DCAT-AP has room for one publisher, and for any number of those whose data it is.
        self.graph.state(data, "dct:creator", *agencies)
        self.graph.state(data, "dct:publisher", agencies[0] if len(agencies) == 1 else self._publisher())
        for way, address in _ways(contract):
            self._distribution(Iri(f"{at}#{way}"), data, service, offer, address)

    def _common(self, node: Iri, offer: Offer, kind: str, *, reply: bool) -> None:
        contract, graph, language = offer.contract, self.graph, self._about.language
        graph.state(node, "rdf:type", kind)
        self._named(node, contract)
        told = descriptions(contract, language) or titles(contract, language)
        graph.state(node, "dct:description", *(Literal(text, each) for each, text in told.items()))
        graph.state(node, "dct:identifier", Literal(contract.name))
        graph.state(node, "dct:accessRights", Iri(f"{_AUTHORITY}/access-right/{_access(contract)}"))
        graph.state(node, "dcat:version", Literal(str(contract.latest)))
        graph.state(node, "dcat:landingPage", self._document(f"{self._about.base}/console/contracts/{contract.name}"))
        graph.state(node, "dcat:contactPoint", *(self._contact(each) for each in offer.providers))
        graph.state(node, "dct:conformsTo", self._schema(contract, reply=reply))
        graph.state(node, "dcatap:applicableLegislation", *(self._law(text) for text in offer.legal_bases))
        theme = theme_of(contract.name)
        if theme is not None:
            graph.state(node, "dcat:theme", theme)
        self._dates(node, offer.dated)

    def _distribution(self, node: Iri, data: Iri, service: Iri, offer: Offer, address: str) -> None:
        graph = self.graph
        graph.state(data, "dcat:distribution", node)
        graph.state(node, "rdf:type", "dcat:Distribution")
        self._named(node, offer.contract)
        graph.state(node, "dcat:accessURL", Iri(f"{self._about.base}{address}"))
        graph.state(node, "dcat:accessService", service)
        graph.state(node, "dct:format", Iri(f"{_AUTHORITY}/file-type/JSON"))
        graph.state(node, "dcat:mediaType", _JSON)
        graph.state(node, "dct:conformsTo", self._schema(offer.contract, reply=offer.contract.pattern is Pattern.QUERY))

    def _named(self, node: Iri, contract: Contract) -> None:
        told = titles(contract, self._about.language)
        self.graph.state(node, "dct:title", *(Literal(text, language) for language, text in told.items()))

    def _schema(self, contract: Contract, *, reply: bool) -> Iri:
        parts = parts_of_version(contract, contract.versions[contract.latest])
        part = "reply" if reply else next(iter(parts))
        node = Iri(self._about.base + schema_path(contract.name, contract.latest, part, "schema.json"))
        self.graph.state(node, "rdf:type", "dct:Standard")
        self.graph.state(node, "dct:title", Literal(f"{contract.name}@{contract.latest} {part}: JSON Schema", "en"))
        return node

    def _publisher(self) -> Iri:
        if self._about.publisher is not None:
            return self._agency(self._about.publisher)
        node = Iri(f"{self._root}#bus")
        self.graph.state(node, "rdf:type", "foaf:Agent")
        self.graph.state(node, "foaf:name", Literal(self._about.bus))
        return node

    def _agency(self, agency: Agency) -> Iri:
        node = Iri(f"{self._root}#agency-{agency.code}")
        self.graph.state(node, "rdf:type", "foaf:Agent", "foaf:Organization")
        self.graph.state(node, "foaf:name", Literal(agency.name, self._about.language))
        self.graph.state(node, "dct:identifier", Literal(agency.code))
        return node

    def _contact(self, agency: Agency) -> Iri:
        node = Iri(f"{self._root}#contact-{agency.code}")
        self.graph.state(node, "rdf:type", "vcard:Kind", "vcard:Organization")
        self.graph.state(node, "vcard:fn", Literal(agency.name, self._about.language))
        return node

    def _law(self, text: str) -> Iri:
        node = Iri(f"{self._root}#law-{hashlib.sha256(text.encode()).hexdigest()[:16]}")
        self.graph.state(node, "rdf:type", "eli:LegalResource")
        self.graph.state(node, "dct:title", Literal(text, self._about.language))
        return node

    def _document(self, address: str) -> Iri:
        node = Iri(address)
        self.graph.state(node, "rdf:type", "foaf:Document")
        return node

    def _dates(self, node: Iri, dated: Dated) -> None:
        for term, moment in (("dct:issued", dated.issued_ms), ("dct:modified", dated.modified_ms)):
            if moment is not None:
                text = datetime.fromtimestamp(moment // 1000, UTC).isoformat().replace("+00:00", "Z")
                self.graph.state(node, term, Literal(text, datatype="xsd:dateTime"))


def _both(text: Said) -> list[Literal]:
    return [Literal(speech(language).say(text), language) for language in Language]


def _endpoint(contract: Contract) -> str:
    return f"/{'inbox' if contract.pattern is Pattern.EVENT else 'exchange'}/{contract.name}"


def _ways(contract: Contract) -> list[tuple[str, str]]:
    if contract.pattern is Pattern.QUERY:
        return [("answer", _endpoint(contract))]
    return [("inbox", _endpoint(contract)), ("webhook", "/subscriptions")]


def _access(contract: Contract) -> str:
    """Everything on a bus needs a grant; what is about persons is not for the public at all."""
    return "NON_PUBLIC" if has_personal(contract) else "RESTRICTED"


def has_personal(contract: Contract) -> bool:
    """Whether a field of the latest version is personal data."""
    schemas = parts_of_version(contract, contract.versions[contract.latest]).values()
    return any(
        field.personal is not None
        for schema in schemas
        for record in records_in(schema.root)
        for field in record.fields
    )

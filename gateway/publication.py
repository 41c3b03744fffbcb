"""What is published of the bus, from its contracts alone: made once for each configuration, and kept while it runs."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import orjson

from contracts.catalogue import Contract
from contracts.configuration import Applied
from contracts.publish.about import About
from contracts.publish.asyncapi import asyncapi_document
from contracts.publish.dcat import Dated, Offer, dcat_catalogue
from contracts.publish.openapi import openapi_document
from contracts.publish.rdf import Graph, json_ld, rdf_xml, turtle
from gateway.directory import Directory
from gateway.published import dates_of, described, providing_agencies
from gateway.routing import today

_MOST_BASES: Final = 4
"""Documents name the address by which the bus was called; so many such addresses are kept at a time."""


class Form(StrEnum):
    """The documents, by name."""

    OPENAPI = "openapi"
    ASYNCAPI = "asyncapi"
    CONTRACTS = "contracts"
    JSON_LD = "json-ld"
    TURTLE = "turtle"
    RDF_XML = "rdf-xml"


MEDIA_TYPES: Final[Mapping[Form, str]] = MappingProxyType(
    {
        Form.OPENAPI: "application/json",
        Form.ASYNCAPI: "application/vnd.aai.asyncapi+json;version=3.0.0",
        Form.CONTRACTS: "application/json",
        Form.JSON_LD: "application/ld+json",
        Form.TURTLE: "text/turtle; charset=utf-8",
        Form.RDF_XML: "application/rdf+xml",
    }
)
_CATALOGUES: Final[Mapping[Form, Callable[[Graph], bytes]]] = MappingProxyType(
    {Form.JSON_LD: json_ld, Form.TURTLE: turtle, Form.RDF_XML: rdf_xml}
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is sent; `etag` is made from its content, so that every gateway gives the same."""

    content: bytes
    etag: str
    media_type: str


class Publication:
    """Makes and keeps the documents. `history` are the configurations that were applied, the oldest first."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        history: Callable[[], Sequence[Applied]],
        now_ms: Callable[[], int],
        version: str,
    ) -> None:
        self._directory = directory
        self._history = history
        self._now_ms = now_ms
        self._version = version
        self._kept: OrderedDict[tuple[str, str, str, Form], Document] = OrderedDict()

    def document(self, form: Form, base: str) -> Document:
        """The document; `base` is where the bus is reached, where its workspace does not say so."""
        directory = self._directory()
        base = directory.publishing.url or base
        # Grants begin and end by the day, and what they rest on stands in the catalogue.
        key = (directory.configuration, today(directory, self._now_ms()).isoformat(), base, form)
        known = self._kept.get(key)
        if known is None:
            content = self._made(directory, form, base)
            known = self._kept[key] = document_of(content, MEDIA_TYPES[form])
            if len(self._kept) > _MOST_BASES * len(Form):
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return known

    def _made(self, directory: Directory, form: Form, base: str) -> bytes:
        contracts = directory.contracts.values()
        if form is Form.OPENAPI:
            return orjson.dumps(openapi_document(directory.bus, self._version, contracts))
        if form is Form.CONTRACTS:
            return orjson.dumps(
                {"contracts": [described(directory, each) for _, each in sorted(directory.contracts.items())]}
            )
        about = self._about(directory, base)
        if form is Form.ASYNCAPI:
            return orjson.dumps(asyncapi_document(about, contracts))
        return _CATALOGUES[form](self._catalogue(directory, about))

    def _about(self, directory: Directory, base: str) -> About:
        publishing = directory.publishing
        publisher = None if publishing.publisher is None else directory.agencies.get(publishing.publisher)
        return About(directory.bus, base, self._version, directory.language, publisher, publishing.topics)

    def _catalogue(self, directory: Directory, about: About) -> Graph:
        history = self._history()
        offers = [
            Offer(
                contract,
                tuple(providing_agencies(directory, contract)),
                self._legal_bases(directory, contract),
                dates_of(history, f"contracts/{contract.name}/"),
            )
            for contract in directory.contracts.values()
        ]
        whole = Dated(history[0].manifest.time_ms, history[-1].manifest.time_ms) if history else Dated()
        return dcat_catalogue(about, offers, whole)

    def _legal_bases(self, directory: Directory, contract: Contract) -> tuple[str, ...]:
        """What the grants in force for it rest on."""
        day = today(directory, self._now_ms())
        grants = (each for each in directory.grants if each.contract == contract.name and each.in_force(day))
        return tuple(sorted({each.legal_basis for each in grants if each.legal_basis}))


def document_of(content: bytes, media_type: str) -> Document:
    """A document of that content."""
    return Document(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"', media_type)

"""A graph of RDF, small enough to be written by hand, in three forms that mean the same.

There are no blank nodes: everything has an address, so that two harvests of one catalogue can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self
from xml.sax.saxutils import escape, quoteattr

import orjson

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "adms": "http://www.w3.org/ns/adms#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcatap": "http://data.europa.eu/r5r/",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
_NOT_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Literal(NamedTuple):
    """A text: in a language, of a datatype (a term like ``xsd:date``), or plain."""

    text: str
    language: str = ""
    datatype: str = ""


class Iri(str):
    """An address, absolute. ValueError where it has letters that none may have."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Of a text."""
        if _NOT_IN_IRI.search(text):
            raise ValueError(f"{text[:200]!r} is no IRI")
        return super().__new__(cls, text)


Object = Literal | Iri | str
"""What a property leads to; a plain str is a term of one of `PREFIXES`, like ``dcat:Catalog``."""


@dataclass(slots=True)
class Graph:
    """Statements by subject, in the order in which they were made."""

    _nodes: dict[Iri, dict[str, list[Object]]] = field(default_factory=dict)

    def state(self, subject: Iri, term: str, *objects: Object) -> None:
        """Say it, once; of no object nothing is stated."""
        if not objects:
            return
        found = self._nodes.setdefault(subject, {}).setdefault(term, [])
        found.extend(each for each in map(_clean, objects) if each not in found)

    def __iter__(self) -> Iterator[tuple[Iri, Mapping[str, list[Object]]]]:
        """Each subject with its properties."""
        return iter(self._nodes.items())


def turtle(graph: Graph) -> bytes:
    """As `text/turtle`."""
    lines = [f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()]
    for subject, properties in graph:
        lines.append(f"\n<{subject}>")
        stated = [
            f"    {'a' if term == 'rdf:type' else term} {', '.join(map(_in_turtle, objects))}"
            for term, objects in properties.items()
        ]
        lines.append(" ;\n".join(stated) + " .")
    return ("\n".join(lines) + "\n").encode()


def json_ld(graph: Graph) -> bytes:
    """As `application/ld+json`, with its context in it: nothing has to be fetched to read it."""
    nodes = []
    for subject, properties in graph:
        node: dict[str, Any] = {"@id": subject}
        for term, objects in properties.items():
            if term == "rdf:type":
                node["@type"] = objects
            else:
                node[term] = [_in_json(each) for each in objects]
        nodes.append(node)
    return orjson.dumps({"@context": dict(PREFIXES), "@graph": nodes})


def rdf_xml(graph: Graph) -> bytes:
    """As `application/rdf+xml`."""
    named = " ".join(f"xmlns:{name}={quoteattr(iri)}" for name, iri in PREFIXES.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<rdf:RDF {named}>"]
    for subject, properties in graph:
        lines.append(f"  <rdf:Description rdf:about={quoteattr(subject)}>")
        lines += [f"    {_in_xml(term, each)}" for term, objects in properties.items() for each in objects]
        lines.append("  </rdf:Description>")
    return ("\n".join([*lines, "</rdf:RDF>"]) + "\n").encode()


def _clean(each: Object) -> Object:
    """Letters that XML cannot carry are shown as what cannot be read, in all forms alike."""
    return each._replace(text=_NOT_IN_XML.sub("\ufffd", each.text)) if isinstance(each, Literal) else each


def _whole(term: str) -> str:
    prefix, _, name = term.partition(":")
    return PREFIXES[prefix] + name


def _in_turtle(each: Object) -> str:
    if isinstance(each, Literal):
        text = '"' + "".join(_ESCAPES.get(letter, letter) for letter in each.text) + '"'
        if each.language:
            return f"{text}@{each.language}"
        return f"{text}^^{each.datatype}" if each.datatype else text
    return f"<{each}>" if isinstance(each, Iri) else each


def _in_json(each: Object) -> dict[str, str]:
    if not isinstance(each, Literal):
        return {"@id": each}
    if each.language:
        return {"@value": each.text, "@language": each.language}
    return {"@value": each.text, "@type": each.datatype} if each.datatype else {"@value": each.text}


def _in_xml(term: str, each: Object) -> str:
    if isinstance(each, Literal):
        about = f" xml:lang={quoteattr(each.language)}" if each.language else ""
        about += f" rdf:datatype={quoteattr(_whole(each.datatype))}" if each.datatype else ""
        # A carriage return that is written as itself comes back as the end of a line.
        return f"<{term}{about}>{escape(each.text, {chr(13): '&#13;'})}</{term}>"
    return f"<{term} rdf:resource={quoteattr(each if isinstance(each, Iri) else _whole(each))}/>"

"""What the bus publishes of itself: OpenAPI, AsyncAPI, the catalogue, the contracts and their schemas. For anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from contracts.catalogue import Contract, ContractVersion
from contracts.json_types import JsonObject
from contracts.publish.about import parts_of_version, schema_path
from contracts.publish.json_schema import json_schema
from contracts.said import said
from contracts.schema import Schema
from gateway.accepting import preferred
from gateway.caching import has
from gateway.context import gateway_of
from gateway.directory import Directory
from gateway.lives import life_headers
from gateway.problems import Problem
from gateway.publication import MEDIA_TYPES, Document, Form, document_of
from gateway.published import contract_named, described, version_numbered, version_told

_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z", re.ASCII)
_CATALOGUE: Final = {MEDIA_TYPES[form].partition(";")[0]: form for form in (Form.JSON_LD, Form.TURTLE, Form.RDF_XML)}
_JSON: Final = "application/json"
_AVRO: Final = "application/vnd.apache.avro+json"
_JSON_SCHEMA: Final = "application/schema+json"


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`"""
    return _sent(request, gateway_of(request).publication.document(Form.OPENAPI, base_of(request)))


async def asyncapi(request: Request) -> Response:
    """`GET /asyncapi.json`"""
    return _sent(request, gateway_of(request).publication.document(Form.ASYNCAPI, base_of(request)))


async def catalogue(request: Request) -> Response:
    """`GET /catalogue`, in the form that the client prefers. Problem `not-acceptable`."""
    accepted = ",".join(request.headers.getlist("accept"))
    chosen = preferred(accepted, list(_CATALOGUE))
    if chosen is None:
        raise Problem("not-acceptable", forms=", ".join(_CATALOGUE), headers={"vary": "accept"})
    found = gateway_of(request).publication.document(_CATALOGUE[chosen], base_of(request))
    return _sent(request, found, vary="accept")


async def contracts(request: Request) -> Response:
    """`GET /contracts`: all of them, with their versions and where the schemas lie."""
    return _sent(request, gateway_of(request).publication.document(Form.CONTRACTS, base_of(request)))


async def contract(request: Request) -> Response:
    """`GET /contracts/{contract}`. Problem `no-such-contract`."""
    directory = gateway_of(request).directory()
    found = described(directory, _contract(request, directory))
    return _sent(request, document_of(orjson.dumps(found), _JSON))


async def contract_version(request: Request) -> Response:
    """`GET /contracts/{contract}/{major}`: what `dataschema` of an event says. Problem `no-such-contract`."""
    directory = gateway_of(request).directory()
    found = _contract(request, directory)
    version = _version(request, found)
    document = document_of(orjson.dumps({"name": found.name, **version_told(found, version)}), _JSON)
    return _sent(request, document, life_headers(directory, found, version))


async def contract_schema(request: Request) -> Response:
    """`GET /contracts/{contract}/{major}/{part}.{form}`: a schema, as Avro or as JSON Schema. Problem
    `no-such-contract`, `not-found`."""
    directory = gateway_of(request).directory()
    found = _contract(request, directory)
    version = _version(request, found)
    life = life_headers(directory, found, version)
    part, _, form = request.path_params["file"].partition(".")
    schema = parts_of_version(found, version).get(part)
    if schema is None or form not in {"avsc", "schema.json"}:
        raise Problem("not-found", path=request.url.path[:200])
    if form == "avsc":
        return _sent(request, document_of(schema.text.encode(), _AVRO), life)
    base = directory.publishing.url or base_of(request)
    address = base + schema_path(found.name, version.major, part, form)
    return _sent(request, document_of(orjson.dumps(_json_schema(schema, address)), _JSON_SCHEMA), life)


def base_of(request: Request) -> str:
    """The address that the client called the bus by. Problem `bad-request` where its host is none."""
    host = request.headers.get("host", "")
    if _HOST.match(host) is None:
        raise Problem("bad-request", why=said("the header {name} is no host", name="Host"))
    return f"{request.url.scheme}://{host}"


def _json_schema(schema: Schema, address: str) -> JsonObject:
    found = {**json_schema(schema), "$id": address}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _contract(request: Request, directory: Directory) -> Contract:
    return contract_named(directory, request.path_params["contract"])


def _version(request: Request, contract: Contract) -> ContractVersion:
    return version_numbered(contract, request.path_params["major"])


def _sent(
    request: Request, document: Document, more: Mapping[str, str] | None = None, *, vary: str | None = None
) -> Response:
    """The document, or 304 where the client has it. It may be kept, and is asked for anew: contracts change."""
    headers = {"etag": document.etag, "cache-control": "public, no-cache", "access-control-allow-origin": "*"}
    headers.update(more or {})
    if vary is not None:
        headers["vary"] = vary
    if has(request, document.etag):
        return Response(status_code=304, headers=headers)
    return Response(document.content, headers=headers, media_type=document.media_type)

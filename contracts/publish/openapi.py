"""The OpenAPI 3.1 document of a bus: made from its contracts, so that it cannot disagree with what is checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts.catalogue import Contract
from contracts.publish.codelist_paths import codelist_paths
from contracts.publish.components import SCHEMAS
from contracts.publish.exchange_paths import contract_paths
from contracts.publish.fixed_paths import fixed_paths
from contracts.publish.parts import JsonDocument
from contracts.publish.subscription_paths import subscription_paths

_SECURITY_SCHEMES: Final[JsonDocument] = {
    "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}}},
    "basic": {"type": "http", "scheme": "basic"},
}


def title_of(bus: str) -> str:
    """What the documents of a bus are called."""
    return f"{bus} (Liên thông)"


def openapi_document(bus: str, version: str, contracts: Iterable[Contract]) -> JsonDocument:
    """The whole document. Each contract has a path of its own with its schemas, example and size limit."""
    paths: JsonDocument = {}
    for contract in sorted(contracts, key=lambda contract: contract.name):
        paths.update(contract_paths(contract))
    return {
        "openapi": "3.1.0",
        "info": {"title": title_of(bus), "version": version},
        "paths": {**paths, **fixed_paths(), **subscription_paths(), **codelist_paths()},
        "components": {"schemas": SCHEMAS, "securitySchemes": _SECURITY_SCHEMES},
        "security": [{"oauth2": []}],
    }

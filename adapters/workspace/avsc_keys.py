"""Misspelt keys in schema files.

Avro lets a schema say more than Avro knows, so a key that it does not know is no mistake by itself. One that is nearly
a key it knows is: a “defualt” would silently make a field required, and a “codelst” leave a code unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.workspace.documents import Document, Loc, Tree
from adapters.workspace.report import Report
from contracts.avro_meaning import MEANING_KEYS
from contracts.said import said
from contracts.spelling import meant, near

_NAMED: Final = ("type", "name", "namespace", "aliases", "doc")
_LOGICAL: Final = ("type", "logicalType", "precision", "scale")
_FIELD: Final = ("name", "type", "doc", "default", "order", "aliases", "codelist", "on", "personal", *MEANING_KEYS)
_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "record": (*_NAMED, "fields"),
    "enum": (*_NAMED, "symbols", "default"),
    "fixed": (*_NAMED, *_LOGICAL, "size"),
    "array": ("type", "items"),
    "map": ("type", "values"),
}
_INSIDE: Final = ("type", "items", "values")
# “docs” is a “doc”; “doc_vi” is a property of somebody's own.
_NEARLY: Final = 0.75


def check_avsc_keys(report: Report, document: Document) -> None:
    """Report every key of a schema file that was probably meant to be another."""
    _type(report, document, document.tree, ())


def _type(report: Report, document: Document, tree: Tree, loc: Loc) -> None:
    if isinstance(tree, list):
        for index, branch in enumerate(tree):
            _type(report, document, branch, (*loc, index))
    if not isinstance(tree, dict):
        return
    kind = tree.get("type")
    _keys(report, document, tree, loc, _TYPES.get(kind, _LOGICAL) if isinstance(kind, str) else _LOGICAL)
    for key in _INSIDE:
        _type(report, document, tree.get(key), (*loc, key))
    fields = tree.get("fields")
    for index, field in enumerate(fields if isinstance(fields, list) else ()):
        if isinstance(field, dict):
            here: Loc = (*loc, "fields", index)
            _keys(report, document, field, here, _FIELD)
            _type(report, document, field.get("type"), (*here, "type"))


def _keys(report: Report, document: Document, tree: dict[str, Tree], loc: Loc, known: tuple[str, ...]) -> None:
    for key in tree:
        close = [each for each in near(key, known, at_least=_NEARLY) if each not in tree]
        if key not in known and close:
            report.at(
                document,
                (*loc, key),
                said("unknown key “{key}”", key=key),
                meant(key, close, said("keys")),
                of_key=True,
            )

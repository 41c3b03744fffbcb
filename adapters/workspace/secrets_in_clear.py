"""Looks for secrets that stand in a workspace's files, wherever somebody may have put one."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from adapters.workspace.documents import Document, Loc, Tree
from adapters.workspace.report import Report
from contracts.said import said

_NAMES: Final = re.compile(
    r"(?i)(pass(word|wd|phrase)?|pwd|secret|client[-_]?secret|(private|secret|access)[-_]?key|(access|auth|bearer)?[-_]?token"
    r"|(x[-_])?api[-_]?key|authorization|cookie|mat[-_]?khau)\Z"
)
_VALUES: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\$argon2|whsec_[A-Za-z0-9+/]{16}|(?i:bearer|basic) [A-Za-z0-9+/._=-]{12,}"
)
# What stands in a mapping or an example is about the partner's fields, whatever they are called.
_OF_RECORDS: Final = frozenset({"request", "reply", "parts", "examples", "answers", "record"})
_REMEDY: Final = said("put it outside git and write file:PATH or env:NAME; what stood in git counts as known")


def find_secrets(report: Report, document: Document) -> None:
    """Report every value that looks like a secret. The value itself is never repeated."""
    _walk(report, document, document.tree, ())


def _walk(report: Report, document: Document, tree: Tree, loc: Loc) -> None:
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name not in _OF_RECORDS:
                _walk(report, document, value, (*loc, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            _walk(report, document, value, (*loc, index))
    elif tree is not None and _is_secret(loc, tree):
        place = document.place(loc)
        if not report.says_something_at(document.file, place):
            report.add(document.file, place, said("a secret stands here in clear"), _REMEDY)


def _is_secret(loc: Loc, text: str) -> bool:
    if text.startswith(("file:", "env:")):
        return False
    name = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if _NAMES.match(name) or _VALUES.search(text):
        return True
    if "://" not in text:
        return False
    try:
        return urlsplit(text).password is not None
    except ValueError:
        return False

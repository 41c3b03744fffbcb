"""What a workspace speaks first, even one that is broken: its errors are told in it."""

from __future__ import annotations

from pathlib import Path

from adapters.workspace.bus_models import BusModel
from adapters.workspace.documents import Unreadable, read_document
from adapters.workspace.reading import BUS
from contracts.languages import Language


def first_language(root: Path) -> Language:
    """The first of `languages` in `bus.yaml`; what is so without it where nobody can read it there."""
    try:
        tree = read_document(BUS, (root / BUS).read_text("utf-8")).tree
    except (OSError, ValueError, Unreadable):
        tree = None
    stated = tree.get("languages") if isinstance(tree, dict) else None
    first = stated[0] if isinstance(stated, list) and stated else None
    known = next((language for language in Language if language.value == first), None)
    return known or Language(BusModel.model_fields["languages"].get_default(call_default_factory=True)[0])

"""Where in a workspace's files something is written that is known by its name only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from adapters.workspace.documents import WHOLE, Document, Loc, Place, Tree
from adapters.workspace.files import Files
from adapters.workspace.report import Report
from adapters.workspace.values import split_version
from contracts.outlook import Spot


class Spots:
    """The places of a workspace in `root`, which has been read without errors. Each file is read again once."""

    def __init__(self, root: Path) -> None:
        self._files = Files(root, Report())
        self._ways: Final[Mapping[str, Callable[[Spot], tuple[str, Place] | None]]] = {
            "grant": self._grant,
            "service": self._service,
            "publisher": lambda spot: self._in(f"systems/{spot.name}.yaml", spot.loc),
            "source": self._source,
            "trial": self._trial,
            "schema": self._schema,
            "example": self._example,
        }

    def of(self, spot: Spot) -> tuple[str, Place]:
        """The file, and the place in it."""
        return self._ways[spot.what](spot) or (spot.name, WHOLE)

    def _in(self, file: str, loc: Loc) -> tuple[str, Place] | None:
        document = self._files.document(file)
        return None if document is None else (file, document.place(loc))

    def _documents(self, folder: str) -> Iterator[Document]:
        for name in self._files.names(folder, ".yaml"):
            document = self._files.document(name)
            if document is not None:
                yield document

    def _grant(self, spot: Spot) -> tuple[str, Place] | None:
        for document in self._documents("grants"):
            for index, grant in _items(document.tree, "grants"):
                if grant.get("id") == spot.name:
                    loc: Loc = ("grants", index)
                    # Not every key has to be there: the nearest that is says where.
                    return document.file, document.place((*loc, *spot.loc) if spot.loc[0] in grant else (*loc, "id"))
        return None

    def _service(self, spot: Spot) -> tuple[str, Place] | None:
        system, _, versioned = spot.name.partition(" ")
        contract, major = split_version(versioned)
        document = self._files.document(f"systems/{system}.yaml")
        if document is None:
            return None
        services = list(_items(document.tree, "services"))
        named = [(index, split_version(str(each.get("contract")))) for index, each in services]
        found = next((index for index, name in named if name == (contract, major)), None)
        if found is None:
            found = next((index for index, name in named if name == (contract, None)), None)
        return None if found is None else (document.file, document.place(("services", found, *spot.loc)))

    def _source(self, spot: Spot) -> tuple[str, Place] | None:
        system, _, name = spot.name.partition("/")
        document = self._files.document(f"systems/{system}.yaml")
        if document is None:
            return None
        for index, source in _items(document.tree, "sources"):
            called = source.get("name") or split_version(str(source.get("contract")))[0]
            if called == name:
                return document.file, document.place(("sources", index, *spot.loc))
        return None

    def _trial(self, spot: Spot) -> tuple[str, Place] | None:
        system, _, name = spot.name.partition(": ")
        document = self._files.document(f"systems/{system}.yaml")
        if document is None:
            return None
        for key in ("services", "sources"):
            for index, service in _items(document.tree, key):
                for number, example in _items(service, "examples"):
                    if example.get("name") == name:
                        return document.file, document.place((key, index, "examples", number))
        return None

    def _schema(self, spot: Spot) -> tuple[str, Place] | None:
        file = f"contracts/{spot.name}.avsc"
        text = self._files.text(file)
        if text is None:
            return None
        places = self._files.places(file, text)
        record, field = str(spot.loc[0]), str(spot.loc[1])
        return file, places.place(next(_field(places.tree, (), record, field, ""), ()))

    def _example(self, spot: Spot) -> tuple[str, Place] | None:
        contract, _, part = spot.name.rpartition("/")
        return f"contracts/{contract}/examples/{part}.json", WHOLE


def _items(tree: Tree, key: str) -> Iterator[tuple[int, dict[str, Tree]]]:
    listed = tree.get(key) if isinstance(tree, dict) else None
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, dict):
            yield index, each


def _field(tree: Tree, loc: Loc, record: str, field: str, namespace: str) -> Iterator[Loc]:
    """Where the record of that full name has that field."""
    if isinstance(tree, dict):
        namespace = str(tree.get("namespace", namespace))
        name = str(tree.get("name", ""))
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        for index, each in _items(tree, "fields") if record in {full, name} else ():
            if each.get("name") == field:
                yield (*loc, "fields", index)
        for key, value in tree.items():
            yield from _field(value, (*loc, key), record, field, namespace)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _field(value, (*loc, index), record, field, namespace)

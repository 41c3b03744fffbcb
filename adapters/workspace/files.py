"""The files of a workspace: which there are, which are read, and one hash over all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from adapters.workspace.documents import WHOLE, Document, Unreadable, read_document
from adapters.workspace.report import Report
from contracts.findings import Severity
from contracts.reasons import known_reason
from contracts.said import both, said
from contracts.spelling import meant

MAX_BYTES: Final = 20_000_000
_FOLDERS: Final = ("agencies", "contracts", "systems", "grants", "laws", "codelists", "users")
_PLUGINS: Final = "plugins"
_VERSION: Final = re.compile(r"v[1-9]\d{0,3}\Z", re.ASCII)
_EARLIER: Final = "earlier"
_MINOR: Final = re.compile(r"(?:0|[1-9]\d{0,3})\Z", re.ASCII)
_SCHEMAS: Final = ("request.avsc", "reply.avsc", "event.avsc")
_EXAMPLES: Final = ("request.json", "reply.json")


class Files:
    """Reads files under `root` and remembers them for the hash. What cannot be read is reported."""

    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._report = report
        self._read: dict[str, bytes] = {}
        self._documents: dict[str, Document | None] = {}

    def names(self, folder: str, suffix: str, *, beside: Collection[str] = ()) -> Iterator[str]:
        """The files of one folder with that ending, in order; others in it are warned of, but for those `beside`."""
        for path in sorted((self._root / folder).glob("*")):
            name = path.relative_to(self._root).as_posix()
            if path.is_file() and path.suffix == suffix:
                yield name
            elif path.is_file() and not path.name.startswith(".") and path.suffix not in beside:
                self._unread(name, said("only {folder}/*{suffix} is read", folder=folder, suffix=suffix))

    def folders(self, folder: str) -> Iterator[str]:
        """The folders in one folder, in order; files beside them are warned of."""
        for path in sorted((self._root / folder).glob("*")):
            if path.is_dir():
                yield path.name
            elif not path.name.startswith("."):
                self._unread(
                    path.relative_to(self._root).as_posix(), said("put it into {folder}/<name>/", folder=folder)
                )

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._root / name).is_file()

    def text(self, name: str) -> str | None:
        """A file's text; None, and reported, where it cannot be read."""
        path = self._root / name
        try:
            if path.stat().st_size > MAX_BYTES:
                self._report.add(
                    name,
                    WHOLE,
                    said("the file is too large"),
                    said("keep it under {max_bytes} bytes", max_bytes=MAX_BYTES),
                )
                return None
            content = self._read[name] = path.read_bytes()
            return content.decode()
        except FileNotFoundError:
            self._report.add(name, WHOLE, said("this file is missing"), said("write it"))
        except OSError as error:
            self._report.add(
                name,
                WHOLE,
                said("the file cannot be read: {strerror}", strerror=known_reason(str(error.strerror))),
                said("look at its permissions"),
            )
        except UnicodeDecodeError:
            self._report.add(name, WHOLE, said("the file is not UTF-8"), said("save it as UTF-8 text"))
        return None

    def take(self, name: str) -> None:
        """Count a file as part of the workspace whose content is for others to read, where it is there."""
        path = self._root / name
        if path.is_file() and path.resolve().is_relative_to(self._root.resolve()):
            self._read[name] = path.read_bytes()

    @property
    def contents(self) -> Mapping[str, bytes]:
        """Everything that was read, by name."""
        return dict(self._read)

    def document(self, name: str) -> Document | None:
        """A YAML file; None, and reported, where it cannot be read."""
        if name not in self._documents:
            self._documents[name] = self._parsed(name)
        return self._documents[name]

    def _parsed(self, name: str) -> Document | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            document = read_document(name, text)
        except Unreadable as error:
            self._report.add(name, error.place, error.message, error.remedy)
            return None
        for place, key in document.repeated:
            self._report.add(name, place, said("“{key}” is there twice", key=key), said("keep one of them"))
        return document

    def places(self, name: str, text: str) -> Document:
        """A JSON file, for the places in it; empty where YAML cannot follow JSON."""
        try:
            # Between the tokens of JSON a tab is a space; YAML has none there, and one sign for one keeps the columns.
            document = read_document(name, text.replace("\t", " "))
        except Unreadable:
            return Document(name, None)
        for place, key in document.repeated:
            self._report.add(name, place, said("“{key}” is there twice", key=key), said("keep one of them"))
        return document

    def warn_of_strangers(self) -> None:
        """Warn of what lies at the top and is not read; a misspelt folder would otherwise be an empty one."""
        for path in sorted(self._root.iterdir()):
            if path.is_dir() and path.name not in {*_FOLDERS, _PLUGINS} and not path.name.startswith((".", "secrets")):
                self._unread(f"{path.name}/", meant(path.name, _FOLDERS, said("folders")))

    def schemas_of(self, contract: str) -> dict[int, list[str]]:
        """The schema files of a contract by major version; what is not read is warned of."""
        found: dict[int, list[str]] = {}
        folder = self._root / "contracts" / contract
        for path in sorted(folder.iterdir()):
            if path.is_dir() and _VERSION.match(path.name):
                names = [each.relative_to(self._root).as_posix() for each in sorted(path.iterdir())]
                found[int(path.name[1:])] = [name for name in names if PurePosixPath(name).name in _SCHEMAS]
                self._warn_of_rest(names, (*_SCHEMAS, _EARLIER))
            elif path.name == "examples" and path.is_dir():
                names = [each.relative_to(self._root).as_posix() for each in sorted(path.iterdir())]
                self._warn_of_rest([name for name in names if not (self._root / name).is_dir()], _EXAMPLES)
            elif path.name != "contract.yaml" and not path.name.startswith("."):
                name = path.relative_to(self._root).as_posix()
                self._unread(name, said("a contract has contract.yaml, v1/, v2/ … and examples/"))
        return found

    def earlier_of(self, contract: str, major: int) -> dict[int, list[str]]:
        """The schema files of the minor versions before the present one, by their numbers; what is not read is warned
        of."""
        found: dict[int, list[str]] = {}
        folder = self._root / "contracts" / contract / f"v{major}" / _EARLIER
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and _MINOR.match(path.name):
                names = [each.relative_to(self._root).as_posix() for each in sorted(path.iterdir())]
                found[int(path.name)] = [name for name in names if PurePosixPath(name).name in _SCHEMAS]
                self._warn_of_rest(names, _SCHEMAS)
            elif not path.name.startswith("."):
                name = path.relative_to(self._root).as_posix()
                self._unread(name, said("earlier minor versions lie in earlier/0/, earlier/1/ …"))
        return dict(sorted(found.items()))

    def hash(self) -> str:
        """SHA-256 (hex) over the names and contents of everything that was read."""
        digest = hashlib.sha256()
        for name in sorted(self._read):
            content = self._read[name]
            digest.update(f"{len(name)}:{name}:{len(content)}:".encode())
            digest.update(content)
        return digest.hexdigest()

    def _warn_of_rest(self, names: list[str], known: tuple[str, ...]) -> None:
        for name in names:
            if PurePosixPath(name).name not in known and not PurePosixPath(name).name.startswith("."):
                self._unread(name, said("only {known} are read here", known=both(known)))

    def _unread(self, name: str, remedy: str) -> None:
        self._report.add(name, WHOLE, said("this is not read"), remedy, Severity.WARNING)

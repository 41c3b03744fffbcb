"""What a bus is configured by, as it travels: parts of files, manifests that name them, and what each process says.

A manifest counts where its parent is the current one and all its parts are on the log before it; so of two that are
written at once the first in the log wins everywhere, and who wrote the other one is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple, Protocol

from contracts.channels import Inbox
from contracts.envelope import Envelope, Kind
from contracts.errors import BusError
from contracts.outcome import Pattern
from contracts.records import AvroRecord
from contracts.trace import TraceContext

PART_BYTES: Final = 400_000
"""A message ends at 1 MB: longer files are written in several parts."""

CONFIG_PART: Final = """{"type": "record", "name": "ConfigPart", "namespace": "vn.lienthong", "fields": [
    {"name": "content", "type": "bytes"}]}"""

MANIFEST: Final = """{"type": "record", "name": "Manifest", "namespace": "vn.lienthong", "fields": [
    {"name": "parent", "type": ["null", "string"]},
    {"name": "author", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "message", "type": "string"},
    {"name": "content", "type": "string"},
    {"name": "files", "type": {"type": "array", "items": {"type": "record", "name": "File", "fields": [
        {"name": "name", "type": "string"},
        {"name": "parts", "type": {"type": "array", "items": "string"}}]}}},
    {"name": "inboxes", "type": {"type": "array", "items": {"type": "record", "name": "NamedInbox", "fields": [
        {"name": "system", "type": "string"},
        {"name": "ordered", "type": ["null", "string"], "default": null}]}}, "default": []},
    {"name": "retry_s", "type": {"type": "array", "items": "int"}, "default": []}]}"""

CONFIG_STATUS: Final = """{"type": "record", "name": "ConfigStatus", "namespace": "vn.lienthong", "fields": [
    {"name": "instance", "type": "string"},
    {"name": "roles", "type": {"type": "array", "items": "string"}},
    {"name": "time_ms", "type": "long"},
    {"name": "state", "type": "string"},
    {"name": "running", "type": "string"},
    {"name": "refused", "type": "string", "default": ""},
    {"name": "reason", "type": "string", "default": ""}]}"""


class Overtaken(BusError):
    """Somebody else's manifest was first: look at it, and apply again."""


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file of a workspace, by its name from the workspace's folder on, and the SHA-256 (hex) of each of its parts."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One configuration. `parent` is the id of the one that it follows; None for the first of all.

    `content` is the workspace's own hash, over names and contents of the files. `inboxes` and `retry_s` are the
    channels in which messages may lie while it is current: whoever comes later looks after them too, named or not.
    """

    parent: str | None
    author: str
    time_ms: int
    message: str
    content: str
    files: tuple[ManifestFile, ...]
    inboxes: tuple[Inbox, ...] = ()
    retry_s: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 (hex) over all of it: what messages carry as their configuration."""
        record = json.dumps(manifest_to_avro(self), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(record.encode()).hexdigest()

    @property
    def parts(self) -> set[str]:
        """Every part that it needs."""
        return {part for file in self.files for part in file.parts}


class Applied(NamedTuple):
    """A manifest that counts, and its id."""

    id: str
    manifest: Manifest


class ProcessState(StrEnum):
    """What a process does: it runs, it keeps an older configuration because it refuses the current one, it ended."""

    RUNNING = "running"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ConfigStatus:
    """What a process says of its configuration. `running` is the hash that its messages carry; `refused` the manifest
    that it cannot use, for `reason`."""

    instance: str
    roles: tuple[str, ...]
    time_ms: int
    state: ProcessState
    running: str
    refused: str = ""
    reason: str = ""


class Configurations(Protocol):
    """The configurations that were applied, as a fold of their channel."""

    @property
    def current(self) -> Applied | None:
        """The newest that counts; None where nothing was ever applied."""

    @property
    def history(self) -> Sequence[Applied]:
        """All that ever counted, the oldest first."""

    def get(self, manifest: str) -> Applied | None:
        """The one of that id."""

    def lacks(self, parts: Collection[str]) -> set[str]:
        """Those of `parts` that are not on the log."""

    async def part(self, name: str) -> bytes:
        """The content of a part. LookupError: there is none of that name; LogError."""

    async def put_part(self, content: bytes) -> str:
        """Write a part, where the log lacks it; answers its name. LogError."""

    async def put(self, manifest: Manifest) -> Applied:
        """Write it; returns when it is current, for a moment at least. Overtaken, LogError, ValueError (too large)."""

    async def caught_up(self) -> None:
        """Return once everything is known that was on the log when this was called. LogUnavailable."""


class ConfigStatuses(Protocol):
    """What each process said last of its configuration."""

    def latest(self) -> Sequence[ConfigStatus]:
        """By its instance; of the last hour."""

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds`, which is asked whenever somebody said something."""


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a file by their SHA-256 (hex); an empty file has one."""
    return {part_name(piece): piece for piece in _pieces(content)}


def file_of(name: str, content: bytes) -> ManifestFile:
    """The file as a manifest names it."""
    return ManifestFile(name, tuple(map(part_name, _pieces(content))))


def part_name(content: bytes) -> str:
    """What a part is called: the SHA-256 (hex) of its content."""
    return hashlib.sha256(content).hexdigest()


def is_file_name(name: str) -> bool:
    """Whether a manifest may name a file so: a path within the workspace, and not among its secrets."""
    path = PurePosixPath(name)
    plain = name == path.as_posix() and not path.is_absolute() and "\0" not in name and "\\" not in name
    return plain and bool(path.parts) and ".." not in path.parts and not path.parts[0].startswith("secrets")


def _pieces(content: bytes) -> list[bytes]:
    return [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)] or [b""]


def manifest_to_avro(manifest: Manifest) -> AvroRecord:
    """`Manifest` as an Avro record."""
    return {
        "parent": manifest.parent,
        "author": manifest.author,
        "time_ms": manifest.time_ms,
        "message": manifest.message,
        "content": manifest.content,
        "files": [{"name": file.name, "parts": list(file.parts)} for file in manifest.files],
        "inboxes": [{"system": inbox.system, "ordered": inbox.ordered} for inbox in manifest.inboxes],
        "retry_s": list(manifest.retry_s),
    }


def manifest_from_avro(record: Mapping[str, Any]) -> Manifest:
    """The `Manifest` that `manifest_to_avro` wrote. ValueError where it names a file that no workspace may have."""
    files = tuple(ManifestFile(each["name"], tuple(each["parts"])) for each in record["files"])
    wrong = [file.name for file in files if not is_file_name(file.name)]
    if wrong:
        raise ValueError(f"a manifest may not name the file {wrong[0]!r}")
    return Manifest(
        parent=record["parent"],
        author=record["author"],
        time_ms=record["time_ms"],
        message=record["message"],
        content=record["content"],
        files=files,
        inboxes=tuple(Inbox(each["system"], each["ordered"]) for each in record["inboxes"]),
        retry_s=tuple(record["retry_s"]),
    )


def config_status_to_avro(status: ConfigStatus) -> AvroRecord:
    """`ConfigStatus` as an Avro record."""
    return {**asdict(status), "roles": list(status.roles), "state": str(status.state)}


def config_status_from_avro(record: Mapping[str, Any]) -> ConfigStatus:
    """The `ConfigStatus` that `config_status_to_avro` wrote."""
    return ConfigStatus(**{**record, "roles": tuple(record["roles"]), "state": ProcessState(record["state"])})


def about_manifest(manifest: Manifest, trace: TraceContext) -> Envelope:
    """What a line of the journal about a manifest is told with: its id is where an exchange's would be."""
    return Envelope(
        kind=Kind.STEP,
        exchange=manifest.id,
        time_ms=manifest.time_ms,
        contract="",
        major=0,
        pattern=Pattern.SUBMISSION,
        sender=manifest.author,
        receiver="",
        trace=trace,
        configuration=manifest.id,
    )

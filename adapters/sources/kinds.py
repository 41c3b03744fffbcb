"""The kinds of sources there are, by the name that a system's YAML gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from adapters.sources.files.model import FilesConnection
from adapters.sources.files.open import open_files
from adapters.sources.lease import Source
from adapters.sources.tools import SourceTools
from adapters.workspace.snapshot import SourceConfig


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind: what its YAML may say, and how it is opened.

    `open` takes the source, the workspace's root, the channels that its records come to lie in, and the tools.
    """

    name: str
    connection: type[BaseModel]
    open: Callable[[SourceConfig, Path, tuple[str, ...], SourceTools], Source]


SOURCE_KINDS: Final[Mapping[str, SourceKind]] = MappingProxyType(
    {kind.name: kind for kind in (SourceKind("files", FilesConnection, open_files),)}
)
"""By name."""


def open_source(config: SourceConfig, root: Path, channels: tuple[str, ...], tools: SourceTools) -> Source:
    """A source, not started; nothing is touched."""
    return SOURCE_KINDS[config.kind].open(config, root, channels, tools)

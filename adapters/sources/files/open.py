"""From a workspace's words to a source that can be run."""

from __future__ import annotations

from pathlib import Path

from adapters.mapping.compile import compile_mapping
from adapters.sources.files.model import FilesConnection
from adapters.sources.files.setting import Setting
from adapters.sources.files.source import FilesSource
from adapters.sources.records import Recorder, columns_of, names_exchange
from adapters.sources.tools import SourceTools
from adapters.workspace.snapshot import SourceConfig


def open_files(config: SourceConfig, root: Path, channels: tuple[str, ...], tools: SourceTools) -> FilesSource:
    """The source over a folder. `root` is the workspace, `channels` are those that the contract's records lie in."""
    form = config.connection
    if not isinstance(form, FilesConnection):
        raise TypeError(f"{config.id} is no source of files")
    spec = config.record_map
    recorder = Recorder(
        system=config.system,
        contract=config.contract,
        key=config.key,
        mapped=None if spec is None else compile_mapping(spec),
        tools=tools,
        names_exchange=spec is not None and names_exchange(spec),
        ordered=config.ordered,
    )
    return FilesSource(
        Setting(
            id=config.id,
            recorder=recorder,
            major=config.major,
            form=form,
            folder=root / form.folder_path,
            done=root / form.done_path,
            rejects=root / form.rejects_path,
            channels=channels,
            wanted=frozenset() if spec is None else columns_of(spec) | {*config.key},
        )
    )

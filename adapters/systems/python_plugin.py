"""The provider whose protocol somebody wrote in Python, in the workspace.

A plug-in is loaded by its path, under a name of its own: the workspace never enters `sys.path`, where its folders
would hide packages of the bus.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import logging
import sys
import traceback
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from adapters.mapping.spec import Spec, mistake
from adapters.systems.opening import CannotOpen, Secrets, within
from adapters.systems.plugin import Plugin, Setup
from contracts.errors import DeliveryError, Indeterminate, Origin, Permanent, Transient
from contracts.ports import Answer, Call
from contracts.said import said

log = logging.getLogger(__name__)

_PREFIX: Final = "_lienthong_plugin_"


def _file(text: str) -> str:
    if not text.endswith(".py"):
        raise mistake(
            said("“{text}” is no Python file", text=text), said("write the path of a .py file in the workspace")
        )
    return text


def _identifier(text: str) -> str:
    if not text.isidentifier():
        raise mistake(
            said("“{text}” is no name of a class", text=text), said("write the name that follows “class” in the file")
        )
    return text


Settings = dict[str, Any]


class PythonConnection(Spec):
    """Which class in which file, and what it is given."""

    file: Annotated[str, AfterValidator(_file), Field(description="a Python file, from the workspace's folder on")]
    class_: Annotated[
        str, Field(alias="class", description="the class in it that derives from Plugin"), AfterValidator(_identifier)
    ]
    settings: Annotated[Settings, Field(description="what the plug-in wants to know; secrets as references")] = Field(
        default_factory=dict
    )
    timeout_s: Annotated[
        float, Field(gt=0, le=3600, allow_inf_nan=False, description="how long a whole call may take, in seconds")
    ] = 30


class PythonOperation(Spec):
    """What the plug-in is told about one service."""

    settings: Annotated[Settings, Field(description="what the plug-in wants to know about this service")] = Field(
        default_factory=dict
    )


class PythonProvider:
    """Holds a plug-in to the port: only errors of the bus come out, and no call outlives its time."""

    def __init__(self, plugin: Plugin, path: Path, timeout_s: float) -> None:
        self._plugin = plugin
        self._path = path
        self._timeout_s = timeout_s

    async def start(self) -> None:
        """Start the plug-in. Whatever it raises."""
        await self._plugin.start()

    async def close(self) -> None:
        """Close the plug-in; what it raises is logged."""
        try:
            await self._plugin.close()
        except Exception:
            log.exception("%s failed while it was closed", self._path.name)

    async def call(self, call: Call) -> Answer:
        """Make the call. What the plug-in did not mean to raise is Permanent, with the line where it happened."""
        limit_s = min(self._timeout_s, call.deadline_s)
        if limit_s <= 0:
            raise Transient("there was no time left for the call", sent=False, origin=Origin.BUS)
        try:
            async with asyncio.timeout(limit_s):
                answer = await self._plugin.call(call)
        except DeliveryError:
            raise
        except TimeoutError:
            raise Indeterminate(f"the system did not answer within {limit_s:g} s") from None
        except (Exception, SystemExit) as error:
            log.exception("%s failed in exchange %s", self._path.name, call.exchange)
            raise Permanent(self._unexpected(error), origin=Origin.BUS) from error
        if not isinstance(answer, Answer):
            raise Permanent(f"{self._path.name} gave back a {type(answer).__name__}, no Answer", origin=Origin.BUS)
        return answer

    def _unexpected(self, error: BaseException) -> str:
        # Only the place and the kind: the error's own words may quote a record.
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self._path)]
        line = f", line {own[-1].lineno}" if own else ""
        return f"unexpected {type(error).__name__} in {self._path.name}{line}"


def open_python(
    connection: PythonConnection, operations: Mapping[str, PythonOperation], base: Path, secrets: Secrets
) -> PythonProvider:
    """Load the file and make the plug-in, not started. CannotOpen."""
    path = within(base, connection.file)
    kind = _plugin_class(_load(path), connection)
    settings = {service: operation.settings for service, operation in operations.items()}
    try:
        plugin = kind(Setup(connection.settings, settings, secrets, base))
    except Exception as error:
        raise CannotOpen(f"{connection.file}: {connection.class_} cannot be made: {_shown(error)}") from error
    return PythonProvider(plugin, path, connection.timeout_s)


class _Loader(SourceFileLoader):
    """Leaves no compiled file behind in the workspace, which is configuration."""

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def _load(path: Path) -> ModuleType:
    # The content is part of the name: a file that was changed is another module.
    digest = hashlib.sha256(str(path).encode() + b"\0" + path.read_bytes()).hexdigest()[:16]
    name = f"{_PREFIX}{digest}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Loader(name, str(path)))
    if spec is None or spec.loader is None:
        raise CannotOpen(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and annotations look their module up there.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise CannotOpen(f"{path.name} cannot be loaded: {_shown(error)}") from error
    return module


def _plugin_class(module: ModuleType, connection: PythonConnection) -> type[Plugin]:
    found = getattr(module, connection.class_, None)
    if not isinstance(found, type) or not issubclass(found, Plugin):
        raise CannotOpen(f"{connection.file} has no class {connection.class_} that derives from Plugin")
    return found


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"

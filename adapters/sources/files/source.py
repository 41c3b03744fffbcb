"""The source `files`: one watched folder, for as long as its lease is held."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from adapters.sources.fence import Fence, LeaseLost
from adapters.sources.files.dealing import Dealing
from adapters.sources.files.handling import LeftLying
from adapters.sources.files.moving import name_of
from adapters.sources.files.setting import Setting
from adapters.sources.files.watch import Watch
from adapters.sources.notes import Notes

log = logging.getLogger(__name__)

_AGAIN_S: Final = 30.0
_LEFT_S: Final = 600.0


class FilesSource:
    """A folder. `run` may be called again once it has ended."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    @property
    def id(self) -> str:
        """What it is called on the log and in metrics."""
        return self._setting.id

    async def run(self, fence: Fence, notes: Notes) -> None:
        """Work until the lease is lost. LeaseLost."""
        await _Run(self._setting, fence, notes).forever()


class _Run:
    """One time that the lease is held."""

    def __init__(self, setting: Setting, fence: Fence, notes: Notes) -> None:
        self._setting = setting
        self._fence = fence
        self._dealing = Dealing(setting, fence, notes)
        quiet = setting.form.complete
        now_s = asyncio.get_running_loop().time
        self._watch = Watch(setting.folder, setting.form.pattern, None if quiet is None else quiet.quiet_s, now_s)
        self._now_s = now_s
        self._not_before_s: dict[Path, float] = {}
        self._cannot_look = False

    async def forever(self) -> None:
        """Look, deal with what there is, look again. LeaseLost."""
        await self._dealing.tell_of_gone()
        while True:
            for path in await self._look():
                await self._try(path)
            await self._fence.sleep(self._setting.poll_s)

    async def _look(self) -> list[Path]:
        try:
            found = await asyncio.to_thread(self._watch.look)
        except OSError as error:
            if not self._cannot_look:
                log.warning("%s: the folder cannot be read: %s", self._setting.id, error)
            self._cannot_look = True
            return []
        self._cannot_look = False
        now_s = self._now_s()
        self._not_before_s = {path: at_s for path, at_s in self._not_before_s.items() if path in found}
        return [path for path in found if self._not_before_s.get(path, now_s) <= now_s]

    async def _try(self, path: Path) -> None:
        """Deal with a file. One that cannot be dealt with holds up no other, and is tried again later."""
        self._fence.check()
        try:
            await self._dealing.deal_with(path)
        except LeaseLost:
            raise
        except LeftLying as error:
            log.warning("%s: %s", self._setting.id, error)
            self._not_before_s[path] = self._now_s() + _LEFT_S
        except OSError as error:
            log.warning("%s: %s is tried again in %.0f s: %s", self._setting.id, name_of(path), _AGAIN_S, error)
            self._not_before_s[path] = self._now_s() + _AGAIN_S
        except Exception:
            log.exception("%s: %s is tried again in %.0f s", self._setting.id, name_of(path), _AGAIN_S)
            self._not_before_s[path] = self._now_s() + _AGAIN_S

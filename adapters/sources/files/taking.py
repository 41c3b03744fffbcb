"""Taking a file in hand: opened once, hashed as a whole, and told from whatever else may come under its name."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHUNK_BYTES: Final = 1 << 20
_SIGNED: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one delivery of a file from another, and a file that changed from one that did not."""

    device: int
    inode: int
    bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """From what the file system says."""
        return cls(status.st_dev, status.st_ino & _SIGNED, status.st_size, status.st_mtime_ns)


def identity_at(path: Path) -> Identity | None:
    """What lies at `path`, None where there is no regular file."""
    with suppress(OSError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            return Identity.of(status)
    return None


@dataclass(slots=True)
class Taken:
    """A file that is open, with SHA-256 over its first `identity.bytes`.

    `starts` are the SHA-256 of shorter beginnings that were asked for, by their length.
    """

    path: Path
    file: io.FileIO
    identity: Identity
    sha256: str
    starts: dict[int, str]

    @property
    def now(self) -> Identity:
        """As the file is now. OSError."""
        return Identity.of(os.fstat(self.file.fileno()))

    def begins_as_it_was(self, size: int, sha256: str) -> bool:
        """Whether its first `size` bytes still have that hash. OSError."""
        return _hashed(self.file, size, ())[0] == sha256

    def close(self) -> None:
        """Let go of it. Idempotent."""
        self.file.close()


def take(path: Path, starts: tuple[int, ...]) -> Taken | None:
    """Open and hash; None where it is gone, no file, or changed meanwhile. OSError."""
    try:
        # Neither a link out of the folder, nor a pipe that nobody writes to.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    file = io.FileIO(number, "rb")
    try:
        status = os.fstat(number)
        before = Identity.of(status)
        if not stat.S_ISREG(status.st_mode):
            file.close()
            return None
        sha256, hashes = _hashed(file, before.bytes, starts)
        if Identity.of(os.fstat(number)) != before:
            file.close()
            return None
    except BaseException:
        file.close()
        raise
    return Taken(path, file, before, sha256, hashes)


def _hashed(file: io.FileIO, size: int, starts: tuple[int, ...]) -> tuple[str, dict[int, str]]:
    """The SHA-256 of the first `size` bytes, and of shorter beginnings by their length; "" where it is shorter now."""
    digest, at = hashlib.sha256(), 0
    hashes: dict[int, str] = {}
    for stop in sorted({*(each for each in starts if 0 < each < size), size}):
        while at < stop:
            chunk = os.pread(file.fileno(), min(_CHUNK_BYTES, stop - at), at)
            if not chunk:
                return "", hashes
            digest.update(chunk)
            at += len(chunk)
        hashes[stop] = digest.hexdigest()
    return hashes.pop(size), hashes

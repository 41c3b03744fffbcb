"""Lines of text out of bytes that may be anything: bounded, decoded, in Unicode NFC."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.sources.files.rows import LONGEST_LINE, FileRefused
from contracts.errors import FieldError, field_error

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEAD_BYTES: Final = 65_536
_SHOWN: Final = 200
_BUFFER_BYTES: Final = 1 << 20
_ENDS: Final = ("\n", "\r")
_LONG: Final = "row_long"


class Begun(io.RawIOBase):
    """The first `size` bytes of a file that may grow meanwhile, with SHA-256 over what was read of them."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        super().__init__()
        self._file = file
        self._left = size
        self._digest = hashlib.sha256()
        file.seek(0)

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` as far as there is something. OSError."""
        wanted = memoryview(buffer)[: self._left]
        read = self._file.readinto(wanted) or 0
        self._digest.update(wanted[:read])
        self._left -= read
        return read

    @property
    def sha256(self) -> str:
        """Over what was read, in hexadecimal."""
        return self._digest.hexdigest()


class Line(NamedTuple):
    """One line with its end. With a `fault` it cannot be used, and `text` is what may be shown of it."""

    text: str
    fault: FieldError | None = None

    @property
    def is_open(self) -> bool:
        """Whether its end was not there."""
        return not self.text.endswith(_ENDS) and (self.fault is None or self.fault.code != _LONG)


class Lines:
    """The lines of a text. `put_back` returns some that were taken too early. FileRefused where it is no text."""

    def __init__(self, raw: Begun, encoding: str) -> None:
        # A mark of the byte order is no part of the first column's name.
        self._encoding = "utf-8-sig" if encoding in ("utf-8", "ascii") else encoding
        self._shown_encoding = encoding
        buffered = io.BufferedReader(raw, _BUFFER_BYTES)
        _must_be_text(buffered.peek(_HEAD_BYTES)[:_HEAD_BYTES], self._encoding, encoding)
        self._text = io.TextIOWrapper(buffered, self._encoding, errors="replace", newline="")
        self._waiting: deque[Line] = deque()

    def next(self) -> Line | None:
        """The next line; None at the end. OSError."""
        if self._waiting:
            return self._waiting.popleft()
        text = self._text.readline(LONGEST_LINE)
        if not text:
            return None
        if len(text) >= LONGEST_LINE and not text.endswith(_ENDS):
            self._skip_line()
            return Line(text[:_SHOWN], field_error("", "row_long", limit=LONGEST_LINE))
        if text.isascii():
            return Line(text) if "\0" not in text else Line(text, field_error("", "row_nul"))
        if "\ufffd" in text:
            return Line(text, field_error("", "row_encoding", encoding=self._shown_encoding))
        return Line(unicodedata.normalize("NFC", text), field_error("", "row_nul") if "\0" in text else None)

    def put_back(self, lines: list[Line]) -> None:
        """Give these again, first to last, before all others."""
        self._waiting.extendleft(reversed(lines))

    def _skip_line(self) -> None:
        while rest := self._text.readline(LONGEST_LINE):
            if rest.endswith(_ENDS):
                return


def _must_be_text(head: bytes, encoding: str, shown: str) -> None:
    text = head.decode(encoding, "replace")
    strange = sum(sign == "\ufffd" or (sign < " " and sign not in "\t\r\n\f") for sign in text)
    # A few such signs are bad rows; this many are a picture, a workbook, or text in another encoding.
    if strange > 16 and strange * 10 > len(text):
        raise FileRefused(field_error("", "file_not_text", encoding=shown))

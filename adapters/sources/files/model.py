"""What the YAML says about a folder of files."""

from __future__ import annotations

import codecs
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.mapping.spec import NOT_EMPTY, Short, Spec, mistake

_ENCODINGS = "utf-8, utf-16, windows-1258, windows-1252, iso-8859-1"


def _encoding(text: str) -> str:
    try:
        known = codecs.lookup(text)
        b"a".decode(text, "replace")
    except (LookupError, ValueError, UnicodeError):
        raise mistake(f"there is no encoding “{text}”", f"write one of: {_ENCODINGS}") from None
    return known.name


def _delimiter(text: str) -> str:
    sign = "\t" if text == "tab" else text
    if len(sign) != 1 or sign in '\r\n"\0 ':
        raise mistake("cells are parted by one sign", "write it in quotes, as in “;”, or write tab")
    return sign


def _quote(text: str) -> str:
    if text == "none":
        return ""
    if len(text) != 1 or text in "\r\n\0":
        raise mistake("cells are quoted with one sign", "write it, or write none")
    return text


def _folder(text: str) -> str:
    path = PurePosixPath(text)
    if not text or ".." in path.parts or text.startswith("~"):
        raise mistake(
            "this folder cannot be told for certain", "write an absolute path, or one below the workspace, without .."
        )
    return text


def _pattern(text: str) -> str:
    if not text or "/" in text or text.startswith("."):
        raise mistake("a pattern names files of the folder itself", 'write one like "*.csv"')
    return text


def _columns(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise mistake(f"the column “{twice[0]}” is there twice", "give every column a name of its own")
    return names


def _complete(given: object) -> object:
    if given == "renamed":
        return None
    if isinstance(given, str) or given is None:
        raise mistake(
            "when a file is complete must be certain", "write {quiet_s: 30}, or renamed where files are moved in"
        )
    return given


Folder = Annotated[str, AfterValidator(_folder)]
Columns = Annotated[tuple[str, ...], NOT_EMPTY, AfterValidator(_columns)]


class Quiet(Spec):
    """{quiet_s: 30}: a file that has not changed for so long."""

    quiet_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False, description="seconds without a change")]


class Table(Spec):
    """Rows under a header. `columns` name the cells of files without one."""

    header: Annotated[int, Field(ge=1, le=1000, description="the line that names the columns; none above is read")] = 1
    columns: Columns | None = Field(default=None, description="of files that have no header")

    @model_validator(mode="after")
    def _one_way(self) -> Table:
        if {"header", "columns"} <= self.model_fields_set:
            raise mistake("header and columns cannot stand together", "keep columns where files have no header")
        return self


class CsvForm(Table):
    """How comma-separated values are written."""

    encoding: Annotated[Annotated[str, AfterValidator(_encoding)], Field(description=_ENCODINGS)] = "utf-8"
    delimiter: Annotated[Annotated[str, AfterValidator(_delimiter)], Field(description="between cells")] = ","
    quote: Annotated[Annotated[str, AfterValidator(_quote)], Field(description="around cells, or none")] = '"'

    @model_validator(mode="after")
    def _told_apart(self) -> CsvForm:
        if self.delimiter == self.quote:
            raise mistake("delimiter and quote are the same sign", "change one of them")
        return self


class XlsxForm(Table):
    """Where in a workbook the rows are."""

    sheet: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="by default the first")


class FilesConnection(Spec):
    """The folder, which of its files are read, and how."""

    folder: Annotated[Folder, Field(description="that is watched: absolute, or below the workspace")]
    pattern: Annotated[Annotated[str, AfterValidator(_pattern)], Field(description='which files, as in "*.csv"')]
    complete: Annotated[
        Annotated[Quiet | None, BeforeValidator(_complete), Short({"const": "renamed"})],
        Field(description="{quiet_s: N}, or renamed: when a file is complete"),
    ]
    format: Annotated[Literal["csv", "xlsx", "jsonl"], Field(description="csv, xlsx or jsonl")]
    csv: CsvForm | None = None
    xlsx: XlsxForm | None = None
    done: Folder = Field(default="done", description="where files go that were read; below the folder if relative")
    rejects: Folder = Field(
        default="rejected", description="where rejected rows and files go; below the folder if relative"
    )

    @model_validator(mode="after")
    def _agree(self) -> FilesConnection:
        for name in ("csv", "xlsx"):
            if getattr(self, name) is not None and self.format != name:
                raise mistake(f"{name} says how {name} is read, but the format is {self.format}", f"remove {name}")
        places = [self.folder_path, self.done_path, self.rejects_path]
        if len(set(places)) < len(places):
            raise mistake("folder, done and rejects are three places", "give each a folder of its own")
        return self

    @property
    def folder_path(self) -> PurePosixPath:
        """The folder, as it is written."""
        return PurePosixPath(self.folder)

    @property
    def done_path(self) -> PurePosixPath:
        """Where files go that were read."""
        return self.folder_path / self.done

    @property
    def rejects_path(self) -> PurePosixPath:
        """Where reject files go."""
        return self.folder_path / self.rejects

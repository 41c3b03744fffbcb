"""What the YAML says about one operation of a system: the request, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.mapping.conditions import Condition
from adapters.mapping.paths import WHOLE, LocalPath
from adapters.mapping.spec import Spec, mistake
from adapters.systems.rest.connection import Seconds
from adapters.systems.rest.headers import Headers
from adapters.systems.rest.templates import Template, holes

_VERB: Final = re.compile(r"[A-Z]{1,20}")
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_PLACE: Final = re.compile(r"/status|/headers/[^A-Z/]+|/body(/.*)?", re.DOTALL)


class Meaning(StrEnum):
    """What an answer means."""

    DATA = "data"
    NO_DATA = "no_data"
    WITHHELD = "withheld"
    REJECTED = "rejected"
    TRANSIENT = "transient"
    INDETERMINATE = "indeterminate"
    PERMANENT = "permanent"


class Sends(StrEnum):
    """What a request has for a body."""

    JSON = "json"
    NONE = "none"


class Reads(StrEnum):
    """How the body of an answer is read."""

    JSON = "json"
    TEXT = "text"
    IGNORED = "ignored"


def _place(path: str) -> str:
    if not _PLACE.fullmatch(path):
        remedy = "begin with /status, /headers/<name in small letters> or /body, like /body/code"
        raise mistake(f"“{path}” is no place in an answer", remedy)
    return path


def _words(text: str) -> str:
    return _place(text) if text.startswith("/") else text


Words = Annotated[str, Field(min_length=1), AfterValidator(_words)]
"""A place in the answer, like /body/message, or words of one's own."""

_GOES_WITH: Final = {
    "reason": {Meaning.WITHHELD},
    "ground": {Meaning.WITHHELD},
    "detail": {Meaning.REJECTED, Meaning.TRANSIENT, Meaning.INDETERMINATE, Meaning.PERMANENT},
    "field": {Meaning.REJECTED},
    "retry_after_s": {Meaning.TRANSIENT},
}


class Rule(Spec):
    """An answer for which `when` holds is what `is` says."""

    when: Annotated[Condition, Field(description="a question about /status, /headers/… or /body/…")]
    is_: Annotated[Meaning, Field(alias="is", description="what such an answer means")]
    reason: Annotated[Words | None, Field(description="withheld: why, in words")] = None
    ground: Annotated[Words | None, Field(description="withheld: the law or rule that says so")] = None
    detail: Annotated[Words | None, Field(description="what the system says about it")] = None
    field: Annotated[
        LocalPath | None, Field(description="rejected: the field of the contract's record that is wrong")
    ] = None
    retry_after_s: Annotated[
        float | None, Field(ge=0, le=86_400, allow_inf_nan=False, description="transient: not before so many seconds")
    ] = None

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        for name, meanings in _GOES_WITH.items():
            if name in self.model_fields_set and self.is_ not in meanings:
                raise mistake(f"{name} means nothing where an answer is {self.is_}", f"leave {name} out")
        if self.is_ is Meaning.WITHHELD and (self.reason is None or self.ground is None):
            raise mistake("data may be withheld only with a reason and its legal ground", "write both: reason, ground")
        for path in paths_in(self.when):
            _place(path)
        return self


def paths_in(condition: Condition) -> Iterable[str]:
    """All paths that a condition asks about."""
    if condition.path is not None:
        yield condition.path
    inner = [*(condition.all_ or ()), *(condition.any_ or ())]
    for each in inner if condition.not_ is None else [*inner, condition.not_]:
        yield from paths_in(each)


def _verb(text: object) -> object:
    verb = str(text).upper()
    if not _VERB.fullmatch(verb) or verb in {"CONNECT", "TRACE"}:
        raise mistake(f"“{text}” is no method that can be used here", "write one like GET, POST, PUT, PATCH, DELETE")
    return verb


def _path(text: str) -> str:
    if not text.startswith("/") or "?" in text or "#" in text:
        raise mistake(f"“{text}” is no path", "write it like /students/{id}; what follows “?” goes under query")
    parts = text.split("/")[1:]
    if {".", "..", ""} & {*(parts[:-1]), parts[-1] or "end"}:
        raise mistake("the path has an empty part, or dots", "write the path in full")
    if re.search(r"%(2e|2f|5c|00)", text, re.IGNORECASE):
        raise mistake("the path hides dots or slashes", "write the path in full")
    return text


def _record(path: str) -> str:
    if path != WHOLE and not re.fullmatch(r"/body(/.*)?", path, re.DOTALL):
        raise mistake(f"the record is somewhere in /body, not at “{path}”", "write it like /body/data/person")
    return "/body" if path == WHOLE else path


class RestOperation(Spec):
    """One request, and what its answers mean."""

    method: Annotated[str, BeforeValidator(_verb), Field(description="GET, POST, PUT, PATCH, DELETE …")] = "POST"
    path: Annotated[Template, AfterValidator(_path), Field(description="after the connection's url; {name} is a part")]
    query: Annotated[
        dict[Annotated[str, Field(min_length=1)], Template], Field(description="what follows “?”; {name} is a part")
    ] = Field(default_factory=dict)
    headers: Annotated[Headers, Field(description="more headers; {name} is a part")] = Field(default_factory=dict)
    body: Annotated[Sends | None, Field(description="json, or none (GET, HEAD, DELETE and OPTIONS: none)")] = None
    answer_body: Annotated[Reads, Field(description="how the answer's body is read: json, text or ignored")] = (
        Reads.JSON
    )
    answers: Annotated[tuple[Rule, ...], Field(description="what answers mean; the first rule that holds counts")] = ()
    record: Annotated[
        LocalPath, AfterValidator(_record), Field(description="where in the answer the record is, like /body/data")
    ] = "/body"
    timeout_s: Annotated[Seconds | None, Field(description="how long this call may take; else the connection's")] = None

    @property
    def sends_body(self) -> bool:
        """Whether the request has a body."""
        if self.body is None:
            return self.method not in _WITHOUT_BODY
        return self.body is Sends.JSON

    @property
    def parts(self) -> frozenset[str]:
        """The names that the mapping `parts` has to make values for."""
        return holes([self.path, *self.query.values(), *self.headers.values()])

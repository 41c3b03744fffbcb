"""What the YAML says about one operation of a system: the request, and what its answers mean."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from adapters.mapping.paths import WHOLE, LocalPath
from adapters.mapping.spec import Spec, mistake
from adapters.systems.rest.connection import Seconds
from adapters.systems.rest.headers import Headers
from adapters.systems.rest.paging import Paging
from adapters.systems.rest.places import Question, Words
from adapters.systems.rest.templates import Template, holes
from adapters.systems.rest.urls import Verb, request_path
from contracts.said import said

_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


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


_GOES_WITH: Final = {
    "reason": {Meaning.WITHHELD},
    "ground": {Meaning.WITHHELD},
    "detail": {Meaning.REJECTED, Meaning.TRANSIENT, Meaning.INDETERMINATE, Meaning.PERMANENT},
    "field": {Meaning.REJECTED},
    "retry_after_s": {Meaning.TRANSIENT},
}


class Rule(Spec):
    """An answer for which `when` holds is what `is` says."""

    when: Annotated[Question, Field(description="a question about /status, /headers/… or /body/…")]
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
                raise mistake(
                    said("{name} means nothing where an answer is {what}", name=name, what=self.is_),
                    said("leave {name} out", name=name),
                )
        if self.is_ is Meaning.WITHHELD and (self.reason is None or self.ground is None):
            raise mistake(
                said("data may be withheld only with a reason and its legal ground"), said("write both: reason, ground")
            )
        return self


def _record(path: str) -> str:
    if path != WHOLE and not re.fullmatch(r"/body(/.*)?", path, re.DOTALL):
        raise mistake(
            said("the record is somewhere in /body, not at “{path}”", path=path),
            said("write it like /body/data/person"),
        )
    return "/body" if path == WHOLE else path


class RestOperation(Spec):
    """One request, and what its answers mean."""

    method: Annotated[Verb, Field(description="GET, POST, PUT, PATCH, DELETE …")] = "POST"
    path: Annotated[
        Template, AfterValidator(request_path), Field(description="after the connection's url; {name} is a part")
    ]
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
    paging: Annotated[Paging | None, Field(description="where the answer is a list that comes in pages")] = None
    timeout_s: Annotated[Seconds | None, Field(description="how long this call may take; else the connection's")] = None

    @model_validator(mode="after")
    def _pages_fit(self) -> RestOperation:
        if self.paging is None:
            return self
        if self.answer_body is not Reads.JSON:
            raise mistake(said("only an answer in JSON has pages"), said("leave answer_body out, or paging"))
        if not f"{self.paging.items}/".startswith(f"{self.record}/"):
            remedy = said("write record: /body, or a place above {items}", items=self.paging.items)
            raise mistake(
                said("the items of all pages would not be in the record at {record}", record=self.record), remedy
            )
        for slot in self.paging.slots:
            if slot.body is not None and not self.sends_body:
                raise mistake(
                    said("a {method} has no body for {body}", method=self.method, body=slot.body),
                    said("write {query: name}, or body: json"),
                )
            if slot.query in self.query:
                raise mistake(
                    said("the parameter {query} is set by paging", query=slot.query), said("leave it out of query")
                )
        return self

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

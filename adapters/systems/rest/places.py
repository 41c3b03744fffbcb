"""Places in a request, into which values are put, and places in an answer, from which they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from adapters.mapping.conditions import Condition
from adapters.mapping.paths import WHOLE, LocalPath
from adapters.mapping.spec import Spec, mistake
from contracts.errors import Origin, Permanent
from contracts.json_types import JsonValue, parts_of
from contracts.said import said

_PLACE: Final = re.compile(r"/status|/headers/[^A-Z/]+|/body(/.*)?", re.DOTALL)
_BODY: Final = re.compile(r"/body(/.*)?", re.DOTALL)


def in_answer(path: str) -> str:
    """The path, which must be a place in an answer. Raises what pydantic reports."""
    if not _PLACE.fullmatch(path):
        remedy = said("begin with /status, /headers/<name in small letters> or /body, like /body/code")
        raise mistake(said("“{path}” is no place in an answer", path=path), remedy)
    return path


def paths_in(condition: Condition) -> Iterable[str]:
    """All paths that a condition asks about."""
    if condition.path is not None:
        yield condition.path
    inner = [*(condition.all_ or ()), *(condition.any_ or ())]
    for each in inner if condition.not_ is None else [*inner, condition.not_]:
        yield from paths_in(each)


def _question(condition: Condition) -> Condition:
    for path in paths_in(condition):
        in_answer(path)
    return condition


def _in_body(path: str) -> str:
    if not _BODY.fullmatch(path):
        raise mistake(
            said("“{path}” is no place in an answer's body", path=path), said("begin with /body, like /body/data")
        )
    return path


def _field(path: str) -> str:
    if path == WHOLE:
        raise mistake(said("this is the whole body"), said("name a field in it, like /session"))
    return path


def _words(text: str) -> str:
    return in_answer(text) if text.startswith("/") else text


InAnswer = Annotated[LocalPath, AfterValidator(in_answer)]
"""/status, /headers/<name> or /body/…"""

InAnswersBody = Annotated[LocalPath, AfterValidator(_in_body)]
"""/body or /body/…"""

Question = Annotated[Condition, AfterValidator(_question)]
"""A condition over a whole answer."""

Words = Annotated[str, Field(min_length=1), AfterValidator(_words)]
"""A place in the answer, like /body/message, or words of one's own."""

InRequestsBody = Annotated[LocalPath, AfterValidator(_field)]
"""A field of a request's body, like /session."""


@dataclass(frozen=True, slots=True)
class Added:
    """What is added to one request: headers, parameters of the query, fields of the body by their JSON Pointer."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    fields: tuple[tuple[str, JsonValue], ...] = field(default=(), repr=False)


NOTHING: Final = Added()


class Slot(Spec):
    """Where a value goes in a request: {query: name} or {body: /field}."""

    query: Annotated[str | None, Field(min_length=1, description="the query parameter that carries it")] = None
    body: Annotated[InRequestsBody | None, Field(description="the field of the body that it becomes")] = None

    @model_validator(mode="after")
    def _one_place(self) -> Slot:
        if len(self.model_fields_set) != 1:
            raise mistake(
                said("a value goes to one place"),
                said("write one of: {model_fields}", model_fields=", ".join(type(self).model_fields)),
            )
        return self

    def put(self, value: JsonValue) -> Added:
        """The value at this place. In a query it is written as text."""
        if self.query is not None:
            return Added(query=((self.query, str(value)),))
        return Added(fields=((self.body or "", value),))


def encoded(query: Iterable[tuple[str, str]]) -> str:
    """The parameters as they stand in an address."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)


def with_fields(body: JsonValue, fields: Iterable[tuple[str, JsonValue]]) -> JsonValue:
    """The body with these fields set; the one that was given stays as it is. Permanent: a field has no place in it."""
    for pointer, value in fields:
        body = _with_field({} if body is None else body, parts_of(pointer), value)
    return body


def _with_field(body: JsonValue, parts: tuple[str, ...], value: JsonValue) -> JsonValue:
    if not parts:
        return value
    if not isinstance(body, dict):
        raise Permanent(f"the request has no object in which “{parts[0]}” could be set", origin=Origin.BUS)
    return {**body, parts[0]: _with_field(body.get(parts[0], {}), parts[1:], value)}

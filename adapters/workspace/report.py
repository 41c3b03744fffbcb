"""Collects what there is to mend, and puts pydantic's errors into words with a remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.mapping.spec import Spec
from adapters.workspace.documents import WHOLE, Document, Loc, Place, Tree
from contracts.errors import FieldError
from contracts.findings import Finding, Severity
from contracts.said import N_, either, said
from contracts.spelling import meant, near
from contracts.wording import wording_of

Model = TypeVar("Model", bound=BaseModel)

_WHOLE_NUMBER: Final = (said("a whole number"), said("write digits only"))
_NUMBER: Final = (said("a number"), said("write digits, with a point where it has a fraction"))
_TRUTH: Final = (said("true or false"), said("write true or false"))
_LIST: Final = (said("a list"), said("write its items below each other, each after “- ”, or in [ … ]"))
_KEYS: Final = (said("a set of keys with values"), said("write “key: value” lines below it"))
_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "int_parsing": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "string_type": (said("a text"), said("write one value")),
}
_LIMITS: Final[Mapping[str, str]] = {
    "greater_than": N_("should be greater than {gt}"),
    "greater_than_equal": N_("should be greater than or equal to {ge}"),
    "less_than": N_("should be less than {lt}"),
    "less_than_equal": N_("should be less than or equal to {le}"),
    "string_too_short": N_("should have at least {min_length} characters"),
    "string_too_long": N_("should have at most {max_length} characters"),
    "string_pattern_mismatch": N_("should match the pattern {pattern}"),
    "too_short": N_("should have at least {min_length} items"),
    "too_long": N_("should have at most {max_length} items"),
}
"""By pydantic's types of errors."""


class Report:
    """The findings of one run."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, Place, str], Finding] = {}

    @property
    def findings(self) -> list[Finding]:
        """All of them, in the order of files and lines."""
        return sorted(self._findings.values())

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return any(finding.severity is Severity.ERROR for finding in self._findings.values())

    def add(self, file: str, place: Place, message: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        """Note one thing to mend, once."""
        finding = Finding(file, place.line, place.column, message, remedy, severity)
        self._findings.setdefault((file, place, message), finding)

    def at(self, document: Document, loc: Loc, message: str, remedy: str, *, of_key: bool = False) -> None:
        """Note an error at a place of a document."""
        self.add(document.file, document.place(loc, of_key=of_key), message, remedy)

    def warn(self, document: Document, loc: Loc, message: str, remedy: str) -> None:
        """Note a warning at a place of a document."""
        self.add(document.file, document.place(loc), message, remedy, Severity.WARNING)

    def says_something_at(self, file: str, place: Place) -> bool:
        """Whether there is a finding at that place already."""
        return any((each_file, each_place) == (file, place) for each_file, each_place, _ in self._findings)

    def read(self, model: type[Model], document: Document, tree: Tree, loc: Loc = ()) -> Model | None:
        """`tree`, which lies at `loc`, as a `model`, and everything that is wrong noted.

        Where there are only unknown keys and secrets in clear, the rest is read all the same: what else is wrong with
        it should be seen in the same run. None where there is more.
        """
        try:
            return model.model_validate({} if tree is None else tree)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        for detail in _told(errors):
            message, remedy = _words(model, detail)
            of_key = detail["type"] == "extra_forbidden"
            self.at(document, (*loc, *detail["loc"]), message, remedy, of_key=of_key)
        try:
            return model.model_validate(mended(model, tree, errors))
        except ValidationError:
            return None

    def fields(self, document: Document, loc: Loc, errors: Iterable[FieldError], about: str) -> None:
        """Note what a validator or a mapping said of an example that lies at `loc`."""
        for error in errors:
            detail, remedy = wording_of(error)
            pointer = error.pointer or said("the whole")
            place = document.place((*loc, *error.pointer.split("/")[1:]))
            message = said("{about}: {pointer}: {detail}", about=about, pointer=pointer, detail=detail)
            self.add(document.file, place, message, remedy or said("correct it"))


def mended(model: type[BaseModel], tree: Tree, errors: Iterable[ErrorDetails]) -> Tree:
    """A copy of `tree` in which unknown keys are called as those they resemble, or are left out, and a secret in clear
    is a reference."""
    copy = deepcopy(tree)
    for error in errors:
        *above, name = error["loc"] or ("",)
        here: Any = copy
        for part in above:
            # Parts that a model put in between are passed over.
            inside = isinstance(here, dict) and part in here
            if inside or (isinstance(here, list) and isinstance(part, int) and part < len(here)):
                here = here[part]
        if not isinstance(here, dict) or name not in here:
            continue
        if error["type"] == "extra_forbidden":
            value = here.pop(name)
            known = [each for each in _known_keys(model, tuple(above)) if each not in here]
            for meant in get_close_matches(str(name), known, n=1, cutoff=0.6):
                here[meant] = value
        elif "instead" in error.get("ctx", {}):
            here[name] = error["ctx"]["instead"]
    return copy


def _told(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """All but what follows from another: a key that is misspelt is not also missing."""
    misspelt = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    for error in errors:
        loc = error["loc"]
        near = [str(other[-1]) for other in misspelt if other[:-1] == loc[:-1]]
        if error["type"] != "missing" or not get_close_matches(str(loc[-1]), near, n=1, cutoff=0.6):
            yield error


def _words(model: type[BaseModel], error: ErrorDetails) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else said("it")
    if kind == "mapping":
        return context["problem"], context["remedy"]
    if kind == "missing":
        return said("{name} is missing", name=name), _remedy_of_missing(model, error["loc"])
    if kind == "extra_forbidden":
        known = _known_keys(model, error["loc"][:-1]) or near(name, _all_keys(Spec))
        remedy = meant(name, known, said("keys")) if known else said("remove it")
        return said("unknown key “{name}”", name=name), remedy
    if kind in {"enum", "literal_error"}:
        remedy = _remedy_of_choice(str(error["input"]), str(context.get("expected", "")))
        return said("{name} cannot be this", name=name), remedy
    if kind in _SHAPES:
        shape, remedy = _SHAPES[kind]
        return said("{name} must be {shape}", name=name, shape=shape), remedy
    said_of_it = said("{name}: {message}", name=name, message=_limit(error))
    return said_of_it, _description(model, error["loc"]) or said("see docs/workspace.md")


def _limit(error: ErrorDetails) -> str:
    """What a value is beyond; in pydantic's own words where it is something rare."""
    template = _LIMITS.get(error["type"])
    context = error.get("ctx", {})
    if template is not None:
        return said(template, **context)
    return error["msg"].removeprefix("Value error, ").removeprefix("Input ")


def _remedy_of_choice(given: str, expected: str) -> str:
    """`expected` is pydantic's “'state', 'party' or 'front'”. What was given is compared, and never repeated."""
    choices = re.findall(r"'([^']*)'", expected)
    if near(given, choices):
        return meant(given, choices, said("values"))
    return said("write one of: {names}", names=either(choices))


def _remedy_of_missing(model: type[BaseModel], loc: Loc) -> str:
    what = _description(model, loc)
    if not what:
        return said("add: {name}: …", name=loc[-1])
    return said("add: {name}: … ({what})", name=loc[-1], what=what)


def _description(model: type[BaseModel], loc: Loc) -> str:
    above = _model_at(model, loc[:-1])
    if above is None or not loc:
        return ""
    for name, field in above.model_fields.items():
        if loc[-1] in {name, field.alias}:
            return said(field.description) if field.description else ""
    return ""


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    found = _model_at(model, loc)
    return [] if found is None else [field.alias or name for name, field in found.model_fields.items()]


def _all_keys(of: type[BaseModel]) -> set[str]:
    """The keys of every model there is, for places where it depends on other keys which model reads them."""
    return {field.alias or name for name, field in of.model_fields.items()}.union(
        *(_all_keys(each) for each in of.__subclasses__())
    )


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The model that reads what lies at `loc`; None where that is not plain to see from the annotations."""
    here: Any = model
    for part in loc:
        if isinstance(part, int):
            here = next(iter(_inside(here, (list, tuple))), None)
        elif isinstance(here, type) and issubclass(here, BaseModel):
            names = {field.alias or name: field.annotation for name, field in here.model_fields.items()}
            here = names.get(part)
        else:
            here = next(reversed(_inside(here, (dict,))), None)
        here = _without_none(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inside(annotation: Any, origins: tuple[type, ...]) -> tuple[Any, ...]:  # noqa: ANN401 - whatever a field says
    return get_args(annotation) if get_origin(annotation) in origins else ()


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 - whatever a field says
    if get_origin(annotation) in (Union, UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        return rest[0] if len(rest) == 1 else None
    return annotation


__all__ = ["WHOLE", "Report"]

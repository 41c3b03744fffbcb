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
from contracts.spelling import meant, near
from contracts.wording import Language, worded

Model = TypeVar("Model", bound=BaseModel)

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "int_parsing": ("this must be a whole number", "write digits only"),
    "int_type": ("this must be a whole number", "write digits only"),
    "float_parsing": ("this must be a number", "write digits, with a point where it has a fraction"),
    "float_type": ("this must be a number", "write digits, with a point where it has a fraction"),
    "bool_parsing": ("this must be true or false", "write true or false"),
    "bool_type": ("this must be true or false", "write true or false"),
    "list_type": ("this must be a list", "write its items below each other, each after “- ”, or in [ … ]"),
    "tuple_type": ("this must be a list", "write its items below each other, each after “- ”, or in [ … ]"),
    "dict_type": ("this must be a set of keys with values", "write “key: value” lines below it"),
    "model_type": ("this must be a set of keys with values", "write “key: value” lines below it"),
    "model_attributes_type": ("this must be a set of keys with values", "write “key: value” lines below it"),
    "string_type": ("this must be a text", "write one value"),
}


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
            detail, remedy = worded(error, Language.EN)
            pointer = error.pointer or "the whole"
            place = document.place((*loc, *error.pointer.split("/")[1:]))
            self.add(document.file, place, f"{about}: {pointer}: {detail}", remedy or "correct it")


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
    name = str(error["loc"][-1]) if error["loc"] else "it"
    if kind == "mapping":
        return str(context["problem"]), str(context["remedy"])
    if kind == "missing":
        return f"{name} is missing", _remedy_of_missing(model, error["loc"])
    if kind == "extra_forbidden":
        known = _known_keys(model, error["loc"][:-1]) or near(name, _all_keys(Spec))
        return f"unknown key “{name}”", meant(name, known, "keys") if known else "remove it"
    if kind in {"enum", "literal_error"}:
        return f"{name} cannot be this", _remedy_of_choice(str(error["input"]), str(context.get("expected", "")))
    if kind in _SHAPES:
        message, remedy = _SHAPES[kind]
        return message.replace("this", name, 1), remedy
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{name}: {message}", _description(model, error["loc"]) or "see docs/workspace.md"


def _remedy_of_choice(given: str, expected: str) -> str:
    """`expected` is pydantic's “'state', 'party' or 'front'”. What was given is compared, and never repeated."""
    choices = re.findall(r"'([^']*)'", expected)
    return meant(given, choices, "values") if near(given, choices) else f"write one of: {expected}".replace("'", "")


def _remedy_of_missing(model: type[BaseModel], loc: Loc) -> str:
    said = _description(model, loc)
    return f"add: {loc[-1]}: …" + (f" ({said})" if said else "")


def _description(model: type[BaseModel], loc: Loc) -> str:
    above = _model_at(model, loc[:-1])
    if above is None or not loc:
        return ""
    for name, field in above.model_fields.items():
        if loc[-1] in {name, field.alias}:
            return field.description or ""
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

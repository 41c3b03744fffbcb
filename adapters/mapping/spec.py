"""What all parts of the mapping's YAML have in common, and how one of several forms is told from the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.spelling import meant, near


class Spec(BaseModel):
    """A part of the YAML: frozen, and without keys that mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


def mistake(message: str, remedy: str, *, instead: str | None = None) -> PydanticCustomError:
    """An error of the YAML, for a validator to raise; the reader of the workspace finds both parts in its context.

    `instead` is a value with which the rest can be read, to see what else is wrong with it.
    """
    context = {"problem": message, "remedy": remedy}
    if instead is not None:
        context["instead"] = instead
    return PydanticCustomError("mapping", "{problem} → {remedy}", context)


TEXT_FORM: Final[JsonSchemaValue] = {"type": "string"}
"""The JSON Schema of what is written as one text."""


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """Tells editors that a value may also be written so: `form` is the JSON Schema of the short form."""

    form: JsonSchemaValue

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [self.form, handler(schema)]}


SizedT = TypeVar("SizedT", bound=Sized)


def _not_empty(given: SizedT) -> SizedT:
    if not given:
        raise mistake("there is nothing here", "write at least one")
    return given


NOT_EMPTY: Final = AfterValidator(_not_empty)
"""For lists and tables. Unlike `min_length` it says nothing where an item is what is wrong."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Reads one of several models, told apart by a key that only one of them has.

    Errors then lie exactly where the YAML has its fault. `shorthand` makes the long form of a text, where there is one,
    and `alone` are those texts, where they are few. `weak` is a key that may also stand beside another, and then
    decides nothing.
    """

    what: str
    models: Callable[[], Mapping[str, type[Spec]]]
    shorthand: Callable[[str], object] | None = None
    weak: str | None = None
    alone: tuple[str, ...] = ()

    def choose(self, value: object) -> object:
        """The model that `value` means. Raises what pydantic turns into errors with their places."""
        models = self.models()
        if isinstance(value, tuple({*models.values()})):
            return value
        if isinstance(value, str) and self.shorthand is not None:
            value = self.shorthand(value)
            if not isinstance(value, dict):
                return value
        if not isinstance(value, dict):
            raise mistake(f"{self.what} is missing", f"write one of: {', '.join(models)}")
        named = [key for key in models if key in value]
        if not named:
            given = ", ".join(map(str, value)) or "nothing"
            wanted = f"write one of: {', '.join(models)}"
            close = next((key for key in map(str, value) if near(key, models)), "")
            raise mistake(f"“{given}” is no {self.what}", meant(close, models, "") if close else wanted)
        if len(named) > 1 and self.weak in named:
            named.remove(self.weak)
        if len(named) > 1:
            raise mistake(f"{' and '.join(named)} cannot stand together", "keep one of them")
        return models[named[0]].model_validate(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's
        return core_schema.no_info_wrap_validator_function(lambda value, _: self.choose(value), handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        text = {**TEXT_FORM, "enum": list(self.alone)} if self.alone else TEXT_FORM
        return {"anyOf": [text, described]} if self.shorthand is not None else described

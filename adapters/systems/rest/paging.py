"""What the YAML says about an answer that comes in pages."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator

from adapters.mapping.spec import Spec, mistake
from adapters.systems.rest.places import InAnswer, InAnswersBody, Slot
from contracts.said import said

_STYLES: Final = ("page", "offset", "cursor", "link")
_COUNTED: Final = ("page", "offset")


class ByPage(Spec):
    """Pages have numbers."""

    send: Annotated[Slot, Field(description="where the page's number goes: {query: name} or {body: /field}")]
    first: Annotated[int, Field(ge=0, le=1, description="the number of the first page")] = 1


class ByOffset(Spec):
    """A page begins at an item's number."""

    send: Annotated[Slot, Field(description="where the number of items to skip goes: {query: name} or {body: /field}")]
    first: Annotated[int, Field(ge=0, le=1, description="what the first page is asked for with")] = 0


class ByCursor(Spec):
    """Each page says what the next is asked for with."""

    send: Annotated[Slot, Field(description="where the cursor goes: {query: name} or {body: /field}")]
    next: Annotated[InAnswer, Field(description="where the next page's cursor is; on the last page there is none")]


class ByLink(Spec):
    """Each page has a header `Link` with the address of the next: RFC 8288."""

    rel: Annotated[str, Field(min_length=1, description="what the link to the next page is called")] = "next"


class Size(Spec):
    """How many items a page is to have."""

    send: Annotated[Slot, Field(description="where that number goes: {query: name} or {body: /field}")]
    items: Annotated[int, Field(ge=1, le=10_000, description="how many items a page is to have")]


class Paging(Spec):
    """The answer is a list that comes in pages: one of page, offset, cursor, link."""

    items: Annotated[InAnswersBody, Field(description="where the page's list is, like /body/data")]
    page: Annotated[ByPage | None, Field(description="pages have numbers: {send: …}")] = None
    offset: Annotated[ByOffset | None, Field(description="a page begins at an item's number: {send: …}")] = None
    cursor: Annotated[ByCursor | None, Field(description="a page says what the next is asked for with")] = None
    link: Annotated[ByLink | None, Field(description="the header Link has the next page's address")] = None
    size: Annotated[Size | None, Field(description="how many items a page is to have, and where that is said")] = None
    total: Annotated[
        InAnswer | None, Field(description="page, offset: where an answer says how many items there are in all")
    ] = None
    max_pages: Annotated[int, Field(ge=1, le=10_000, description="the most pages; more are an error")] = 100
    max_items: Annotated[int, Field(ge=1, le=1_000_000, description="the most items; more are an error")] = 10_000

    @model_validator(mode="after")
    def _one_style(self) -> Paging:
        if len(self.model_fields_set.intersection(_STYLES)) != 1:
            raise mistake(
                said("there is one way from a page to the next"),
                said("write one of: {styles}", styles=", ".join(_STYLES)),
            )
        if self.total is not None and not self.model_fields_set.intersection(_COUNTED):
            remedy = said("leave total out: the last page is the one without a next")
            raise mistake(said("total means nothing beside {style}", style=self.style), remedy)
        return self

    @property
    def style(self) -> str:
        """How one comes from a page to the next."""
        return next(name for name in _STYLES if name in self.model_fields_set)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Where it puts values in a request."""
        found = (self.page, self.offset, self.cursor, self.size)
        return tuple(each.send for each in found if each is not None)

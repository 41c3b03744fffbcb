"""The YAML of `laws/*.yaml`: legal documents as data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.mapping.spec import NOT_EMPTY
from adapters.workspace.models import CitationModel
from adapters.workspace.values import Article, Day, Name, Part
from contracts.laws import LawKind


class TitleModel(Part):
    """What a document is about, in both languages."""

    vi: Annotated[str, NOT_EMPTY]
    en: Annotated[str, NOT_EMPTY]


class ProvisionModel(Part):
    """An article, clause or point that is worth a line of its own."""

    article: Annotated[Article, Field(description="as in 16, 16(2) or 16(2)(a): article, clause, point")]
    title: TitleModel
    valid_from: Day | None = Field(
        default=None, alias="from", description="its first day, where it is not the document's"
    )
    valid_to: Day | None = Field(default=None, alias="to", description="the first day on which it no longer holds")
    replaced_by: Annotated[str, Field(description="what took its place: a law's id, or id:16(2)")] = ""


class LawModel(Part):
    """A legal document."""

    id: Annotated[Name, Field(description="what grants cite it by, as in nd-278-2025")]
    kind: Annotated[LawKind, Field(description="law, decree, decision, circular, regulation (QCVN) or other")]
    number: Annotated[str, Field(min_length=1, max_length=60, description="as it is written: 278/2025/NĐ-CP")]
    title: TitleModel
    valid_from: Day | None = Field(default=None, alias="from", description="the first day on which it holds")
    valid_to: Day | None = Field(default=None, alias="to", description="the first day on which it no longer holds")
    replaced_by: list[Name] = Field(default_factory=list, description="the ids of those that took its place")
    articles: list[ProvisionModel] = Field(default_factory=list, description="those worth a line of their own")
    confirmed: Annotated[bool, Field(description="false: not yet looked up in the text itself")] = True


class WithheldModel(Part):
    """What is cited for fields that a view keeps back."""

    personal: list[CitationModel] = Field(default_factory=list, description="for data about people")
    other: list[CitationModel] = Field(default_factory=list, description="for all other")


class LawsModel(Part):
    """`laws/*.yaml`"""

    laws: Annotated[list[LawModel], Field(description="any number a file, in any number of files")]
    withheld: Annotated[
        WithheldModel | None, Field(description="what a reply cites for fields that a view keeps back; in one file")
    ] = None

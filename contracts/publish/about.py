"""What the documents say of the bus itself."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.catalogue import Agency, Contract, ContractVersion
from contracts.languages import Language
from contracts.outcome import Pattern
from contracts.schema import Schema

PARTS = ("request", "reply", "event")
"""What a version's schemas are for, as the files of a workspace are named too."""


@dataclass(frozen=True, slots=True)
class About:
    """The bus that publishes: its name, where others reach it (`https://host`, no slash at the end), the version of
    the program, the language of its titles, and who runs it.

    `topics` begins the names of its topics; None where its log is not Kafka.
    """

    bus: str
    base: str
    version: str
    language: Language
    publisher: Agency | None = None
    topics: str | None = None

    @property
    def host(self) -> str:
        """The host, with its port where it has one."""
        return urlsplit(self.base).netloc

    @property
    def scheme(self) -> str:
        """http or https."""
        return urlsplit(self.base).scheme


def version_path(contract: str, major: int) -> str:
    """Where a version is described: what `ce_dataschema` of its messages says."""
    return f"/contracts/{contract}/{major}"


def schema_path(contract: str, major: int, part: str, form: str) -> str:
    """Where a schema lies; `part` is one of `PARTS`, `form` is ``schema.json`` or ``avsc``."""
    return f"{version_path(contract, major)}/{part}.{form}"


def parts_of_version(contract: Contract, version: ContractVersion) -> dict[str, Schema]:
    """The schemas of a version by what they are for."""
    name = "event" if contract.pattern is Pattern.EVENT else "request"
    return {name: version.request} if version.reply is None else {name: version.request, "reply": version.reply}


def titles(contract: Contract, language: Language) -> dict[Language, str]:
    """What a contract is called, by language; `language` is that of the bus's own people.

    The one place that knows in what languages contracts have their titles and descriptions.
    """
    english = {Language.EN: contract.english.title} if contract.english.title else {}
    return {language: contract.title, **english}


def descriptions(contract: Contract, language: Language) -> dict[Language, str]:
    """What a contract is for, by language; empty where it does not say."""
    own = {language: contract.description} if contract.description else {}
    english = {Language.EN: contract.english.description} if contract.english.description else {}
    return {**own, **english}

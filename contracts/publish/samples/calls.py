"""What a sample does: one call, with the contract's own example."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.catalogue import Contract, ContractVersion
from contracts.json_types import JsonValue
from contracts.outcome import Pattern
from contracts.publish.examples import sent_example

OFFICER: Final = "canbo.07"
DOSSIER: Final = "H17.61-251120-0007"


class Way(StrEnum):
    """How a contract is used. `pull`: events; `send` is what a publisher does with them."""

    SEND = "send"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `headers` are those beside the token and the content type; `record` is what is sent, None: nothing.

    `is_once`: it has an effect, and is sent with a key under which it can be repeated.
    """

    base: str
    path: str
    headers: tuple[tuple[str, str], ...]
    record: JsonValue
    is_once: bool

    @property
    def is_pull(self) -> bool:
        """Whether it reads events."""
        return self.record is None


def ways_of(contract: Contract) -> tuple[Way, ...]:
    """How a contract can be used, the most usual way first."""
    return (Way.PULL, Way.SEND) if contract.pattern is Pattern.EVENT else (Way.SEND,)


def call_of(base: str, contract: Contract, version: ContractVersion, way: Way, providers: tuple[str, ...]) -> Call:
    """The call; `providers` are the systems that provide the version."""
    spelt = contract.name if version.major == contract.latest else f"{contract.name}@{version.major}"
    if way is Way.PULL:
        return Call(base, f"/inbox/{spelt}?from=earliest&limit=10", (), None, is_once=False)
    headers = [("End-User", OFFICER)] if contract.requires_end_user else []
    if contract.requires_case_ref:
        headers.append(("Case-Ref", DOSSIER))
    if contract.pattern is not Pattern.EVENT and contract.route is None and len(providers) > 1:
        headers.append(("To", providers[0]))
    is_once = contract.pattern is not Pattern.QUERY
    return Call(base, f"/exchange/{spelt}", tuple(headers), sent_example(version), is_once=is_once)

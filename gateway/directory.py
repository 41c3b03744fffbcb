"""What the gateway knows of the bus while it answers: a snapshot of the workspace, indexed for its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo

from contracts.catalogue import Agency, Contract, Grant, Publisher, Service, System, User
from contracts.codelists import CodeList
from contracts.handed_over import holder_of
from contracts.laws import Laws
from contracts.outcome import Pattern
from contracts.registry.own import OwnSubject
from contracts.validation import Validators
from contracts.wording import Language


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of promise 6."""

    max_backlog: int = 100_000
    max_waiting: int = 10_000
    max_polls: int = 5_000
    max_wait_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Publishing:
    """How the contracts are shown to others: the address that the bus is reached by (None: as a request called it), the
    code of the agency that runs it, whether anybody may read the portal, and what begins the names of its topics (None:
    its log is not Kafka)."""

    url: str | None = None
    publisher: str | None = None
    is_portal_public: bool = False
    topics: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """One consistent view of the workspace. `configuration` is its hash."""

    bus: str
    configuration: str
    zone: tzinfo
    language: Language
    systems: Mapping[str, System]
    contracts: Mapping[str, Contract]
    services: tuple[Service, ...]
    publishers: tuple[Publisher, ...]
    grants: tuple[Grant, ...]
    codelists: Mapping[str, CodeList]
    validators: Validators
    limits: Limits
    users: Mapping[str, User] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    laws: Laws = field(default_factory=Laws)
    publishing: Publishing = Publishing()
    own_subjects: tuple[OwnSubject, ...] = ()

    def titles(self, language: Language) -> dict[str, str]:
        """What each contract is called in `language`, by its name."""
        return {name: contract.title_in(language) for name, contract in self.contracts.items()}

    def names(self) -> dict[str, str]:
        """What each system is called, by its id."""
        return {system.id: system.name for system in self.systems.values()}

    def grants_of(self, system: str, contract: str, day: date) -> list[Grant]:
        """The grants of `system`, or of who goes on with its work, for `contract` in force on `day`, the highest major
        first."""
        system = holder_of(self.systems, system)
        found = [
            grant
            for grant in self.grants
            if grant.system == system and grant.contract == contract and grant.in_force(day)
        ]
        return sorted(found, key=lambda grant: (-grant.major, grant.id))

    def holder_of(self, system: str) -> str:
        """Who goes on with the work of a system: itself, most often."""
        return holder_of(self.systems, system)

    def grant(self, grant_id: str, day: date) -> Grant | None:
        """The grant of that id, where it is in force on `day`."""
        for grant in self.grants:
            if grant.id == grant_id and grant.in_force(day):
                return grant
        return None

    def published_by(self, system: str, contract: str) -> list[int]:
        """The majors of a contract whose events `system` may publish, the highest first."""
        system = self.holder_of(system)
        found = {each.major for each in self.publishers if (each.system, each.contract) == (system, contract)}
        return sorted(found, reverse=True)

    def providers_of(self, contract: str) -> list[str]:
        """The systems that provide a contract or, of events, publish them; in any version, sorted.

        Who is pushed events has a service for them too, and provides nothing.
        """
        found = self.contracts.get(contract)
        is_event = found is not None and found.pattern is Pattern.EVENT
        offering = self.publishers if is_event else self.services
        return sorted({each.system for each in offering if each.contract == contract})

    def services_of(self, contract: str, major: int) -> list[Service]:
        """Who provides a contract's major version."""
        return [service for service in self.services if (service.contract, service.major) == (contract, major)]

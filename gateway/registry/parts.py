"""The registry of schemas as the gateway has it, joined once by the wiring."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.ports import Subjects
from gateway.registry.registering import Registering
from gateway.registry.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class SchemaSubjects:
    """Who asks, what is known, and what changes it."""

    sign_in: SignIn
    subjects: Subjects
    registering: Registering

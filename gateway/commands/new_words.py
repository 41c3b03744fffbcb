"""What `lienthong new …` says."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from contracts.said import N_, said_with

WORDS: Final = MappingProxyType(
    {
        "written": N_("written"),
        "changed": N_("added to"),
        "next": N_("Next:"),
        "secret": N_("Secrets lie in secrets/ (readable by their owner alone, not kept by git)."),
        "no_provider": N_("nobody provides {contract} yet; first:"),
        "contract": N_("say what is exchanged (drawn from a sample record, where you have one)"),
        "schema": N_("go through it and put it right: types, what is required, what fields mean"),
        "example": N_("it is published and kept by git: only made-up data may stand in it"),
        "adapter": N_("connect the system that provides it"),
        "publisher": N_("say which system publishes it"),
        "mapping": N_("name the fields as the real system does"),
        "test": N_("try the mappings offline"),
        "grant": N_("let a system use it"),
        "narrow": N_("state purpose and legal basis; take away what is not needed"),
        "check": N_("check all of it"),
        "serve": N_("run the bus"),
        "send": N_("send, in another window"),
        "inbox": N_("pull events"),
        "ask_dir": N_("New folder"),
        "ask_name": N_("Name (as in population.person-lookup)"),
        "ask_pattern": N_("Pattern: query, submission or event"),
        "ask_system": N_("System (as in civil-register)"),
        "ask_contract": N_("Contract ({known})"),
    }
)


def word(name: str, **parameters: str) -> str:
    """One text, to be said in either language."""
    return said_with(WORDS[name], parameters)

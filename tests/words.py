"""Every message that a person can meet, as the product's sources have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from babel.messages.extract import extract_from_dir

from adapters.mapping.spec import Spec
from adapters.workspace import schemas
from contracts.speech import KEYWORDS
from deploy.demo.scenario import read_scenario
from deploy.demo.story.texts import read_sentences
from gateway.commands import build

ROOT = Path(__file__).parents[1]
PACKAGES = ("contracts", "adapters", "gateway", "deploy")
MODELS = schemas.MODELS
"""Importing them makes all parts of the YAML known below `Spec`."""
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n"}}


def marked() -> Iterator[tuple[str, str, str | None]]:
    """Messages that are marked in code and templates: the file, the id, its context."""
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, _METHODS, _OPTIONS, keywords=dict(KEYWORDS))
        for file, _, message, _, context in found:
            yield f"{package}/{file}", message if isinstance(message, str) else message[0], context


def story() -> set[str]:
    """What the story of the model city says, which is kept under its own context."""
    sentences = {each for part in read_sentences().values() for each in part.values()}
    return sentences | {scene.title for scene in read_scenario().scenes}


def descriptions() -> set[str]:
    """What the models of the YAML say of their keys: `check` tells it where a key is missing or wrong."""
    return set(_described(Spec))


def helps() -> set[str]:
    """The help of all commands and their options."""
    return set(_helps(typer.main.get_command(build())))


def _described(model: type[Spec]) -> Iterator[str]:
    model.model_rebuild()  # what refers to itself knows its own descriptions only then
    # Plug-ins that other tests have loaded speak for themselves.
    if model.__module__.partition(".")[0] in PACKAGES:
        yield from (field.description for field in model.model_fields.values() if field.description)
    for below in model.__subclasses__():
        yield from _described(below)


def _helps(command: Any) -> Iterator[str]:
    for each in (command, *command.params):
        if getattr(each, "help", None):
            yield each.help
        if isinstance(getattr(each, "prompt", None), str):
            yield each.prompt
    for below in getattr(command, "commands", {}).values():
        yield from _helps(below)

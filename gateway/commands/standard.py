"""`lienthong standard list|show|add`: contracts that come with the product."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.meaning import Words
from contracts.said import said
from gateway.commands.completion import standard_names
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.standards import (
    CannotAdd,
    NoSuchStandard,
    StandardContract,
    add_standard,
    fields_of,
    mapping_text,
    standard,
    standards,
)

Name = Annotated[str, typer.Argument(help="A standard contract.", autocompletion=standard_names)]
Names = Annotated[list[str], typer.Argument(help="Standard contracts.", autocompletion=standard_names)]
Mapping = Annotated[str | None, typer.Option(help="Print the mappings to this standard instead, to copy from.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", help="List the standard contracts and what they follow.")(list_all)
    group.command("show", help="Show the fields of a standard contract, or its mappings to a standard.")(show)
    group.command("add", help="Copy standard contracts, with their code lists, into a workspace.")(add)
    app.add_typer(group, name="standard", help="Contracts that come with the product, ready to use.")


def list_all(json: Json = False, lang: Lang = None) -> None:
    """Exit 0."""
    speak(lang)
    language = told().language
    found = standards()
    if json:
        print_json([_summary(each) for each in found])
        return
    print_table(
        said("standard contracts"),
        [said("contract"), said("title"), said("pattern"), said("follows")],
        [[each.name, each.model.title[language], str(each.model.pattern), _followed(each)] for each in found],
        empty=said("there are none"),
        whole=frozenset({"contract"}),
    )


def show(name: Name, mapping: Mapping = None, json: Json = False, lang: Lang = None) -> None:
    """Exit 0; 4: there is no such contract, or it follows no such standard."""
    speak(lang)
    found = _standard(name)
    if mapping is not None:
        slugs = [each.slug for each in found.standards]
        if mapping not in slugs:
            known = ", ".join(slugs)
            fail(
                said(
                    "{name} follows no standard “{mapping}”: write one of {known}",
                    name=name,
                    mapping=mapping,
                    known=known,
                ),
                Exit.NOT_FOUND,
            )
        typer.echo(mapping_text(name, mapping), nl=False)
        return
    fields: list[dict[str, Any]] = [
        {
            "part": part,
            "pointer": pointer,
            "title": _words(of.meaning.title),
            "description": _words(of.meaning.description),
            "personal": of.personal,
            "standard": [
                {"name": each.name, "field": each.field, "confirmed": each.confirmed} for each in of.meaning.standards
            ],
        }
        for part, pointer, of in fields_of(found)
    ]
    if json:
        print_json({**_summary(found), "description": _words(found.model.description), "fields": fields})
        return
    language = told().language
    say(found.model.title[language])
    say(found.model.description[language])
    print_table(
        name,
        [said("part"), said("field"), said("title"), said("personal data")],
        [[each["part"], each["pointer"], each["title"][language], each["personal"] or ""] for each in fields],
        empty=said("there are none"),
        whole=frozenset(),
    )
    say(said("follows: {standards}", standards=_followed(found)))


def add(names: Names, directory: InDir = Path(), json: Json = False, lang: Lang = None) -> None:
    """Exit 0; 2: it is there, or the folder is no workspace; 3: the workspace has errors; 4: no such contract."""
    speak(lang)
    try:
        added = add_standard(directory, names)
    except NoSuchStandard as error:
        fail(error, Exit.NOT_FOUND)
    except CannotAdd as error:
        fail(error, Exit.USAGE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    if json:
        print_json({"written": added.written, "excerpts": added.excerpts})
    else:
        for path in added.written:
            say(said("written: {path}", path=directory / path), colour=typer.colors.GREEN)
        for name in added.excerpts:
            message = said(
                "codelists/{name}.csv is an excerpt: load the whole list before anybody depends on it", name=name
            )
            say(message, colour=typer.colors.YELLOW)
    for finding in added.errors:
        say(finding.words(), colour=typer.colors.RED, err=True)
    if added.errors:
        raise typer.Exit(Exit.INVALID)


def _standard(name: str) -> StandardContract:
    try:
        return standard(name)
    except NoSuchStandard as error:
        fail(error, Exit.NOT_FOUND)


def _followed(of: StandardContract) -> str:
    return ", ".join(each.slug for each in of.standards)


def _summary(of: StandardContract) -> dict[str, Any]:
    return {
        "name": of.name,
        "title": _words(of.model.title),
        "pattern": of.model.pattern,
        "standards": [{"slug": each.slug, "name": each.model.name} for each in of.standards],
    }


def _words(words: Words | None) -> dict[str, str]:
    """Both languages, for programs."""
    return (words or Words("", "")).by_language()

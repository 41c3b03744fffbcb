"""`lienthong new workspace|contract|adapter|grant`: from nothing to a bus that answers, one file at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from contracts.outcome import Pattern
from contracts.said import in_lines, said
from contracts.spelling import meant
from gateway.commands.completion import contract_names, patterns, provider_kinds, system_names
from gateway.commands.new_words import word
from gateway.commands.options import Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.scaffolding import (
    CLIENTS,
    PROVIDER_KINDS,
    CannotMake,
    Made,
    NobodyProvides,
    contracts_in,
    make_adapter,
    make_contract,
    make_grant,
    make_publisher,
    make_workspace,
)

InWorkspace = Annotated[Path, typer.Option("--dir", "-C", envvar="LIENTHONG_DIR", help="The workspace.")]
System = Annotated[
    str | None, typer.Argument(help="The system's id: small letters, digits, “-”.", autocompletion=system_names)
]
AgencyOf = Annotated[str | None, typer.Option("--agency", help="The agency of a system that is new.")]
Result = TypeVar("Result")
Steps = list[tuple[str, str]]
"""What to do next: the name of its words, and what to type or open."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    new = typer.Typer(no_args_is_help=True)
    new.command("workspace", help="A workspace in a new folder, ready to be served.")(workspace)
    new.command("contract", help="A contract, drawn from a sample record where there is one.")(contract)
    new.command("adapter", help="The adapter of one system, or a system that publishes events.")(adapter)
    new.command("grant", help="Let a system use a contract; a new system gets its credentials.")(grant)
    app.add_typer(new, name="new", help="Make the first files: workspace, contract, adapter, grant.")


def workspace(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="A folder that does not exist.")] = None,
    name: Annotated[str | None, typer.Option(help="Of the bus; by default the folder's.")] = None,
    agency: Annotated[str, typer.Option(help="The first agency's code.")] = "H00",
    agency_name: Annotated[str | None, typer.Option(help="The first agency's name.")] = None,
    port: Annotated[int, typer.Option(help="Where the gateway listens.", min=1, max=65535)] = 8080,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0; 2: the folder is not empty, or a name cannot be used."""
    speak(lang)
    root = Path(_given(None if directory is None else str(directory), "DIR", "ask_dir"))
    here = told()
    called = agency_name or here.gettext("Trial agency")
    made = _made(lambda: make_workspace(root, name or root.resolve().name.lower(), agency, called, port, here))
    named, sample = here.gettext("CONTRACT.NAME"), here.gettext("SAMPLE.json")
    steps = [("contract", f"lienthong new contract {named} --pattern query --like {sample} -C {root}")]
    _tell(root, made, steps, json=json, secret=True)


def contract(
    name: Annotated[str | None, typer.Argument(help="As in population.person-lookup.")] = None,
    pattern: Annotated[str | None, typer.Option(help="query, submission or event.", autocompletion=patterns)] = None,
    like: Annotated[Path | None, typer.Option(help="A sample of what is sent: JSON, a list, or JSON lines.")] = None,
    reply_like: Annotated[Path | None, typer.Option(help="A query: a sample of what is answered.")] = None,
    directory: InWorkspace = Path(),
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0; 2: it exists, or the sample is none."""
    speak(lang)
    called = _given(name, "NAME", "ask_name")
    of = _pattern(_given(pattern, "--pattern", "ask_pattern"))
    made = _made(lambda: make_contract(directory, called, of, told(), like, reply_like))
    schemas = [each for each in made.written if each.endswith(".avsc")]
    examples = [each for each in made.written if "/examples/" in each]
    steps = [
        ("schema", ", ".join(str(directory / each) for each in schemas)),
        ("example", ", ".join(str(directory / each) for each in examples)),
        *_provide(of, called, directory),
    ]
    _tell(directory, made, steps, json=json)


def adapter(
    system: System = None,
    kind: Annotated[str, typer.Option(help=f"{', '.join(PROVIDER_KINDS)}.", autocompletion=provider_kinds)] = "rest",
    contract: Annotated[
        str | None, typer.Option(help="What it provides, or is pushed.", autocompletion=contract_names)
    ] = None,
    publishes: Annotated[
        str | None, typer.Option(help="Instead: the contract whose events it publishes.", autocompletion=contract_names)
    ] = None,
    url: Annotated[str, typer.Option(help="Where the system is.")] = "http://127.0.0.1:9000",
    codes: Annotated[str, typer.Option(help="Of a routed contract: the codes it answers for, with commas.")] = "",
    agency: AgencyOf = None,
    directory: InWorkspace = Path(),
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0; 2: it exists, or names what there is not."""
    speak(lang)
    if kind not in PROVIDER_KINDS:
        remedy = meant(kind, PROVIDER_KINDS, said("kinds"))
        fail(said("there is no kind of provider “{kind}”: {remedy}", kind=kind, remedy=remedy), Exit.USAGE)
    called = _given(system, "SYSTEM", "ask_system")
    if publishes is not None:
        made = _told(lambda: make_publisher(directory, called, publishes, agency), directory)
        _tell(directory, made, _use(publishes, called, directory), json=json, secret=True)
        return
    of = contract or _only_contract(directory)
    wanted = tuple(each.strip() for each in codes.split(",") if each.strip())
    made = _told(lambda: make_adapter(directory, called, kind, of, url, told(), agency, wanted), directory)
    steps = [("mapping", f"{directory / 'systems' / called}.yaml"), ("test", f"lienthong test {directory}")]
    steps.append(("grant", f"lienthong new grant {_a_system()} {of} -C {directory}"))
    _tell(directory, made, steps, json=json, secret=kind == "webhook")


def grant(
    system: System = None,
    contract: Annotated[str | None, typer.Argument(help="What it may use.", autocompletion=contract_names)] = None,
    agency: AgencyOf = None,
    directory: InWorkspace = Path(),
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0; 2: it exists, or nobody provides the contract."""
    speak(lang)
    called = _given(system, "SYSTEM", "ask_system")
    of = contract or _only_contract(directory)
    made = _told(lambda: make_grant(directory, called, of, told(), agency), directory)
    steps = [("narrow", str(directory / next(each for each in made.written if each.startswith("grants/"))))]
    steps += _use(of, called, directory)
    _tell(directory, made, steps, json=json, secret=True)


def _use(contract: str, system: str, directory: Path) -> Steps:
    """From a checked workspace to a first exchange."""
    of = _made(lambda: contracts_in(directory))[contract]
    as_system = f"--as {system} --env-file {directory / CLIENTS}"
    example = directory / "contracts" / contract / "examples" / "request.json"
    sending = ("send", f"lienthong send {contract} {example} {as_system}")
    publishes = f"publishes: [{contract}]"
    mine = directory / "systems" / f"{system}.yaml"
    pulls = of.pattern is Pattern.EVENT and not (mine.exists() and publishes in mine.read_text(encoding="utf-8"))
    last = ("inbox", f"lienthong inbox {contract} {as_system}") if pulls else sending
    return [("check", f"lienthong check {directory}"), ("serve", f"lienthong serve {directory}"), last]


def _provide(pattern: Pattern, contract: str, directory: Path) -> Steps:
    if pattern is Pattern.EVENT:
        return [("publisher", f"lienthong new adapter {_a_system()} --publishes {contract} -C {directory}")]
    return [("adapter", f"lienthong new adapter {_a_system()} --kind rest --contract {contract} -C {directory}")]


def _given(value: str | None, what: str, question: str, **parameters: str) -> str:
    """What was given; on a terminal it is asked for."""
    if value:
        return value
    if not sys.stdin.isatty():
        fail(said("give {what}", what=what), Exit.USAGE)
    answer: str = typer.prompt(told().say(word(question, **parameters)))
    return answer.strip()


def _only_contract(directory: Path) -> str:
    known = list(_made(lambda: contracts_in(directory)))
    if len(known) == 1:
        return known[0]
    names = ", ".join(known) or "-"
    return _given(None, said("a contract, one of: {names}", names=names), "ask_contract", known=names)


def _pattern(text: str) -> Pattern:
    try:
        return Pattern(text)
    except ValueError:
        remedy = meant(text, list(Pattern), said("patterns"))
        fail(said("there is no pattern “{pattern}”: {remedy}", pattern=text, remedy=remedy), Exit.USAGE)


def _told(make: Callable[[], Made], directory: Path) -> Made:
    """As `_made`, with the way out where nobody provides the contract."""
    try:
        return _made(make)
    except NobodyProvides as missing:
        contract = str(missing)
        steps = _provide(contracts_in(directory)[contract].pattern, contract, directory)
        fail(in_lines((word("no_provider", contract=contract), *(f"  {line}" for _, line in steps))), Exit.USAGE)


def _made(make: Callable[[], Result]) -> Result:
    try:
        return make()
    except NobodyProvides:
        raise
    except CannotMake as error:
        fail(error, Exit.USAGE)
    except OSError as error:
        fail(error)


def _tell(root: Path, made: Made, steps: Steps, *, json: bool, secret: bool = False) -> None:
    """What was written, and what to do next."""
    for finding in made.errors:
        say(finding.words(), colour=typer.colors.RED, err=True)
    if json:
        print_json({"written": made.written, "changed": made.changed, "next": [line for _, line in steps]})
    else:
        _tell_people(root, made, steps, secret=secret)
    if made.errors:
        raise typer.Exit(Exit.INVALID)


def _tell_people(root: Path, made: Made, steps: Steps, *, secret: bool) -> None:
    here = told()
    for name, paths, colour in (("written", made.written, "green"), ("changed", made.changed, "yellow")):
        for path in paths:
            typer.secho(f"{here.say(word(name)):>12}  {root / path}", fg=colour)
    if secret:
        say(word("secret"))
    typer.secho("\n" + here.say(word("next")), bold=True)
    for name, line in steps:
        typer.echo(f"  # {here.say(word(name))}\n  {line}")


def _a_system() -> str:
    return told().gettext("SYSTEM-ID")

"""`lienthong new …`: the first files of a workspace, and its secrets. Nothing that exists is overwritten."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from argon2 import PasswordHasher
from pydantic import TypeAdapter, ValidationError

from adapters.systems.kinds import KINDS
from adapters.workspace.agency_insertion import CannotInsert, with_system
from adapters.workspace.reading import BUS, load
from adapters.workspace.scaffolds import (
    AdapterWish,
    Scaffold,
    new_adapter,
    new_contract,
    new_grant,
    new_publisher,
    new_workspace,
    secret_file,
    system_entry,
    webhook_file,
    webhook_secret,
)
from adapters.workspace.schemas import FOLDER, write_schemas
from adapters.workspace.snapshot import Workspace
from adapters.workspace.values import AgencyCode, Name
from contracts.catalogue import Contract
from contracts.findings import Finding, Severity
from contracts.inference import CannotInfer
from contracts.json_types import JsonValue
from contracts.outcome import Pattern
from contracts.reasons import known_reason, words_of
from contracts.said import in_lines, said
from contracts.speech import Speech
from contracts.spelling import meant
from gateway.auth.keys import write_token_key
from gateway.wiring.offline import InvalidWorkspace, load_workspace

PROVIDER_KINDS: Final = tuple(KINDS)
CLIENTS: Final = "secrets/clients.env"
"""Where the client secrets lie that were made here: what `lienthong send --env-file` reads."""


class CannotMake(Exception):
    """Nothing was written; the message says why."""


class NobodyProvides(CannotMake):
    """A grant, or being pushed events, needs somebody who provides the contract or publishes its events."""


@dataclass(slots=True)
class Made:
    """Files by their path in the workspace. `errors` are what is wrong with the workspace now."""

    written: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    errors: Sequence[Finding] = ()


def make_workspace(root: Path, name: str, agency: str, agency_name: str, port: int, here: Speech) -> Made:
    """A workspace with one agency, a token key, and the schemas for editors. CannotMake, OSError."""
    _named(Name, name, said("the name of the bus"))
    _named(AgencyCode, agency, said("the agency"))
    if root.exists() and any(root.iterdir()):
        raise CannotMake(said("{root} is not empty; give a folder that does not exist yet", root=root))
    made = _write(root, new_workspace(name, agency, agency_name, port, here), {})
    _secrets_of(root)
    write_token_key(root / "secrets/token.pem")
    made.written += ["secrets/token.pem", *(path.relative_to(root).as_posix() for path in write_schemas(root / FOLDER))]
    return _checked(root, made)


def make_contract(
    root: Path,
    name: str,
    pattern: Pattern,
    here: Speech,
    like: Path | None = None,
    reply_like: Path | None = None,
) -> Made:
    """A contract; its schemas are drawn from sample records where there are some. CannotMake, OSError."""
    _named(Name, name, said("the contract"))
    if not (root / BUS).is_file():
        raise CannotMake(
            said(
                "{root} is not a workspace: make one with `lienthong new workspace DIR`, or give it with -C", root=root
            )
        )
    if reply_like is not None and pattern is not Pattern.QUERY:
        raise CannotMake(said("a {pattern} has no reply: leave out --reply-like", pattern=pattern))
    if (root / "contracts" / name).exists():
        raise CannotMake(said("{name} exists; nothing is overwritten", name=f"contracts/{name}"))
    samples, replies = (None if path is None else _samples(path) for path in (like, reply_like))
    try:
        files = new_contract(name, pattern, here, samples, replies)
    except CannotInfer as error:
        raise CannotMake(said("no schema can be drawn from the sample: {why}", why=words_of(error))) from None
    return _checked(root, _write(root, files, {}))


def make_adapter(
    root: Path,
    system: str,
    kind: str,
    contract: str,
    url: str,
    here: Speech,
    agency: str | None = None,
    codes: tuple[str, ...] = (),
) -> Made:
    """An adapter for one contract; the system is added to its agency where it is new. CannotMake, OSError."""
    workspace = _workspace(root)
    of = _contract(workspace, contract)
    if of.pattern is Pattern.QUERY and kind == "webhook":
        raise CannotMake(
            said("a webhook gives no data, so no query can be asked through it: take --kind rest or python")
        )
    if of.route is not None and not codes:
        raise CannotMake(
            said(
                "{contract} finds its receiver by {codelist}: give --codes, those it answers for",
                contract=contract,
                codelist=of.route.codelist,
            )
        )
    today = date.today()  # noqa: DTZ011 - the day on the wall of who types
    files = new_adapter(workspace, AdapterWish(system, kind, of, url, today, codes), here)
    private = {webhook_file(system): webhook_secret(secrets.token_bytes(32))} if kind == "webhook" else {}
    if of.pattern is Pattern.EVENT:
        files = {**files, **_grant(workspace, system, of, today, here)}
    return _with_system(root, workspace, system, agency, files, private, signs_in=False)


def make_publisher(root: Path, system: str, contract: str, agency: str | None = None) -> Made:
    """A system that publishes a contract's events, with its credentials. CannotMake, OSError."""
    workspace = _workspace(root)
    of = _contract(workspace, contract)
    if of.pattern is not Pattern.EVENT:
        raise CannotMake(
            said("{contract} is a {pattern}: only events are published", contract=contract, pattern=of.pattern)
        )
    return _with_system(root, workspace, system, agency, new_publisher(system, contract), {}, signs_in=True)


def make_grant(root: Path, system: str, contract: str, here: Speech, agency: str | None = None) -> Made:
    """A grant for one system, which is added with its credentials where it is new. CannotMake, OSError."""
    workspace = _workspace(root)
    known = workspace.systems.get(system)
    if known is not None and not known.credentials:
        remedy = f'credentials: [{{client_id: {system}, secret: "file:{secret_file(system)}"}}]'
        raise CannotMake(
            said(
                "{system} has no credentials, so it could not use a grant: give it some in agencies/: {remedy}",
                system=system,
                remedy=remedy,
            )
        )
    today = date.today()  # noqa: DTZ011 - the day on the wall of who types
    files = _grant(workspace, system, _contract(workspace, contract), today, here)
    return _with_system(root, workspace, system, agency, files, {}, signs_in=True)


def contracts_in(root: Path) -> Mapping[str, Contract]:
    """The contracts of a workspace. CannotMake."""
    return _workspace(root).contracts


def _workspace(root: Path) -> Workspace:
    try:
        return load_workspace(root)
    except InvalidWorkspace as error:
        first = said("mend the workspace first (`lienthong check {root}`):", root=root)
        raise CannotMake(in_lines((first, words_of(error)))) from None


def _contract(workspace: Workspace, name: str) -> Contract:
    found = workspace.contracts.get(name)
    if found is None:
        raise CannotMake(
            said(
                "there is no contract {name}: {remedy}",
                name=name,
                remedy=meant(name, workspace.contracts, said("contracts")),
            )
        )
    return found


def _grant(workspace: Workspace, system: str, contract: Contract, since: date, here: Speech) -> Scaffold:
    wanted = (contract.name, contract.latest)
    offering = workspace.publishers if contract.pattern is Pattern.EVENT else workspace.services
    providers = [each.system for each in offering if (each.contract, each.major) == wanted]
    if not providers:
        raise NobodyProvides(contract.name)
    return new_grant(f"{system}-{contract.name.rpartition('.')[2]}", system, contract.name, providers, since, here)


def _with_system(
    root: Path,
    workspace: Workspace,
    system: str,
    agency: str | None,
    files: Scaffold,
    private: Scaffold,
    *,
    signs_in: bool,
) -> Made:
    """Write `files`; add the system, with a secret where it `signs_in`, to its agency where it is new."""
    _named(Name, system, said("the system"))
    if system in workspace.systems:
        return _checked(root, _write(root, files, private))
    name, text = _with_entry(root, workspace, system, agency, secret_file(system) if signs_in else None)
    if signs_in:
        secret = secrets.token_urlsafe(24)
        private = {**private, secret_file(system): PasswordHasher().hash(secret) + "\n"}
    made = _write(root, files, private)
    _replace(root / name, text)
    made.changed.append(name)
    if signs_in:
        _note_client(root, workspace, system, secret)
        made.changed.append(CLIENTS)
    return _checked(root, made)


def _with_entry(
    root: Path, workspace: Workspace, system: str, agency: str | None, secret: str | None
) -> tuple[str, str]:
    """The file of agencies that the system belongs to, and its text with the system in it."""
    if agency is None and len(workspace.agencies) > 1:
        raise CannotMake(
            said(
                "{system} is new: give its agency with --agency, one of {agencies}",
                system=system,
                agencies=", ".join(workspace.agencies),
            )
        )
    code = agency or next(iter(workspace.agencies), "")
    if code not in workspace.agencies:
        raise CannotMake(
            said(
                "there is no agency {code}: {remedy}",
                code=code,
                remedy=meant(code, workspace.agencies, said("agencies")),
            )
        )
    entry = system_entry(system, system, secret)
    for path in sorted((root / "agencies").glob("*.yaml")):
        try:
            return path.relative_to(root).as_posix(), with_system(path.read_text(encoding="utf-8"), code, entry)
        except CannotInsert:
            continue
    raise CannotMake(
        said("the system cannot be added by itself: add it to {code} in agencies/: {entry}", code=code, entry=entry)
    )


def _write(root: Path, files: Scaffold, private: Scaffold) -> Made:
    """All or, where one of them exists, none."""
    for name in (*files, *private):
        if (root / name).exists():
            raise CannotMake(said("{name} exists; nothing is overwritten", name=name))
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        with (root / name).open("x", encoding="utf-8") as file:
            file.write(text)
    if private:
        _secrets_of(root)
    for name, text in private.items():
        _write_private(root / name, text, os.O_EXCL)
    return Made([*files, *private])


def _replace(path: Path, text: str) -> None:
    """The whole file or, after a crash, the one before."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _secrets_of(root: Path) -> None:
    (root / "secrets").mkdir(mode=0o700, exist_ok=True)


def _write_private(path: Path, text: str, flag: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _note_client(root: Path, workspace: Workspace, system: str, secret: str) -> None:
    """Where the one who tries it out finds it; the bus itself keeps the hash alone."""
    _secrets_of(root)
    http, path = workspace.bus.http, root / CLIENTS
    head = "" if path.exists() else f"LIENTHONG_URL=http://{http.host}:{http.port}\n"
    variable = system.upper().replace("-", "_")
    _write_private(path, f"{head}{variable}_CLIENT_ID={system}\n{variable}_CLIENT_SECRET={secret}\n", os.O_APPEND)


def _samples(path: Path) -> list[JsonValue]:
    """The records of a file: one, a list of them, or one a line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CannotMake(
            said(
                "{path} cannot be read: {why}",
                path=path,
                why=known_reason(getattr(error, "strerror", None) or str(error)),
            )
        ) from None
    try:
        found = json.loads(text)
    except ValueError as error:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            raise CannotMake(said("{path} is no JSON: {why}", path=path, why=known_reason(str(error)))) from None
    return found if isinstance(found, list) else [found]


def _named(form: Any, text: str, what: str) -> None:  # noqa: ANN401 - an annotated type
    try:
        TypeAdapter(form).validate_python(text)
    except ValidationError:
        raise CannotMake(
            said(
                "{what} “{text}”: {why}",
                what=what,
                text=text,
                why=said("small letters, digits, “.” and “-”, a letter first")
                if form is Name
                else said("letters, digits and “.”, as in H00.01"),
            )
        ) from None


def _checked(root: Path, made: Made) -> Made:
    made.errors = [each for each in load(root).findings if each.severity is Severity.ERROR]
    return made

"""Setting the model city up in a folder, so that the next start finds everything as it was."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from contracts.reasons import words_of
from contracts.said import said
from deploy.ports import free_ports, is_free
from gateway.auth.keys import write_token_key
from gateway.wiring.offline import write_schemas

SYSTEMS: Final = ("dancu", "gddt", "truong-lien-chieu", "motcua-hoi-an", "quantrac", "dieuhanh")
OPERATOR: Final = "vanhanh"
RECEIVERS: Final = {"dancu": 9101, "gddt": 9102, "truong-lien-chieu": 9103, "dieuhanh": 9104}
_STATION: Final = "/srv/quantrac"
_PASSWORD: Final = "LIENTHONG_CONSOLE_PASSWORD"  # noqa: S105 - the name of a line
_PREFIX: Final = "LIENTHONG_TOPIC_PREFIX"


class CannotSetUp(Exception):
    """The folder cannot hold a model city; the message says why."""


@dataclass(frozen=True, slots=True)
class City:
    """A model city that is set up. `env` are the lines of `demo.env`; `ports` those of the sample systems."""

    data: Path
    port: int
    env: dict[str, str]
    ports: dict[str, int]

    @property
    def workspace(self) -> Path:
        """The folder that a bus serves."""
        return self.data / "workspace"

    @property
    def url(self) -> str:
        """The gateway."""
        return self.env["LIENTHONG_URL"]

    def journal(self, system: str) -> Path:
        """The file in which a sample system writes what it received."""
        return self.data / "systems" / f"{system}.jsonl"

    @property
    def station(self) -> Path:
        """The folder that the air station leaves its files in."""
        return self.data / "stations" / "quantrac"

    @property
    def webhook_secret(self) -> Path:
        """The file with the secret that the bus and the operations centre share."""
        return self.data / "secrets" / "dieuhanh.webhook"

    @property
    def operator(self) -> tuple[str, str]:
        """The name and the password of the person who operates the city, for its console."""
        return OPERATOR, self.env[_PASSWORD]

    def credentials(self, system: str) -> tuple[str, str]:
        """The client id and secret of a system."""
        name = variable_of(system)
        return self.env[f"{name}_CLIENT_ID"], self.env[f"{name}_CLIENT_SECRET"]


def set_up(data: Path, port: int, log: str) -> City:
    """Prepare `data` for a city whose gateway listens on `port` and whose log is memory, sqlite or kafka://HOST:PORT.

    Credentials, the token key and the topic prefix are drawn once a folder. CannotSetUp.
    """
    try:
        for folder in ("systems", "secrets", "stations/quantrac"):
            (data / folder).mkdir(parents=True, exist_ok=True)
        env = _credentials(data)
        env["LIENTHONG_URL"] = f"http://127.0.0.1:{port}"
        env.setdefault(_PREFIX, f"lt-{secrets.token_hex(4)}")
        _write_env(data / "demo.env", env)
        ports = _free_ports(data)
        _copy_workspace(data, ports)
        _set_station(data)
        _draw_webhook_secret(data / "secrets" / "dieuhanh.webhook")
        _set_bus(data / "workspace" / "bus.yaml", port, transport_of(log), env[_PREFIX])
    except OSError as error:
        raise CannotSetUp(words_of(error)) from error
    if log == "memory":
        # The log of the last run is gone, and a ledger of another log would be refused.
        for leftover in data.glob("ledger.db*"):
            leftover.unlink()
    return City(data, port, env, ports)


def variable_of(system: str) -> str:
    """How a system is called in `demo.env`."""
    return system.upper().replace("-", "_")


def transport_of(log: str) -> str:
    """The transport for `bus.yaml`. CannotSetUp."""
    if log == "memory":
        return "memory:"
    if log == "sqlite":
        return "sqlite:../log.db"
    if log.startswith("kafka://"):
        return log
    raise CannotSetUp(said("--log is memory, sqlite or kafka://HOST:PORT, not {log}", log=log))


def _credentials(data: Path) -> dict[str, str]:
    env = _read_env(data / "demo.env")
    key = data / "secrets" / "token.pem"
    if not key.exists():
        write_token_key(key)
    for system in SYSTEMS:
        name, hashed = variable_of(system), data / "secrets" / f"{system}.hash"
        if f"{name}_CLIENT_SECRET" in env and hashed.exists():
            continue
        env[f"{name}_CLIENT_ID"] = system
        env[f"{name}_CLIENT_SECRET"] = secrets.token_urlsafe(24)
        hashed.write_text(PasswordHasher().hash(env[f"{name}_CLIENT_SECRET"]) + "\n", encoding="utf-8")
        hashed.chmod(0o600)
    _draw_password(data / "secrets" / f"{OPERATOR}.hash", env)
    return env


def _draw_password(hashed: Path, env: dict[str, str]) -> None:
    """The operator's: drawn once a folder, easy to type, and in clear in `demo.env` alone."""
    if _PASSWORD not in env or not hashed.exists():
        env[_PASSWORD] = "-".join(secrets.token_hex(2) for _ in range(3))
        hashed.write_text(PasswordHasher().hash(env[_PASSWORD]) + "\n", encoding="utf-8")
        hashed.chmod(0o600)


def _read_env(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name: value for name, _, value in pairs}


def _write_env(path: Path, env: dict[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in sorted(env.items()))
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def _free_ports(data: Path) -> dict[str, int]:
    """The sample systems' ports: those of the last run where they are free, so that the workspace stays the same."""
    remembered = _read_env(data / "systems" / "ports.env")
    ports, others = {}, free_ports(len(RECEIVERS))
    for system in RECEIVERS:
        wanted = int(remembered.get(system, "0"))
        ports[system] = wanted if wanted and is_free(wanted) else others.pop()
    lines = "".join(f"{system}={port}\n" for system, port in ports.items())
    (data / "systems" / "ports.env").write_text(lines, encoding="utf-8")
    return ports


def _copy_workspace(data: Path, ports: dict[str, int]) -> None:
    source, target = Path(__file__).with_name("workspace"), data / "workspace"
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".schemas"))
    write_schemas(target / ".schemas")
    for system, port in ports.items():
        adapter = target / "systems" / f"{system}.yaml"
        text = adapter.read_text(encoding="utf-8")
        adapter.write_text(text.replace(f"127.0.0.1:{RECEIVERS[system]}", f"127.0.0.1:{port}"), encoding="utf-8")


def _set_station(data: Path) -> None:
    adapter = data / "workspace" / "systems" / "quantrac.yaml"
    text = adapter.read_text(encoding="utf-8")
    adapter.write_text(text.replace(_STATION, str(data / "stations" / "quantrac")), encoding="utf-8")


def _draw_webhook_secret(path: Path) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode() + "\n", encoding="utf-8")


def _set_bus(path: Path, port: int, transport: str, prefix: str) -> None:
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition(":")[0]
        if key == "transport":
            lines += [f'transport: "{transport}"', f"prefix: {prefix}"]
        elif key == "http":
            lines.append(f"http: {{host: 127.0.0.1, port: {port}}}")
        else:
            lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

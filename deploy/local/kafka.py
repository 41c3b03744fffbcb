"""Apache Kafka on this machine, without containers: `python -m deploy.local.kafka --data DIR [--port N] [--nodes 1|3]`.

The jars come from Maven Central (`pom.xml` beside this file names the version) and are kept in a cache, by default
`~/.cache/lienthong/kafka`. Java 17 is needed, Maven only for the first run. `LocalKafka` is the same for tests, which
also kill and suspend it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from deploy.local.certificates import Authority
from deploy.ports import free_ports

_HERE: Final = Path(__file__).parent
_HOST: Final = "127.0.0.1"
_STARTED: Final = "Kafka Server started"
_UP_S: Final = 60.0
_DOWN_S: Final = 15.0
_CLUSTER: Final = "bGllbnRob25nLWxvY2FsIQ"
_HEAP_MB: Final = 384
_SCRAM: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256")


class KafkaMissing(Exception):
    """Kafka cannot be run here; the message says what to install or do."""


def default_cache() -> Path:
    """Where the jars are kept."""
    return Path("~/.cache/lienthong/kafka").expanduser()


def cached_jars(cache: Path | None = None) -> Path | None:
    """The folder with the jars of the version that `pom.xml` names; None where they were not resolved yet."""
    folder = _folder(cache)
    return folder if folder.is_dir() else None


def resolve_jars(cache: Path | None = None) -> Path:
    """The folder with the jars, resolved by Maven where it is not there yet. KafkaMissing."""
    folder = _folder(cache)
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise KafkaMissing("Maven is needed once, to resolve Apache Kafka: apt-get install maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch, "jars")
        done = subprocess.run(
            [
                "mvn",
                "-B",
                "-q",
                "-f",
                str(_HERE / "pom.xml"),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={target}",
                "-DincludeScope=runtime",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KafkaMissing(f"Maven could not resolve Apache Kafka:\n{(done.stdout + done.stderr)[-2000:]}")
        try:
            # A rename is all or nothing, so a folder that is there is complete.
            target.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _folder(cache: Path | None) -> Path:
    pom = (_HERE / "pom.xml").read_bytes()
    return (cache or default_cache()) / hashlib.sha256(pom).hexdigest()[:12]


@dataclass(slots=True)
class _Node:
    """One broker and controller in one process."""

    number: int
    folder: Path
    port: int
    controller_port: int
    secure_port: int
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def log(self) -> Path:
        return self.folder / f"server.{self.starts}.log"


@dataclass(slots=True)
class LocalKafka:
    """A Kafka of one node, or of three with replication 3 and min.insync.replicas 2.

    `data` None: a folder of its own that goes with `stop`. `port` is the first node's; 0 and all others: free ones.
    Killed nodes start again on the same data and ports. Node numbers begin at 1; None means all of them.

    With `users`, names with their passwords, each node listens a second time: over TLS, with a certificate of an
    authority of its own (`authority`), to those users by SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN (`secure_bootstrap`).
    """

    nodes: int = 1
    data: Path | None = None
    port: int = 0
    cache: Path | None = None
    heap_mb: int = _HEAP_MB
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    _authority: Authority | None = None
    _nodes: list[_Node] = field(default_factory=list)
    _jars: Path = Path()
    _own: tempfile.TemporaryDirectory[str] | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port,…` of every node, as clients want it."""
        return ",".join(f"{_HOST}:{node.port}" for node in self._nodes)

    @property
    def secure_bootstrap(self) -> str:
        """The same for those who speak TLS and say who they are."""
        return ",".join(f"{_HOST}:{node.secure_port}" for node in self._nodes)

    @property
    def authority(self) -> Authority:
        """Who signed the nodes' certificates. ValueError where there are no users."""
        if self._authority is None:
            raise ValueError("this Kafka runs without users, so without certificates")
        return self._authority

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self, node: int | None = None) -> None:
        """Start what does not run and wait until it serves. KafkaMissing, TimeoutError."""
        if shutil.which("java") is None:
            raise KafkaMissing("Java 17 or later is needed: apt-get install default-jre-headless")
        self._jars = resolve_jars(self.cache)
        if not self._nodes:
            self._lay_out()
        stopped = [each for each in self._chosen(node) if each.process is None]
        for each in stopped:
            self._launch(each)
        for each in stopped:
            self._await_start(each)

    def stop(self, node: int | None = None) -> None:
        """End in order (SIGTERM); stopping all of it removes a folder of its own. Idempotent."""
        running = [each for each in self._chosen(node) if each.process is not None]
        for each in running:
            self._signal(each, signal.SIGCONT)
            self._signal(each, signal.SIGTERM)
        for each in running:
            self._reap(each, _DOWN_S)
        if node is None and self._own is not None:
            self._own.cleanup()
            self._own = None
            self._nodes.clear()

    def kill(self, node: int | None = None) -> None:
        """End without warning (SIGKILL), as a power cut would."""
        for each in self._chosen(node):
            if each.process is not None:
                self._signal(each, signal.SIGKILL)
                self._reap(each, _DOWN_S)

    def pause(self, node: int | None = None) -> None:
        """Suspend (SIGSTOP): connections stay open and nothing answers. Returns once it has stopped."""
        for each in self._chosen(node):
            self._signal(each, signal.SIGSTOP)
            if each.process is not None:
                # On a busy machine the signal waits for a turn, and the broker answers until then.
                os.waitid(os.P_PID, each.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self, node: int | None = None) -> None:
        """Undo `pause`."""
        for each in self._chosen(node):
            self._signal(each, signal.SIGCONT)

    def running(self) -> bool:
        """Whether every node's process is alive."""
        return bool(self._nodes) and all(
            node.process is not None and node.process.poll() is None for node in self._nodes
        )

    def _chosen(self, node: int | None) -> list[_Node]:
        return [each for each in self._nodes if node is None or each.number == node]

    def _lay_out(self) -> None:
        root = self.data
        if root is None:
            self._own = tempfile.TemporaryDirectory(prefix="lienthong-kafka-")
            root = Path(self._own.name)
        ports = free_ports(3 * self.nodes)
        if self.port:
            ports[0] = self.port
        self._nodes = [
            _Node(number, root / f"node{number}", port, controller_port, secure_port)
            for number, port, controller_port, secure_port in zip(
                range(1, self.nodes + 1),
                ports[: self.nodes],
                ports[self.nodes : 2 * self.nodes],
                ports[2 * self.nodes :],
                strict=True,
            )
        ]
        if self.users:
            self._authority = Authority(root / "certificates")
        for node in self._nodes:
            node.folder.mkdir(parents=True, exist_ok=True)
            node.properties.write_text(self._properties(node), encoding="utf-8")

    def _properties(self, node: _Node) -> str:
        voters = ",".join(f"{each.number}@{_HOST}:{each.controller_port}" for each in self._nodes)
        copies, insync = min(3, self.nodes), min(2, self.nodes)
        settings: dict[str, object] = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{_HOST}:{node.port},CONTROLLER://{_HOST}:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{_HOST}:{node.port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": node.folder / "log",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": insync,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": insync,
            # What the defaults wait for suits clusters with many machines, not tests.
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "num.network.threads": 2,
            "num.io.threads": 4,
        }
        if self._authority is not None:
            settings |= self._secured(node, self._authority, settings)
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def _secured(self, node: _Node, authority: Authority, settings: Mapping[str, object]) -> dict[str, object]:
        """What a second listener for `users` adds to the settings."""
        certificate, key = authority.issue(f"node{node.number}", _HOST)
        store = node.folder / "store.pem"
        store.touch(mode=0o600)
        store.write_bytes(key.read_bytes() + certificate.read_bytes())
        listener, of = f",SASL_SSL://{_HOST}:{node.secure_port}", "listener.name.sasl_ssl."
        known = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        login = "org.apache.kafka.common.security"
        return {
            "listeners": f"{settings['listeners']}{listener}",
            "advertised.listeners": f"{settings['advertised.listeners']}{listener}",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
            f"{of}ssl.keystore.type": "PEM",
            f"{of}ssl.keystore.location": store,
            f"{of}ssl.truststore.type": "PEM",
            f"{of}ssl.truststore.location": authority.ca,
            f"{of}ssl.client.auth": "requested",
            f"{of}sasl.enabled.mechanisms": ",".join((*_SCRAM, "PLAIN")),
            **{
                f"{of}{mechanism.lower()}.sasl.jaas.config": f"{login}.scram.ScramLoginModule required;"
                for mechanism in _SCRAM
            },
            f"{of}plain.sasl.jaas.config": f"{login}.plain.PlainLoginModule required {known};",
        }

    def _launch(self, node: _Node) -> None:
        formatted = self._java("kafka.tools.StorageTool", "format", "--ignore-formatted")
        formatted += ["--cluster-id", _CLUSTER, "--config", str(node.properties)]
        for name, password in self.users.items():
            for mechanism in _SCRAM:
                formatted += ["--add-scram", f"{mechanism}=[name={name},password={password}]"]
        done = subprocess.run(formatted, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaMissing(f"the storage of node {node.number} cannot be formatted: {done.stdout}{done.stderr}")
        node.starts += 1
        with node.log.open("wb") as out:
            node.process = subprocess.Popen(
                self._java("kafka.Kafka", str(node.properties)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # A Ctrl-C is for whoever started this; they end the nodes in order.
                start_new_session=True,
            )

    def _java(self, main: str, *arguments: str) -> list[str]:
        options = ["-Xms64m", f"-Xmx{self.heap_mb}m", "-XX:+UseG1GC", "-Djava.awt.headless=true"]
        options.append(f"-Dlog4j2.configurationFile={_HERE / 'log4j2.xml'}")
        return ["java", *options, "-cp", f"{self._jars}/*", main, *arguments]

    def _await_start(self, node: _Node) -> None:
        until = time.monotonic() + _UP_S
        while time.monotonic() < until:
            said = node.log.read_text(encoding="utf-8", errors="replace")
            if _STARTED in said:
                return
            if node.process is None or node.process.poll() is not None:
                node.process = None
                raise KafkaMissing(f"node {node.number} ended while it started:\n{said[-2000:]}")
            time.sleep(0.05)
        raise TimeoutError(f"node {node.number} did not start within {_UP_S:.0f} s; see {node.log}")

    def _signal(self, node: _Node, number: signal.Signals) -> None:
        if node.process is not None and node.process.poll() is None:
            node.process.send_signal(number)

    def _reap(self, node: _Node, wait_s: float) -> None:
        process, node.process = node.process, None
        if process is None:
            return
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """Run Kafka in the foreground until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kafka", description="Apache Kafka on this machine")
    parser.add_argument("--data", type=Path, required=True, help="where the log is kept")
    parser.add_argument("--port", type=int, default=9092, help="of the first node (0: a free one)")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--cache", type=Path, default=None, help=f"where the jars are kept ({default_cache()})")
    parser.add_argument("--heap-mb", type=int, default=_HEAP_MB, help="of each node")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    kafka = LocalKafka(options.nodes, options.data, options.port, options.cache, options.heap_mb)
    try:
        kafka.start()
        print(f"kafka://{kafka.bootstrap}", flush=True)
        while kafka.running() and not ended.wait(0.5):
            pass
        if not ended.is_set():
            sys.exit(f"a node ended by itself; see the logs in {options.data}")
    except (KafkaMissing, TimeoutError) as error:
        sys.exit(str(error))
    finally:
        kafka.stop()


if __name__ == "__main__":
    main()

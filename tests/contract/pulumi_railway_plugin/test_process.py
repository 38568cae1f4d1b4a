"""The executable as the engine runs it: port, signals, a parent that dies, interpreters, and what it must not show."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

import pulumi_railway
from pulumi_railway.plugin import process
from pulumi_railway.plugin.protocol import provider_pb2, provider_pb2_grpc

pytestmark = pytest.mark.contract

SECRETS = {
    "RAILWAY_TOKEN": "project-t0ken",
    "RAILWAY_API_TOKEN": "account-t0ken",
    "GOOGLE_OAUTH_ACCESS_TOKEN": "goog-t0ken",
}
PATIENCE = 30


@dataclass(frozen=True)
class Started:
    """A plugin's process and the port it announced."""

    popen: subprocess.Popen[str]
    port: int

    def handshake(self) -> None:
        with grpc.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Handshake(provider_pb2.ProviderHandshakeRequest(), timeout=PATIENCE)


@pytest.fixture
def executable(root: Path) -> Path:
    return root / "pulumi_railway" / "bin" / "pulumi-resource-railway"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What an engine passes on, with this interpreter as the program's own."""
    prefix = str(Path(sys.executable).parent.parent)
    return {"PATH": os.defpath, "HOME": str(tmp_path), "PULUMI_RUNTIME_VIRTUALENV": prefix, **SECRETS}


@pytest.fixture
def started(executable: Path, environ: dict[str, str], tmp_path: Path) -> Iterator[Started]:
    command = [str(executable), "-tracing", "http://127.0.0.1:9", "127.0.0.1:9"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as popen:
        assert popen.stdout
        yield Started(popen, int(popen.stdout.readline()))
        popen.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(started: Started, number: signal.Signals) -> None:
    started.handshake()
    started.popen.send_signal(number)
    stdout, stderr = started.popen.communicate(timeout=PATIENCE)
    assert (started.popen.returncode, stdout, stderr) == (0, "", "")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks Linux for the sockets")
def test_it_listens_on_loopback_only(started: Started) -> None:
    tables = [Path(f"/proc/{started.popen.pid}/net/{name}").read_text(encoding="ascii") for name in ("tcp", "tcp6")]
    sockets = [line.split()[1] for table in tables for line in table.splitlines()[1:]]
    addresses = {address.rpartition(":")[0] for address in sockets if address.endswith(f":{started.port:04X}")}
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert addresses


def test_no_token_is_in_its_arguments(started: Started) -> None:
    command = ["ps", "-ww", "-o", "args=", "-p", str(started.popen.pid)]
    arguments = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "pulumi_railway.plugin" in arguments
    assert not any(secret in arguments for secret in SECRETS.values())


def test_the_announced_port_answers_at_once(started: Started) -> None:
    started.handshake()


def test_it_ends_with_its_parent(executable: Path, environ: dict[str, str]) -> None:
    """An engine that is killed cannot ask a plugin to stop. The plugin holds the pipe that is read to its end here."""
    engine = (
        "import os, subprocess, sys; plugin = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True); "
        "print(plugin.stdout.readline(), flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", engine, str(executable), "127.0.0.1:9"]
    killed = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert killed.stderr == ""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(killed.stdout))) == errno.ECONNREFUSED


def test_the_executable_runs_from_a_link(executable: Path, environ: dict[str, str], tmp_path: Path) -> None:
    link = tmp_path / "pulumi-resource-railway"
    link.symlink_to(executable)
    with subprocess.Popen([link], env=environ, cwd="/", stdout=subprocess.PIPE, text=True) as popen:
        assert popen.stdout
        assert int(popen.stdout.readline()) > 0
        popen.send_signal(signal.SIGTERM)
    assert popen.returncode == 0


@pytest.mark.parametrize("variable", ["PULUMI_RUNTIME_VIRTUALENV", "VIRTUAL_ENV"])
def test_the_executable_takes_the_interpreter_it_is_given(executable: Path, tmp_path: Path, variable: str) -> None:
    python = tmp_path / "chosen" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PYTHONPATH $*"\n', encoding="utf-8")
    python.chmod(0o755)
    environ = {"PATH": os.defpath, variable: "chosen", "PYTHONPATH": "/more"}
    said = subprocess.run([executable, "a:1"], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == f"{executable.parent.parent.parent}:/more -m pulumi_railway.plugin a:1\n"


def test_an_interpreter_without_the_packages_is_one_line(root: Path) -> None:
    command = [sys.executable, "-S", "-m", "pulumi_railway.plugin", "127.0.0.1:9"]
    said = subprocess.run(command, cwd=root, env={}, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.count("\n") == 1
    assert "has no package" in said.stderr
    assert "make install" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["127.0.0.1:5"], "127.0.0.1:5"),
        (["--logtostderr", "-v=9", "-tracing", "http://x:1", "127.0.0.1:5"], "127.0.0.1:5"),
        ([], ""),
        (["--help"], ""),
    ],
)
def test_the_engine_is_the_last_argument(arguments: list[str], address: str) -> None:
    assert process.engine_address(arguments) == address


def test_starting_imports_neither_the_sdk_nor_the_secret_client(root: Path) -> None:
    """What is not needed at every start is not paid at every start."""
    heavy = ["pulumi", "google.cloud", "rich", "click"]
    code = (
        "import sys; from pulumi_railway.plugin import __main__; __main__.load(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_the_package_has_one_version(root: Path) -> None:
    assert pulumi_railway.__version__
    assert f'"version": "{pulumi_railway.__version__}"' in (root / "pulumi_railway/schema.json").read_text("utf-8")


def test_a_signal_lets_a_call_under_way_end_with_what_it_has(root: Path, urn: str, environ: dict[str, str]) -> None:
    """The handler here waits until it is told to stop, as a deployment does."""
    script = """
import sys
from pulumi_railway.handlers.base import State
from pulumi_railway.plugin import process

class Waits:
    def create(self, context, inputs):
        context.log("info", "waiting")
        print("waiting", flush=True)
        return State("interrupted" if context.cancelled.wait(60) else "ran out", {}, {})

process.HANDLERS = {"railway:index:Service": Waits()}
process.serve([])
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=root, env=environ, stdout=subprocess.PIPE, text=True) as popen:
        assert popen.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(popen.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(), timeout=PATIENCE)
            call = stub.Create.future(provider_pb2.CreateRequest(urn=urn), timeout=PATIENCE)
            assert popen.stdout.readline() == "waiting\n"
            popen.send_signal(signal.SIGINT)
            assert call.result().id == "interrupted"
        assert popen.wait(PATIENCE) == 0

"""An engine with the plugins in this process: as fast as it gets, and with their clocks in a test's hands.

Each run gets plugins of its own, as it would get processes of its own: nothing is known from the run before.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from unittest import mock

import pulumi  # noqa: F401 - else the stand-ins put an empty one in its place, as is right in processes of their own
from rich.console import Console

from localcloud.demo import engines
from localcloud.demo.commands import Result
from localcloud.demo.engines import Engine
from localcloud.engine import cli
from localcloud.plugins import server
from localcloud.plugins.gcp import Gcp
from localcloud.plugins.github import Github
from pulumi_railway.api.retries import RetryPolicy
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.deployment import DeploymentHandler
from pulumi_railway.handlers.deployment_follow import Limits
from pulumi_railway.plugin import process
from pulumi_railway.plugin.servicer import RailwayProvider
from pulumi_railway.plugin.settings import read_environment

HASTE = 20
"""How many times faster than Railway's the clocks of the plugin run."""
POLICY = RetryPolicy(backoff=0.01, longest_backoff=0.05)
PROGRAM = {"stacks", "gateway"}
"""The packages of the program itself; that of the plugin is shared with the plugin."""


@dataclass
class Tempo:
    """How long the Railway plugin waits: for deployments in its own, hurried seconds, for answers in real ones."""

    limits: Limits = field(default_factory=Limits)
    policy: RetryPolicy = POLICY

    def provider(self, environ: Mapping[str, str]) -> RailwayProvider:
        """The plugin at this tempo."""
        deployment = DeploymentHandler(limits=self.limits, now=lambda: time.monotonic() * HASTE)
        handlers = {**HANDLERS, deployment.token: deployment}
        environment = read_environment(environ)
        return RailwayProvider(
            handlers, environment, policy=self.policy, sleep=lambda seconds: time.sleep(seconds / HASTE)
        )


@dataclass
class AttachedEngine(Engine):
    """The verbs of either engine, each run attached to plugins in this process; the embedded one runs in it too.

    `results` are all runs so far.
    """

    tempo: Tempo = field(default_factory=Tempo)
    results: list[Result] = field(default_factory=list)

    @classmethod
    def create(cls, name: str, workspace: Path, directory: Path, console: Console) -> Self:
        """The engine of that name for the program in `workspace`; state and logs go below `directory`."""
        made = engines.create(name, workspace, directory, console)
        return cls(made.name, made.commands, made.own, workspace, made.logs, console)

    def _run(self, verb: str, environ: Mapping[str, str], *options: str, show_stdout: bool = True) -> Result:
        with _replaced({**environ, **self.own}), plugins(environ, self.tempo) as ports:
            attached = {"PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in ports.items())}
            if self.name == "embedded":
                os.environ.update(attached)
                command = [*self.commands[verb], *options]
                result = here(self.workspace, command[command.index("localcloud.engine") + 1 :])
            else:
                result = super()._run(verb, {**environ, **attached}, *options, show_stdout=show_stdout)
        self.results.append(result)
        return result


def here(program: Path, arguments: list[str]) -> Result:
    """Run the embedded engine's command line in this process, without the interpreter and module before it."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _modules_of(program),
        contextlib.chdir(program),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = cli.main(arguments)
    return Result(status, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def plugins(environ: Mapping[str, str], tempo: Tempo) -> Iterator[dict[str, int]]:
    """Package -> port of the plugins for one run; the stand-ins read the environment of this process."""
    railway = tempo.provider(environ)
    listening = {"railway": process.listen(railway), "gcp": server.listen(Gcp()), "github": server.listen(Github())}
    for running, _ in listening.values():
        running.start()
    try:
        yield {name: port for name, (_, port) in listening.items()}
    finally:
        railway.cancel()
        for running, _ in listening.values():
            running.stop(None).wait()
        railway.close()


def _replaced(environ: Mapping[str, str]) -> contextlib.AbstractContextManager[object]:
    return mock.patch.dict(os.environ, environ, clear=True)


@contextlib.contextmanager
def _modules_of(program: Path) -> Iterator[None]:
    """Let the program import its own modules from its own directory, and give back those that were here before."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] in PROGRAM}
    for name in before:
        del sys.modules[name]
    with mock.patch.object(sys, "path", [str(program), *sys.path]):
        yield
    sys.modules.update(before)

"""The local cloud as a whole: every service in this process, on loopback, from the first state to the last."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from localcloud.control.app import control_app
from localcloud.control.parts import Parts
from localcloud.core import client, environment, seed
from localcloud.core.calls import CallLog
from localcloud.core.credentials import Identity, Keyring
from localcloud.core.endpoints import Endpoints
from localcloud.core.faults import Faults
from localcloud.core.rundirectory import run_directory
from localcloud.core.server import ThreadedServer
from localcloud.core.working_copy import WorkingCopy
from localcloud.github.app import Github
from localcloud.models.app import ModelProviders
from localcloud.railway import Railway, Speed
from localcloud.secret_manager.app import SecretManager

RAILWAY_PATH = "/graphql/v2"


class LocalCloud:
    """Railway, Secret Manager, GitHub, the model providers and the control API; a context manager.

    `workdir` keeps the environments that deployments are installed into, and for the length of a run everything else
    of it; several local clouds may share one. `repository_dir` is what GitHub and Railway have: its committed HEAD,
    or without git its files. `seed_file` says what there is at the start. Nothing of it outlives the context.

    Raises `WorkingCopyError` and `SeedError` at once, `ServerError` on entering.
    """

    def __init__(
        self, workdir: Path, repository_dir: Path, *, speed: Speed | None = None, seed_file: Path = seed.DEFAULT
    ) -> None:
        self.seed = seed.load(seed_file)
        self.calls, self.faults = CallLog(), Faults()
        self.working_copy = WorkingCopy(repository_dir)
        self.secret_manager = SecretManager(self.seed.secret_manager, self.calls, self.faults)
        self.github = Github(self.seed.github, self.working_copy, self.calls, self.faults)
        self.models = ModelProviders(self.seed.models, self.calls, self._issued)
        self.railway: Railway
        self.parts: Parts
        self.endpoints: Endpoints
        self.keyring: Keyring
        self._workdir = workdir
        self._speed = speed
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def environment(self, identity: Identity = "deploy", base: Mapping[str, str] | None = None) -> dict[str, str]:
        """What to set on top of the environment `base` (this process's) to be a client of this cloud."""
        base = environment.current() if base is None else base
        return client.additions(self.endpoints, self.keyring, identity, self.working_copy.head, base)

    def reset(self) -> None:
        """Bring every service back to the first state; endpoints and credentials stay."""
        self.parts.reset()

    def _issued(self, provider: str) -> frozenset[str]:
        return self.secret_manager.store.payloads(self.seed.models.secrets[provider])

    def _start(self, stack: ExitStack) -> None:
        directory = stack.enter_context(run_directory(self._workdir))
        servers: list[ThreadedServer] = []
        stack.callback(_stop, servers)
        servers.append(models := ThreadedServer(self.models.app))
        self.railway = Railway(
            directory,
            self.working_copy.directory,
            seed=self.seed.railway,
            calls=self.calls,
            faults=self.faults,
            model_endpoints=self.models.base_urls(models.url),
            speed=self._speed,
        )
        stack.callback(self.railway.stop)
        self.parts = Parts(
            self.calls, self.faults, self.working_copy, self.secret_manager, self.github, self.models, self.railway
        )
        apps = (self.railway.app, self.secret_manager.app, self.github.app, control_app(self.parts))
        for app in apps:
            servers.append(ThreadedServer(app))  # noqa: PERF401 - each is in the list before the next one starts
        stack.callback(self.faults.clear)
        _, railway, secret_manager, github, control = (server.url for server in servers)
        self.keyring = Keyring.of(self.seed, self.railway.authority.bundle)
        self.endpoints = Endpoints(f"{railway}{RAILWAY_PATH}", secret_manager, github, models.url, control)


def _stop(servers: list[ThreadedServer]) -> None:
    for server in servers:
        server.request_stop()
    for server in servers:
        server.stop()

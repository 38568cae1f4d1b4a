"""What the acts work with: the local cloud, the engine, and short ways to ask either."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from localcloud.cloud import LocalCloud
from localcloud.core import environment
from localcloud.core.calls import Call
from localcloud.core.client import REAL_ACCOUNTS
from localcloud.core.credentials import Identity
from localcloud.demo.claims import Claims
from localcloud.demo.engines import Engine
from localcloud.demo.workspace import Workspace
from localcloud.models.behaviour import Behaviour

SERVICE = "litellm-gateway"
URL_VARIABLE = "LITELLM_GATEWAY_URL"
MASTER_KEY = "LITELLM-MASTER-KEY"
TIMEOUT = 30.0


@dataclass(frozen=True)
class Stage:
    """A local cloud and a program to deploy on it. `directory` gets state, logs and evidence."""

    cloud: LocalCloud
    engine: Engine
    workspace: Workspace
    directory: Path
    claims: Claims

    def environment(self, identity: Identity = "deploy") -> dict[str, str]:
        """The whole environment of a run: without credentials of real accounts, and trusting this cloud alone."""
        own = {name: value for name, value in environment.current().items() if name not in REAL_ACCOUNTS}
        return {**own, **self.cloud.environment(identity), "SSL_CERT_FILE": self.trust}

    @property
    def trust(self) -> str:
        """The file with the certificate of the local domains' authority."""
        return str(self.cloud.railway.authority.certificate)

    def calls(self, service: str) -> list[Call]:
        """What was asked of a service since the log was cleared."""
        return [call for call in self.cloud.calls.list() if call.service == service]

    def deployments(self) -> list[str]:
        """Ids of all deployments ever started, oldest first."""
        return [deployment["id"] for deployment in self.cloud.railway.deployments()]

    def secret_values(self) -> dict[str, str]:
        """Secret name -> its newest value."""
        return self.cloud.secret_manager.values()

    def every_secret_value(self) -> dict[str, str]:
        """Every value a secret ever had, and the tokens of all runs, under names that may be shown."""
        values = {f"secret value {count}": value for count, value in enumerate(sorted(self._every_payload()), start=1)}
        return values | self.tokens()

    def tokens(self) -> dict[str, str]:
        """What runs identify themselves with, under names that may be shown."""
        railway, keyring = self.cloud.seed.railway, self.cloud.keyring
        return {
            "Railway's project token": railway.project_token,
            "Railway's account token": railway.account_token,
            "the Google token": keyring.deploy.secret_manager,
            "the preview's Google token": keyring.preview.secret_manager,
            "the GitHub token": keyring.deploy.github,
            "the preview's GitHub token": keyring.preview.github,
        }

    def _every_payload(self) -> set[str]:
        return {*self.cloud.secret_manager.store.every_payload(), *self.secret_values().values()}

    def repository_variable(self) -> str:
        """The published URL, empty where there is none."""
        variables = self.cloud.github.store.variables()
        return next((variable.value for variable in variables if variable.name == URL_VARIABLE), "")

    def client(self) -> httpx.Client:
        """A client of the gateway at its published URL, which trusts the local authority alone."""
        trust = ssl.create_default_context(cafile=self.trust)
        return httpx.Client(base_url=self.repository_variable(), verify=trust, timeout=TIMEOUT)

    def question(self, model: str) -> dict[str, Any]:
        """The plan's question to a model."""
        return {"model": model, "messages": [{"role": "user", "content": "Say hello in one word"}], "max_tokens": 10}

    def chat(self, client: httpx.Client, model: str) -> httpx.Response:
        """Ask a model with the gateway's key."""
        key = self.secret_values()[MASTER_KEY]
        headers = {"Authorization": f"Bearer {key}"}
        return client.post("/v1/chat/completions", json=self.question(model), headers=headers)

    def provider(self, name: str, *, status: int) -> None:
        """Let a model provider answer every call with `status`; 200 lets it behave well."""
        kind = Behaviour() if status == httpx.codes.OK else Behaviour(kind="status", status=status)
        self.cloud.models.behave(name, kind)

    def key_used(self, provider: str, key: str) -> bool:
        """Whether the last call to a provider came with `key`."""
        return self.cloud.models.key_used(provider, key)

    def edit_variable(self, name: str, value: str) -> None:
        """An edit in Railway's dashboard."""
        self.cloud.railway.edit_variable(SERVICE, name, value)

    def live_variable(self, name: str) -> str:
        """What the newest deployment runs with."""
        return self.cloud.railway.captured(self.deployments()[-1]).get(name, "")

    def gateway_log(self) -> list[str]:
        """What every deployment ever wrote to its log."""
        world = self.cloud.railway.world
        with world.lock:
            return [log.message for deployment in world.deployments.values() for log in deployment.deploy_logs]

    def leftovers(self) -> list[str]:
        """What Railway and GitHub still hold: services and volumes, deployments still running, the variable."""
        services = [each["name"] for each in self.cloud.railway.state()["services"] if not each["deletedAt"]]
        volumes = [each.name for each in self.cloud.railway.world.volumes.values() if each.deleted_at is None]
        ended = {"REMOVED", "FAILED", "CRASHED", "REMOVING"}
        running = [each["id"] for each in self.cloud.railway.deployments() if each["status"] not in ended]
        published = [URL_VARIABLE] if self.repository_variable() else []
        return [*services, *volumes, *running, *published]

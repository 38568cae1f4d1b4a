"""The client and the handlers against a local Railway and a local Secret Manager, with a service of one file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.core.calls import CallLog
from localcloud.core.faults import Fault, Faults
from localcloud.core.seed import RailwaySeed, SecretManagerSeed, SecretSeed
from localcloud.core.server import ThreadedServer
from localcloud.railway import Railway, Speed
from localcloud.secret_manager.app import SecretManager as LocalSecretManager
from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.retries import RetryPolicy
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import Context, PartialFailure, State
from pulumi_railway.handlers.custom_domain import CustomDomainHandler
from pulumi_railway.handlers.deployment import DeploymentHandler
from pulumi_railway.redaction import Redactor
from pulumi_railway.secret_manager import SecretManager

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
REPOSITORY = "acme/shop"
ROOT_DIRECTORY = "services/web"
GCP = "shop-123456"

DOCKERFILE = """\
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
CMD ["python", "-u", "app.py"]
"""

APP = """\
import os, signal, socketserver, sys  # http.server would take three times as long to import

VERSION = "one"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        if b" /crash " in request:
            os._exit(3)
        body = VERSION + " " + os.environ.get("API_KEY", "")
        head = f"content-length: {len(body)}\\r\\nx-gateway-deployment: {os.environ['RAILWAY_DEPLOYMENT_ID']}"
        self.wfile.write(f"HTTP/1.1 200 OK\\r\\n{head}\\r\\nconnection: close\\r\\n\\r\\n{body}".encode())


if "CRASH" in os.environ:
    sys.exit("cannot start with key " + os.environ.get("API_KEY", ""))
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
socketserver.ThreadingTCPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""

GATE = """\
import json, os, ssl, sys, urllib.request

with urllib.request.urlopen(sys.argv[1] + "/anything") as answer:
    seen, text = answer.headers["x-gateway-deployment"], answer.read().decode()
print("the build that answers says", text)
evidence = {"seen": seen, "text": text, "key": os.environ.get("GATE_KEY"), "home": os.environ.get("HOME")}
with open(os.environ["GATE_EVIDENCE"], "w") as file:
    json.dump(evidence, file)
if seen != os.environ["GATEWAY_DEPLOYMENT_ID"]:
    sys.exit("old build answers")
sys.exit({"bad": 1, "odd": 2}.get(text.split()[0], 0))
"""


class Repository:
    """A git repository that the tests commit to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / ROOT_DIRECTORY).mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.first = self.release("one")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(self.directory), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def release(self, version: str, *, dockerfile: str = DOCKERFILE) -> str:
        """Commit an application that says `version`."""
        service = self.directory / ROOT_DIRECTORY
        (service / "Dockerfile").write_text(dockerfile)
        (service / "requirements.txt").write_text("")
        (service / "app.py").write_text(APP.replace('VERSION = "one"', f'VERSION = "{version}"'))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", version)
        return self.head


@dataclass
class Messages:
    """What handlers said."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, severity: str, message: str) -> None:
        self.seen.append((severity, message))

    @property
    def text(self) -> str:
        return "\n".join(message for _, message in self.seen)


def hurry(seconds: float) -> None:
    """Waits are ten times shorter here."""
    time.sleep(seconds / 10)


def hurried() -> float:
    """Time runs ten times faster here."""
    return time.monotonic() * 10


HERE = {
    **HANDLERS,
    "railway:index:CustomDomain": CustomDomainHandler(now=hurried),
    "railway:index:Deployment": DeploymentHandler(now=hurried),
}


class Cloud:
    """Railway and Secret Manager, and the handlers pointed at them."""

    def __init__(self, workdir: Path, repository: Repository) -> None:
        self.repository = repository
        self.calls, self.faults, self.messages = CallLog(), Faults(), Messages()
        railway = RailwaySeed(
            project_id=PROJECT,
            project_name="delightful-cat",
            environment_id=ENVIRONMENT,
            environment_name="production",
            repository=REPOSITORY,
            branch="main",
            project_token="project-token",
            account_token="account-token",
        )
        secrets = tuple(SecretSeed(name, "openai", f"sk-{name}-payload-0001") for name in ("API", "MASTER"))
        manager = SecretManagerSeed(GCP, "4711", secrets, deploy_token="deploy-token", preview_token="preview-token")
        self.railway = Railway(
            workdir,
            repository.directory,
            seed=railway,
            calls=self.calls,
            faults=self.faults,
            model_endpoints={},
            speed=Speed(step=0.02),
        )
        self.trust = self.railway.authority.certificate
        self.manager = LocalSecretManager(manager, self.calls, self.faults)
        self.servers = [ThreadedServer(self.railway.app), ThreadedServer(self.manager.app)]
        self.connect()

    def reconnect(self) -> None:
        """Clients that know nothing of what went on before, as in a later run."""
        self.api.close()
        self.secrets.close()
        self.connect()

    def connect(self) -> None:
        self.cancelled = threading.Event()
        self.redactor = Redactor()
        self.api = self.client()
        self.secrets = self.secret_manager("deploy-token")

    def reset(self) -> None:
        """Everything as at the start, and new clients."""
        self.railway.reset()
        self.manager.reset()
        self.repository.git("reset", "-q", "--hard", self.repository.first)
        self.calls.clear()
        self.faults.clear()
        self.faults.watch = None
        self.messages.seen.clear()
        self.reconnect()

    def client(
        self, credentials: Credentials | None = None, transport: httpx.BaseTransport | None = None
    ) -> RailwayClient:
        return RailwayClient(
            credentials or Credentials("project-token", "project"),
            url=f"{self.servers[0].url}/graphql/v2",
            redactor=self.redactor,
            log=self.messages,
            cancelled=self.cancelled,
            policy=RetryPolicy(backoff=0.01),
            transport=transport,
        )

    def secret_manager(self, token: str) -> SecretManager:
        return SecretManager(endpoint=f"{self.servers[1].url}/v1/", access_token=token, redactor=self.redactor)

    def context(self, **given: Any) -> Context:
        gate = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        gate["SSL_CERT_FILE"] = str(self.trust)
        given = {
            "urn": "urn:pulumi:test::shop::railway:index:Service::web",
            "stack": "this-state",
            "gate_environment": gate,
            "sleep": hurry,
            **given,
        }
        return Context(self.api, self.secrets, self.messages, self.cancelled, **given)

    def close(self) -> None:
        self.api.close()
        self.secrets.close()
        for server in self.servers:
            server.stop()
        self.railway.stop()

    def operations(self, kind: str | None = None) -> list[str]:
        """What was asked of Railway, status polls left out."""
        found = [call for call in self.calls.list() if call.service == "railway" and (kind in {None, call.kind})]
        return [call.operation for call in found if call.operation not in {"deployment", "deployments"}]

    def fault(self, operation: str, action: Any, service: str = "railway", **given: Any) -> None:
        self.faults.add(Fault(service, operation, action, **given))

    def reference(self, secret: str, version: int = 1) -> str:
        return f"projects/{GCP}/secrets/{secret}/versions/{version}"


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    file = tmp_path_factory.mktemp("gate") / "gate.py"
    file.write_text(GATE)
    return ["python", str(file), "{url}"]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path_factory.mktemp("railway"), Repository(tmp_path_factory.mktemp("repository")))
    yield cloud
    cloud.close()


@pytest.fixture
def cloud(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    running.reset()
    monkeypatch.setenv("SSL_CERT_FILE", str(running.trust))
    return running


class Stack:
    """The resources of a stack, driven through the handlers as the engine does: check, then diff or create."""

    def __init__(self, cloud: Cloud, gate: list[str]) -> None:
        self.cloud = cloud
        self.gate = gate
        self.states: dict[str, State] = {}

    def inputs(self, name: str, /, **given: Any) -> dict[str, Any]:
        """What a program would ask for; a None takes an input away."""
        ids: dict[str, Any] = {"projectId": PROJECT, "environmentId": ENVIRONMENT}
        if name != "Service":
            ids["serviceId"] = self.states["Service"].outputs["serviceId"]
        wanted = {**ids, **getattr(self, f"_{name}")(), **given}
        handler = HERE[f"railway:index:{name}"]
        old = self.states.get(name)
        checked = handler.check(old.inputs if old else None, wanted)
        assert not checked.failures
        return dict(checked.inputs)

    def up(self, name: str, /, **given: Any) -> State:
        """Create, or update where the handler sees a difference."""
        handler, inputs, context = HERE[f"railway:index:{name}"], self.inputs(name, **given), self.cloud.context()
        old = self.states.get(name)
        if old is None:
            self.states[name] = handler.create(context, inputs)
        elif handler.diff(old, inputs).changes:
            self.states[name] = handler.update(context, old, inputs)
        return self.states[name]

    def refresh(self, name: str) -> State | None:
        live = HERE[f"railway:index:{name}"].read(self.cloud.context(), self.states[name])
        if live is not None:
            self.states[name] = live
        return live

    def changes(self, name: str, /, **given: Any) -> list[str]:
        return list(HERE[f"railway:index:{name}"].diff(self.states[name], self.inputs(name, **given)).changes)

    def delete(self, name: str) -> None:
        HERE[f"railway:index:{name}"].delete(self.cloud.context(), self.states[name])

    def all(self) -> None:
        for name in ("Service", "Variables", "ServiceDomain", "Deployment"):
            self.up(name)

    def _Service(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {
            "name": "web",
            "rootDirectory": ROOT_DIRECTORY,
            "healthcheckPath": "/health",
            "healthcheckTimeout": 20.0,
        }

    def _Variables(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {"variables": {"PORT": "4000"}, "secrets": {"API_KEY": self.cloud.reference("API")}}

    def _ServiceDomain(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {"targetPort": 4000.0}

    def _CustomDomain(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {"domain": "api.shop.org"}

    def _Volume(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {"mountPath": "/data"}

    def _Deployment(self) -> dict[str, Any]:  # noqa: N802 - the resource's name
        return {
            "repository": REPOSITORY,
            "branch": "main",
            "commit": self.cloud.repository.head,
            "endpoint": self.states["ServiceDomain"].outputs["url"],
            "triggers": {
                "source": self.cloud.repository.head,
                "settings": self.states["Service"].outputs["revision"],
                "variables": self.states["Variables"].outputs["revision"],
            },
            "gate": {
                "command": self.gate,
                "environment": {"LANG": "C.UTF-8"},
                "secrets": {"GATE_KEY": self.cloud.reference("MASTER")},
                "timeoutSeconds": 30.0,
            },
        }


@pytest.fixture
def stack(cloud: Cloud, gate: list[str]) -> Stack:
    return Stack(cloud, gate)


@pytest.fixture
def failing(stack: Stack) -> Callable[..., Any]:
    """Runs `up` of a resource that fails part-way and keeps what the engine would keep; returns the failure."""

    def run(name: str, /, **given: Any) -> PartialFailure:
        old = stack.states.get(name)
        with pytest.raises(PartialFailure) as caught:
            stack.up(name, **given)
        kept = caught.value.state
        stack.states[name] = State(kept.id, old.inputs, kept.outputs) if old else kept
        return caught.value

    return run

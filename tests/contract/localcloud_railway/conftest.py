"""A local Railway over a small repository whose service is one file of the standard library."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.seed import RailwaySeed
from localcloud.core.server import ThreadedServer
from localcloud.railway import Railway, Speed

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
REPOSITORY = "acme/shop"
ROOT_DIRECTORY = "services/web"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain HTTP only: load no authorities

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.11-slim
ENV GREETING=hello \\
    CONFIG=/app/config.txt
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --chown=1000:1000 . .
RUN python -c pass && useradd --system web
USER web
EXPOSE 4000
HEALTHCHECK CMD ["true"]
CMD ["python", "-u", "app.py"]
"""

APP = """\
import json, os, pathlib, signal, socketserver, sys, time  # http.server would take three times as long to import

VERSION = "one"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        method, self.path, _ = self.rfile.readline().decode().split()
        self.headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        self.post() if method == "POST" else self.get()

    def get(self):
        if self.path == "/health":
            seen = self.headers["host"] == "healthcheck.railway.app"
            return self.answer(int(os.environ.get("HEALTH", "200")) if seen else 421, {"ok": True})
        if self.path == "/exit":
            os._exit(int(os.environ.get("EXIT", "3")))
        if self.path == "/stream":
            return self.stream()
        self.answer(200, {"version": VERSION, "env": dict(os.environ), "path": self.path,
                          "headers": self.headers, "config": pathlib.Path(os.environ["CONFIG"]).read_text()})

    def post(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.answer(201, {"body": body.decode(), "headers": self.headers})

    def answer(self, status, value):
        body = json.dumps(value)
        self.begin(status, "content-length: " + str(len(body)), "set-cookie: a=1", "set-cookie: b=2")
        self.wfile.write(body.encode())

    def begin(self, status, *headers):
        self.wfile.write("\\r\\n".join([f"HTTP/1.1 {status} X", *headers, "connection: close", "", ""]).encode())

    def stream(self):
        self.begin(200)
        for number in range(3):
            self.wfile.write(f"data: {number}\\n".encode())
            pathlib.Path("go").exists() or time.sleep(0.05)


if "CRASH" in os.environ:
    sys.exit(int(os.environ["CRASH"]))
print("starting", VERSION, flush=True)
print(json.dumps({"level": "WARNING", "message": "structured", "cost": 3}), flush=True)
print("to stderr", file=sys.stderr, flush=True)
server = socketserver.ThreadingTCPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler)


def stop(*_):
    print("asked to stop", flush=True)
    time.sleep(float(os.environ.get("DRAIN", "0")))
    print("drained", flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
server.serve_forever()
"""


class Repository:
    """A git repository that the tests commit to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        service = directory / ROOT_DIRECTORY
        service.mkdir(parents=True)
        (service / "Dockerfile").write_text(DOCKERFILE)
        (service / "requirements.txt").write_text("")
        (service / "config.txt").write_text("configured")
        (service / "app.py").write_text(APP)
        self.git("init", "-q", "-b", "work")
        self.first = self.commit("first")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(self.directory), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> None:
        (self.directory / ROOT_DIRECTORY / name).write_text(text)

    def release(self, version: str) -> str:
        """Commit an application that says `version`."""
        self.write("app.py", APP.replace('VERSION = "one"', f'VERSION = "{version}"'))
        return self.commit(version)


@dataclass
class Api:
    """The API as one caller sees it."""

    client: httpx.Client
    headers: dict[str, str]

    def post(self, query: str, **variables: Any) -> httpx.Response:
        return self.client.post("/graphql/v2", json={"query": query, "variables": variables}, headers=self.headers)

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        response = self.post(query, **variables)
        assert response.status_code == 200, response.text
        body = response.json()
        assert "errors" not in body, body
        return dict(body["data"])

    def error(self, query: str, **variables: Any) -> str:
        response = self.post(query, **variables)
        assert response.status_code == 200, response.text
        return str(response.json()["errors"][0]["message"])


class Cloud:
    """A running local Railway with the steps that most tests begin with."""

    def __init__(self, workdir: Path, repository: Repository, speed: Speed) -> None:
        self.repository = repository
        self.calls, self.faults = CallLog(), Faults()
        self.tokens = {"project": "project-token", "account": "account-token"}
        seed = RailwaySeed(
            project_id=PROJECT,
            project_name="delightful-cat",
            environment_id=ENVIRONMENT,
            environment_name="production",
            repository=REPOSITORY,
            branch="main",
            project_token=self.tokens["project"],
            account_token=self.tokens["account"],
        )
        self.railway = Railway(
            workdir,
            repository.directory,
            seed=seed,
            calls=self.calls,
            faults=self.faults,
            model_endpoints={"OPENAI_API_BASE": "http://127.0.0.1:9/openai"},
            speed=speed,
        )
        self.server = ThreadedServer(self.railway.app)
        self.client = httpx.Client(base_url=self.server.url, timeout=30, verify=NO_TLS)
        self.api = self.caller({"project-access-token": self.tokens["project"]})
        self.account = self.caller({"authorization": f"Bearer {self.tokens['account']}"})

    def caller(self, headers: dict[str, str]) -> Api:
        return Api(self.client, headers)

    def close(self) -> None:
        self.client.close()
        self.server.stop()
        self.railway.stop()

    def create_service(self, name: str = "web", **given: Any) -> str:
        query = "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }"
        return str(self.api.data(query, input={"projectId": PROJECT, "name": name, **given})["serviceCreate"]["id"])

    def configure(self, service: str, **given: Any) -> None:
        query = """mutation($service: String!, $environment: String!, $input: ServiceInstanceUpdateInput!) {
            serviceInstanceUpdate(serviceId: $service, environmentId: $environment, input: $input) }"""
        assert self.api.data(query, service=service, environment=ENVIRONMENT, input=given)["serviceInstanceUpdate"]

    def set_variables(self, service: str, **values: str) -> None:
        """Without a deployment."""
        query = "mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }"
        place = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "serviceId": service}
        self.api.data(query, input={**place, "variables": values, "skipDeploys": True})

    def variables(self, service: str, *, unrendered: bool = True) -> dict[str, str | None]:
        query = """query($project: String!, $environment: String!, $service: String!, $unrendered: Boolean) {
            variables(projectId: $project, environmentId: $environment, serviceId: $service,
                unrendered: $unrendered) }"""
        found = self.api.data(query, project=PROJECT, environment=ENVIRONMENT, service=service, unrendered=unrendered)
        return dict(found["variables"])

    def create_domain(self, service: str, port: int | None = None) -> dict[str, Any]:
        query = """mutation($input: ServiceDomainCreateInput!) {
            serviceDomainCreate(input: $input) { id domain targetPort syncStatus } }"""
        given = {"environmentId": ENVIRONMENT, "serviceId": service, "targetPort": port}
        return dict(self.api.data(query, input=given)["serviceDomainCreate"])

    def connect(self, service: str) -> str:
        """Connect the repository; the id of the deployment that starts by it."""
        query = "mutation($id: String!, $input: ServiceConnectInput!) { serviceConnect(id: $id, input: $input) { id } }"
        self.api.data(query, id=service, input={"repo": REPOSITORY, "branch": "main"})
        return str(self.deployments(service)[0]["id"])

    def deploy(self, service: str, commit: str | None = None) -> str:
        query = """mutation($service: String!, $environment: String!, $commit: String) {
            serviceInstanceDeployV2(serviceId: $service, environmentId: $environment, commitSha: $commit) }"""
        found = self.api.data(query, service=service, environment=ENVIRONMENT, commit=commit)
        return str(found["serviceInstanceDeployV2"])

    def deployments(self, service: str) -> list[dict[str, Any]]:
        """Newest first."""
        query = """query($input: DeploymentListInput!) { deployments(input: $input) {
            edges { node { id status meta canRollback canRedeploy } } } }"""
        place = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "serviceId": service}
        return [edge["node"] for edge in self.api.data(query, input=place)["deployments"]["edges"]]

    def deployment(self, deployment_id: str) -> dict[str, Any]:
        query = """query($id: String!) { deployment(id: $id) { id status meta canRollback canRedeploy deploymentStopped
            snapshotId url staticUrl instances { id status } } }"""
        return dict(self.api.data(query, id=deployment_id)["deployment"])

    def events(self, deployment_id: str) -> list[dict[str, Any]]:
        query = """query($id: String!) { deploymentEvents(id: $id) { edges { node { step completedAt
            payload { error reason attempt maxAttempts durationMs skipped detail } } } } }"""
        found = self.api.data(query, id=deployment_id)["deploymentEvents"]["edges"]
        return [edge["node"] for edge in found]

    def logs(self, deployment_id: str, kind: str = "deploymentLogs", **arguments: Any) -> list[dict[str, Any]]:
        query = f"""query($id: String!, $limit: Int, $filter: String) {{
            {kind}(deploymentId: $id, limit: $limit, filter: $filter) {{ message severity timestamp
            attributes {{ key value }} tags {{ deploymentId }} }} }}"""
        return list(self.api.data(query, id=deployment_id, **arguments)[kind])

    def await_status(self, deployment_id: str, *statuses: str) -> dict[str, Any]:
        """Poll until the deployment has one of `statuses`; a failed one is not waited for any longer."""

        def describe() -> str:
            logs = [
                log["message"] for kind in ("buildLogs", "deploymentLogs") for log in self.logs(deployment_id, kind)
            ]
            return f"{self.deployment(deployment_id)['status']}: {logs}"

        def ended() -> dict[str, Any] | None:
            found = self.deployment(deployment_id)
            return found if found["status"] in {*statuses, "FAILED", "CRASHED"} else None

        found: dict[str, Any] = until(ended, describe)
        assert found["status"] in statuses, describe()
        return found

    def get(self, domain: str, path: str = "/") -> httpx.Response:
        """Ask the edge, trusting the bundle."""
        with self.visitor() as client:
            return client.get(f"https://{domain}{path}")

    def visitor(self) -> httpx.Client:
        return httpx.Client(verify=self.trust, timeout=30, trust_env=False)

    @cached_property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.railway.authority.bundle)

    @staticmethod
    def closed(address: str) -> bool:
        """Whether nothing listens on a port, or on the port of a domain."""
        try:
            with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5):
                return False
        except ConnectionRefusedError:
            return True

    def serving(self, domain: str, version: str) -> dict[str, Any]:
        """Wait until the edge answers with `version`, and return the answer."""

        def answer() -> dict[str, Any] | None:
            response = self.get(domain)
            return response.json() if response.status_code == 200 and response.json()["version"] == version else None

        return dict(until(answer, lambda: self.get(domain).text))

    def launched(self, **variables: str) -> tuple[str, str, str]:
        """A service that runs: its id, its domain, its deployment."""
        service = self.create_service()
        self.configure(service, rootDirectory=ROOT_DIRECTORY, healthcheckPath="/health", healthcheckTimeout=20)
        self.set_variables(service, PORT="4000", **variables)
        domain = self.create_domain(service, 4000)["domain"]
        deployment = self.connect(service)
        self.await_status(deployment, "SUCCESS")
        return service, domain, deployment


def until(condition: Callable[[], Any], describe: Callable[[], str] = lambda: "", seconds: float = 30) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not so after {seconds} s: {describe()}"
        time.sleep(0.05)
    return value


@pytest.fixture(name="until")
def _until() -> Callable[..., Any]:
    return until


@pytest.fixture(scope="session")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, so that the environment is installed once."""
    return tmp_path_factory.mktemp("railway")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def cloud(workdir: Path, repository: Repository) -> Iterator[Cloud]:
    cloud = Cloud(workdir, repository, Speed(step=0.02))
    yield cloud
    cloud.close()

"""What is measured against: one local cloud, and the gateway that the embedded engine deploys on it."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks import processes
from benchmarks.figures import BenchmarkError
from benchmarks.service import Service

STACK: Final = "production"
START_SECONDS: Final = 60.0
GCP_PROJECT: Final = "project38-483612"
KEYS: Final = {"ANTHROPIC_API_KEY": "ANTHROPIC-API", "OPENAI_API_KEY": "OPENAI-API", "GEMINI_API_KEY": "GEMINI-API"}
SHOW_ENVIRONMENT: Final = "import json, os; print(json.dumps(dict(os.environ)))"


@dataclass(frozen=True)
class LocalCloud:
    """A local cloud that runs. `environment` makes a process its client; `states` holds the state files."""

    root: Path
    logs: Path
    states: Path
    models: str
    environment: Mapping[str, str] = field(repr=False)

    def engine(self, verb: str, *options: str) -> float:
        """Run the embedded engine; returns its seconds. Raises BenchmarkError where it fails."""
        where = ["--stack", STACK, "--state", str(self.states / f"{STACK}.json")]
        command = [sys.executable, "-m", "localcloud.engine", verb, *where, *options]
        log = self.logs / f"{verb}.txt"
        return processes.timed(command, directory=self.root, environment=self.environment, log=log)

    def deploy(self) -> None:
        """Deploy the gateway. Raises BenchmarkError where that fails."""
        self.engine("up", "--skip-preview")

    def service(self) -> Service:
        """The service with the environment that its deployment was installed into."""
        directory = self.root / "services" / "litellm-gateway"
        lock = (directory / "requirements.txt").read_text(encoding="utf-8")
        for kept in sorted((self.root / "build").glob("**/environments/*.txt")):
            if kept.read_text(encoding="utf-8") == lock and (kept.with_suffix("") / ".complete").exists():
                python = kept.with_suffix("") / "bin" / "python"
                return Service(directory, python, self.models, self._provider_keys(), self.logs)
        raise BenchmarkError("the local cloud kept no environment for the service's lock below build/")

    def _provider_keys(self) -> dict[str, str]:
        """The keys that the local model providers accept."""
        manager = self.environment["GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"]
        token = {"authorization": f"Bearer {self.environment['GOOGLE_OAUTH_ACCESS_TOKEN']}"}
        return {name: _payload(manager, token, secret) for name, secret in KEYS.items()}


@contextlib.contextmanager
def running(root: Path, scratch: Path) -> Iterator[LocalCloud]:
    """Start a local cloud on which nothing is deployed; it ends with the block, and with it what is deployed then."""
    scratch.mkdir(parents=True, exist_ok=True)
    endpoints, log = scratch / "endpoints.json", scratch / "logs" / "serve.txt"
    endpoints.unlink(missing_ok=True)
    serve = [sys.executable, "-m", "localcloud", "serve", "--endpoints", str(endpoints)]
    with processes.child(serve, directory=root, environment=processes.inherited(), log=log) as process:
        processes.wait_until(endpoints.exists, process, log, START_SECONDS)
        models = json.loads(endpoints.read_text(encoding="utf-8"))["models"]
        with tempfile.TemporaryDirectory(dir=scratch) as states:
            yield LocalCloud(root, scratch / "logs", Path(states), models, _environment(root, endpoints))


def _environment(root: Path, endpoints: Path) -> dict[str, str]:
    command = [sys.executable, "-m", "localcloud", "exec", "--endpoints", str(endpoints), "--"]
    shown = subprocess.run(  # noqa: S603 - commands of this package, no shell
        [*command, sys.executable, "-c", SHOW_ENVIRONMENT],
        cwd=root,
        env=processes.inherited(),
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode:
        raise BenchmarkError(f"`localcloud exec` ended with status {shown.returncode}: {shown.stderr.strip()}")
    environment: dict[str, str] = json.loads(shown.stdout)
    return environment


def _payload(manager: str, headers: Mapping[str, str], secret: str) -> str:
    url = f"{manager}projects/{GCP_PROJECT}/secrets/{secret}/versions/latest:access"
    answer = httpx.get(url, headers=dict(headers), trust_env=False).raise_for_status()
    return base64.b64decode(answer.json()["payload"]["data"]).decode()

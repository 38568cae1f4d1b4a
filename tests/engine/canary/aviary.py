"""A secret of its own in every source, and everything that runs show or leave behind."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.workspace import SERVICE
from localcloud.core.credentials import Identity
from localcloud.demo import leaks
from localcloud.demo.commands import Result
from localcloud.demo.stage import Stage
from tests.engine.canary.watcher import Watcher, files
from tests.engine.secret_settings import STACK_FILE, set_secret

HINT = 8
"""So many leading characters of a secret already give it away."""
KEYS = ("ANTHROPIC-API", "OPENAI-API", "GEMINI-API")
SETTINGS = """\
  litellm-gateway:redisService: ledger
  litellm-gateway:redisPasswordSecret: REDIS-PASSWORD
  litellm-gateway:budgetKeySecret: BUDGET-KEY
"""
SECRETS = """\
    GATEWAY_CLIENT_KEYS: CLIENT-KEYS
    ALERTS: ALERTS
"""
TELLS = (
    "{[os.environ[name] for name in ('REDIS_URL', 'GATEWAY_CLIENT_KEYS', 'ALERTS')]} "
    "{[each['key'] for each in __import__('json').loads(os.environ['GATEWAY_CLIENT_KEYS'])]}"
)
"""What the gateway says besides a key when it crashes; a client's key also out of its list."""
SOURCES = ("RAILWAY_TOKEN", "", "RAILWAY_API_TOKEN")
"""Where runs have Railway's token from, in turn; without a variable it is read from its secret."""


def random_text() -> str:
    """A value with characters that JSON, URLs and shells write in other ways."""
    return f'{secrets.token_hex(6)}/+"&{secrets.token_urlsafe(30)}'


@dataclass
class Aviary:
    """A stage, the canaries that were planted on it, and everything that was seen."""

    stage: Stage
    temporary: Path
    watcher: Watcher
    passphrase: str
    canaries: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    runs: int = 0

    def furnish(self) -> None:
        """A stack with a secret from each source there is, of a gateway that tells all of them when it crashes."""
        self.canaries |= self.stage.tokens() | {"the passphrase": self.passphrase, "the Redis password": self._ledger()}
        for name in ("BUDGET-KEY", "CLIENT-KEYS", "ALERTS"):
            self.stage.cloud.secret_manager.store.create(name)
        copy = self.stage.workspace
        copy.change(STACK_FILE, "  litellm-gateway:secrets:\n", f"  litellm-gateway:secrets:\n{SECRETS}", "Clients")
        copy.change(f"{SERVICE}/gateway.py", "cannot start with", f"{TELLS} cannot start with", "Tell more")

    def _ledger(self) -> str:
        """A Redis instead of the volume; returns its password. Nobody asks it anything here, so it need not be one."""
        password, copy = secrets.token_hex(16), self.stage.workspace
        self.stage.cloud.secret_manager.store.create("REDIS-PASSWORD")
        self.stage.cloud.secret_manager.add_version("REDIS-PASSWORD", password)
        (copy.directory / "services/redis/start.sh").write_text("exec sleep 86400\n")
        copy.change(STACK_FILE, "  litellm-gateway:volumePath: /data\n", SETTINGS, "Redis and clients")
        return password

    def plant(self) -> None:
        """New versions of every secret but that of the Redis, which would be deployed anew."""
        budget, client = f"sk-{secrets.token_hex(32)}", f"sk-{secrets.token_hex(32)}"
        user, path = secrets.token_hex(8), secrets.token_urlsafe(24)
        clients = [{"name": "team", "key": client}, {"name": "probe", "key": budget, "daily_budget_usd": "0.01"}]
        payloads = {
            **{name: random_text() for name in KEYS},
            "LITELLM-MASTER-KEY": f"sk-{secrets.token_hex(32)}",
            "BUDGET-KEY": budget,
        }
        hidden = {"a client's key": client, "the user in an address": user, "the path of an address": path}
        told = {"CLIENT-KEYS": json.dumps(clients), "ALERTS": f"https://{user}:{user}@alerts.example/{path}"}
        for name, payload in {**payloads, **told}.items():
            self.stage.cloud.secret_manager.add_version(name, payload)
        self.canaries |= {
            f"{name}, known by run {self.runs + 1}": text for name, text in {**payloads, **hidden}.items()
        }

    def configure(self, key: str, value: str) -> None:
        """A secret setting of the stack."""
        set_secret(self.stage.workspace, self.passphrase, key, value)

    def run(
        self, what: str, verb: Callable[[dict[str, str]], Result], *, fails: bool = False, identity: Identity = "deploy"
    ) -> None:
        """One run, watched."""
        environ = {**self.stage.environment(identity), "TMPDIR": str(self.temporary)}
        environ |= {"RAILWAY_API_TOKEN": self.stage.cloud.seed.railway.account_token}
        source = SOURCES[self.runs % len(SOURCES)]
        self.runs += 1
        for name in filter(None, {*SOURCES} - {source}):
            del environ[name]
        with self.watcher.watching():
            result = verb(environ)
        assert (result.status != 0) is fails, f"{what}: {result.output}"
        self.outputs[f"the output of {what}"] = result.output
        self.outputs |= {f"{name} after {what}": text for name, text in files(self.stage.directory).items()}

    def export(self, when: str) -> None:
        """The state as it is exported; its file was read after each run."""
        self.outputs[f"the export after {when}"] = self.stage.engine.state(self.stage.environment())

    def escaped(self) -> list[str]:
        """Where canaries were found."""
        calls = json.dumps([vars(call) for call in self.stage.cloud.calls.list()], default=str)
        commands = "\n".join(self.watcher.commands)
        seen = {**self.outputs, **self.watcher.files, "a command line": commands, "the log of calls": calls}
        return leaks.search(seen, self.canaries, HINT)

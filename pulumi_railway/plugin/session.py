"""What a configured provider works with, shared by all of its calls."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import UserError
from pulumi_railway.handlers.base import Context
from pulumi_railway.plugin.codec import has_unknowns
from pulumi_railway.plugin.settings import DEFAULT_API_URL, Environment, ProviderConfig, provider_config, url_flaw
from pulumi_railway.secret_manager import SecretManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_railway.api.retries import RetryPolicy
    from pulumi_railway.handlers.base import Properties, Severity
    from pulumi_railway.plugin.engine_log import EngineLog
    from pulumi_railway.redaction import Redactor

MISSING_CREDENTIALS: Final = (
    "There is no token for Railway. Set RAILWAY_TOKEN (a project token) or RAILWAY_API_TOKEN (an account or workspace "
    "token), or give the provider `tokenSecret`, a reference to the secret that holds one. Nothing was changed."
)
_UNCONFIGURED: Final = "The Railway provider was not configured before it was used. Nothing was changed."
_UNKNOWN: Final = "The Railway provider's configuration is not known yet, so it cannot be used. Nothing was changed."


class ConfigurationError(UserError):
    """The provider cannot work as it is configured."""


class Session:
    """One provider instance: its clients, made by `configure`, and the event that interrupts its work.

    The token is fetched by the first request that needs it, so that a preview without such a request needs none.
    """

    def __init__(
        self,
        environment: Environment,
        log: EngineLog,
        redactor: Redactor,
        policy: RetryPolicy | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.cancelled = threading.Event()
        self.unknown = False
        """Whether the configuration holds values that only a real run will know."""
        self._environment = environment
        self._log = log
        self._redactor = redactor
        self._policy = policy
        self._sleep = sleep
        self._clients: tuple[RailwayClient, SecretManager] | None = None
        self._token_secret: str | None = None
        self._provider_id = ""
        for token in (environment.project_token, environment.api_token, environment.google_access_token):
            redactor.register(token or "")

    def configure(self, inputs: Properties, provider_id: str = "") -> None:
        """Make the clients that checked provider inputs ask for. Raises `ConfigurationError`.

        `provider_id` is that of the provider's own resource, empty before it is made: no other state has it.
        """
        self.close()
        self._provider_id = provider_id
        self.unknown = has_unknowns(inputs)
        if not self.unknown:
            config = provider_config(inputs)
            self._token_secret = config.token_secret
            self._clients = self._connect(config)

    def context(self, urn: str, timeout: float) -> Context:
        """What a handler needs for the resource `urn`; `timeout` in seconds. Raises `ConfigurationError`."""
        if self._clients is None:
            raise ConfigurationError(_UNKNOWN if self.unknown else _UNCONFIGURED)
        api, secrets = self._clients

        def log(severity: Severity, message: str) -> None:
            self._log.log(severity, message, urn)

        gate = self._environment.gate
        return Context(
            api,
            secrets,
            log,
            self.cancelled,
            timeout,
            self._sleep,
            urn=urn,
            stack=self._provider_id,
            gate_environment=gate,
        )

    def token_references(self) -> list[str]:
        """The reference of the secret that holds the token, where the environment holds none."""
        return [self._token_secret] if self._token_secret and self._given_credentials() is None else []

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients or ():
            client.close()
        self._clients = None

    def _connect(self, config: ProviderConfig) -> tuple[RailwayClient, SecretManager]:
        environment = self._environment
        secrets = SecretManager(
            endpoint=environment.secret_manager_endpoint,
            access_token=environment.google_access_token,
            redactor=self._redactor,
        )

        def fetch() -> Credentials:
            if config.token_secret is None:
                raise ConfigurationError(MISSING_CREDENTIALS)
            return Credentials(secrets.payload(config.token_secret))

        api = RailwayClient(
            self._given_credentials() or fetch,
            url=self._api_url(config),
            redactor=self._redactor,
            log=self._log.log,
            cancelled=self.cancelled,
            policy=self._policy,
        )
        return api, secrets

    def _given_credentials(self) -> Credentials | None:
        """A token in the environment wins over a secret; a project token, which can do less, over an account's."""
        if self._environment.project_token:
            return Credentials(self._environment.project_token, "project")
        if self._environment.api_token:
            return Credentials(self._environment.api_token, "bearer")
        return None

    def _api_url(self, config: ProviderConfig) -> str:
        url = config.api_url or self._environment.api_url or DEFAULT_API_URL
        if flaw := url_flaw(url):
            raise ConfigurationError(f"RAILWAY_API_URL {flaw}. Nothing was changed.")
        return url

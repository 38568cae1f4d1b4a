"""The one reader of configuration: the stack's settings and the environment, as one frozen object.

Every problem of a stack file is collected and raised as one error, before any resource is registered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from gateway.variables import CLIENT_KEYS, REQUIRED_SECRETS

T = TypeVar("T")

UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
GCP_PROJECT: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
SECRET_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
SERVICE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,31}")
MOUNT_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+")
BRANCH: Final = re.compile(r"[^\s~^:?*\[\\]+")


@dataclass(frozen=True)
class Settings:
    """What a stack says, checked. Times are in seconds; the meaning of each is its description in Pulumi.yaml."""

    railway_project_id: str
    railway_environment_id: str
    railway_token_secret: str
    service_name: str
    adopt_service: bool
    repository: str
    branch: str
    commit: str
    root_directory: str
    port: int
    healthcheck_path: str
    healthcheck_timeout: int
    draining_seconds: int
    restart_retries: int
    workers: int
    volume_path: str
    redis_service: str
    redis_password_secret: str
    replicas: int
    budget_key_secret: str
    acceptance_timeout: int
    gcp_project: str
    secrets: Mapping[str, str]
    url_variable: str


class SettingsError(pulumi.RunError):
    """The configuration of the stack is not usable; the message lists every problem with its key."""


def load() -> Settings:
    """Read the settings of the current stack. Raises `SettingsError` with all problems at once."""
    reader = _Reader(pulumi.Config())
    settings = Settings(
        railway_project_id=reader.text("railwayProjectId", UUID, "a UUID in lower case, as in the project's URL"),
        railway_environment_id=reader.text(
            "railwayEnvironmentId", UUID, "a UUID in lower case, from the environment's URL"
        ),
        railway_token_secret=reader.text(
            "railwayTokenSecret", SECRET_NAME, "the name of a secret: letters, digits, - and _"
        ),
        service_name=reader.text("serviceName", SERVICE_NAME, "at most 32 letters, digits, - or _"),
        adopt_service=reader.flag("adoptService"),
        repository=reader.text("repository", REPOSITORY, "owner/name"),
        branch=reader.text("branch", BRANCH, "the name of a branch"),
        commit=reader.optional_text("commit", COMMIT, "40 hex digits") or os.environ.get("GITHUB_SHA", ""),
        root_directory=reader.directory("rootDirectory"),
        port=reader.integer("port", 1, 65535),
        healthcheck_path=reader.text("healthcheckPath", re.compile(r"/\S*"), "a path that starts with /"),
        healthcheck_timeout=reader.integer("healthcheckTimeout", 1, 3600),
        draining_seconds=reader.integer("drainingSeconds", 0, 3600),
        restart_retries=reader.integer("restartRetries", 0, 10),
        workers=reader.integer("workers", 1, 32),
        volume_path=reader.optional_text("volumePath", MOUNT_PATH, "an absolute path, such as /data"),
        redis_service=reader.optional_text("redisService", SERVICE_NAME, "the name of a service"),
        redis_password_secret=reader.optional_text(
            "redisPasswordSecret", SECRET_NAME, "the name of a secret: letters, digits, - and _"
        ),
        replicas=reader.integer("replicas", 1, 200),
        budget_key_secret=reader.optional_text(
            "budgetKeySecret", SECRET_NAME, "the name of a secret: letters, digits, - and _"
        ),
        acceptance_timeout=reader.integer("acceptanceTimeout", 30, 3600),
        gcp_project=reader.text("gcpProject", GCP_PROJECT, "a project id: 6 to 30 lower-case letters, digits or -"),
        secrets=reader.secret_names("secrets"),
        url_variable=reader.text("urlVariable", VARIABLE_NAME, "letters, digits and _"),
    )
    owner, _, _ = settings.repository.partition("/")
    if pulumi.Config("github").get("owner") != owner:
        reader.problem("github:owner", f"must be the owner of the repository: {owner or 'the part before its /'}")
    for key, what in _conflicts(settings):
        reader.setting_problem(key, what)
    reader.raise_problems()
    return settings


def _conflicts(settings: Settings) -> Iterator[tuple[str, str]]:
    """What no budget can be kept with, or Railway does not run, by the key to change."""
    if settings.replicas > 1 and not settings.redis_service:
        yield (
            "replicas",
            (
                f"is {settings.replicas}, but each replica would count a budget of its own; name the service with the "
                "Redis that they share in redisService, or set it to 1"
            ),
        )
    if settings.redis_service and settings.redis_service == settings.service_name:
        yield "redisService", f"is {settings.redis_service!r}, which is the gateway itself"
    if settings.redis_password_secret and not settings.redis_service:
        yield "redisService", "is empty, but redisPasswordSecret asks for a Redis; name the service that it becomes"
    if settings.redis_password_secret and settings.root_directory == ".":
        yield "rootDirectory", "is '.', but that Redis is built from the directory redis beside it; name a directory"
    if settings.budget_key_secret and CLIENT_KEYS not in settings.secrets:
        yield "budgetKeySecret", f"names the key of a client, but secrets holds no {CLIENT_KEYS}: there are no clients"
    if settings.redis_service and settings.volume_path:
        yield (
            "volumePath",
            (
                f"is {settings.volume_path!r}, but the Redis of redisService keeps what was spent, and a service with "
                "a volume has one replica; take it away, or redisService"
            ),
        )


class _Reader:
    """Reads keys of one namespace and remembers what is wrong instead of stopping at the first problem.

    Defaults stand in Pulumi.yaml alone: the engine fills them in before the program runs.
    """

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config
        self._problems: list[str] = []
        self._known: set[str] = set()

    def text(self, key: str, shape: re.Pattern[str], wanted: str) -> str:
        value = self._get(key, self._config.get, wanted)
        if value is None:
            return ""
        if not shape.fullmatch(value):
            return self._problem(key, f"is {value!r}; it must be {wanted}", value)
        return value

    def optional_text(self, key: str, shape: re.Pattern[str], wanted: str) -> str:
        return self.text(key, re.compile(f"(?:{shape.pattern})?"), f"{wanted}, or empty")

    def directory(self, key: str) -> str:
        value = self.text(key, re.compile(r"\S+"), "a path relative to the repository")
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts:
            return self._problem(
                key, f"is {value!r}; it must be a path inside the repository, without .. or a leading /", value
            )
        return str(path)

    def integer(self, key: str, low: int, high: int) -> int:
        wanted = f"a whole number from {low} to {high}"
        value = self._get(key, self._config.get_int, wanted)
        if value is None:
            return low
        if not low <= value <= high:
            return self._problem(key, f"is {value}; it must be {wanted}", low)
        return value

    def flag(self, key: str) -> bool:
        return bool(self._get(key, self._config.get_bool, "true or false"))

    def secret_names(self, key: str) -> Mapping[str, str]:
        wanted = "a map from environment variable to secret, e.g. OPENAI_API_KEY: OPENAI-API"
        value: Any = self._get(key, self._config.get_object, wanted)
        if value is None:
            return {}
        if not isinstance(value, dict):
            return self._problem(key, f"must be {wanted}", {})
        for name, secret in value.items():
            if not VARIABLE_NAME.fullmatch(str(name)):
                self._problem(f"{key}.{name}", "is no name of an environment variable", None)
            if not isinstance(secret, str) or not SECRET_NAME.fullmatch(secret):
                self._problem(f"{key}.{name}", "must be the name of a secret: letters, digits, - and _", None)
        for name in REQUIRED_SECRETS:
            if name not in value:
                self._problem(f"{key}.{name}", "is missing; name the secret that holds it", None)
        return value

    def raise_problems(self) -> None:
        for key in sorted(self._keys_of_the_stack() - self._known):
            self._problem(key, "is not a setting of this program; see Pulumi.yaml for those that are", None)
        if self._problems:
            listed = "\n".join(f"  - {problem}" for problem in self._problems)
            file = f"Pulumi.{pulumi.get_stack()}.yaml"
            raise SettingsError(
                f"{file} cannot be used, {len(self._problems)} problem(s), nothing was changed:\n{listed}"
            )

    def _keys_of_the_stack(self) -> set[str]:
        prefix = f"{self._config.name}:"
        return {key.removeprefix(prefix) for key in {**get_config_env(), **CONFIG.get()} if key.startswith(prefix)}

    def _get(self, key: str, read: Callable[[str], T | None], wanted: str) -> T | None:
        """What the stack says; None where it says nothing or something of another type, which is then remembered."""
        self._known.add(key)
        try:
            value = read(key)
        except pulumi.ConfigTypeError as error:
            return self._problem(key, f"is {error.value!r}; it must be {wanted}", None)
        return self._problem(key, f"is missing; set it to {wanted}", None) if value is None else value

    def problem(self, key: str, what: str) -> None:
        """Remember what is wrong with `key`, namespace and all."""
        self._problems.append(f"{key} {what}")

    def setting_problem(self, key: str, what: str) -> None:
        """Remember what is wrong with a setting of the program itself."""
        self.problem(f"{self._config.name}:{key}", what)

    def _problem(self, key: str, what: str, instead: T) -> T:
        self.setting_problem(key, what)
        return instead

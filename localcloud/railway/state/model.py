"""The objects Railway keeps. Times are UTC; ids are UUIDs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.railway.state.clock import Lagging, now

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "rootDirectory": None,
        "builder": "RAILPACK",
        "buildCommand": None,
        "dockerfilePath": None,
        "railwayConfigFile": None,
        "watchPatterns": [],
        "healthcheckPath": None,
        "healthcheckTimeout": None,
        "restartPolicyType": "ON_FAILURE",
        "restartPolicyMaxRetries": 10,
        "multiRegionConfig": None,
        "numReplicas": None,
        "region": None,
        "sleepApplication": None,
        "cronSchedule": None,
        "startCommand": None,
        "preDeployCommand": None,
        "overlapSeconds": None,
        "drainingSeconds": None,
        "ipv6EgressEnabled": None,
        "nixpacksPlan": None,
    }
)


def new_id() -> str:
    """A fresh id."""
    return str(uuid.uuid4())


class Status(StrEnum):
    """Statuses of a deployment."""

    QUEUED = "QUEUED"
    INITIALIZING = "INITIALIZING"
    BUILDING = "BUILDING"
    DEPLOYING = "DEPLOYING"
    SUCCESS = "SUCCESS"
    SLEEPING = "SLEEPING"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    REMOVING = "REMOVING"
    REMOVED = "REMOVED"
    SKIPPED = "SKIPPED"
    WAITING = "WAITING"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"


BEFORE_IMAGE = frozenset({Status.QUEUED, Status.INITIALIZING, Status.BUILDING, Status.WAITING, Status.NEEDS_APPROVAL})
UNFINISHED = BEFORE_IMAGE | {Status.DEPLOYING}
LIVE = frozenset({Status.SUCCESS, Status.SLEEPING})


@dataclass
class Project:
    """A project."""

    id: str
    name: str
    workspace_id: str
    created_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Variable:
    """One variable as it was written: references are not yet rendered."""

    name: str
    value: str = field(repr=False)
    is_sealed: bool = False
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)


Variables = dict[str, Variable]


@dataclass
class Patch:
    """Staged or committed changes of an environment, in the shape of the environment config."""

    environment_id: str
    patch: dict[str, Any] = field(default_factory=dict, repr=False)
    status: str = "STAGED"
    message: str | None = None
    last_applied_error: str | None = None
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    applied_at: datetime | None = None


@dataclass
class Environment:
    """An environment; with `source_environment_id` a fork. `ephemeral` is None where nobody said: forks are."""

    id: str
    project_id: str
    name: str
    source_environment_id: str | None = None
    ephemeral: bool | None = None
    created_at: datetime = field(default_factory=now)
    variables: Lagging[Variables] = field(default_factory=lambda: Lagging({}), repr=False)
    staged: Patch | None = None
    applying: Patch | None = None

    @property
    def is_fork(self) -> bool:
        """Whether it was made from another environment."""
        return self.source_environment_id is not None

    @property
    def is_ephemeral(self) -> bool:
        """Whether it is one for a while, as for a pull request."""
        return self.is_fork if self.ephemeral is None else self.ephemeral


@dataclass
class Service:
    """A service; `deleted_at` is set while it is already deleted but still listed."""

    project_id: str
    name: str
    icon: str | None = None
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class Source:
    """Where the code of an instance comes from; `commit` is the one it is pinned to."""

    repo: str | None = None
    branch: str | None = None
    image: str | None = None
    commit: str | None = None


@dataclass
class Instance:
    """A service in one environment. `serving` is the deployment that the edge sends requests to.

    `auto_deploy` says whether a push deploys it.
    """

    service_id: str
    environment_id: str
    id: str = field(default_factory=new_id)
    settings: Lagging[dict[str, Any]] = field(default_factory=lambda: Lagging(dict(DEFAULT_SETTINGS)))
    source: Source = Source()
    variables: Lagging[Variables] = field(default_factory=lambda: Lagging({}), repr=False)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    deleted_at: datetime | None = None
    serving: str | None = None
    routed_at: float = 0.0
    switched_at: float = 0.0
    auto_deploy: bool = True


@dataclass
class Trigger:
    """A push trigger: a push to the branch deploys the instance."""

    project_id: str
    environment_id: str
    service_id: str
    repository: str
    branch: str
    check_suites: bool = False
    provider: str = "github"
    id: str = field(default_factory=new_id)


@dataclass
class Domain:
    """A service domain; its name is the address its listener has."""

    project_id: str
    environment_id: str
    service_id: str
    domain: str
    target_port: int | None
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    deleted_at: datetime | None = None
    ready_at: float = 0.0


@dataclass
class CustomDomain:
    """A domain of the user's own; `target` and `token` are what its DNS records have to say.

    `issuing_since` is set once they do, `certificate_error` where the issue of the certificate failed.
    """

    project_id: str
    environment_id: str
    service_id: str
    domain: str
    target_port: int | None
    target: str
    token: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    deleted_at: datetime | None = None
    issuing_since: float | None = None
    certificate_error: str | None = None


@dataclass
class Volume:
    """A volume; `deleted_at` is set while it is already deleted but still listed."""

    project_id: str
    name: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    deleted_at: datetime | None = None


@dataclass
class VolumeInstance:
    """A volume in one environment. What is written to it is in `directory`; without `service_id` it is detached."""

    volume_id: str
    environment_id: str
    service_id: str | None
    mount_path: str
    region: str
    directory: Path
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Captured:
    """What a deployment took with it when it started; later writes do not reach it."""

    source: Source
    settings: Mapping[str, Any]
    variables: Variables = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Image:
    """A built image: directory, working directory, environment and command, ready to start on this machine."""

    root: Path
    working_directory: Path
    environment: Mapping[str, str]
    command: tuple[str, ...]


@dataclass(frozen=True)
class Log:
    """One line of a log; `attributes` are those of a structured line, each a `key` and a `value`."""

    message: str
    severity: str
    attributes: tuple[Mapping[str, str], ...] = ()
    time: datetime = field(default_factory=now)

    @property
    def timestamp(self) -> str:
        """The time in RFC 3339 with nanoseconds."""
        return f"{self.time:%Y-%m-%dT%H:%M:%S.%f}000Z"


@dataclass
class Event:
    """One step of a deployment; `payload` has error, reason, attempt, maxAttempts, durationMs, skipped, detail."""

    step: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    completed_at: datetime | None = None
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass
class Deployment:
    """A deployment. `port` is where its process listens while it runs, `instance_status` what became of the process."""

    project_id: str
    environment_id: str
    service_id: str
    captured: Captured
    reason: str
    id: str = field(default_factory=new_id)
    status: Status = Status.QUEUED
    created_at: datetime = field(default_factory=now)
    status_updated_at: datetime = field(default_factory=now)
    snapshot_id: str | None = None
    image: Image | None = None
    hold: Status | None = None
    port: int | None = None
    was_live: bool = False
    commit_message: str | None = None
    commit_author: str | None = None
    instance_status: str | None = None
    events: list[Event] = field(default_factory=list)
    build_logs: list[Log] = field(default_factory=list)
    deploy_logs: list[Log] = field(default_factory=list)

"""Who calls, and what that token may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from localcloud.railway.errors import BAD_PROJECT_TOKEN, NOT_AUTHORIZED, RailwayError
from localcloud.railway.state.world import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.railway.state.world import World

Kind = Literal["account", "workspace", "project", "nobody", "bad project token"]


@dataclass(frozen=True)
class Caller:
    """The holder of a token. A project token is good for one environment of one project."""

    kind: Kind
    token: str = ""
    project_id: str | None = None
    environment_id: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the token is one that Railway gave out and has not revoked."""
        return self.kind in {"account", "workspace", "project"}

    def require_known(self) -> None:
        """Raise what Railway answers to no token, a wrong one, or a wrong project token."""
        if not self.is_known:
            raise RailwayError(BAD_PROJECT_TOKEN if self.kind == "bad project token" else NOT_AUTHORIZED)

    def require(self, *kinds: Kind) -> None:
        """Raise "Not Authorized" unless the token is of one of the kinds."""
        if self.kind not in kinds:
            raise RailwayError(NOT_AUTHORIZED)

    def may_see(self, project_id: str, environment_id: str | None = None) -> bool:
        """Whether the token reaches the project, and the environment where one is given."""
        if self.kind != "project":
            return True
        return project_id == self.project_id and environment_id in {None, self.environment_id}


def identify(headers: Mapping[str, str], world: World) -> Caller:
    """The caller of a request. Header Project-Access-Token goes before Authorization."""
    seed = world.seed
    project_token = headers.get("project-access-token")
    if project_token is not None:
        if project_token == seed.project_token and project_token not in world.revoked:
            return Caller("project", project_token, seed.project_id, seed.environment_id)
        return Caller("bad project token", project_token)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in world.tokens or token in world.revoked:
        return Caller("nobody", token)
    return Caller("account" if world.tokens[token] == ACCOUNT else "workspace", token)

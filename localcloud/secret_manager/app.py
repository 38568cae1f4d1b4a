"""The HTTP side: whose token it is, what that identity may do, and how an error looks."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.rest import ApiError, Operation, RestService, bearer
from localcloud.core.seed import SecretManagerSeed
from localcloud.secret_manager import errors
from localcloud.secret_manager.operations import OPERATIONS
from localcloud.secret_manager.store import SecretStore, State

# What the preview identity may do: see that secrets and versions are there, and never read a payload.
METADATA_PERMISSIONS = frozenset(
    f"secretmanager.{permission}" for permission in ("secrets.get", "secrets.list", "versions.get", "versions.list")
)


class SecretManager(RestService[SecretStore]):
    """The service: `app` answers its API, `store` is what it holds."""

    name = "secret_manager"

    def __init__(self, seed: SecretManagerSeed, calls: CallLog, faults: Faults) -> None:
        super().__init__(SecretStore(seed), OPERATIONS, calls, faults)
        self._projects = {seed.project_id, seed.project_number}
        self._identities = {seed.deploy_token: "deploy", seed.preview_token: "preview"}
        self.app = Starlette(routes=self.routes, exception_handlers={404: _unknown_route, 405: _unknown_route})

    def reset(self) -> None:
        """Back to the seed."""
        self.store.reset()

    def add_version(self, name: str, payload: str | None = None) -> int:
        """Add a version to a secret, with a generated payload where none is given; returns its number.

        Payloads that the API would refuse, such as an empty one, are taken. Raises `ApiError` for no such secret.
        """
        if payload is None:
            return self.store.add_generated_version(name).number
        return self.store.add_version(name, payload.encode()).number

    def values(self) -> dict[str, str]:
        """Secret name -> payload of its newest version, for those whose newest version is enabled."""
        newest = {name: versions[0] for name in self.store.names() if (versions := self.store.versions(name))}
        return {name: found.payload.decode() for name, found in newest.items() if found.state is State.ENABLED}

    def identify(self, request: HttpRequest) -> str:
        """`deploy` or `preview`."""
        identity = self._identities.get(bearer(request))
        if identity is None:
            raise errors.unauthenticated()
        return identity

    def authorise(self, identity: str, operation: Operation[SecretStore], request: HttpRequest) -> None:
        """The deploy identity may do everything in the project, the preview identity may read metadata."""
        permitted = identity == "deploy" or operation.permission in METADATA_PERMISSIONS
        if not permitted or request.path_params["project"] not in self._projects:
            raise errors.denied(operation.permission, request.url.path.removeprefix("/v1/").partition(":")[0])

    def error(self, error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
        """Google's error object."""
        return errors.response(error, headers)


async def _unknown_route(request: HttpRequest, _error: Exception) -> Response:
    return HTMLResponse(f"<title>Error 404 (Not Found)</title><p>{request.method} is not known here.", 404)

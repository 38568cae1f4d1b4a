"""The HTTP side: whose token it is, what that identity may do, and how an error looks."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount

from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.rest import ApiError, Operation, RestService, bearer
from localcloud.core.seed import GithubSeed
from localcloud.core.working_copy import WorkingCopy
from localcloud.github import errors
from localcloud.github.operations import OPERATIONS, VARIABLES_WRITE
from localcloud.github.store import RepositoryStore

_SCHEMES = frozenset({"bearer", "token"})


class Github(RestService[RepositoryStore]):
    """The service: `app` answers its API, `store` is what it holds."""

    name = "github"

    def __init__(self, seed: GithubSeed, working_copy: WorkingCopy, calls: CallLog, faults: Faults) -> None:
        super().__init__(RepositoryStore(seed, working_copy), OPERATIONS, calls, faults)
        self._identities = {seed.deploy_token: "deploy", seed.preview_token: "preview"}
        handlers = dict.fromkeys((404, 405), _unknown_route)
        self.app = Starlette(routes=[Mount("/api/v3", routes=self.routes), *self.routes], exception_handlers=handlers)

    def reset(self) -> None:
        """Back to the seed."""
        self.store.reset()

    def variables(self) -> dict[str, str]:
        """Name -> value of every repository variable."""
        return {variable.name: variable.value for variable in self.store.variables()}

    def identify(self, request: HttpRequest) -> str:
        """`deploy` or `preview`."""
        token = bearer(request, _SCHEMES)
        if not token:
            raise errors.authentication_required()
        if token not in self._identities:
            raise errors.bad_credentials()
        return self._identities[token]

    def authorise(self, identity: str, operation: Operation[RepositoryStore], request: HttpRequest) -> None:
        """Everybody known may read the repository; only the deploy identity may write its variables."""
        wanted = (request.path_params.get("owner"), request.path_params.get("repository"))
        owned = (self.store.owner.lower(), self.store.name.lower())
        if wanted != (None, None) and tuple(str(part).lower() for part in wanted) != owned:
            raise errors.not_found()
        if operation.permission == VARIABLES_WRITE and identity != "deploy":
            raise errors.not_accessible()

    def error(self, error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
        """GitHub's error object."""
        return errors.response(error, headers)


async def _unknown_route(_request: HttpRequest, _error: Exception) -> Response:
    return errors.response(errors.not_found())

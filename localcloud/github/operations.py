"""The operations of the API: for each its route, the permission it needs and what it does."""

from __future__ import annotations

from localcloud.core.rest import NO_CONTENT, Json, Operation, Request
from localcloud.core.working_copy import Commit
from localcloud.github import errors, wire
from localcloud.github.store import RepositoryStore

_REPOSITORY = "/repos/{owner}/{repository}"
_VARIABLES = f"{_REPOSITORY}/actions/variables"
_VARIABLE = f"{_VARIABLES}/{{name}}"
_PAGE, _MAX_PAGE = 10, 30


def _user(_store: RepositoryStore, request: Request) -> Json:
    return wire.account_json(f"local-{request.identity}", "User")


def _organization(store: RepositoryStore, request: Request) -> Json:
    if request.path["organization"].lower() != store.owner.lower():
        raise errors.not_found("/orgs/orgs#get-an-organization")
    return wire.account_json(store.owner, "Organization")


def _repository(store: RepositoryStore, _request: Request) -> Json:
    return wire.repository_json(store)


def _branches(store: RepositoryStore, _request: Request) -> Json:
    return [{"name": store.branch, "commit": {"sha": store.working_copy.head}, "protected": False}]


def _branch(store: RepositoryStore, request: Request) -> Json:
    if request.path["branch"] != store.branch:
        raise errors.not_found(errors.BRANCHES)
    return wire.branch_json(store, store.working_copy.commit(store.working_copy.head))


def _reference(store: RepositoryStore, request: Request) -> Json:
    if request.path["reference"] != f"heads/{store.branch}":
        raise errors.not_found(errors.REFERENCES)
    return wire.reference_json(store, store.working_copy.head)


def _commit(store: RepositoryStore, request: Request) -> Json:
    return wire.commit_json(_find_commit(store, request.path["reference"]))


def _git_commit(store: RepositoryStore, request: Request) -> Json:
    return wire.git_commit_json(_find_commit(store, request.path["sha"]))


def _find_commit(store: RepositoryStore, reference: str) -> Commit:
    names = {store.branch, f"heads/{store.branch}", f"refs/heads/{store.branch}", "HEAD"}
    sha = store.working_copy.head if reference in names else reference
    if not store.working_copy.has(sha):
        raise errors.not_found(errors.COMMITS)
    return store.working_copy.commit(sha)


def _list_variables(store: RepositoryStore, request: Request) -> Json:
    variables = store.variables()
    size = min(_number(request, "per_page", _PAGE), _MAX_PAGE)
    start = (_number(request, "page", 1) - 1) * size
    shown = [wire.variable_json(variable) for variable in variables[start : start + size]]
    return {"total_count": len(variables), "variables": shown}


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and int(text) > 0 else default


def _get_variable(store: RepositoryStore, request: Request) -> Json:
    return wire.variable_json(store.get(request.path["name"]))


def _create_variable(store: RepositoryStore, request: Request) -> Json:
    store.create(request.body.get("name"), request.body.get("value"))
    return {}


def _update_variable(store: RepositoryStore, request: Request) -> Json:
    store.update(request.path["name"], request.body.get("name"), request.body.get("value"))


def _delete_variable(store: RepositoryStore, request: Request) -> Json:
    store.delete(request.path["name"])


READ, VARIABLES_READ, VARIABLES_WRITE = "metadata:read", "variables:read", "variables:write"

OPERATIONS = (
    Operation("GetUser", "GET", "/user", "query", READ, _user),
    Operation("GetOrganization", "GET", "/orgs/{organization}", "query", READ, _organization),
    Operation("GetRepository", "GET", _REPOSITORY, "query", READ, _repository),
    Operation("ListBranches", "GET", f"{_REPOSITORY}/branches", "query", READ, _branches),
    Operation("GetBranch", "GET", f"{_REPOSITORY}/branches/{{branch:path}}", "query", READ, _branch),
    Operation("GetReference", "GET", f"{_REPOSITORY}/git/ref/{{reference:path}}", "query", READ, _reference),
    Operation("GetGitCommit", "GET", f"{_REPOSITORY}/git/commits/{{sha}}", "query", READ, _git_commit),
    Operation("GetCommit", "GET", f"{_REPOSITORY}/commits/{{reference:path}}", "query", READ, _commit),
    Operation("ListVariables", "GET", _VARIABLES, "query", VARIABLES_READ, _list_variables),
    Operation("CreateVariable", "POST", _VARIABLES, "mutation", VARIABLES_WRITE, _create_variable, 201),
    Operation("GetVariable", "GET", _VARIABLE, "query", VARIABLES_READ, _get_variable),
    Operation("UpdateVariable", "PATCH", _VARIABLE, "mutation", VARIABLES_WRITE, _update_variable, NO_CONTENT),
    Operation("DeleteVariable", "DELETE", _VARIABLE, "mutation", VARIABLES_WRITE, _delete_variable, NO_CONTENT),
)

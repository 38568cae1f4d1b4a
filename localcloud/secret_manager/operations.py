"""The operations of the API: for each its route, the permission it needs and what it does."""

from __future__ import annotations

from functools import partial
from typing import Any

from localcloud.core.rest import Operation, Request
from localcloud.secret_manager.errors import GoogleError
from localcloud.secret_manager.paging import page
from localcloud.secret_manager.store import SecretStore, State
from localcloud.secret_manager.wire import access_json, etag, read_payload, secret_json, version_json

Json = dict[str, Any]
_SECRETS = "/v1/projects/{project}/secrets"
_SECRET = f"{_SECRETS}/{{secret}}"
_VERSION = f"{_SECRET}/versions/{{version}}"


def _numbers(request: Request) -> bool:
    """Whether the client wants enumerations as numbers."""
    return "enum-encoding=int" in request.query.get("$alt", "")


def _list_secrets(store: SecretStore, request: Request) -> Json:
    return page("secrets", [secret_json(secret) for secret in store.secrets()], request.query)


def _create_secret(store: SecretStore, request: Request) -> Json:
    if "replication" not in request.body:
        raise GoogleError("INVALID_ARGUMENT", "The secret's replication is a required field.")
    return secret_json(store.create(request.query.get("secretId", "")))


def _get_secret(store: SecretStore, request: Request) -> Json:
    return secret_json(store.get(request.path["secret"]))


def _delete_secret(store: SecretStore, request: Request) -> Json:
    store.delete(request.path["secret"])
    return {}


def _list_versions(store: SecretStore, request: Request) -> Json:
    versions = store.versions(request.path["secret"])
    return page("versions", [version_json(version, numbers=_numbers(request)) for version in versions], request.query)


def _get_version(store: SecretStore, request: Request) -> Json:
    return version_json(store.version(request.path["secret"], request.path["version"]), numbers=_numbers(request))


def _access_version(store: SecretStore, request: Request) -> Json:
    return access_json(store.access(request.path["secret"], request.path["version"]))


def _add_version(store: SecretStore, request: Request) -> Json:
    data, with_checksum = read_payload(request.body.get("payload"))
    version = store.add_version(request.path["secret"], data, with_checksum=with_checksum)
    return version_json(version, numbers=_numbers(request))


def _set_state(state: State, store: SecretStore, request: Request) -> Json:
    name, version = request.path["secret"], request.path["version"]
    if request.body.get("etag", etag(store.version(name, version))) != etag(store.version(name, version)):
        raise GoogleError("FAILED_PRECONDITION", "The etag of the version has changed.")
    return version_json(store.set_state(name, version, state), numbers=_numbers(request))


# A route with a verb stands before the one it would otherwise be taken for.
OPERATIONS = (
    Operation("ListSecrets", "GET", _SECRETS, "query", "secretmanager.secrets.list", _list_secrets),
    Operation("CreateSecret", "POST", _SECRETS, "mutation", "secretmanager.secrets.create", _create_secret),
    Operation(
        "AddSecretVersion", "POST", f"{_SECRET}:addVersion", "mutation", "secretmanager.versions.add", _add_version
    ),
    Operation("GetSecret", "GET", _SECRET, "query", "secretmanager.secrets.get", _get_secret),
    Operation("DeleteSecret", "DELETE", _SECRET, "mutation", "secretmanager.secrets.delete", _delete_secret),
    Operation(
        "ListSecretVersions", "GET", f"{_SECRET}/versions", "query", "secretmanager.versions.list", _list_versions
    ),
    Operation(
        "AccessSecretVersion", "GET", f"{_VERSION}:access", "query", "secretmanager.versions.access", _access_version
    ),
    Operation("GetSecretVersion", "GET", _VERSION, "query", "secretmanager.versions.get", _get_version),
    *(
        Operation(
            f"{verb.capitalize()}SecretVersion",
            "POST",
            f"{_VERSION}:{verb}",
            "mutation",
            f"secretmanager.versions.{verb}",
            partial(_set_state, state),
        )
        for verb, state in (("enable", State.ENABLED), ("disable", State.DISABLED), ("destroy", State.DESTROYED))
    ),
)

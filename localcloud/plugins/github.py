"""The stand-in for `github`: a repository's Actions variable, as the vendor's resource has it.

Source: https://registry.terraform.io/providers/integrations/github/latest/docs/resources/actions_variable
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from localcloud.plugins import environment
from localcloud.plugins.errors import InputError, PluginError, not_covered
from localcloud.plugins.http import Client, HttpError, loopback
from localcloud.plugins.package import UNKNOWN, Properties, Resource

ACTIONS_VARIABLE: Final = "github:index/actionsVariable:ActionsVariable"
BASE_URL: Final = "GITHUB_BASE_URL"
TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
ENTERPRISE_PATH: Final = "api/v3/"
VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NOT_FOUND: Final = 404
CONFLICT: Final = 409


class Github:
    """Actions variables; no functions."""

    name = "github"
    distribution = "pulumi_github"

    def __init__(self) -> None:
        self._client = Client("", {})
        self._owner = ""

    def configure(self, variables: Properties) -> None:
        """Base URL, token and owner, from the configuration or the vendor's environment variables."""
        base = loopback(variables.get("baseUrl") or environment.first(BASE_URL), BASE_URL, self.name)
        if not urlsplit(base).path.endswith(f"/{ENTERPRISE_PATH}"):
            base += ENTERPRISE_PATH
        token = variables.get("token") or environment.first(TOKEN)
        self._owner = variables.get("owner") or environment.first("GITHUB_OWNER", "GITHUB_ORGANIZATION")
        if not token:
            raise PluginError(f"The stand-in for github needs a token: set {TOKEN}.")
        if not self._owner:
            raise PluginError("The stand-in for github needs an owner: set the owner of the provider or GITHUB_OWNER.")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        self._client = Client(base, headers)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """None is covered."""
        del arguments
        raise not_covered(f"The function {token}", self.name)

    def resource(self, token: str) -> Resource:
        """`ActionsVariable`."""
        if token != ACTIONS_VARIABLE:
            raise not_covered(f"The resource {token}", self.name)
        return ActionsVariable(self._client, self._owner)


class ActionsVariable:
    """One variable of one repository; its id is `repository:NAME`."""

    replacing: frozenset[str] = frozenset({"repository", "variableName"})

    def __init__(self, client: Client, owner: str) -> None:
        self._client = client
        self._owner = owner

    def check(self, inputs: Properties) -> Properties:
        """All three inputs are needed; GitHub reserves names that start with GITHUB_."""
        missing = [name for name in ("repository", "value", "variableName") if not inputs.get(name)]
        failures = [(name, "Missing required argument") for name in missing]
        name = inputs.get("variableName") or UNKNOWN
        if name != UNKNOWN and (not VARIABLE_NAME.fullmatch(name) or name.upper().startswith("GITHUB_")):
            failures.append(
                ("variableName", f"{name} may hold letters, digits and _ only, start with no digit, nor with GITHUB_")
            )
        if failures:
            raise InputError(failures)
        return inputs

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create the variable. One that exists already is an error, as with the vendor's plugin.

        One that holds this very value counts as created: an interrupted run made it and could not record it.
        """
        repository, name = inputs["repository"], inputs["variableName"]
        id_ = f"{repository}:{name}"
        try:
            self._client.call("POST", self._path(repository), {"name": name, "value": inputs["value"]})
        except HttpError as error:
            if error.status == CONFLICT and not self._holds(id_, inputs["value"]):
                raise PluginError(
                    f"The variable {name} of {self._owner}/{repository} exists already and is not managed by this "
                    f"stack: delete it on GitHub, or take it over with the import id {repository}:{name}.",
                    "ALREADY_EXISTS",
                ) from error
            if error.status != CONFLICT:
                raise
        return id_, self._outputs(id_)

    def read(self, id_: str) -> tuple[Properties, Properties] | None:
        """The variable as GitHub has it now."""
        repository, name = self._parse(id_)
        try:
            found = self._client.call("GET", self._path(repository, name))
            outside = self._client.call("GET", f"repos/{self._owner}/{repository}")
        except HttpError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        inputs = {"repository": repository, "variableName": name, "value": found["value"]}
        times = {"createdAt": _time(found["created_at"]), "updatedAt": _time(found["updated_at"])}
        return inputs, {**inputs, **times, "repositoryId": outside["id"], "id": id_}

    def update(self, id_: str, inputs: Properties) -> Properties:
        """Give the variable another value."""
        repository, name = self._parse(id_)
        self._client.call("PATCH", self._path(repository, name), {"name": name, "value": inputs["value"]})
        return self._outputs(id_)

    def delete(self, id_: str) -> None:
        """Delete the variable; one that is gone counts as done."""
        try:
            self._client.call("DELETE", self._path(*self._parse(id_)))
        except HttpError as error:
            if error.status != NOT_FOUND:
                raise

    def _holds(self, id_: str, value: str) -> bool:
        found = self.read(id_)
        return found is not None and found[0]["value"] == value

    def _outputs(self, id_: str) -> Properties:
        found = self.read(id_)
        if found is None:
            raise PluginError(f"The variable {id_} was written and cannot be read back: GitHub answers 404.")
        return found[1]

    def _path(self, repository: str, name: str = "") -> str:
        path = f"repos/{self._owner}/{quote(repository, safe='')}/actions/variables"
        return f"{path}/{quote(name, safe='')}" if name else path

    @staticmethod
    def _parse(id_: str) -> tuple[str, str]:
        repository, _, name = id_.partition(":")
        if not repository or not name:
            raise PluginError(f"{id_!r} is no id of a variable; it must be repository:NAME.", "INVALID_ARGUMENT")
        return repository, name


def _time(text: str) -> str:
    """A time as the vendor's plugin writes it."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")

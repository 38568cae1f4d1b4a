"""The stand-in for `github`: a repository's Actions variables, one as the vendor's resource, all as its data source.

Source: https://github.com/integrations/terraform-provider-github/blob/v6.13.0/github/resource_github_actions_variable.go
and data_source_github_actions_variables.go beside it.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import count
from typing import Final
from urllib.parse import quote, urlsplit

from localcloud.plugins import environment
from localcloud.plugins.errors import InputError, PluginError, not_covered
from localcloud.plugins.http import Client, HttpError, loopback
from localcloud.plugins.package import UNKNOWN, Properties, Resource

ACTIONS_VARIABLE: Final = "github:index/actionsVariable:ActionsVariable"
BASE_URL: Final = "GITHUB_BASE_URL"
TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
GET_ACTIONS_VARIABLES: Final = "github:index/getActionsVariables:getActionsVariables"
ENTERPRISE_PATH: Final = "api/v3/"
VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NOT_FOUND: Final = 404
PAGE_SIZE: Final = 100


class Github:
    """Actions variables."""

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
        """`getActionsVariables`."""
        if token != GET_ACTIONS_VARIABLES:
            raise not_covered(f"The function {token}", self.name)
        given = str(arguments.get("fullName") or f"{self._owner}/{arguments.get('name') or ''}")
        owner, _, repository = given.partition("/")
        if not repository:
            raise PluginError('one of "full_name" or "name" has to be provided')
        found = _variables(self._client, _path(owner, repository))
        return {"fullName": given, "id": repository, "name": repository, "variables": found}

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
        """Create the variable. One that exists already is an error, whatever it holds."""
        repository, name = inputs["repository"], inputs["variableName"]
        self._client.call("POST", self._path(repository), {"name": name, "value": inputs["value"]})
        id_ = f"{repository}:{name}"
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
        """Delete the variable; one that is gone is an error, which a refresh before it avoids."""
        self._client.call("DELETE", self._path(*self._parse(id_)))

    def _outputs(self, id_: str) -> Properties:
        found = self.read(id_)
        if found is None:
            raise PluginError(f"The variable {id_} was written and cannot be read back: GitHub answers 404.")
        return found[1]

    def _path(self, repository: str, name: str = "") -> str:
        path = _path(self._owner, repository)
        return f"{path}/{quote(name, safe='')}" if name else path

    @staticmethod
    def _parse(id_: str) -> tuple[str, str]:
        repository, _, name = id_.partition(":")
        if not repository or not name:
            raise PluginError(f"{id_!r} is no id of a variable; it must be repository:NAME.", "INVALID_ARGUMENT")
        return repository, name


def _path(owner: str, repository: str) -> str:
    return f"repos/{owner}/{quote(repository, safe='')}/actions/variables"


def _variables(client: Client, path: str) -> list[Properties]:
    """Every variable of a repository, from all pages."""
    found: list[Properties] = []
    for page in count(1):
        answer = client.call("GET", f"{path}?per_page={PAGE_SIZE}&page={page}")
        found += [
            {
                "name": each["name"],
                "value": each["value"],
                "createdAt": _time(each["created_at"]),
                "updatedAt": _time(each["updated_at"]),
            }
            for each in answer["variables"]
        ]
        if not answer["variables"] or len(found) >= answer["total_count"]:
            break
    return found


def _time(text: str) -> str:
    """A time as the vendor's plugin writes it."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")

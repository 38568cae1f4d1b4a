"""The stand-in for `gcp`: the function that pins a secret's version. It follows the vendor's data source.

Source: the provider's own website/docs/d/secret_manager_secret_version.html.markdown, https://github.com/hashicorp/terraform-provider-google
"""

from __future__ import annotations

import base64
import re
from typing import Final, NoReturn

from localcloud.plugins import environment
from localcloud.plugins.errors import InputError, PluginError, not_covered
from localcloud.plugins.http import Client, HttpError, loopback
from localcloud.plugins.package import Properties

GET_SECRET_VERSION: Final = "gcp:secretmanager/getSecretVersion:getSecretVersion"  # noqa: S105 - a token of Pulumi
ENDPOINT: Final = "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"
TOKEN: Final = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
PROJECT: Final = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
VERSION_NAME: Final = re.compile(r"projects/(.+)/secrets/(.+)/versions/(.+)")
SECRET_NAME: Final = re.compile(r"projects/([^/]+)/secrets/([^/]+)")


class Gcp:
    """Secret versions; no resources."""

    name = "gcp"
    distribution = "pulumi_gcp"

    def __init__(self) -> None:
        self._client = Client("", {})
        self._project = ""

    def configure(self, variables: Properties) -> None:
        """Endpoint, token and project, from the configuration or the vendor's environment variables."""
        endpoint = variables.get("secretManagerCustomEndpoint") or environment.first(ENDPOINT)
        token = variables.get("accessToken") or environment.first(TOKEN)
        if not token:
            raise PluginError(f"The stand-in for gcp needs an access token: set {TOKEN}.")
        self._client = Client(loopback(endpoint, ENDPOINT, self.name), {"Authorization": f"Bearer {token}"})
        self._project = variables.get("project") or environment.first(*PROJECT)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """`getSecretVersion`; its result is not marked secret, just as the vendor's is not."""
        if token != GET_SECRET_VERSION:
            raise not_covered(f"The function {token}", self.name)
        project, secret = self._secret(arguments)
        path = f"projects/{project}/secrets/{secret}/versions/{arguments.get('version') or 'latest'}"
        found = self._get(path, "error retrieving available secret manager secret versions")
        match = VERSION_NAME.fullmatch(str(found.get("name")))
        if match is None:
            raise PluginError(f"secret name, {found.get('name')}, does not match format, {VERSION_NAME.pattern}")
        fetch, as_base64 = arguments.get("fetchSecretData", True), arguments.get("isSecretDataBase64", False)
        return {
            "id": found["name"],
            "name": found["name"],
            "project": project,
            "secret": secret,
            "version": match[3],
            "createTime": found.get("createTime", ""),
            "destroyTime": found.get("destroyTime", ""),
            "enabled": True,
            "fetchSecretData": fetch,
            "isSecretDataBase64": as_base64,
            "secretData": self._payload(path, as_base64=as_base64) if fetch else "",
        }

    def resource(self, token: str) -> NoReturn:
        """None is covered."""
        raise not_covered(f"The resource {token}", self.name)

    def _secret(self, arguments: Properties) -> tuple[str, str]:
        """(project, secret) of the arguments, where the secret may be a full name."""
        secret = str(arguments.get("secret") or "")
        if not secret:
            raise InputError([("secret", "Missing required argument")])
        match = SECRET_NAME.fullmatch(secret)
        given = str(arguments.get("project") or "")
        project = match[1] if match else given or self._project
        if given and given != project:
            raise PluginError(f"project field value ({given}) does not match project of secret ({project}).")
        if not project:
            raise InputError([("project", "project: required field is not set")])
        return project, match[2] if match else secret

    def _payload(self, path: str, *, as_base64: bool) -> str:
        found = self._get(f"{path}:access", "error retrieving available secret manager secret version access")
        data = str(found["payload"]["data"])
        return data if as_base64 else base64.b64decode(data).decode()

    def _get(self, path: str, problem: str) -> Properties:
        try:
            found: Properties = self._client.call("GET", path)
        except HttpError as error:
            raise PluginError(f"{problem}: googleapi: Error {error.status}: {error.message}") from error
        return found

"""The resources of this package: what Pulumi's life cycle means for each of Railway's objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_railway.handlers.base import Handler
from pulumi_railway.handlers.custom_domain import CustomDomainHandler
from pulumi_railway.handlers.deployment import DeploymentHandler
from pulumi_railway.handlers.environment import EnvironmentHandler
from pulumi_railway.handlers.service import ServiceHandler
from pulumi_railway.handlers.service_domain import ServiceDomainHandler
from pulumi_railway.handlers.variables import VariablesHandler
from pulumi_railway.handlers.volume import VolumeHandler

_ALL: Final[tuple[Handler, ...]] = (
    EnvironmentHandler(),
    ServiceHandler(),
    VariablesHandler(),
    ServiceDomainHandler(),
    CustomDomainHandler(),
    VolumeHandler(),
    DeploymentHandler(),
)

HANDLERS: Final[Mapping[str, Handler]] = {handler.token: handler for handler in _ALL}
"""Every handler by its type token."""

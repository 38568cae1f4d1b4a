"""Railway for Pulumi: typed resources for environments, services and what belongs to them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_railway.custom_domain import CustomDomain, DnsRecord
    from pulumi_railway.deployment import Deployment, GateArgs
    from pulumi_railway.environment import Environment
    from pulumi_railway.functions import (
        SecretProblem,
        VerifySecretVersionsResult,
        verify_secret_versions,
        verify_secret_versions_output,
    )
    from pulumi_railway.provider import Provider
    from pulumi_railway.service import Builder, RestartPolicyType, Service
    from pulumi_railway.service_domain import ServiceDomain
    from pulumi_railway.variables import Variables
    from pulumi_railway.volume import Volume

__version__ = "0.1.0"

_MODULES = {
    "Builder": "service",
    "CustomDomain": "custom_domain",
    "Deployment": "deployment",
    "DnsRecord": "custom_domain",
    "Environment": "environment",
    "GateArgs": "deployment",
    "Provider": "provider",
    "RestartPolicyType": "service",
    "SecretProblem": "functions",
    "Service": "service",
    "ServiceDomain": "service_domain",
    "Variables": "variables",
    "VerifySecretVersionsResult": "functions",
    "Volume": "volume",
    "verify_secret_versions": "functions",
    "verify_secret_versions_output": "functions",
}

__all__ = [
    "Builder",
    "CustomDomain",
    "Deployment",
    "DnsRecord",
    "Environment",
    "GateArgs",
    "Provider",
    "RestartPolicyType",
    "SecretProblem",
    "Service",
    "ServiceDomain",
    "Variables",
    "VerifySecretVersionsResult",
    "Volume",
    "verify_secret_versions",
    "verify_secret_versions_output",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use: the plugin process lives in this package and never needs the SDK."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

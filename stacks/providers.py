"""The providers of a stack. Endpoints and tokens come from the environment of the plugins, never from here.

GitHub has none here on purpose: its explicit provider copies GITHUB_TOKEN into the state, the default one does not.
"""

from __future__ import annotations

from pulumi_gcp.provider import Provider as GcpProvider

import pulumi_railway
from stacks import secrets
from stacks.settings import Settings


def gcp_provider(settings: Settings) -> GcpProvider:
    """GCP for the project that holds the secrets."""
    return GcpProvider("gcp", project=settings.gcp_project)


def railway_provider(settings: Settings) -> pulumi_railway.Provider:
    """Railway with the newest version of the token's secret, so that rotating the token changes nothing in the state.

    RAILWAY_TOKEN and RAILWAY_API_TOKEN win over it.
    """
    secret = f"projects/{settings.gcp_project}/secrets/{settings.railway_token_secret}"
    return pulumi_railway.Provider("railway", token_secret=secrets.version(secret, secrets.LATEST))

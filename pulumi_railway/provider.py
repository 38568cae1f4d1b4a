"""The provider: which endpoint, and where the token is. The token itself is never an input, an output or a state."""

from typing import Any

import pulumi

from pulumi_railway.resource import input_type


@input_type
class _Inputs:
    api_url: pulumi.Input[str] | None = pulumi.property("apiUrl", default=None)
    token_secret: pulumi.Input[str] | None = pulumi.property("tokenSecret", default=None)


@pulumi.type_token("pulumi:providers:railway")
class Provider(pulumi.ProviderResource):
    """Access to Railway's GraphQL API.

    The token is, in this order: RAILWAY_TOKEN of the environment (a project token), RAILWAY_API_TOKEN (an account or
    workspace token), the payload of `token_secret`. A project token suffices for every resource of one environment.

    Source: https://docs.railway.com/integrations/api
    """

    api_url: pulumi.Output[str | None] = pulumi.property("apiUrl")
    """Endpoint; https, or http on this machine. Without one RAILWAY_API_URL counts, then Railway's own."""

    token_secret: pulumi.Output[str | None] = pulumi.property("tokenSecret")
    """Reference of the secret with the token, `projects/P/secrets/S/versions/N`."""

    def __init__(
        self,
        resource_name: str,
        *,
        api_url: pulumi.Input[str] | None = None,
        token_secret: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs: Any = _Inputs(api_url=api_url, token_secret=token_secret)
        super().__init__("railway", resource_name, inputs, opts)

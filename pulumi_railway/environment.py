"""An environment of a project."""

import pulumi

from pulumi_railway.resource import Resource, input_type


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    name: pulumi.Input[str] = pulumi.property("name")
    source_environment_id: pulumi.Input[str] | None = pulumi.property("sourceEnvironmentId", default=None)
    ephemeral: pulumi.Input[bool] | None = pulumi.property("ephemeral", default=None)
    skip_initial_deploys: pulumi.Input[bool] | None = pulumi.property("skipInitialDeploys", default=None)


@pulumi.type_token("railway:index:Environment")
class Environment(Resource):
    """An environment, empty or a copy of another one with its services, settings and variables that are not sealed.

    It takes an account or workspace token. A copy counts as made once it has the services of its source, which Railway
    adds a moment later; its volumes are empty. Railway makes one environment in about 30 s, and the next one waits.
    Import id: `<project id>/<environment id>`.

    Errors: an environment of that name that is there already is refused with its import id; a project token is refused;
    the primary environment of a project is never deleted.

    Source: https://docs.railway.com/environments
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the environment."""

    name: pulumi.Output[str] = pulumi.property("name")
    """Name of the environment."""

    source_environment_id: pulumi.Output[str | None] = pulumi.property("sourceEnvironmentId")
    """Id of the environment it is copied from; a change replaces it. Without it a new environment is empty."""

    ephemeral: pulumi.Output[bool] = pulumi.property("ephemeral")
    """Whether it is one for a while, as for a pull request; a new one is not by default. A change replaces it."""

    skip_initial_deploys: pulumi.Output[bool] = pulumi.property("skipInitialDeploys")
    """Whether a copy starts without deployments; true by default. It matters only when it is made."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Railway's id of the environment."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        name: pulumi.Input[str],
        source_environment_id: pulumi.Input[str] | None = None,
        ephemeral: pulumi.Input[bool] | None = None,
        skip_initial_deploys: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            name=name,
            source_environment_id=source_environment_id,
            ephemeral=ephemeral,
            skip_initial_deploys=skip_initial_deploys,
        )
        super().__init__(resource_name, inputs, opts)

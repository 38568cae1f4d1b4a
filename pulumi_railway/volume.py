"""The disk of a service."""

import pulumi

from pulumi_railway.resource import Resource, input_type


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    service_id: pulumi.Input[str] = pulumi.property("serviceId")
    mount_path: pulumi.Input[str] = pulumi.property("mountPath")
    name: pulumi.Input[str] | None = pulumi.property("name", default=None)
    region: pulumi.Input[str] | None = pulumi.property("region", default=None)
    allow_destroy: pulumi.Input[bool] | None = pulumi.property("allowDestroy", default=None)


@pulumi.type_token("railway:index:Volume")
class Volume(Resource):
    """A volume that is mounted into a service in one environment. A deployment sees a change when it starts.

    A volume the service has at that path already is taken over with a warning, in the preview too, as Railway does not
    tell who made it; without consent none is ever deleted.
    Import id: `<project id>/<environment id>/<volume id>`.

    Errors: a volume at another path of the service is refused with its import id; a deletion or replacement without
    `allow_destroy` is refused and says what would be lost.

    Source: https://docs.railway.com/volumes
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the volume."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment; a change replaces the volume."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Id of the service it is mounted into; a service has one volume at most."""

    mount_path: pulumi.Output[str] = pulumi.property("mountPath")
    """Absolute path in the container, e.g. `/data`."""

    name: pulumi.Output[str] = pulumi.property("name")
    """Name of the volume; without it Railway chooses."""

    region: pulumi.Output[str | None] = pulumi.property("region")
    """Region the data is in; a change replaces the volume. Without it Railway chooses."""

    allow_destroy: pulumi.Output[bool] = pulumi.property("allowDestroy")
    """Whether the data may be lost by a deletion or replacement; false by default. It counts from the next run on."""

    volume_id: pulumi.Output[str] = pulumi.property("volumeId")
    """Railway's id of the volume."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        service_id: pulumi.Input[str],
        mount_path: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        allow_destroy: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            mount_path=mount_path,
            name=name,
            region=region,
            allow_destroy=allow_destroy,
        )
        super().__init__(resource_name, inputs, opts)

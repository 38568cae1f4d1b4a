"""What the typed resources share: how their properties reach the SDK, and `get`."""

import inspect
from typing import Any, ClassVar, Self, TypeVar, cast, dataclass_transform

import pulumi
from pulumi import get_type_token

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(pulumi.property,))
def input_type(cls: type[T]) -> type[T]:
    """`pulumi.input_type`, told to type checkers as what it is: a constructor with one keyword for each property."""
    return pulumi.input_type(cls)


@dataclass_transform(kw_only_default=True, field_specifiers=(pulumi.property,))
def output_type(cls: type[T]) -> type[T]:
    """`pulumi.output_type`, told to type checkers likewise."""
    return pulumi.output_type(cls)


class Resource(pulumi.CustomResource):
    """A resource of the Railway provider. Subclasses carry their type token and declare every output by annotation."""

    _inputs: ClassVar[type]
    """The `input_type` that holds the inputs of the subclass."""

    def __init__(self, resource_name: str, inputs: object, opts: pulumi.ResourceOptions | None) -> None:
        token = get_type_token(type(self))
        for name in inspect.get_annotations(type(self)):
            inputs.__dict__.setdefault(name, None)  # a declared output is unknown in previews, not missing
        super().__init__(cast(str, token), resource_name, cast(Any, inputs), opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - the name every Pulumi package has
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """The existing object with this import id, read and never changed."""
        resource = cls.__new__(cls)
        existing = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(resource, resource_name, object.__new__(cls._inputs), existing)
        return resource

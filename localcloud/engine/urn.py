"""Uniform resource names: `urn:pulumi:<stack>::<project>::<parentType$...$type>::<name>`; a name may contain `::`."""

from __future__ import annotations

from typing import Final

from localcloud.engine.errors import EngineError

PREFIX: Final = "urn:pulumi:"
ROOT_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"
PARTS: Final = 4


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The name of a resource; `parent` is a URN or empty. The root stack does not count as a parent."""
    chain = f"{qualified_type(parent)}${type_}" if parent and type_of(parent) != ROOT_TYPE else type_
    return f"{PREFIX}{stack}::{project}::{chain}::{name}"


def _parts(urn: str) -> list[str]:
    parts = urn.removeprefix(PREFIX).split("::", PARTS - 1)
    if not urn.startswith(PREFIX) or len(parts) != PARTS:
        raise EngineError(f"{urn!r} is no URN of the form {PREFIX}stack::project::type::name.")
    return parts


def stack_of(urn: str) -> str:
    """The stack in `urn`."""
    return _parts(urn)[0]


def qualified_type(urn: str) -> str:
    """The type with those of its parents, joined by `$`."""
    return _parts(urn)[2]


def type_of(urn: str) -> str:
    """The type alone."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """The name, which may contain `::`."""
    return _parts(urn)[3]


def package_of(type_: str) -> str:
    """The package that serves a type or a function: for `pulumi:providers:X` that is X."""
    if type_.startswith(PROVIDER_PREFIX):
        return type_.removeprefix(PROVIDER_PREFIX)
    return type_.partition(":")[0]


def is_provider(type_: str) -> bool:
    """Whether resources of this type are providers."""
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether the engine itself made this provider for resources that name none."""
    name = name_of(urn)
    return is_provider(type_of(urn)) and (name == "default" or name.startswith("default_"))


def split_reference(reference: str) -> tuple[str, str]:
    """(URN, id) of a provider reference `URN::ID`."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_

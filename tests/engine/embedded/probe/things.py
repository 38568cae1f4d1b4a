"""The resources of the tests' own plugin, for the programs of the tests."""

from __future__ import annotations

from typing import Any

import pulumi

OUTPUTS = {"made": None, "token": None}


class Thing(pulumi.CustomResource):
    """`probe:index:Thing`; see plugin.py for its inputs."""

    value: pulumi.Output[str]
    made: pulumi.Output[int]
    token: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("probe:index:Thing", name, {"value": None, **inputs, **OUTPUTS}, opts)


class Group(pulumi.ComponentResource):
    """A component without inputs."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("probe:index:Group", name, None, opts)


class Provider(pulumi.ProviderResource):
    """An explicit provider; a change of `region` replaces what it manages."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("probe", name, inputs, opts)


def double(text: str, options: pulumi.InvokeOptions | None = None) -> str:
    """The function of the plugin."""
    return str(pulumi.runtime.invoke("probe:index:double", {"text": text}, options).value["text"])

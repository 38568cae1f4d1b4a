"""A program without an engine: what it registers is recorded, and outputs are made up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime.stack import wait_for_rpcs


@dataclass
class Recorder(mocks.Mocks):
    """Keeps every registration and call; answers with inputs and the outputs the test prepared."""

    outputs: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    resources: list[mocks.MockResourceArgs] = field(default_factory=list)
    calls: list[mocks.MockCallArgs] = field(default_factory=list)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.resources.append(args)
        return args.resource_id or f"{args.name}-id", {**args.inputs, **self.outputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        self.calls.append(args)
        return self.answer, []


@pytest.fixture(params=[False, True], ids=["up", "preview"])
def recorder(request: pytest.FixtureRequest, sdk_loops: None) -> Recorder:
    """What the SDK registers and calls, in an up and in a preview."""
    recorder = Recorder()
    mocks.set_mocks(recorder, preview=request.param)
    return recorder


Resolve = Callable[[pulumi.Output[Any]], Any]


@pytest.fixture
def resolve(recorder: Recorder) -> Resolve:
    """The value of an output once the program has run."""

    def value_of(output: pulumi.Output[Any]) -> Any:
        future: Awaitable[Any] = output.future(with_unknowns=True)
        value = asyncio.get_event_loop().run_until_complete(_awaited(future))
        asyncio.get_event_loop().run_until_complete(wait_for_rpcs())
        return value

    return value_of


async def _awaited(future: Awaitable[Any]) -> Any:
    return await future

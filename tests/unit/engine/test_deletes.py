"""The order of deletions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine.deletes import layers
from localcloud.engine.state import ResourceState

pytestmark = pytest.mark.unit


def urn(number: Any) -> Any:
    return f"urn:pulumi:dev::demo::p:i:T::{number}"


@st.composite
def states(draw: Any) -> Any:
    count = draw(st.integers(0, 8))
    found = []
    for number in range(count):
        earlier = st.integers(0, number - 1) if number else st.nothing()
        dependencies = draw(st.lists(earlier, max_size=3)) if number else []
        parent = draw(st.none() | earlier) if number else None
        found.append(
            ResourceState(
                urn(number), "p:i:T", custom=True, dependencies=tuple(map(urn, dependencies)),
                parent="" if parent is None else urn(parent),
            )
        )  # fmt: skip
    return found


@given(states())
def test_dependants_go_first_and_all_go(resources: Any) -> None:
    order = layers(resources)
    level = {state.urn: number for number, layer in enumerate(order) for state in layer}
    assert len(level) == len(resources)
    for state in resources:
        assert all(level[state.urn] < level[other] for other in state.referenced())


def test_independent_resources_share_a_layer() -> None:
    assert len(layers([ResourceState(urn(number), "p:i:T", custom=True) for number in range(3)])) == 1

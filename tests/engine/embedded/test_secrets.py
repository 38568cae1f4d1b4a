"""Secrets are never written or shown in clear, on both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import Stack

pytestmark = pytest.mark.engine

CANARY = "canary-8c1f"
PROGRAM = f"""
options = Options(additional_secret_outputs=["value"])
a = Thing("a", hidden=pulumi.Output.secret("{CANARY}"), value="{CANARY}-open", opts=options)
b = Thing("b", value=a.hidden if hasattr(a, "hidden") else "x", nested={{"deep": [pulumi.Output.secret("{CANARY}")]}})
pulumi.export("value", a.value)
pulumi.export("token", a.token)
"""


def is_secret(value: object) -> bool:
    return isinstance(value, dict) and "ciphertext" in value


def test_secrets_are_encrypted_in_state_and_hidden_in_output(stack: Stack) -> None:
    stack.program(PROGRAM.replace(f"{CANARY}-open", "open"))
    outputs = [stack.preview().output, stack.up().output, stack.preview().output]
    text = json.dumps(stack.export())
    assert CANARY not in text
    assert not any(CANARY in output for output in outputs)
    a, b = stack.resource("a"), stack.resource("b")
    assert is_secret(a["inputs"]["hidden"])
    assert is_secret(a["outputs"]["hidden"])
    assert is_secret(a["outputs"]["value"])
    assert is_secret(a["outputs"]["token"])
    assert is_secret(b["inputs"]["nested"]["deep"][0]) or is_secret(b["inputs"]["nested"])
    assert set(map(is_secret, stack.outputs().values())) == {True}
    assert stack.preview("--expect-no-changes").code == 0


def test_value_that_only_became_secret_is_no_change(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.up()
    stack.program('Thing("a", value=pulumi.Output.secret("1"))')
    assert stack.preview("--expect-no-changes").code == 0
    stack.up()
    assert is_secret(stack.resource("a")["inputs"]["value"])


def test_wrong_passphrase_is_one_line(stack: Stack) -> None:
    stack.program('Thing("a", hidden=pulumi.Output.secret("1"))')
    stack.up()
    failed = stack.up(PULUMI_CONFIG_PASSPHRASE="wrong")
    assert failed.code != 0
    assert "passphrase" in failed.output
    assert "Traceback" not in failed.output


def test_outputs_of_a_plugin_that_takes_no_secrets_are_hidden_like_their_inputs(stack: Stack) -> None:
    (stack.world / "plain").touch()
    stack.program(
        f"""
        hidden = pulumi.Output.secret("{CANARY}")
        Thing("a", hidden=hidden, nested={{"deep": hidden, "list": [hidden, 1]}})
        """
    )
    assert stack.up().code == 0
    assert {thing["hidden"] for thing in stack.things().values()} == {CANARY}, "the plugin gets the value itself"
    assert CANARY not in json.dumps(stack.export())
    nested = stack.resource("a")["outputs"]["nested"]
    assert is_secret(nested["deep"])
    assert is_secret(nested["list"])
    assert stack.preview("--expect-no-changes").code == 0


def test_what_a_half_made_resource_of_such_a_plugin_brings_is_hidden_too(stack: Stack) -> None:
    (stack.world / "plain").touch()
    stack.program(f'Thing("a", hidden=pulumi.Output.secret("{CANARY}"))')
    stack.fault("create", "a", "init still ill")
    assert stack.up().code != 0
    assert is_secret(stack.resource("a")["outputs"]["hidden"])
    assert CANARY not in json.dumps(stack.export())

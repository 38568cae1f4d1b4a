"""A state moves between the embedded engine and the Pulumi CLI and back, and neither sees a change in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import EmbeddedStack, PulumiStack, Stack

pytestmark = pytest.mark.engine

CANARY = "canary-of-the-traveller"
PROGRAM = f"""
abroad = Provider("abroad", region="eu")
group = Group("group")
a = Thing("a", value="1", hidden=pulumi.Output.secret("{CANARY}"), opts=Options(parent=group, protect=True))
b = Thing("b", value=a.value, nested={{"deep": [1, 2.5, None, True, "text", {{"x": pulumi.Output.secret("y")}}]}})
hides = Options(provider=abroad, depends_on=[a], additional_secret_outputs=["made"])
c = Thing("c", value=b.token, key="k", opts=hides)
d = Thing("d", value="later", opts=Options(
    ignore_changes=["value"], retain_on_delete=True, deleted_with=b, aliases=[pulumi.Alias(name="once-d")],
    custom_timeouts=pulumi.CustomTimeouts(create="5m", delete="1h30m"), replace_on_changes=["nested"],
))
pulumi.export("token", c.token)
pulumi.export("made", c.made)
"""
PASSING = {"created", "modified", "sourcePosition", "stackTrace"}
UNPROTECTED = PROGRAM.replace(", protect=True", "")


def same_world(stack: Stack, other: Stack) -> None:
    """Let the second stack manage what the first one made."""
    other.world = stack.world


def move_to_cli(embedded: EmbeddedStack, cli: PulumiStack) -> None:
    file = embedded.directory / "exported.json"
    file.write_text(embedded.execute(*embedded.command("export")).stdout)
    imported = cli.execute("pulumi", "stack", "import", "--file", str(file))
    assert imported.returncode == 0, imported.stderr


def move_to_embedded(cli: PulumiStack, embedded: EmbeddedStack) -> None:
    embedded.state.parent.mkdir(exist_ok=True)
    embedded.state.write_text(json.dumps(cli.export()))


def require_unchanged(stack: Stack) -> None:
    """Neither a preview, nor an update, nor a refresh sees or makes a change."""
    stack.forget_calls()
    assert stack.preview("--expect-no-changes").code == 0, stack.preview("--expect-no-changes").output
    for command in ("up", "refresh"):
        done = stack.run(command, "--skip-preview", "--expect-no-changes")
        assert done.code == 0, done.output
    assert stack.calls("create", "update", "delete") == []


def entries(stack: Stack) -> dict[str, dict[str, Any]]:
    """URN -> the entry of the state, without what differs from run to run or is encrypted anew each time."""
    return {entry["urn"]: _lasting(entry) for entry in stack.export()["deployment"]["resources"]}


def _lasting(entry: dict[str, Any]) -> dict[str, Any]:
    named = {key: urns for key, urns in (entry.get("propertyDependencies") or {}).items() if urns}
    kept = {key: value for key, value in entry.items() if key not in PASSING}
    depends = sorted(entry.get("dependencies") or [])
    return dict(_without_ciphers({**kept, "propertyDependencies": named, "dependencies": depends}))


def differences(one: Any, other: Any) -> dict[str, Any]:
    """URN -> key -> both values, for what two sets of entries do not have in common."""
    return {
        urn: {
            key: (one.get(urn, {}).get(key), other.get(urn, {}).get(key))
            for key in sorted({*one.get(urn, {}), *other.get(urn, {})})
            if one.get(urn, {}).get(key) != other.get(urn, {}).get(key)
        }
        for urn in {*one, *other}
        if one.get(urn) != other.get(urn)
    }


def _without_ciphers(value: Any) -> Any:
    if isinstance(value, dict):
        return "a secret" if "ciphertext" in value else {key: _without_ciphers(item) for key, item in value.items()}
    return [_without_ciphers(item) for item in value] if isinstance(value, list) else value


def test_from_the_embedded_engine_to_the_cli_and_back(embedded: EmbeddedStack, cli: PulumiStack) -> None:
    same_world(embedded, cli)
    for stack in (embedded, cli):
        stack.program(PROGRAM)
    assert embedded.up().code == 0
    made = entries(embedded)
    move_to_cli(embedded, cli)
    require_unchanged(cli)
    assert differences(entries(cli), made) == {}
    assert CANARY not in json.dumps(cli.export())

    move_to_embedded(cli, embedded)
    require_unchanged(embedded)
    for stack in (cli, embedded):
        stack.program(UNPROTECTED)
    assert embedded.up().code == 0
    assert embedded.run("destroy", "--skip-preview").code == 0
    assert {thing["value"] for thing in embedded.things().values()} == {"later"}, "only what is retained stays"


def test_from_the_cli_to_the_embedded_engine_and_back(embedded: EmbeddedStack, cli: PulumiStack) -> None:
    same_world(cli, embedded)
    for stack in (embedded, cli):
        stack.program(UNPROTECTED)
    assert cli.up().code == 0
    made = entries(cli)
    move_to_embedded(cli, embedded)
    require_unchanged(embedded)
    assert differences(entries(embedded), made) == {}

    embedded.program(UNPROTECTED.replace('value="1"', 'value="2"'))
    assert embedded.up().code == 0
    move_to_cli(embedded, cli)
    cli.program(UNPROTECTED.replace('value="1"', 'value="2"'))
    require_unchanged(cli)
    assert cli.run("destroy", "--skip-preview").code == 0
    assert {thing["value"] for thing in cli.things().values()} == {"later"}, "only what is retained stays"


@pytest.mark.parametrize("first", ["embedded", "pulumi"])
def test_a_half_made_resource_travels_and_is_finished_elsewhere(
    embedded: EmbeddedStack, cli: PulumiStack, first: str
) -> None:
    same_world(embedded, cli)
    for stack in (embedded, cli):
        stack.program('Thing("a", value="1")')
    start, end = (embedded, cli) if first == "embedded" else (cli, embedded)
    start.fault("create", "a", "init not ready yet")
    assert start.up().code != 0
    if first == "embedded":
        move_to_cli(embedded, cli)
    else:
        move_to_embedded(cli, embedded)
    assert end.resource("a")["initErrors"] == ["not ready yet"]
    assert end.preview().changes == {("update", "a")}
    assert end.up().code == 0
    assert "initErrors" not in end.resource("a")
    assert len(end.things()) == 1

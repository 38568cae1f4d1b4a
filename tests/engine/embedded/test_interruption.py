"""Ctrl-C, crashes and two runs at once, on the embedded engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import EmbeddedStack, Stack

pytestmark = pytest.mark.engine
Start = Callable[..., subprocess.Popen[str]]
PATIENCE = 30


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until `condition` holds; fail with the output where the process ends before."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if process and process.poll() is not None:
            pytest.fail(f"it did not come so far: {process.communicate()[0]}")
        assert time.monotonic() < end, "it did not come so far in time"
        time.sleep(0.02)


def hanging(stack: Stack) -> Callable[[], object]:
    file = stack.world / "calls.jsonl"
    return lambda: file.exists() and '"hanging"' in file.read_text()


def plugin_processes(stack: Stack) -> list[int]:
    """The plugin processes that work on the world of this stack."""
    found = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    pids = [int(line.split()[0]) for line in found.splitlines() if "plugin.py" in line]
    return [pid for pid in pids if str(stack.world) in _environment(pid)]


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text()
    except OSError:
        return ""


def lock_file(stack: EmbeddedStack) -> Path:
    return stack.state.with_name("dev.json.lock")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_what_is_in_flight_and_keeps_the_state(
    embedded: EmbeddedStack, started: Start, number: signal.Signals
) -> None:
    embedded.program('a = Thing("a", value="1")\nb = Thing("b", value=a.value)\nThing("c", value=b.value)')
    embedded.fault("create", "b", "hang cancelled half-way")
    process = started("up", "--skip-preview")
    wait_for(hanging(embedded), process)
    process.send_signal(number)
    output = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert "In flight: create of b" in output
    assert "run it again to go on" in output
    assert "Traceback" not in output
    assert embedded.resource("b")["initErrors"] == ["cancelled half-way"]
    assert "pending_operations" not in embedded.export()["deployment"]
    assert not lock_file(embedded).exists()
    assert plugin_processes(embedded) == []
    assert embedded.up().code == 0
    assert len(embedded.things()) == 3


def test_killed_run_leaves_no_process_and_is_explained(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create-before", "a", "hang never")
    process = started("up", "--skip-preview")
    wait_for(hanging(embedded), process)
    process.kill()
    process.communicate()
    pending = json.loads(embedded.state.read_text())["deployment"]["pending_operations"]
    assert [(entry["type"], entry["resource"]["urn"][-3:]) for entry in pending] == [("creating", "::a")]
    wait_for(lambda: plugin_processes(embedded) == [])

    retried = embedded.up()
    assert retried.code == 0, retried.output
    assert f"process {process.pid}" in retried.output
    assert "interrupted while creating it" in retried.output
    assert "pending_operations" not in embedded.export()["deployment"]
    assert "interrupted" not in embedded.up().output


def killed_while(stack: EmbeddedStack, started: Start, command: str) -> None:
    """Kill a run whose plugin hangs in a call, and wait until nothing of it is left."""
    stack.forget_calls()
    process = started(command, "--skip-preview")
    wait_for(hanging(stack), process)
    process.kill()
    process.communicate()
    wait_for(lambda: plugin_processes(stack) == [])


def killed_behind_update(stack: EmbeddedStack, started: Start, before: str, after: str) -> None:
    """`a` of the program `before` becomes that of `after`, and the run is killed before anybody knows."""
    stack.program(before)
    assert stack.up().code == 0
    stack.program(after)
    stack.fault("update", "a", "hang after it was applied")
    killed_while(stack, started, "up")


def test_an_update_that_was_cut_off_is_looked_at_although_the_program_went_back(
    embedded: EmbeddedStack, started: Start
) -> None:
    before = 'a = Thing("a", value="1")\nThing("b", value=a.value)'
    killed_behind_update(embedded, started, before, 'a = Thing("a", value="2")\nThing("b", value=a.value)')
    assert [thing["value"] for thing in embedded.things().values()].count("2") == 1

    embedded.program('a = Thing("a", value="1")\nThing("b", value=a.value)')
    embedded.forget_calls()
    back = embedded.up()
    assert back.code == 0, back.output
    assert "interrupted while updating it; it is looked at" in back.output
    assert set(embedded.calls("read")) == {("read", "a"), ("read", "b")}, "the change may have reached further"
    assert [thing["value"] for thing in embedded.things().values()] == ["1", "1"]
    assert "pending_operations" not in embedded.export()["deployment"]


def test_what_an_update_that_was_cut_off_wrote_is_looked_for_and_goes(embedded: EmbeddedStack, started: Start) -> None:
    wanted = 'Thing("a", value="1", more=pulumi.Output.secret("payload-7"))'
    killed_behind_update(embedded, started, 'Thing("a", value="1")', wanted)
    assert embedded.run("refresh", "--skip-preview").code == 0
    assert set(embedded.resource("a")["inputs"]) == {"value", "more"}
    assert "payload-7" not in embedded.state.read_text()

    embedded.program('Thing("a", value="1")')
    assert embedded.up().code == 0
    assert ["more" in thing for thing in embedded.things().values()] == [False]
    assert embedded.up("--expect-no-changes").code == 0


@pytest.mark.parametrize("refreshes", [0, 2])
def test_an_update_that_was_cut_off_is_done_again(embedded: EmbeddedStack, started: Start, refreshes: int) -> None:
    killed_behind_update(embedded, started, 'Thing("a", value="1")', 'Thing("a", value="2")')
    for _ in range(refreshes):
        assert (
            "interrupted while updating it, so up does that again" in embedded.run("refresh", "--skip-preview").output
        )
    embedded.forget_calls()
    assert embedded.up().code == 0
    assert embedded.calls("update") == [("update", "a")]
    assert embedded.up("--expect-no-changes").code == 0


def test_a_delete_that_was_cut_off_is_looked_at_by_the_next_up(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    assert embedded.up().code == 0
    embedded.fault("delete", "a", "hang")
    killed_while(embedded, started, "destroy")
    (embedded.world / f"thing-{next(iter(embedded.things()))}").unlink()
    back = embedded.up()
    assert back.code == 0, back.output
    assert len(embedded.things()) == 1
    assert embedded.up("--expect-no-changes").code == 0


def test_a_delete_that_was_cut_off_is_looked_at_by_the_next_destroy(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    assert embedded.up().code == 0
    embedded.fault("delete", "a", "hang")
    killed_while(embedded, started, "destroy")
    (embedded.world / f"thing-{next(iter(embedded.things()))}").unlink()
    embedded.forget_calls()
    again = embedded.run("destroy")
    assert again.code == 0, again.output
    assert set(embedded.calls("read", "delete")) == {("read", "a")}
    assert embedded.resources() == []


def test_plugin_that_dies_over_a_create_leaves_it_pending_until_settled(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create-before", "a", "crash")
    failed = embedded.up()
    assert failed.code == 1
    assert "the plugin probe is gone: it ended with status 7." in failed.output
    assert len(embedded.export()["deployment"]["pending_operations"]) == 1
    assert embedded.run("refresh", "--skip-preview").code == 0
    assert "pending_operations" not in embedded.export()["deployment"]


@pytest.mark.parametrize(("command", "call"), [("up", "update"), ("destroy", "delete")])
def test_plugin_that_dies_over_a_change_leaves_it_pending_until_looked_at(
    embedded: EmbeddedStack, command: str, call: str
) -> None:
    embedded.program('Thing("a", value="1")')
    assert embedded.up().code == 0
    embedded.program('Thing("a", value="2")')
    embedded.fault(call, "a", "crash")
    assert "the plugin probe is gone" in embedded.run(command, "--skip-preview").output
    assert [each["type"] for each in embedded.export()["deployment"]["pending_operations"]] == [f"{call[:-1]}ing"]
    embedded.program('Thing("a", value="1")')
    assert embedded.up().code == 0
    assert [thing["value"] for thing in embedded.things().values()] == ["1"]
    assert "pending_operations" not in embedded.export()["deployment"]


def test_second_run_is_told_who_holds_the_lock(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create", "a", "hang x")
    process = started("up", "--skip-preview")
    wait_for(hanging(embedded), process)
    refused = embedded.up()
    assert refused.code == 1
    assert f"locked by process {process.pid} on {os.uname().nodename} (up, for" in refused.output
    assert "localcloud.engine cancel" in refused.output
    assert embedded.preview().code == 0, "a preview takes no lock"
    kept = embedded.execute(*embedded.command("cancel"))
    assert kept.returncode == 1
    assert f"process {process.pid}" in kept.stderr
    assert "is alive" in kept.stderr
    taken = embedded.execute(*embedded.command("cancel", "--force"))
    assert f"process {process.pid}" in taken.stdout
    assert not lock_file(embedded).exists()


def test_a_run_whose_lock_was_taken_away_writes_no_state(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create", "a", "hang x")
    process = started("up", "--skip-preview")
    wait_for(hanging(embedded), process)
    assert embedded.execute(*embedded.command("cancel", "--force")).returncode == 0
    before = embedded.state.read_text()
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert "was taken away from this run" in output
    assert "Traceback" not in output
    assert embedded.state.read_text() == before


def test_plugin_that_ignores_the_end_is_killed(embedded: EmbeddedStack, started: Start) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create", "a", "hang x")
    process = started("up", "--skip-preview")
    wait_for(hanging(embedded), process)
    for pid in plugin_processes(embedded):
        os.kill(pid, signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 130, output
    assert "given up" in output
    assert plugin_processes(embedded) == []
    assert not lock_file(embedded).exists()

"""The embedded engine's own command: options, output, plugins, and what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import EmbeddedStack

pytestmark = pytest.mark.engine

PROBE = Path(__file__).parent / "probe"


def test_json_is_the_only_output_even_if_the_program_prints(embedded: EmbeddedStack) -> None:
    embedded.program('print("hello")\npulumi.log.warn("careful")\nThing("a", value="1")\npulumi.export("x", 1)')
    done = embedded.execute(*embedded.command("up", "--json"))
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["result"] == "succeeded"
    assert document["changeSummary"] == {"create": 2}
    assert document["outputs"] == {"x": 1}
    assert [entry["message"] for entry in document["diagnostics"]] == ["hello", "careful"]
    assert [step["diff"] for step in document["steps"] if step["urn"].endswith("::a")] == [
        [{"path": "value", "kind": "add", "old": None, "new": "1"}]
    ]


def test_failed_preview_keeps_up_from_starting(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1")\nThing("b", value="bad")')
    failed = embedded.run("up")
    assert failed.code == 1
    assert "Updating" not in failed.output
    assert "error: up failed; see above." in failed.output
    assert embedded.things() == {}
    assert not embedded.state.exists()


def test_update_after_its_preview_uses_the_same_plugin_process(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1", opts=Options(provider=Provider("p", region="eu")))')
    assert embedded.run("up").code == 0
    assert [entry["urn"].split("::")[-1] for entry in embedded.entries("configure")] == ["p"]
    assert embedded.calls("create", preview=True) == embedded.calls("create") == [("create", "a")]


def test_provider_that_is_known_only_in_the_update_is_configured_there(embedded: EmbeddedStack) -> None:
    embedded.program(
        'a = Thing("a", value="1")\nThing("b", value="1", opts=Options(provider=Provider("p", region=a.token)))'
    )
    assert embedded.run("up").code == 0
    assert [entry["urn"].split("::")[-1] for entry in embedded.entries("configure")] == ["default", "p"]


def test_resources_of_the_programs_own_modules_are_registered_in_both_phases(embedded: EmbeddedStack) -> None:
    (embedded.directory / "parts").mkdir()
    (embedded.directory / "parts" / "__init__.py").write_text("")
    (embedded.directory / "parts" / "one.py").write_text('from things import Thing\nThing("a", value="1")\n')
    embedded.program("import parts.one")
    assert embedded.run("up").code == 0
    assert len(embedded.things()) == 1
    assert embedded.run("up", "--expect-no-changes").code == 0


def test_unexpected_changes_are_listed(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1")')
    failed = embedded.run("preview", "--expect-no-changes")
    assert failed.code == 1
    assert "no changes were expected, but 2 were proposed:" in failed.output
    assert "\n  create urn:pulumi:dev::demo::probe:index:Thing::a\n" in failed.output


def test_no_change_leaves_the_file_as_it_is(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1")\npulumi.export("x", 1)')
    embedded.up()
    before = embedded.state.read_bytes(), embedded.state.stat().st_mtime_ns
    assert embedded.run("up").code == 0
    assert (embedded.state.read_bytes(), embedded.state.stat().st_mtime_ns) == before


def test_export_prints_the_state_and_an_empty_one_for_a_new_stack(embedded: EmbeddedStack) -> None:
    exported = json.loads(embedded.execute(*embedded.command("export")).stdout)
    assert exported["deployment"]["resources"] == []
    assert not embedded.state.exists()
    embedded.program('Thing("a", value="1", hidden=pulumi.Output.secret("canary"))')
    embedded.up()
    exported = embedded.execute(*embedded.command("export")).stdout
    assert "canary" not in exported
    for part in ("resources", "secrets_providers"):
        assert json.loads(exported)["deployment"][part] == embedded.export()["deployment"][part]


def test_messages_of_plugins_are_shown_below_their_resource(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", value="1")')
    embedded.fault("create", "a", "log half-way")
    done = embedded.up()
    assert "    probe:index:Thing a:\n      half-way\n" in done.output


def test_secret_without_passphrase_is_refused_before_anything_is_created(embedded: EmbeddedStack) -> None:
    embedded.program('Thing("a", hidden=pulumi.Output.secret("canary"))')
    failed = embedded.up(PULUMI_CONFIG_PASSPHRASE=None)
    assert failed.code == 1
    assert "set PULUMI_CONFIG_PASSPHRASE" in failed.output
    assert "Traceback" not in failed.output
    assert embedded.things() == {}
    assert "canary" not in failed.output + (embedded.state.read_text() if embedded.state.exists() else "")


def test_plugin_on_the_search_path(embedded: EmbeddedStack) -> None:
    (embedded.directory / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    embedded.program('Thing("a", value="1")')
    missing = embedded.up()
    assert missing.code == 1
    assert "There is no plugin pulumi-resource-probe: it was looked for on PATH and in" in missing.output
    assert embedded.up(PATH=f"{PROBE}:{os.environ['PATH']}").code == 0
    ignored = embedded.up(PATH=f"{PROBE}:{os.environ['PATH']}", PULUMI_IGNORE_AMBIENT_PLUGINS="true")
    assert ignored.code == 1


def test_plugin_that_was_installed(embedded: EmbeddedStack) -> None:
    (embedded.directory / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    shutil.copytree(PROBE, embedded.home / "plugins" / "resource-probe-v1.2.3")
    embedded.program('Thing("a", value="1", opts=Options(version="1.2.3"))')
    assert embedded.up().code == 0
    names = [entry["urn"].split("::")[-1] for entry in embedded.export()["deployment"]["resources"]]
    assert "default_1_2_3" in names
    embedded.program('Thing("a", value="1", opts=Options(version="9.9.9"))')
    failed = embedded.up()
    assert failed.code == 1
    assert "no plugin pulumi-resource-probe 9.9.9" in failed.output


def test_plugin_that_runs_already_is_attached_to(embedded: EmbeddedStack) -> None:
    (embedded.directory / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    embedded.program('Thing("a", value="1")')
    command = [sys.executable, "-u", str(PROBE / "plugin.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=embedded.environment()) as plugin:
        assert plugin.stdout is not None
        port = plugin.stdout.readline().strip()
        done = embedded.up(PULUMI_DEBUG_PROVIDERS=f"probe:{port}")
        assert plugin.poll() is None, "it is not the engine's to end"
        plugin.send_signal(signal.SIGINT)
    assert done.code == 0, done.output
    assert len(embedded.things()) == 1


@pytest.mark.parametrize(("script", "words"), [
    ("echo no library >&2; exit 3", "ended with status 3. Its last output:\nno library"),
    ("echo hello; exec sleep 60", "said 'hello' instead of its port."),
])  # fmt: skip
def test_plugin_that_cannot_start_shows_its_last_words(embedded: EmbeddedStack, script: str, words: str) -> None:
    broken = embedded.directory / "broken"
    broken.mkdir()
    (broken / "pulumi-resource-probe").write_text(f"#!/bin/sh\n{script}\n")
    (broken / "pulumi-resource-probe").chmod(0o755)
    text = (embedded.directory / "Pulumi.yaml").read_text().replace(str(PROBE), "broken")
    (embedded.directory / "Pulumi.yaml").write_text(text)
    embedded.program('Thing("a", value="1")')
    failed = embedded.preview()
    assert failed.code == 1
    assert words in failed.document["diagnostics"][0]["message"]


def test_errors_of_the_program_name_its_lines_only(embedded: EmbeddedStack) -> None:
    embedded.program("def wrong():\n    raise ValueError('boom')\nwrong()")
    failed = embedded.run("preview")
    assert failed.code == 1
    assert "    error: ValueError: boom\n      at __main__.py:5 in wrong:" in failed.output
    assert "localcloud" not in failed.output
    assert "Traceback" not in failed.output


@pytest.mark.parametrize(("text", "words"), [
    ('Thing("a", value=pulumi.FileAsset("x"))', "does not support assets"),
    ('Thing("a", value="1", opts=Options(transforms=[lambda a: None]))', "does not support the option transforms"),
    ("pulumi.runtime.register_resource_transform(lambda a: None)", "does not support transforms"),
    ('pulumi.StackReference("x")', "does not support pulumi:pulumi:StackReference"),
    ('Thing("a", opts=Options(replace_with=[Thing("b", value="1")]))', "does not support the option replace_with"),
    ('Thing("a", opts=Options(hooks=pulumi.ResourceHookBinding(after_create=[lambda a: None])))', "resource hooks"),
    ('pulumi.ComponentResource("probe:a:B", "c", {}, None, remote=True)', "does not support remote components"),
])  # fmt: skip
def test_what_is_not_supported_is_refused_by_name(embedded: EmbeddedStack, text: str, words: str) -> None:
    embedded.program(text)
    failed = embedded.run("preview")
    assert failed.code == 1
    assert words in failed.output
    assert "Traceback" not in failed.output


def test_broken_files_are_one_line(embedded: EmbeddedStack) -> None:
    embedded.program("")
    embedded.state.parent.mkdir()
    embedded.state.write_text("{")
    for command in ("up", "export"):
        failed = embedded.run(command)
        assert failed.code == 1
        assert failed.output.count("\n") <= 8
        assert f"State file {embedded.state} is no JSON" in failed.output
    (embedded.directory / "Pulumi.yaml").unlink()
    failed = embedded.run("preview")
    assert (
        failed.output
        == f"error: There is no Pulumi.yaml in {embedded.directory}: run this in the directory of the program.\n"
    )


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_the_cli_takes_the_state_over_and_back(embedded: EmbeddedStack) -> None:
    embedded.program(
        """
        group = Group("g")
        a = Thing("a", value="1", hidden=pulumi.Output.secret("canary"), opts=Options(parent=group, protect=True))
        Thing("b", value=a.value, opts=Options(provider=Provider("p", region="eu"), deleted_with=a))
        pulumi.export("value", a.hidden if hasattr(a, "hidden") else a.token)
        """
    )
    assert embedded.up().code == 0
    backend = embedded.directory.parent / "backend"
    backend.mkdir()
    environment = {"PULUMI_BACKEND_URL": f"file://{backend}", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    assert embedded.execute("pulumi", "stack", "init", "dev", **environment).returncode == 0
    (embedded.directory / "state.json").write_text(embedded.execute(*embedded.command("export")).stdout)
    imported = embedded.execute("pulumi", "stack", "import", "--file", "state.json", **environment)
    assert imported.returncode == 0, imported.stderr
    preview = embedded.execute("pulumi", "preview", "--expect-no-changes", "--non-interactive", **environment)
    assert preview.returncode == 0, preview.stdout + preview.stderr
    exported = embedded.execute("pulumi", "stack", "export", **environment).stdout
    embedded.state.write_text(exported)
    assert embedded.preview("--expect-no-changes").code == 0

"""The stand-in plugins: real processes, driven as an engine drives them, against the local services."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import cast

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.core import seed as seeds
from localcloud.core.calls import CallLog
from localcloud.core.faults import Fault, Faults
from localcloud.core.server import ThreadedServer
from localcloud.core.working_copy import WorkingCopy
from localcloud.engine.codec import Properties
from localcloud.engine.errors import CheckError, ProviderError
from localcloud.engine.launch import Launcher, PluginProcess
from localcloud.engine.provider import Provider
from localcloud.engine.state import ResourceState
from localcloud.github.app import Github
from localcloud.secret_manager.app import SecretManager

pytestmark = pytest.mark.engine

BIN = Path(__file__).parents[3] / "localcloud" / "plugins" / "bin"
LIST = "github:index/getActionsVariables:getActionsVariables"
VARIABLE = "urn:pulumi:dev::demo::github:index/actionsVariable:ActionsVariable::url"
GET_VERSION = "gcp:secretmanager/getSecretVersion:getSecretVersion"
INTERPRETER = {"PULUMI_RUNTIME_VIRTUALENV": sys.prefix}
PATIENCE = 10

Start = Callable[..., Provider]


class Services:
    """Secret Manager and GitHub on loopback."""

    def __init__(self, checkout: Path) -> None:
        self.seed = seeds.load()
        self.calls, self.faults = CallLog(), Faults()
        self.secret_manager = SecretManager(self.seed.secret_manager, self.calls, self.faults)
        self.github = Github(self.seed.github, WorkingCopy(checkout), self.calls, self.faults)
        self.servers = [ThreadedServer(self.secret_manager.app), ThreadedServer(self.github.app)]

    def environment(self) -> dict[str, str]:
        return {
            "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": f"{self.servers[0].url}/v1/",
            "GOOGLE_OAUTH_ACCESS_TOKEN": self.seed.secret_manager.deploy_token,
            "GITHUB_BASE_URL": f"{self.servers[1].url}/",
            "GITHUB_TOKEN": self.seed.github.deploy_token,
        }

    def operations(self) -> list[str]:
        return [call.operation for call in self.calls.list()]

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


@pytest.fixture
def services(root: Path) -> Iterator[Services]:
    started = Services(root)
    yield started
    started.stop()


@pytest.fixture
def start(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start the stand-in for a package and configure it; keyword arguments change its environment."""
    for variable, value in services.environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    launchers: list[Launcher] = []

    def started(package: str, config: Properties | None = None, **environment: str) -> Provider:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        launchers.append(Launcher({}, tmp_path, "127.0.0.1:1", INTERPRETER))
        process = launchers[-1].start(package, "", "{}")
        provider = Provider(package, f"127.0.0.1:{process.port()}", process.end)
        provider.handshake("127.0.0.1:1", str(tmp_path))
        provider.configure(f"urn:pulumi:dev::demo::pulumi:providers:{package}::p", "1", config or {})
        return provider

    yield started
    for launcher in launchers:
        launcher.stop()


@pytest.fixture
def github(start: Start) -> Provider:
    return start("github", {"owner": "edri2or-commits"})


@pytest.fixture
def gcp(start: Start) -> Provider:
    return start("gcp", {"project": "project38-483612"})


def variable(name: str = "GATEWAY_URL", value: str = "https://one.example.org") -> Properties:
    return {"repository": "project38-or", "variableName": name, "value": value}


def recorded(id_: str, inputs: Properties, outputs: Properties) -> ResourceState:
    return ResourceState(VARIABLE, VARIABLE.split("::")[2], custom=True, id=id_, inputs=inputs, outputs=outputs)


def create(github: Provider, inputs: Properties) -> ResourceState:
    id_, outputs = github.create(VARIABLE, github.check(VARIABLE, {}, inputs), 0, preview=False)
    return recorded(id_, inputs, outputs)


def test_variable_from_create_to_delete(github: Provider, services: Services) -> None:
    state = create(github, variable())
    assert state.id == "project38-or:GATEWAY_URL"
    assert services.github.variables() == {"GATEWAY_URL": "https://one.example.org"}
    assert {key: state.outputs[key] for key in ("variableName", "value")} == {
        "variableName": "GATEWAY_URL", "value": "https://one.example.org"
    }  # fmt: skip
    assert isinstance(state.outputs["repositoryId"], int)
    assert str(state.outputs["createdAt"]).endswith(" +0000 UTC")

    changed = variable(value="https://two.example.org")
    assert github.diff(VARIABLE, state, changed, ()).replaces == ()
    outputs = github.update(VARIABLE, state, changed, (), timeout=0, preview=False)
    assert outputs["value"] == "https://two.example.org"
    assert services.github.variables() == {"GATEWAY_URL": "https://two.example.org"}

    github.delete(state, 0)
    assert services.github.variables() == {}


def test_another_name_or_repository_replaces(github: Provider) -> None:
    state = recorded("project38-or:A", variable("A"), {})
    assert github.diff(VARIABLE, state, variable("B"), ()).replaces == ("variableName",)
    assert github.diff(VARIABLE, state, {**variable("A"), "repository": "other"}, ()).replaces == ("repository",)


def test_preview_writes_nothing(github: Provider, services: Services) -> None:
    id_, outputs = github.create(VARIABLE, variable(), 0, preview=True)
    assert (id_, outputs) == ("", variable())
    github.update(VARIABLE, recorded("project38-or:A", {}, {}), variable(), (), timeout=0, preview=True)
    assert services.operations() == []


def test_variable_that_exists_already_is_refused_whatever_it_holds(github: Provider) -> None:
    create(github, variable())
    for value in ("https://one.example.org", "https://other.example.org"):
        with pytest.raises(ProviderError, match="409 Already exists - Variable already exists"):
            create(github, variable(value=value))


def test_variable_that_is_gone_cannot_be_deleted(github: Provider, services: Services) -> None:
    state = create(github, variable())
    services.github.store.delete("GATEWAY_URL")
    with pytest.raises(ProviderError, match="404 Not Found"):
        github.delete(state, 0)


def test_all_variables_are_listed_over_pages(github: Provider, services: Services) -> None:
    names = [f"V{number:02}" for number in range(31)]
    for name in names:
        services.github.store.create(name, f"value of {name}")
    ways: list[Properties] = [{"name": "project38-or"}, {"fullName": "edri2or-commits/project38-or"}]
    for arguments in ways:
        found, failures = github.invoke(LIST, arguments, preview=True)
        assert failures == []
        listed = cast("list[dict[str, str]]", found["variables"])
        assert [(each["name"], each["value"]) for each in listed] == [(name, f"value of {name}") for name in names]
    with pytest.raises(ProviderError, match='one of "full_name" or "name" has to be provided'):
        github.invoke(LIST, {}, preview=True)


def test_read_sees_edits_imports_and_what_is_gone(github: Provider, services: Services) -> None:
    state = create(github, variable())
    services.github.store.update("GATEWAY_URL", None, "https://edited.example.org")
    found = github.read(VARIABLE, state.id, state.inputs, state.outputs)
    assert found.inputs == variable(value="https://edited.example.org")
    assert github.read(VARIABLE, state.id, {}, {}).inputs == found.inputs, "an import knows the id only"
    services.github.store.delete("GATEWAY_URL")
    assert github.read(VARIABLE, state.id, {}, {}).id == ""


def test_refused_writes_say_why_and_hide_the_token(start: Start, services: Services) -> None:
    github = start("github", {"owner": "edri2or-commits"}, GITHUB_TOKEN=services.seed.github.preview_token)
    with pytest.raises(ProviderError, match="403 Resource not accessible") as error:
        create(github, variable())
    assert services.seed.github.preview_token not in str(error.value)
    assert "/api/v3/repos/edri2or-commits/project38-or/actions/variables" in str(error.value)


def test_service_that_fails_or_is_gone(github: Provider, services: Services) -> None:
    services.faults.add(Fault("github", "CreateVariable", "status", code=500, body="oops"))
    with pytest.raises(ProviderError, match="500 oops"):
        create(github, variable())
    services.servers[1].stop()
    with pytest.raises(ProviderError, match=r"^POST .*: no answer"):
        create(github, variable())


@pytest.mark.parametrize(("inputs", "property_"), [
    ({}, "repository"),
    ({"repository": "r", "variableName": "A", "value": ""}, "value"),
    ({"repository": "r", "variableName": "1A", "value": "x"}, "variableName"),
    ({"repository": "r", "variableName": "GITHUB_A", "value": "x"}, "variableName"),
])  # fmt: skip
def test_inputs_are_checked(github: Provider, inputs: Properties, property_: str) -> None:
    with pytest.raises(CheckError) as error:
        github.check(VARIABLE, {}, inputs)
    assert property_ in [failure.property for failure in error.value.failures]


def test_newest_version_is_pinned_without_a_payload(gcp: Provider, services: Services) -> None:
    found, failures = gcp.invoke(GET_VERSION, {"secret": "OPENAI-API", "fetchSecretData": False}, preview=True)
    assert failures == []
    assert found["name"] == found["id"] == "projects/979429709900/secrets/OPENAI-API/versions/1"
    assert (found["project"], found["secret"], found["version"]) == ("project38-483612", "OPENAI-API", "1")
    assert (found["enabled"], found["destroyTime"], found["secretData"]) == (True, "", "")
    assert services.operations() == ["GetSecretVersion"]
    services.secret_manager.add_version("OPENAI-API")
    found, _ = gcp.invoke(GET_VERSION, {"secret": "OPENAI-API", "fetchSecretData": False}, preview=True)
    assert found["version"] == "2"


def test_payload_is_read_only_when_asked_for(gcp: Provider, services: Services) -> None:
    found, _ = gcp.invoke(GET_VERSION, {"secret": "OPENAI-API", "version": "1"}, preview=False)
    assert found["secretData"] == services.secret_manager.values()["OPENAI-API"]
    assert services.operations() == ["GetSecretVersion", "AccessSecretVersion"]
    encoded, _ = gcp.invoke(GET_VERSION, {"secret": "OPENAI-API", "isSecretDataBase64": True}, preview=False)
    assert encoded["secretData"] != found["secretData"]


def test_full_names_and_their_project(gcp: Provider) -> None:
    full = "projects/project38-483612/secrets/OPENAI-API"
    found, _ = gcp.invoke(GET_VERSION, {"secret": full, "fetchSecretData": False}, preview=True)
    assert found["secret"] == "OPENAI-API"
    with pytest.raises(ProviderError, match="does not match project of secret"):
        gcp.invoke(GET_VERSION, {"secret": full, "project": "other", "fetchSecretData": False}, preview=True)


def test_missing_secret_is_told_in_the_vendors_words(gcp: Provider) -> None:
    expected = "error retrieving available secret manager secret versions: googleapi: Error 404: "
    with pytest.raises(ProviderError, match=re.escape(expected)):
        gcp.invoke(GET_VERSION, {"secret": "NONE", "fetchSecretData": False}, preview=True)


@pytest.mark.parametrize(("package", "variable_name"), [
    ("gcp", "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"), ("github", "GITHUB_BASE_URL"),
])  # fmt: skip
@pytest.mark.parametrize("url", ["https://api.example.org/", "http://192.0.2.1/", "http://127.0.0.1.example.org/", ""])
def test_only_loopback_endpoints_are_taken(start: Start, package: str, variable_name: str, url: str) -> None:
    with pytest.raises(ProviderError, match=f"talks to the local cloud only.*{variable_name}"):
        start(package, {"owner": "x"}, **{variable_name: url})


@pytest.mark.parametrize(
    ("package", "variable_name"), [("gcp", "GOOGLE_OAUTH_ACCESS_TOKEN"), ("github", "GITHUB_TOKEN")]
)
def test_missing_token(start: Start, package: str, variable_name: str) -> None:
    with pytest.raises(ProviderError, match=f"set {variable_name}"):
        start(package, {"owner": "x"}, **{variable_name: ""})


def test_everything_else_is_not_covered(gcp: Provider, github: Provider) -> None:
    other = "urn:pulumi:dev::demo::github:index/repository:Repository::r"
    with pytest.raises(ProviderError, match="not covered by the stand-in for github"):
        github.check(other, {}, {})
    bucket = "urn:pulumi:dev::demo::gcp:storage/bucket:Bucket::b"
    with pytest.raises(ProviderError, match="not covered by the stand-in for gcp"):
        gcp.check(bucket, {}, {})
    for provider, token in ((gcp, "gcp:a:b"), (github, "github:a:b")):
        with pytest.raises(ProviderError, match="not covered"):
            provider.invoke(token, {}, preview=True)


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginProcess]:
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    launcher = Launcher({}, tmp_path, "", INTERPRETER)
    yield launcher.start("gcp", "", "{}")
    launcher.stop()


def test_version_is_that_of_the_sdk(process: PluginProcess) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{process.port()}") as channel:
        info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
    assert info.version == metadata.version("pulumi_gcp")


def test_interrupt_ends_it_cleanly(process: PluginProcess) -> None:
    process.port()
    process.process.send_signal(signal.SIGINT)
    assert process.process.wait(PATIENCE) == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    script = f'"{BIN}/pulumi-resource-gcp" > port & echo $! > pid; wait'
    with subprocess.Popen(["/bin/sh", "-c", script], cwd=tmp_path, env={**os.environ, **INTERPRETER}) as parent:
        end = time.monotonic() + PATIENCE
        while not (tmp_path / "port").exists() or not (tmp_path / "port").read_text():
            assert time.monotonic() < end
            time.sleep(0.02)
        parent.kill()
    pid = int((tmp_path / "pid").read_text())
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, "it outlives its parent"
        time.sleep(0.05)


def test_interpreter_without_the_sdk_is_one_line() -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:2]; import localcloud.plugins.__main__ as it; sys.exit(it.main(['gcp']))"
    )
    command = [sys.executable, "-S", "-c", code, str(BIN.parents[2])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The stand-in for gcp needs ")
    assert "Traceback" not in done.stderr

"""What tests and demos do to a local Railway from outside its API."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway.runner.environment import Environments, Install, find_uv

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
Until = Callable[..., Any]


def test_an_edit_by_hand_is_seen_and_deploys_nothing(cloud: Cloud) -> None:
    service = cloud.create_service(variables={"A": "1", "B": "2"})
    cloud.railway.edit_variable("web", "A", "changed")
    cloud.railway.edit_variable(service, "B", None)
    assert cloud.variables(service) == {"A": "changed"}
    cloud.railway.edit_setting("web", "healthcheckPath", "/other")
    query = """query($environment: String!, $service: String!) {
        serviceInstance(environmentId: $environment, serviceId: $service) { healthcheckPath } }"""
    found = cloud.api.data(query, environment=ENVIRONMENT, service=service)["serviceInstance"]
    assert found == {"healthcheckPath": "/other"}
    assert cloud.railway.deployments() == []


def test_what_is_not_there_cannot_be_edited(cloud: Cloud) -> None:
    cloud.create_service()
    railway = cloud.railway
    attempts: list[Callable[[], object]] = [
        lambda: railway.edit_variable("other", "A", "1"),
        lambda: railway.edit_variable("web", "A", None),
        lambda: railway.edit_setting("web", "colour", "red"),
        lambda: railway.delete_service("other"),
        lambda: railway.set_dns("shop.org", "TXT", None),
        lambda: railway.release("nothing"),
        lambda: railway.plant_log("nothing", "line"),
    ]
    for attempt in attempts:
        with pytest.raises(KeyError):
            attempt()


def test_the_state_tells_names_and_no_values(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service(variables={"KEY": "a-secret-value"})
    domain = cloud.create_domain(service)["domain"]
    deployment = cloud.connect(service)
    (found,) = cloud.railway.state()["services"]
    assert (found["id"], found["name"], found["variables"], found["domains"]) == (service, "web", ["KEY"], [domain])
    (told,) = cloud.railway.deployments()
    assert (told["id"], told["variables"], told["commit"]) == (deployment, ["KEY"], cloud.repository.first)
    assert "a-secret-value" not in f"{cloud.railway.state()} {cloud.railway.deployments()} {cloud.calls.list()}"
    cloud.railway.delete_service("web")
    until(lambda: cloud.railway.state() == {"services": []})


@pytest.mark.parametrize(
    "document",
    [
        {"colours": []},
        {"behaviour": {"no_such": 1}},
        {"behaviour": {"page_size": "two"}},
        {"behaviour": {"holds": ["NOWHERE"]}},
    ],
)
def test_a_seed_that_is_not_understood_changes_nothing(cloud: Cloud, document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no switch|takes a|nothing to seed|not a valid"):
        cloud.railway.seed({"services": [{"name": "theirs"}], **document})
    assert cloud.railway.state() == {"services": []}


def test_somebody_else_s_service_can_be_there(cloud: Cloud) -> None:
    cloud.railway.seed({"services": [{"name": "theirs", "variables": {"A": "1"}}]})
    (found,) = cloud.railway.state()["services"]
    assert cloud.variables(found["id"]) == {"A": "1"}


def test_a_reset_ends_everything_and_the_cloud_goes_on(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    port = str(cloud.serving(domain, "one")["env"]["PORT"])
    cloud.railway.seed({"behaviour": {"page_size": 1, "holds": ["BUILDING"]}})
    held = cloud.deploy(service)
    cloud.await_status(held, "BUILDING")
    walked = [each["id"] for each in cloud.railway.deployments()]
    assert len(walking(walked)) == len(walked) == 2
    cloud.railway.reset()
    assert cloud.closed(port)
    assert cloud.closed(domain)
    assert (cloud.railway.state(), cloud.railway.deployments()) == ({"services": []}, [])
    assert not walking(walked)
    _, again, _ = cloud.launched()
    assert cloud.serving(again, "one")


def test_a_reset_waits_for_the_end_of_what_runs(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.configure(service, rootDirectory="services/web", healthcheckPath="/health")
    deployment = cloud.connect(service)
    cloud.await_status(deployment, "SUCCESS")
    port = cloud.railway.world.deployments[deployment].port
    cloud.railway.reset()
    assert not walking([deployment])
    assert cloud.closed(str(port))


def walking(deployments: list[str]) -> list[str]:
    """The threads of these deployments that live."""
    names = {f"deployment-{each[:8]}" for each in deployments}
    return [thread.name for thread in threading.enumerate() if thread.name in names]


def test_from_files_without_version_control_their_content_is_the_commit(cloud: Cloud) -> None:
    shutil.rmtree(cloud.repository.directory / ".git")
    unversioned = type(cloud)(cloud.repository.directory.parent / "work", cloud.repository, cloud.railway.world.speed)
    try:
        service, domain, _ = unversioned.launched()
        commit = unversioned.serving(domain, "one")["env"]["RAILWAY_GIT_COMMIT_SHA"]
        assert len(commit) == 40
        unversioned.repository.write("new.txt", "changed")
        query = """mutation($service: String!, $environment: String!) {
            serviceInstanceDeploy(serviceId: $service, environmentId: $environment, latestCommit: true) }"""
        unversioned.api.data(query, service=service, environment=ENVIRONMENT)
        assert unversioned.railway.deployments()[-1]["commit"] != commit
    finally:
        unversioned.close()


KILLED = """
import sys, threading
sys.path[:0] = [{root!r}, {here!r}]
from pathlib import Path
from conftest import Cloud, Repository
from localcloud.railway import Speed

cloud = Cloud(Path({work!r}), Repository(Path({work!r}) / "repository"), Speed(step=0.02))
_, domain, _ = cloud.launched()
print(cloud.serving(domain, "one")["env"]["PORT"], flush=True)
threading.Event().wait()
"""


def test_no_process_outlives_a_local_cloud_that_is_killed(
    cloud: Cloud, tmp_path: Path, root: Path, until: Until
) -> None:
    here = str(Path(__file__).parent)
    program = textwrap.dedent(KILLED).format(root=str(root), here=here, work=str(tmp_path / "killed"))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        port = parent.stdout.readline().strip()
        assert not cloud.closed(port)
        os.kill(parent.pid, signal.SIGKILL)
    until(lambda: cloud.closed(port))


def test_one_environment_is_installed_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    install = Install()
    lines: list[str] = []
    found: list[Path] = []

    def ask() -> None:
        found.append(Environments(tmp_path, find_uv()).get(install, lines.append, lambda: None))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / install.key] * 4
    assert sum("from the cache" in line for line in lines) == 3
    assert (found[0] / "bin" / "python").exists()


def test_an_environment_that_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    install = Install()
    left = tmp_path / install.key / "left"
    left.parent.mkdir()
    left.touch()
    environment = Environments(tmp_path, find_uv()).get(install, lambda _: None, lambda: None)
    assert not left.exists()
    python = subprocess.run([environment / "bin" / "python", "-c", "print(1)"], capture_output=True, check=True)
    assert python.stdout == b"1\n"


def test_without_uv_pip_makes_the_environment(tmp_path: Path) -> None:
    install = Install(options=("--require-hashes",))
    environment = Environments(tmp_path, uv=None).get(install, lambda _: None, lambda: None)
    python = subprocess.run([environment / "bin" / "python", "-c", "print(1)"], capture_output=True, check=True)
    assert python.stdout == b"1\n"

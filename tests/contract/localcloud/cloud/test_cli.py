"""`serve` and `exec` as people run them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.contract

PROJECT = Path(__file__).parents[4]
NAMES = {"railway", "secret_manager", "github", "models", "control"}
PATIENCE = 30.0


def _arguments(*words: str) -> list[str]:
    return [sys.executable, "-m", "localcloud", *words]


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _arguments(*words),
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**os.environ, **environment},
        timeout=PATIENCE,
    )


def _wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while not file.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def _serving(endpoints: Path, repository: Path, workdir: Path) -> Iterator[subprocess.Popen[str]]:
    words = ("serve", "--endpoints", str(endpoints), "--repository", str(repository), "--workdir", str(workdir))
    command = _arguments(*words)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT)
    with process:
        try:
            _wait_for(endpoints, process)
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def endpoints(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a local cloud that is served."""
    directory = tmp_path_factory.mktemp("served")
    with _serving(directory / "endpoints.json", repository, directory / "workdir"):
        yield directory / "endpoints.json"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_serve_writes_its_endpoints_and_leaves_nothing(
    repository: Path, tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "endpoints.json"
    with _serving(file, repository, tmp_path / "workdir") as process:
        urls = json.loads(file.read_text())
        assert urls.keys() == NAMES
        assert all(httpx.get(url).status_code < 500 for url in urls.values())
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert urls["control"] in out
    assert err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["workdir"]
    assert {path.name for path in (tmp_path / "workdir").iterdir()} == {".lock", "environments"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls["control"])


def test_serve_says_what_is_not_deployed(repository: Path, tmp_path: Path) -> None:
    stray = repository / "stray"
    stray.touch()
    try:
        with _serving(tmp_path / "endpoints.json", repository, tmp_path / "workdir") as process:
            process.terminate()
            _, err = process.communicate(timeout=PATIENCE)
    finally:
        stray.unlink()

    assert "stray differs from the commit" in err


def test_a_second_serve_does_not_take_the_file(endpoints: Path, repository: Path) -> None:
    before = endpoints.read_text()

    second = _run("serve", "--endpoints", str(endpoints), "--repository", str(repository))

    assert second.returncode == 1
    assert second.stderr.startswith(f"localcloud: {endpoints} belongs to a local cloud that runs")
    assert endpoints.read_text() == before


def test_exec_runs_a_command_against_the_served_cloud(endpoints: Path) -> None:
    code = (
        "import os, sys; print(os.environ['RAILWAY_API_URL']); print(os.environ.get('RAILWAY_API_TOKEN')); sys.exit(7)"
    )

    done = _run("exec", "--endpoints", str(endpoints), "--", sys.executable, "-c", code, RAILWAY_API_TOKEN="real")

    assert done.returncode == 7
    assert done.stdout.splitlines() == [json.loads(endpoints.read_text())["railway"], "None"]


def test_exec_has_two_identities(endpoints: Path) -> None:
    shown = [
        "exec",
        "--endpoints",
        str(endpoints),
        "--identity",
        "preview",
        "--",
        "printenv",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
    ]
    preview, deploy = _run(*shown), _run(*[word for word in shown if word not in {"--identity", "preview"}])

    assert preview.returncode == deploy.returncode == 0
    assert preview.stdout != deploy.stdout


def test_exec_starts_a_cloud_where_none_is_served(repository: Path, tmp_path: Path) -> None:
    code = (
        "import os, httpx; base = os.environ['GITHUB_BASE_URL']; token = os.environ['GITHUB_TOKEN'];"
        "print(base, httpx.get(base + 'api/v3/user', headers={'Authorization': 'Bearer ' + token}).status_code)"
    )
    words = ("exec", "--repository", str(repository), "--workdir", str(tmp_path), "--", sys.executable, "-c", code)

    done = _run(*words, HTTP_PROXY="http://127.0.0.1:9")

    assert done.returncode == 0, done.stderr
    url, status = done.stdout.split()
    assert status == "200"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


@pytest.mark.parametrize("served", [True, False], ids=["served", "own cloud"])
def test_a_signal_reaches_the_command(endpoints: Path, repository: Path, tmp_path: Path, served: bool) -> None:
    ready, told = tmp_path / "ready", tmp_path / "told"
    code = (
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(told)!r}).touch(), sys.exit(9)))\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(60)\n"
    )
    where = ("--endpoints", str(endpoints)) if served else ("--repository", str(repository), "--workdir", str(tmp_path))
    command = _arguments("exec", *where, "--", sys.executable, "-c", code)

    with subprocess.Popen(command, cwd=PROJECT, text=True, stderr=subprocess.PIPE) as process:
        _wait_for(ready, process)
        process.terminate()
        process.wait(PATIENCE)

    assert process.returncode == 9
    assert told.exists()
    assert not list(tmp_path.glob("run-*"))


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--", "no-such-command"), 127, "no-such-command: no such command"),
        (("--", "sh", "-c", "kill -KILL $$"), 137, ""),
        ((), 2, "exec needs a command"),
        (("--",), 2, "exec needs a command"),
    ],
)
def test_the_status_of_a_command_is_that_of_exec(
    endpoints: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    done = _run("exec", "--endpoints", str(endpoints), *words)

    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_endpoint_outside_stops_the_command(endpoints: Path, tmp_path: Path) -> None:
    urls = json.loads(endpoints.read_text())
    outside = tmp_path / "endpoints.json"
    outside.write_text(json.dumps({**urls, "railway": "https://backboard.railway.com/graphql/v2"}))

    done = _run("exec", "--endpoints", str(outside), "--", "touch", str(tmp_path / "ran"))

    assert done.returncode == 1
    assert "endpoint railway is https://backboard.railway.com/graphql/v2, which is not on this machine" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_cloud_that_is_gone_is_named(endpoints: Path, tmp_path: Path) -> None:
    for suffix in ("", ".credentials"):
        text = (endpoints.parent / (endpoints.name + suffix)).read_text()
        gone = text.replace(json.loads(endpoints.read_text())["control"], "http://127.0.0.1:9")
        (tmp_path / f"endpoints.json{suffix}").write_text(gone)

    done = _run("exec", "--endpoints", str(tmp_path / "endpoints.json"), "--", "true")

    assert done.returncode == 1
    assert done.stderr.startswith("localcloud: no local cloud answers at http://127.0.0.1:9")


@pytest.mark.parametrize("words", [("exec", "--", "true"), ("serve", "--endpoints", "endpoints.json")])
def test_a_repository_that_is_not_there_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    verb, *rest = words

    done = _run(verb, "--repository", str(tmp_path / "absent"), "--workdir", str(tmp_path), *rest)

    assert done.returncode == 1
    assert done.stderr == (
        f"localcloud: {tmp_path / 'absent'} is no directory: give the directory that holds the project\n"
    )

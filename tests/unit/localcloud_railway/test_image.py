"""Building images, up to where packages are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.railway.runner.environment import Environments, Install
from localcloud.railway.runner.errors import BuildError, HaltedError
from localcloud.railway.runner.image import ImageBuilder
from localcloud.railway.state.model import Image

pytestmark = pytest.mark.unit


def ready(directory: Path) -> Environments:
    """Environments of which the empty one is there already, so that nothing is started."""
    environment = directory / Install().key
    environment.mkdir(parents=True)
    (environment / ".complete").touch()
    return Environments(directory, uv=None)


def build(directory: Path, dockerfile: str, log: list[str] | None = None) -> Image:
    context = directory / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(dockerfile)
    lines = [] if log is None else log
    builder = ImageBuilder(context, directory / "root", ready(directory / "env"), lines.append, lambda: None)
    return builder.build("Dockerfile")


def put(directory: Path, *names: str) -> None:
    for name in names:
        file = directory / "context" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def files(image: Image) -> set[str]:
    return {path.relative_to(image.root).as_posix() for path in image.root.rglob("*") if path.is_file()}


def test_files_land_where_copy_says(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "b.py", "c.txt", "pkg/d.py", "pkg/sub/e.py")
    image = build(
        tmp_path,
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY a.py b.py ./\nCOPY *.txt /etc/own/\nCOPY c.txt renamed.txt\n"
        "WORKDIR lib\nCOPY pkg .\nCOPY pkg/ /srv/pkg/\nCMD true",
    )
    assert files(image) == {
        "app/a.py",
        "app/b.py",
        "etc/own/c.txt",
        "app/renamed.txt",
        "app/lib/d.py",
        "app/lib/sub/e.py",
        "srv/pkg/d.py",
        "srv/pkg/sub/e.py",
    }
    assert image.working_directory == tmp_path / "root" / "app" / "lib"
    assert not (tmp_path / "context").exists(), "the source is gone once the image is built"


def test_paths_of_the_image_become_paths_of_this_machine(tmp_path: Path) -> None:
    put(tmp_path, "run.py")
    image = build(
        tmp_path,
        "FROM python:3.11\nENV HOMEWARD=/app/run.py LIB=/app:/usr/lib BASE=/app\n"
        "ENV NESTED=$BASE/run.py OTHER=/elsewhere\n"
        'WORKDIR $BASE\nCOPY . .\nCMD ["python", "/app/run.py", "/dev/null", "app"]',
    )
    root = tmp_path / "root"
    assert image.command == ("python", f"{root}/app/run.py", "/dev/null", "app")
    assert image.environment["HOMEWARD"] == f"{root}/app/run.py"
    assert image.environment["LIB"] == f"{root}/app:/usr/lib"
    assert image.environment["NESTED"] == f"{root}/app/run.py"
    assert image.environment["OTHER"] == "/elsewhere"
    assert image.environment["PATH"].startswith(str(tmp_path / "env" / Install().key / "bin"))


def test_a_shell_form_is_given_to_a_shell(tmp_path: Path) -> None:
    assert build(tmp_path, "FROM python:3.11\nCMD echo $PORT").command == ("sh", "-c", "echo $PORT")


@pytest.mark.parametrize(
    "base",
    [
        "python:3.11",
        "python:3.12.4-slim-bookworm",
        "docker.io/library/python:3.13",
        f"python:3.12@sha256:{'a' * 64} AS x",
    ],
)
def test_python_images_are_stood_in_for(tmp_path: Path, base: str) -> None:
    assert build(tmp_path, f"FROM {base}\nCMD true")


def test_another_python_is_told(tmp_path: Path) -> None:
    log: list[str] = []
    build(tmp_path, "FROM python:3.99\nCMD true", log)
    assert any(line.endswith("stands in for 3.99") for line in log)


@pytest.mark.parametrize(
    ("dockerfile", "error"),
    [
        ("RUN true", "line 1, RUN: there must be one FROM, and it must come first"),
        ("FROM", "line 1, FROM: the base image must be"),
        ("FROM python", "line 1, FROM: the base image must be"),
        ("FROM python:3.11\nCOPY Dockerfile ../../../x\nCMD true", None),
        ("FROM python:3.11\nCOPY --from=other a b", "line 2, COPY: --from=other is not supported"),
        ("FROM python:3.11\nRUN --mount=type=secret,id=x true", "line 2, RUN: --mount=type=secret"),
        ('FROM python:3.11\nENTRYPOINT ["x"]', "line 2, ENTRYPOINT: this instruction is not supported"),
        ("FROM python:3.11\nRUN pip install -r x -r", "line 2, RUN: there is no file x"),
        ("FROM python:3.11\nRUN pip install --pre -r x", "line 2, RUN: pip install --pre is not supported"),
        ("FROM python:3.11\nEXPOSE 1", "has no CMD"),
    ],
)
def test_what_is_not_supported_is_refused_by_line(tmp_path: Path, dockerfile: str, error: str | None) -> None:
    if error is None:
        assert files(build(tmp_path, dockerfile)) == {"x"}, "a path cannot lead out of the image"
        return
    with pytest.raises(BuildError, match=error):
        build(tmp_path, dockerfile)


def test_a_link_that_leads_out_of_the_source_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("private")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "link").symlink_to(outside)
    with pytest.raises(BuildError, match="link is not in the root directory"):
        build(tmp_path, "FROM python:3.11\nCOPY link ./")


def test_a_missing_dockerfile_is_named(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    builder = ImageBuilder(
        tmp_path / "context", tmp_path / "root", ready(tmp_path / "env"), lambda _: None, lambda: None
    )
    with pytest.raises(BuildError, match=r"there is no other\.Dockerfile in the root directory"):
        builder.build("other.Dockerfile")


def test_a_build_stops_when_told(tmp_path: Path) -> None:
    def halt() -> None:
        raise HaltedError

    put(tmp_path, "a")
    (tmp_path / "context" / "Dockerfile").write_text("FROM python:3.11\nCMD true")
    builder = ImageBuilder(tmp_path / "context", tmp_path / "root", ready(tmp_path / "env"), lambda _: None, halt)
    with pytest.raises(HaltedError):
        builder.build("Dockerfile")


def test_a_lock_its_options_and_nothing_else_name_an_environment() -> None:
    assert Install("a").key == Install("a").key
    assert len({Install("a").key, Install("b").key, Install("a", ("--no-deps",)).key}) == 3

"""Reading Dockerfiles and `.dockerignore`."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.railway.runner.dockerfile import Instruction, commands, expand, parse
from localcloud.railway.runner.errors import BuildError
from localcloud.railway.runner.ignore import remove_ignored

pytestmark = pytest.mark.unit

TEXT = """\
# syntax=docker/dockerfile:1

from python:3.11
ENV A=1 \\
    # a comment inside
    B="two words" \\
    C=3
RUN one \\
  && two
"""


def test_instructions_know_their_line_and_join_continued_ones() -> None:
    found = parse(TEXT)
    assert [(item.line, item.keyword) for item in found] == [(3, "FROM"), (4, "ENV"), (8, "RUN")]
    assert found[0].rest == "python:3.11"
    assert found[1].assignments() == {"A": "1", "B": "two words", "C": "3"}
    assert commands(found[2]) == [["one"], ["two"]]


@pytest.mark.parametrize(
    ("text", "error"), [("", "empty"), ("# only\n", "empty"), ("FROM a\nRUN b \\", "line 2: ends in")]
)
def test_what_is_no_dockerfile_is_refused(text: str, error: str) -> None:
    with pytest.raises(BuildError, match=error):
        parse(text)


def instruction(text: str) -> Instruction:
    return parse(text)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('CMD ["a", "b c"]', ["a", "b c"]),
        ("CMD a b", None),
        ('CMD ["a", 1]', None),
        ('CMD ["a"', None),
        ("CMD [ -f x ] && y", None),
    ],
)
def test_the_exec_form_is_a_list_of_strings(text: str, expected: list[str] | None) -> None:
    assert instruction(text).exec_form() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV A=1 B=", {"A": "1", "B": ""}),
        ("ENV A='x y'", {"A": "x y"}),
        ("ENV OLD two words", {"OLD": "two words"}),
        ("ENV URL=a=b", {"URL": "a=b"}),
    ],
)
def test_assignments(text: str, expected: dict[str, str]) -> None:
    assert instruction(text).assignments() == expected


@pytest.mark.parametrize("text", ["ENV A=1 B", "ENV", "ENV A='x"])
def test_bad_assignments_name_their_line(text: str) -> None:
    with pytest.raises(BuildError, match="Dockerfile line 1, ENV"):
        instruction(text).assignments()


def test_flags_come_apart_from_words() -> None:
    assert instruction("COPY --chown=a:b --link x --y z").flags_and_words() == (
        ["--chown=a:b", "--link"],
        ["x", "--y", "z"],
    )
    assert instruction('COPY ["a b", "c"]').flags_and_words() == ([], ["a b", "c"])


@pytest.mark.parametrize(
    "text", ["RUN a || b", "RUN a; b", "RUN a > b", "RUN a | b", "RUN a &&", "RUN (a)", "RUN a 'b"]
)
def test_only_plain_commands_joined_by_and_are_taken(text: str) -> None:
    with pytest.raises(BuildError, match="line 1, RUN"):
        commands(instruction(text))


def test_commands_lose_their_mounts_and_keep_their_quotes() -> None:
    assert commands(instruction("RUN --mount=type=cache,target=/x a 'b && c'")) == [["a", "b && c"]]
    assert commands(instruction('RUN ["a", "b && c"]')) == [["a", "b && c"]]


def test_variables_are_expanded() -> None:
    assert expand("$A-${B}-$C", {"A": "1", "B": "2"}) == "1-2-"


FILES = ["app.py", "pkg/a.py", "pkg/__pycache__/a.pyc", "docs/x/y.md", "notes.md", "keep.md"]


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ("", FILES),
        ("# comment\n\n*.md", ["app.py", "pkg/a.py", "pkg/__pycache__/a.pyc", "docs/x/y.md"]),
        ("**/*.md\n!keep.md", ["app.py", "pkg/a.py", "pkg/__pycache__/a.pyc", "keep.md"]),
        ("*\n!pkg\n**/__pycache__", ["pkg/a.py"]),
        ("docs/\npkg/?.py", ["app.py", "pkg/__pycache__/a.pyc", "notes.md", "keep.md"]),
        ("docs/*/y.md\n/app.py", ["pkg/a.py", "pkg/__pycache__/a.pyc", "notes.md", "keep.md"]),
    ],
)
def test_ignored_files_are_no_part_of_the_build(tmp_path: Path, rules: str, left: list[str]) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".dockerignore").write_text(rules)
    remove_ignored(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found - {".dockerignore"} == set(left)

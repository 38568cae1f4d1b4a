"""Any text is a Dockerfile that is read, or one error that says where it is wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.railway.runner.dockerfile import Instruction, commands, expand, parse
from localcloud.railway.runner.errors import BuildError

pytestmark = pytest.mark.unit

KEYWORDS = ("FROM", "env", "RUN", "COPY", "CMD", "", "\t", "RUN\t")
PIECES = st.sampled_from(
    [
        "a",
        "A=1",
        "'",
        '"',
        "\\",
        "&&",
        ";",
        "|",
        "[",
        "]",
        '["a"]',
        "[[",
        "--mount=x",
        "#",
        "$A",
        "${",
        "=",
        "\x00",
        "''",
    ]
)
LINES = st.builds(lambda word, rest: f"{word} {' '.join(rest)}", st.sampled_from(KEYWORDS), st.lists(PIECES))
TEXTS = st.one_of(st.text(), st.lists(LINES).map("\n".join))
NAMED = re.compile(r"Dockerfile line [1-9]\d*(, \S+)?: .+|the Dockerfile is empty", re.DOTALL)


def asked(item: Instruction) -> list[object]:
    """Everything that a build may ask of an instruction; what is refused names its line."""
    found: list[object] = [item.exec_form(), expand(item.rest, {})]
    for ask in (item.flags_and_words, item.assignments, lambda: commands(item)):
        try:
            found.append(ask())
        except BuildError as error:
            found.append(str(error).index(f"Dockerfile line {item.line}, {item.keyword}: "))
    return found


def outcome(text: str) -> tuple[list[Instruction], str]:
    """The instructions, or what is wrong."""
    try:
        return parse(text), ""
    except BuildError as error:
        return [], str(error)


@given(TEXTS)
def test_any_text_is_read_or_refused_by_one_named_error(text: str) -> None:
    instructions, problem = outcome(text)
    assert bool(instructions) != bool(NAMED.fullmatch(problem))
    lines = [item.line for item in instructions]
    assert lines == sorted(set(lines))
    assert all(item.keyword == item.keyword.upper() != "" for item in instructions)
    assert all(asked(item) for item in instructions)


def test_a_list_in_lists_without_end_is_no_exec_form() -> None:
    (item,) = parse(f"CMD {'[' * 100_000}")
    assert item.exec_form() is None


@given(st.lists(st.from_regex(r"[a-z0-9./:=-]+", fullmatch=True).filter(lambda word: word[0] != "-"), min_size=1))
def test_plain_words_come_back_as_they_were(words: list[str]) -> None:
    (item,) = parse(f"run {' '.join(words)}")
    assert item.flags_and_words() == ([], words)
    assert commands(item) == [words]


@pytest.mark.parametrize("line", ["RUN\ta#b  c:d", "run a#b c:d", "  RUN a#b \\\n c:d"])
def test_white_space_of_any_kind_divides(line: str) -> None:
    (item,) = parse(line)
    assert (item.keyword, commands(item)) == ("RUN", [["a#b", "c:d"]])

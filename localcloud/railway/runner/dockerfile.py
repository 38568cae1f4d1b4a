"""Reads Dockerfiles."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.railway.runner.errors import BuildError

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword in capitals, everything after it, and the line it begins on, counted from 1."""

    line: int
    keyword: str
    rest: str

    def fail(self, reason: str) -> BuildError:
        """The error that this instruction cannot be built."""
        return BuildError(f"Dockerfile line {self.line}, {self.keyword}: {reason}")

    def words(self) -> list[str]:
        """The arguments, split as a shell does. Raises `BuildError` for an open quote."""
        try:
            return shlex.split(self.rest)
        except ValueError as error:
            raise self.fail(str(error).lower()) from error

    def exec_form(self) -> list[str] | None:
        """The arguments where they are a JSON list of strings, else None."""
        if not self.rest.startswith("["):
            return None
        try:
            value = json.loads(self.rest)
        except (ValueError, RecursionError):  # no JSON, or lists in lists without end
            return None
        return value if isinstance(value, list) and all(isinstance(word, str) for word in value) else None

    def flags_and_words(self) -> tuple[list[str], list[str]]:
        """The leading `--flags`, and what follows them; an exec form is taken apart too."""
        words = self.exec_form() or self.words()
        count = next((index for index, word in enumerate(words) if not word.startswith("--")), len(words))
        return words[:count], words[count:]

    def assignments(self) -> dict[str, str]:
        """The variables of `ENV NAME=value …` and of the old `ENV NAME value`."""
        words = self.words()
        if words and "=" not in words[0]:
            return {words[0]: self.rest.partition(" ")[2].strip()}
        if not words or any("=" not in word for word in words):
            raise self.fail("needs NAME=value")
        return dict(word.split("=", 1) for word in words)


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile. Raises `BuildError` where there is none."""
    instructions: list[Instruction] = []
    pending, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        start = start if pending else number
        pending += line.removesuffix("\\")
        if not line.endswith("\\"):
            instructions.append(_instruction(start, pending))
            pending = ""
    if pending:
        raise BuildError(f"Dockerfile line {start}: ends in a backslash")
    if not instructions:
        raise BuildError("the Dockerfile is empty")
    return instructions


def _instruction(line: int, text: str) -> Instruction:
    keyword, *rest = text.split(None, 1)
    return Instruction(line, keyword.upper(), "".join(rest).strip())


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`text` with `$NAME` and `${NAME}` replaced; a name that is not set becomes empty."""
    return _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), text)


def commands(instruction: Instruction) -> list[list[str]]:
    """The commands of a RUN, which may be joined by `&&` only."""
    if exec_form := instruction.exec_form():
        return [exec_form]
    text = " ".join(word for word in instruction.rest.split() if not word.startswith("--mount="))
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise instruction.fail(str(error).lower()) from error
    found: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            found.append([])
        elif set(word) <= set("();<>|&"):
            raise instruction.fail(f"{word} is not supported here")
        else:
            found[-1].append(word)
    if not all(found):
        raise instruction.fail("a command is missing")
    return found

"""The repository: its variables with GitHub's rules for them, and its commits. Knows nothing of HTTP."""

from __future__ import annotations

import re
import threading
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from localcloud.core.rest import ApiError
from localcloud.core.seed import GithubSeed
from localcloud.core.working_copy import WorkingCopy
from localcloud.github.errors import VARIABLES, not_found

MAX_VALUE = 48 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Variable:
    """A repository variable; GitHub keeps names in capitals."""

    name: str
    value: str
    created: datetime
    updated: datetime


class RepositoryStore:
    """One repository. Safe to use from several threads. Every method raises `ApiError`."""

    def __init__(self, seed: GithubSeed, working_copy: WorkingCopy) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._variables: dict[str, Variable] = {}
        self.working_copy = working_copy
        self.owner, _, self.name = seed.repository.partition("/")
        self.branch = seed.branch
        self.id = zlib.crc32(seed.repository.encode())
        self.reset()

    def reset(self) -> None:
        """Back to the variables of the seed."""
        with self._lock:
            self._variables.clear()
        for name, value in self._seed.variables.items():
            self.create(name, value)

    def variables(self) -> list[Variable]:
        """All variables by name."""
        with self._lock:
            return [self._variables[name] for name in sorted(self._variables)]

    def get(self, name: str) -> Variable:
        """The variable of that name, in whatever case."""
        with self._lock:
            return self._find(name)

    def create(self, name: Any, value: Any) -> Variable:
        """A new variable."""
        now = datetime.now(UTC)
        variable = Variable(_name(name), _value(value), now, now)
        with self._lock:
            if variable.name in self._variables:
                raise ApiError(
                    409, "Already exists - Variable already exists", f"{VARIABLES}#create-a-repository-variable"
                )
            self._variables[variable.name] = variable
        return variable

    def update(self, name: str, new_name: Any, value: Any) -> Variable:
        """Change the value of a variable, its name or both; None leaves as it is."""
        with self._lock:
            old = self._find(name)
            new = replace(
                old,
                name=old.name if new_name is None else _name(new_name),
                value=old.value if value is None else _value(value),
                updated=datetime.now(UTC),
            )
            if new.name != old.name and new.name in self._variables:
                raise ApiError(
                    409, "Already exists - Variable already exists", f"{VARIABLES}#update-a-repository-variable"
                )
            del self._variables[old.name]
            self._variables[new.name] = new
            return new

    def delete(self, name: str) -> None:
        """Remove a variable."""
        with self._lock:
            del self._variables[self._find(name).name]

    def _find(self, name: str) -> Variable:
        if name.upper() not in self._variables:
            raise not_found(f"{VARIABLES}#get-a-repository-variable")
        return self._variables[name.upper()]


def _name(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.upper().startswith("GITHUB_"):
        raise _invalid(
            "Variable name is invalid: letters, digits and underscores only, not first a digit, not first GITHUB_."
        )
    return name.upper()


def _value(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _invalid("Variable value is required.")
    if len(value.encode()) > MAX_VALUE:
        raise _invalid(f"Variable value is too large: at most {MAX_VALUE} bytes.")
    return value


def _invalid(message: str) -> ApiError:
    return ApiError(422, message, f"{VARIABLES}#create-a-repository-variable")

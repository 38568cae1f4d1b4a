"""Validation of inputs: every problem is collected; what a preview cannot know yet passes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from pulumi_railway import secret_references
from pulumi_railway.handlers.base import UNKNOWN, Checked, CheckFailure, Properties

VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_TELLS: Final = 8
"""So many characters of a secret give it away."""


class Inputs:
    """Reads inputs by name, remembers what is wrong, and collects the normalised ones; null counts as absent."""

    def __init__(self, news: Properties, known: Collection[str]) -> None:
        self._news = {name: value for name, value in news.items() if value is not None}
        self._failures = [
            CheckFailure(name, f"is no input of this resource; it has {', '.join(sorted(known))}")
            for name in sorted(set(self._news) - set(known))
        ]
        self._found: dict[str, Any] = {name: value for name, value in news.items() if value is UNKNOWN}

    def text(self, name: str, *, required: bool = True, shape: str = r"(?s).+", wanted: str = "text") -> None:
        """A string that matches `shape`, which `wanted` describes."""
        value = self._take(name, required=required)
        if value is None:
            return
        if isinstance(value, str) and re.fullmatch(shape, value):
            self._found[name] = value
        else:
            self.fail(name, f"must be {wanted}, not {value!r}")

    def integer(self, name: str, low: int, high: int, *, required: bool = False) -> None:
        """A whole number; Pulumi sends numbers as floats."""
        value = self._take(name, required=required)
        if value is None:
            return
        whole = isinstance(value, int | float) and not isinstance(value, bool) and int(value) == value
        if whole and low <= value <= high:
            self._found[name] = int(value)
        else:
            self.fail(name, f"must be a whole number from {low} to {high}, not {value!r}")

    def boolean(self, name: str) -> None:
        """True or false."""
        value = self._take(name, required=False)
        if isinstance(value, bool):
            self._found[name] = value
        elif value is not None:
            self.fail(name, f"must be true or false, not {value!r}")

    def texts(self, name: str, *, required: bool = False) -> None:
        """A list of strings that are not empty."""
        value = self._take(name, required=required)
        if value is None:
            return
        if isinstance(value, list) and all(item is UNKNOWN or (isinstance(item, str) and item) for item in value):
            self._found[name] = value
        else:
            self.fail(name, "must be a list of texts that are not empty")

    def mapping(self, name: str, *, required: bool = False) -> Mapping[str, Any]:
        """An object; empty where it is absent, unknown or none."""
        value = self._take(name, required=required)
        if isinstance(value, Mapping):
            self._found[name] = dict(value)
            return value
        if value is not None:
            self.fail(name, "must be a map")
        return {}

    def plain_variables(self, path: str, variables: Mapping[str, Any]) -> None:
        """Names of environment variables with their texts."""
        for name, value in variables.items():
            shown = self._variable_name(path, name)
            if value is not UNKNOWN and (not isinstance(value, str) or not value):
                self.fail(shown, "must be a text that is not empty; leave the variable out instead")

    def secret_variables(self, path: str, variables: Mapping[str, Any]) -> None:
        """Names of environment variables with references to secrets; a value put here by mistake is not shown."""
        for name, value in variables.items():
            shown = self._variable_name(path, name)
            reference = secret_references.parse(value) if isinstance(value, str) else None
            if value is not UNKNOWN and (reference is None or not reference.pinned):
                self.fail(shown, f"must be a reference {secret_references.FORM} with a number, never a value")

    def prefixes(self, path: str, prefixes: Mapping[str, Any], names: Collection[str]) -> None:
        """What the secrets among `names` start with."""
        for name, prefix in prefixes.items():
            if name not in names:
                self.fail(f"{path}.{name}", f"is the name of no secret; there are {', '.join(sorted(names)) or 'none'}")
            if prefix is not UNKNOWN and (not isinstance(prefix, str) or not prefix):
                self.fail(f"{path}.{name}", "must be a text that is not empty; leave the name out instead")

    def fail(self, name: str, reason: str) -> None:
        """Remember a problem of the input `name`."""
        self._failures.append(CheckFailure(name, reason))

    def result(self) -> Checked:
        """The normalised inputs and all problems."""
        return Checked(self._found, tuple(self._failures))

    def _variable_name(self, path: str, name: str) -> str:
        """What to call the variable; of what is no name, and may be a value in its place, only the beginning."""
        if VARIABLE_NAME.fullmatch(name):
            return f"{path}.{name}"
        shown = f"{path}.{name if len(name) < _TELLS else f'{name[:3]}…'}"
        self.fail(shown, "is no name of an environment variable: letters, digits and _")
        return shown

    def _take(self, name: str, *, required: bool) -> Any:
        """The value, None where it is absent or a preview does not know it."""
        value = self._news.get(name)
        if value is None and required:
            self.fail(name, "is missing")
        return None if value is UNKNOWN else value


def place(inputs: Inputs) -> None:
    """The three ids that name a service."""
    for name in ("projectId", "environmentId", "serviceId"):
        inputs.text(name, shape=r"[^\s/]+", wanted="an id")

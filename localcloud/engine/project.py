"""The project: Pulumi.yaml, Pulumi.<stack>.yaml, and the configuration the program and its plugins get from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from localcloud.engine.errors import EngineError
from localcloud.engine.secrets_provider import Crypter

SUPPORTED: Final = frozenset(
    {"name", "description", "author", "website", "license", "runtime", "plugins", "config", "requiredPulumiVersion",
     "backend", "template", "main"}
)  # fmt: skip
STACK_SUPPORTED: Final = frozenset({"config", "encryptionsalt", "secretsprovider"})


@dataclass(frozen=True)
class Project:
    """What Pulumi.yaml says. `plugins` maps a package to the directory its executable lies in."""

    name: str
    directory: Path
    runtime_options: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, Path] = field(default_factory=dict)
    declarations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StackConfig:
    """The configuration of a stack: full key (`namespace:key`) -> text; `secret` names the encrypted ones."""

    values: Mapping[str, str] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    salt: str = ""

    def of(self, namespace: str) -> dict[str, str]:
        """The keys of one namespace, without it."""
        prefix = f"{namespace}:"
        return {key.removeprefix(prefix): value for key, value in self.values.items() if key.startswith(prefix)}


def load_project(directory: Path) -> Project:
    """Read Pulumi.yaml. Raises `EngineError` for a missing file or what the embedded engine does not support."""
    file = directory / "Pulumi.yaml"
    document = _yaml(file)
    if document is None:
        raise EngineError(f"There is no Pulumi.yaml in {directory}: run this in the directory of the program.")
    _refuse_unknown(file, document, SUPPORTED)
    runtime = document.get("runtime")
    runtime = {"name": runtime} if isinstance(runtime, str) else runtime or {}
    if runtime.get("name") != "python":
        raise EngineError(f"{file}: runtime must be python; the embedded engine runs nothing else.")
    if not isinstance(document.get("name"), str):
        raise EngineError(f"{file}: name is missing.")
    if document.get("main"):
        raise EngineError(f"{file}: main is not supported by the embedded engine; put __main__.py beside Pulumi.yaml.")
    return Project(
        name=document["name"],
        directory=directory,
        runtime_options={key: str(value) for key, value in (runtime.get("options") or {}).items()},
        plugins=dict(_plugins(file, document.get("plugins") or {})),
        declarations=document.get("config") or {},
    )


def _plugins(file: Path, plugins: Mapping[str, Any]) -> list[tuple[str, Path]]:
    for kind in sorted(plugins.keys() - {"providers"}):
        raise EngineError(f"{file}: plugins.{kind} is not supported by the embedded engine.")
    found = []
    for entry in plugins.get("providers") or ():
        if not isinstance(entry, dict) or not entry.get("name") or not entry.get("path"):
            raise EngineError(f"{file}: each of plugins.providers needs a name and a path.")
        for key in sorted(entry.keys() - {"name", "path"}):
            raise EngineError(f"{file}: plugins.providers: {key} is not supported by the embedded engine.")
        path = file.parent / str(entry["path"])
        if not path.is_dir():
            raise EngineError(f"{file}: plugins.providers: {path} is no directory.")
        found.append((str(entry["name"]), path.resolve()))
    return found


def load_stack(project: Project, stack: str, passphrase: str | None) -> StackConfig:
    """Read Pulumi.<stack>.yaml and fill in the defaults that the project declares.

    Raises `EngineError` that lists every value which is missing or has the wrong type.
    """
    file = project.directory / f"Pulumi.{stack}.yaml"
    document = _yaml(file) or {}
    _refuse_unknown(file, document, STACK_SUPPORTED)
    salt = document.get("encryptionsalt") or ""
    provider = document.get("secretsprovider") or "passphrase"
    if provider != "passphrase":
        raise EngineError(f"{file}: secretsprovider {provider!r} is not supported by the embedded engine.")
    reader = _ConfigReader(project, file, Crypter(passphrase, salt))
    reader.add_values(document.get("config") or {})
    reader.add_declarations()
    if reader.problems:
        listed = "\n".join(f"  - {problem}" for problem in reader.problems)
        raise EngineError(f"The configuration of stack {stack} cannot be used:\n{listed}")
    return StackConfig(reader.values, frozenset(reader.secret), salt)


class _ConfigReader:
    """Collects the values of a stack file and checks them against the project's declarations."""

    def __init__(self, project: Project, file: Path, crypter: Crypter) -> None:
        self._project = project
        self._file = file
        self._crypter = crypter
        self.values: dict[str, str] = {}
        self.secret: set[str] = set()
        self.problems: list[str] = []

    def add_values(self, config: Mapping[str, Any]) -> None:
        for key, value in config.items():
            name = self._qualified(str(key))
            if isinstance(value, dict) and value.keys() == {"secure"}:
                self.values[name] = self._crypter.decrypt(name, str(value["secure"]))
                self.secret.add(name)
            elif _holds_secure(value):
                self.problems.append(f"{name}: a secret inside an object is not supported; make the whole value secret")
            elif value is not None:
                self.values[name] = _text(value)

    def add_declarations(self) -> None:
        for key, declaration in self._project.declarations.items():
            name = self._qualified(str(key))
            if not isinstance(declaration, dict):
                self.values.setdefault(name, _text(declaration))
                continue
            if name not in self.values and "value" in declaration:
                self.values[name] = _text(declaration["value"])
            self._check(name, declaration)

    def _check(self, name: str, declaration: Mapping[str, Any]) -> None:
        if name.partition(":")[0] != self._project.name:
            return
        if name not in self.values and declaration.get("default") is not None:
            self.values[name] = _text(declaration["default"])
        if name not in self.values:
            wanted = declaration.get("description") or f"type {declaration.get('type', 'string')}"
            self.problems.append(f"{name} is missing in {self._file.name}: {wanted}")
        elif not _has_type(self.values[name], str(declaration.get("type", "string"))):
            shown = "[secret]" if name in self.secret else repr(self.values[name])
            self.problems.append(f"{name} is {shown}; it must be of type {declaration['type']}")

    def _qualified(self, key: str) -> str:
        return key if ":" in key else f"{self._project.name}:{key}"


def _holds_secure(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"secure"} or any(_holds_secure(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secure(item) for item in value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _has_type(text: str, type_: str) -> bool:
    if type_ == "string":
        return True
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return False
    if type_ == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"boolean": bool, "array": list, "object": dict}.get(type_, object))


def _yaml(file: Path) -> dict[str, Any] | None:
    try:
        document = yaml.load(file.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EngineError(f"{file} cannot be read: {error}") from error
    if not isinstance(document or {}, dict):
        raise EngineError(f"{file} must hold a map.")
    return document or {}


def _refuse_unknown(file: Path, document: Mapping[str, Any], supported: frozenset[str]) -> None:
    for key in sorted(document.keys() - supported):
        raise EngineError(f"{file}: {key!r} is not supported by the embedded engine.")

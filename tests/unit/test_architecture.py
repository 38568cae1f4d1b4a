"""The import table of ARCHITECTURE.md, the sizes of files and functions, and who may read the environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
OURS = {"stacks", "gateway", "pulumi_railway", "localcloud", "benchmarks", "chaos"}
PULUMI = {"pulumi", "pulumi_gcp", "pulumi_github"}

# (files, what of ours they may import, what they must never import)
TABLE: list[tuple[str, set[str], set[str]]] = [
    ("__main__.py", {"stacks"}, PULUMI),
    ("stacks/**/*.py", {"stacks", "gateway", "pulumi_railway"}, set()),
    ("gateway/*.py", {"gateway", "pulumi_railway"}, set()),
    ("gateway/acceptance/**/*.py", {"gateway.acceptance"}, PULUMI),
    ("pulumi_railway/*.py", {"pulumi_railway"}, {"pulumi_railway.plugin"}),
    ("pulumi_railway/handlers/**/*.py", {"pulumi_railway"}, PULUMI | {"pulumi_railway.plugin"}),
    ("pulumi_railway/api/**/*.py", {"pulumi_railway.api", "pulumi_railway.errors", "pulumi_railway.redaction"}, PULUMI),
    ("pulumi_railway/plugin/**/*.py", {"pulumi_railway"}, set()),
    ("localcloud/**/*.py", {"localcloud"}, set()),
    ("services/litellm-gateway/**/*.py", {"litellm_gateway"}, PULUMI),
    ("benchmarks/**/*.py", {"benchmarks", "chaos", "localcloud"}, PULUMI),
    ("chaos/**/*.py", {"chaos", "localcloud", "pulumi_railway"}, {"pulumi_gcp", "pulumi_github"}),
]
PROVIDER_CLASSES = (
    "provider",
    "environment",
    "service",
    "variables",
    "service_domain",
    "custom_domain",
    "volume",
    "deployment",
    "gate",
    "functions",
    "resource",
    "__init__",
)
ENVIRONMENT_READERS = {
    "stacks": {"settings.py"},
    "gateway": {"acceptance/settings.py"},
    "pulumi_railway": {"plugin/settings.py"},
    "services/litellm-gateway": {"litellm_gateway/settings.py"},
}


def files(pattern: str) -> list[Path]:
    return sorted(ROOT.glob(pattern))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(("pattern", "may", "never"), TABLE, ids=[row[0] for row in TABLE])
def test_imports_follow_the_table(pattern: str, may: set[str], never: set[str]) -> None:
    found = files(pattern)
    assert found, f"no file matches {pattern}: correct the table"
    for file in found:
        for name in imported(ast.parse(file.read_text())):
            where = f"{file.relative_to(ROOT)} imports {name}"
            assert not below(name, never), f"{where}, which the table forbids"
            assert not below(name, OURS) or below(name, may), f"{where}; it may import {sorted(may)} only"


def test_resource_classes_know_nothing_of_handlers_and_client() -> None:
    for name in PROVIDER_CLASSES:
        tree = ast.parse((ROOT / "pulumi_railway" / f"{name}.py").read_text())
        forbidden = {"pulumi_railway.handlers", "pulumi_railway.api", "pulumi_railway.secret_manager"}
        assert not [module for module in imported(tree) if below(module, forbidden)], name


@pytest.mark.parametrize("package", ENVIRONMENT_READERS)
def test_one_module_reads_the_environment(package: str) -> None:
    readers = {
        file.relative_to(ROOT / package).as_posix()
        for file in files(f"{package}/**/*.py")
        if "os.environ" in file.read_text() or "getenv" in file.read_text()
    }
    assert readers <= ENVIRONMENT_READERS[package]


def test_config_is_read_in_one_module() -> None:
    readers = {
        file.name for file in files("stacks/**/*.py") + files("gateway/**/*.py") if ".Config(" in file.read_text()
    }
    assert readers == {"settings.py"}


def test_nothing_asks_whether_it_is_local() -> None:
    for package in ("stacks", "gateway", "pulumi_railway"):
        for file in files(f"{package}/**/*.py"):
            conditions = [
                node.test for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.If | ast.IfExp)
            ]
            for condition in conditions:
                words = ast.unparse(condition).lower()
                found = [word for word in ("localcloud", "is_local(", "127.0.0.1") if word in words]
                assert not found, f"{file.relative_to(ROOT)}:{condition.lineno} asks where it runs: {words}"


def product_files() -> list[Path]:
    packages = (*sorted(OURS), "services/litellm-gateway/litellm_gateway")
    return [ROOT / "__main__.py", *(file for package in packages for file in files(f"{package}/**/*.py"))]


def test_files_and_functions_fit_in_a_head() -> None:
    for file in product_files():
        text = file.read_text()
        assert len(text.splitlines()) <= 400, f"{file.relative_to(ROOT)} is longer than 400 lines: split it"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                limit = 80 if node.name == "__init__" else 60
                where = f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
                assert length <= limit, f"{where} has {length} lines: split it"


def test_the_root_is_thin() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 15


@pytest.mark.parametrize("tier", ["unit", "contract", "engine", "services"])
def test_every_test_has_the_mark_of_the_tier_it_lies_in(tier: str) -> None:
    found = files(f"tests/{tier}/**/test_*.py")
    assert found
    assert [str(file) for file in found if f"\npytestmark = pytest.mark.{tier}\n" not in file.read_text()] == []

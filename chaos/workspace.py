"""The real program with a gateway that starts in a moment: what every run here deploys."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from localcloud.demo.workspace import Workspace, create

LIGHT_GATEWAY: Final = Path(__file__).parent / "light_gateway"
SERVICE: Final = "services/litellm-gateway"


def prepare(project: Path, directory: Path) -> Workspace:
    """A committed copy of `project` in `directory`, its service replaced by the light gateway."""
    copy = create(project, directory)
    service = copy.directory / SERVICE
    shutil.rmtree(service)
    shutil.copytree(LIGHT_GATEWAY, service, ignore=shutil.ignore_patterns("__pycache__"))
    copy.commit("Deploy the light gateway")
    return copy


def spoil(copy: Workspace, how: str) -> None:
    """Commit a release of the light gateway that is spoiled; the ways are listed in its source."""
    copy.change(f"{SERVICE}/gateway.py", 'SPOILED = ""', f'SPOILED = "{how}"', f"Spoil the release: {how}")


def mend(copy: Workspace, how: str) -> None:
    """Commit a good release after one that was spoiled."""
    copy.change(f"{SERVICE}/gateway.py", f'SPOILED = "{how}"', 'SPOILED = ""', "Mend the release")


def release(copy: Workspace, name: str) -> None:
    """Commit another good release of the light gateway."""
    (copy.directory / SERVICE / "RELEASE").write_text(f"{name}\n")
    copy.commit(f"Release {name}")

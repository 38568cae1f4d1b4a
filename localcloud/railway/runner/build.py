"""What of a commit is built, and by which Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.core.working_copy import WorkingCopy, WorkingCopyError
from localcloud.railway.runner.errors import StepError
from localcloud.railway.state.model import new_id

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.railway.state.model import Deployment

DOCKERFILE_VARIABLE = "RAILWAY_DOCKERFILE_PATH"


def take_snapshot(deployment: Deployment, working_copy: WorkingCopy, target: Path) -> None:
    """Write the root directory of the deployment's commit to `target`. Raises `StepError`."""
    source = deployment.captured.source
    if source.repo is None or source.commit is None:
        raise StepError(f"image {source.image} cannot be run here: this Railway builds from a repository only")
    root_directory = (deployment.captured.settings["rootDirectory"] or "").strip("/")
    try:
        working_copy.export(source.commit, root_directory, target)
    except WorkingCopyError as error:
        raise StepError(f"Could not find root directory: {error}") from error
    deployment.snapshot_id = new_id()


def dockerfile(deployment: Deployment) -> str:
    """The path of the Dockerfile, seen from the root directory, which a variable or the settings may name."""
    captured = deployment.captured
    return captured.environment.get(DOCKERFILE_VARIABLE) or captured.settings["dockerfilePath"] or "Dockerfile"

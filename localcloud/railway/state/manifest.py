"""What a deployment tells of itself: the `meta` object with the manifest of what was effective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.state.config import BUILD, DEPLOY

if TYPE_CHECKING:
    from localcloud.railway.state.model import Deployment
    from localcloud.railway.state.world import World


def meta(deployment: Deployment) -> dict[str, Any]:
    """The `meta` of a deployment; what does not apply is left out."""
    source, settings = deployment.captured.source, deployment.captured.settings
    told = {
        "repo": source.repo,
        "branch": source.branch,
        "image": source.image,
        "commitHash": source.commit,
        "commitMessage": deployment.commit_message,
        "commitAuthor": deployment.commit_author,
        "rootDirectory": settings["rootDirectory"],
        "reason": deployment.reason,
        "serviceManifest": {
            "build": {"builder": "DOCKERFILE", **{name: settings[name] for name in BUILD}},
            "deploy": {name: settings[name] for name in DEPLOY},
        },
    }
    return {name: value for name, value in told.items() if value is not None}


def public_domain(world: World, deployment: Deployment) -> str | None:
    """The service domain under which the deployment is reached."""
    instance = world.instance(deployment.service_id, deployment.environment_id)
    domain = world.domain_of(instance) if instance else None
    return domain.domain if domain else None

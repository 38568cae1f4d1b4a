"""Staged changes of an environment: collected, then committed as one, everybody's together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.config import BUILD, DEPLOY, check, merged
from localcloud.railway.state.model import Environment, Instance, Patch, Variable, Variables

if TYPE_CHECKING:
    from localcloud.railway.state.deployments import DeploymentRules
    from localcloud.railway.state.services import ServiceRules
    from localcloud.railway.state.settings import SettingRules
    from localcloud.railway.state.variables import Owner, VariableRules
    from localcloud.railway.state.world import World


class ChangeRules:
    """What may be done to staged changes. A commit takes effect a moment after its answer."""

    def __init__(
        self,
        world: World,
        services: ServiceRules,
        settings: SettingRules,
        variables: VariableRules,
        deployments: DeploymentRules,
    ) -> None:
        self._world = world
        self._services = services
        self._settings = settings
        self._variables = variables
        self._deployments = deployments

    def staged(self, environment: Environment) -> Patch:
        """What is staged; an empty patch where nothing is."""
        if environment.staged is None:
            environment.staged = Patch(environment.id)
        return environment.staged

    def stage(self, environment: Environment, change: Any, *, merge: bool) -> Patch:
        """Stage a change, on top of what is staged already with `merge`, else in its place."""
        patch = self.staged(environment)
        patch.patch = merged(patch.patch, check(change)) if merge else check(change)
        return patch

    def commit_staged(self, environment: Environment, message: str | None, *, skip_deploys: bool) -> Patch:
        """Commit all that is staged. Raises where nothing is."""
        patch = self.staged(environment)
        if not patch.patch:
            raise RailwayError("No changes to commit")
        if environment.applying is not None:
            raise RailwayError("Environment is applying changes, please try again")
        patch.status, patch.message = "APPLYING", message
        environment.staged, environment.applying = None, patch
        self._world.patches[patch.id] = patch
        self._world.timers.after(self._world.speed.step, lambda: self._apply(environment, patch, skip_deploys))
        return patch

    def commit(self, environment: Environment, change: Any, message: str | None) -> Patch:
        """Stage `change` on top of what is staged and commit it all. This always deploys."""
        if change is not None:
            self.stage(environment, change, merge=True)
        return self.commit_staged(environment, message, skip_deploys=False)

    def _apply(self, environment: Environment, patch: Patch, skip_deploys: bool) -> None:  # noqa: FBT001 - by position
        with self._world.lock:
            try:
                changed = self._write(environment, patch.patch)
                for instance in changed if not skip_deploys else []:
                    self._deployments.deploy_change(instance)
            except RailwayError as error:
                patch.last_applied_error = str(error)
            patch.status, patch.applied_at = "COMMITTED", now()
            environment.applying = None

    def _write(self, environment: Environment, patch: dict[str, Any]) -> list[Instance]:
        if "sharedVariables" in patch:
            self._put_variables(environment, patch["sharedVariables"])
        changed = []
        for service_id, part in patch.get("services", {}).items():
            instance = self._world.instance(service_id, environment.id)
            if instance is None:
                raise RailwayError("ServiceInstance not found")
            if part.get("isDeleted"):
                self._services.delete(self._world.services[service_id])
                continue
            self._write_service(instance, part)
            changed.append(instance)
        return changed

    def _write_service(self, instance: Instance, part: dict[str, Any]) -> None:
        build, deploy, source = part.get("build", {}), part.get("deploy", {}), part.get("source", {})
        names = {name: build[name] for name in ("builder", *BUILD) if name in build}
        names |= {name: deploy[name] for name in DEPLOY if name in deploy}
        names |= {"rootDirectory": source["rootDirectory"]} if "rootDirectory" in source else {}
        names |= {"railwayConfigFile": part["configFile"]} if "configFile" in part else {}
        self._settings.update(instance, names)
        fields = {"repo": "repo", "branch": "branch", "image": "image", "commitSha": "commit"}
        instance.source = replace(
            instance.source, **{own: source[theirs] for theirs, own in fields.items() if theirs in source}
        )
        self._put_variables(instance, part.get("variables", {}))

    def _put_variables(self, owner: Owner, changes: dict[str, Any]) -> None:
        variables: Variables = dict(owner.variables.current)
        for name, change in changes.items():
            if change is None:
                variables.pop(name, None)
                continue
            sealed = bool(change.get("isSealed")) or (name in variables and variables[name].is_sealed)
            variables[name] = Variable(name, change["value"], is_sealed=sealed)
        self._variables.put(owner, variables)

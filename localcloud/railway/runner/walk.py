"""The life of one deployment, from QUEUED to its end, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.railway.runner.build import dockerfile, take_snapshot
from localcloud.railway.runner.container import Container, environment
from localcloud.railway.runner.errors import HaltedError, StepError
from localcloud.railway.runner.health import DEFAULT_TIMEOUT, probe
from localcloud.railway.runner.image import ImageBuilder
from localcloud.railway.runner.journal import Journal
from localcloud.railway.runner.orders import Order, Orders
from localcloud.railway.runner.passage import Passage
from localcloud.railway.runner.process import Process
from localcloud.railway.state.deployments import go_live
from localcloud.railway.state.model import Deployment, Event, Image, Status

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.core.working_copy import WorkingCopy
    from localcloud.railway.runner.environment import Environments
    from localcloud.railway.state.world import World

_BEFORE_QUEUE = frozenset({Status.WAITING, Status.NEEDS_APPROVAL, Status.SKIPPED})
_PROBE_SECONDS = 0.1
_TICK = 0.03


@dataclass(frozen=True)
class Workshop:
    """What deployments are built and run with; `directory` gets one for each of them, `remove` takes one out."""

    world: World
    working_copy: WorkingCopy
    environments: Environments
    directory: Path
    model_endpoints: Mapping[str, str]
    remove: Callable[[Deployment], None]


class Walk:
    """A deployment that goes its way. Constructing it starts the thread."""

    def __init__(self, workshop: Workshop, deployment: Deployment) -> None:
        self._workshop = workshop
        self._world = workshop.world
        self._deployment = deployment
        self._settings = deployment.captured.settings
        self._journal = Journal(workshop.world, deployment)
        self._orders = Orders()
        self._container: Container | None = None
        self._passage: Passage | None = None
        self._started: Event | None = None
        self._restarts = 0
        self._thread = threading.Thread(target=self._run, name=f"deployment-{deployment.id[:8]}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it takes no orders any more."""
        return not self._thread.is_alive()

    def order(self, order: Order) -> None:
        """Give an order; it is carried out a little later."""
        self._orders.give(order)

    def release(self) -> None:
        """Let it go on where it is held."""
        self._orders.release()

    def join(self) -> None:
        """Wait for the end of the thread."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._deploy()
            self._keep()
        except StepError as error:
            self._close()
            self._journal.enter(error.status)
        except OSError as error:  # a full disk, no free port
            self._journal.say(f"this machine failed: {error}", "error")
            self._close()
            self._journal.enter(Status.FAILED)
        except HaltedError:
            self._retire()
        finally:
            self._close()

    def _deploy(self) -> None:
        deployment = self._deployment
        if deployment.hold in _BEFORE_QUEUE:
            self._reach(deployment.hold)
        self._reach(Status.QUEUED)
        self._reach(Status.INITIALIZING)
        if deployment.image is None:
            deployment.image = self._build()
        self._reach(Status.DEPLOYING)
        self._before_deploy(deployment.image)
        self._start(deployment.image)
        self._await_health()
        self._go_live()

    def _reach(self, status: Status) -> None:
        self._orders.check()
        self._journal.enter(status)
        if status is Status.SKIPPED:
            raise StepError("No changes to watched files", Status.SKIPPED)
        self._orders.pause(self._world.speed.step)
        if self._deployment.hold is status:
            self._orders.hold()

    def _build(self) -> Image:
        directory = self._workshop.directory / self._deployment.id
        with self._journal.step("SNAPSHOT_CODE"):
            take_snapshot(self._deployment, self._workshop.working_copy, directory / "source")
        self._reach(Status.BUILDING)
        with self._journal.step("BUILD_IMAGE"):
            self._fail_as_told()
            builder = ImageBuilder(
                directory / "source",
                directory / "root",
                self._workshop.environments,
                self._journal.say,
                self._orders.check,
            )
            image = builder.build(dockerfile(self._deployment))
        with self._journal.step("PUBLISH_IMAGE"):
            self._orders.check()
        return image

    def _fail_as_told(self) -> None:
        with self._world.lock:
            lines, self._world.behaviour.build_failure = self._world.behaviour.build_failure, []
        for line in lines:
            self._journal.say(line)
        if lines:
            raise StepError(f"the build failed: {lines[-1]}")

    def _before_deploy(self, image: Image) -> None:
        command = self._settings["preDeployCommand"]
        if not command:
            return
        with self._journal.step("PRE_DEPLOY_COMMAND"):
            process = Process(
                ["sh", "-c", " && ".join(command)],
                image.working_directory,
                environment(self._deployment, image, self._workshop.model_endpoints),
                lambda _, line: self._journal.say(line),
            )
            try:
                while process.wait(_TICK) is None:
                    self._orders.check()
            finally:
                status = process.close()
            if status:
                raise StepError(f"the pre-deploy command ended with exit status {status}")

    def _start(self, image: Image) -> None:
        most = self._most_restarts()
        payload = {"attempt": self._restarts + 1, "maxAttempts": None if most is None else most + 1}
        with self._journal.step("CREATE_CONTAINER", **payload) as self._started:
            try:
                self._container = Container(self._deployment, image, self._workshop.model_endpoints)
            except ValueError as error:  # an open quote in the start command, a null byte in a variable
                raise StepError(f"the process cannot be started: {error}") from error
        self._open_passage(self._container.port)
        self._journal.instance("RUNNING", self._container.port)

    def _open_passage(self, port: int) -> None:
        """Let siblings reach it in the private network, where it says by PORT on which port."""
        variables = self._deployment.captured.environment
        address, declared = variables["RAILWAY_PRIVATE_DOMAIN"], variables.get("PORT", "")
        if not declared.isdecimal():
            return
        try:
            self._passage = Passage((address, int(declared)), port)
        except (OSError, OverflowError) as error:
            self._journal.say(f"{address}:{declared} cannot be reached by other services here: {error}", "warn")

    def _await_health(self) -> None:
        path = self._settings["healthcheckPath"]
        if not path:
            self._orders.pause(self._world.speed.step)
            return
        timeout = self._settings["healthcheckTimeout"] or DEFAULT_TIMEOUT
        deadline = time.monotonic() + timeout * self._world.speed.timeout_scale
        with self._journal.step("HEALTHCHECK") as event:
            while (problem := self._unhealthy(path)) is not None:
                attempt = event.payload.get("attempt", 0) + 1
                event.payload = {**event.payload, "attempt": attempt, "reason": problem}
                if time.monotonic() >= deadline:
                    raise StepError(
                        f"{path} never answered 200 within {timeout} s; the last of {attempt} tries: {problem}"
                    )
                self._orders.pause(_PROBE_SECONDS)

    def _unhealthy(self, path: str) -> str | None:
        self._orders.check()
        if self._container is None:
            raise HaltedError
        status = self._container.poll()
        if status is None:
            return probe(self._container.port, path)
        if not self._revive(status):
            raise StepError(f"the process ended with exit status {status} before it was healthy", Status.CRASHED)
        return f"the process ended with exit status {status}"

    def _go_live(self) -> None:
        with self._journal.step("CONFIGURE_NETWORK"):
            self._orders.pause(self._world.speed.step)
            with self._world.lock:
                self._orders.check()
                replaced = go_live(self._world, self._deployment)
                if replaced is None:
                    raise HaltedError
                self._journal.enter(Status.SUCCESS)
        for older in replaced:
            self._workshop.remove(older)
        if self._deployment.hold is Status.SLEEPING:
            self._journal.enter(Status.SLEEPING)

    def _keep(self) -> None:
        """Watch the process and carry out orders until the deployment is taken out."""
        while True:
            match self._orders.take():
                case "remove" | "abort":
                    raise HaltedError
                case "stop":
                    self._close()
                    self._journal.instance("STOPPED")
                case "restart":
                    self._close()
                    self._restart()
            status = self._container.poll() if self._container else None
            if status is not None and not self._revive(status):
                self._journal.instance("EXITED" if status == 0 else "CRASHED")
                if status:
                    self._journal.enter(Status.CRASHED)

    def _restart(self) -> None:
        if self._deployment.image is not None:
            self._restarts = 0
            self._start(self._deployment.image)
            self._journal.enter(Status.SUCCESS)

    def _revive(self, status: int) -> bool:
        """Start a process again that has ended, where the restart policy says so."""
        self._close()
        if self._started is not None:
            self._started.payload = {**self._started.payload, "error": f"the process ended with exit status {status}"}
        most = self._most_restarts()
        spent = most is not None and self._restarts >= most
        done = status == 0 and self._settings["restartPolicyType"] != "ALWAYS"
        if spent or done or self._deployment.image is None:
            return False
        self._restarts += 1
        self._journal.instance("RESTARTING")
        self._orders.pause(self._world.speed.step)
        self._start(self._deployment.image)
        return True

    def _most_restarts(self) -> int | None:
        """How often the process may be started again; None for no limit."""
        most: dict[str, int | None] = {"ALWAYS": None, "NEVER": 0}
        return most.get(self._settings["restartPolicyType"], self._settings["restartPolicyMaxRetries"])

    def _retire(self) -> None:
        """Take it out: stop serving, let the process drain, and end as REMOVED."""
        if self._container is not None and not self._orders.aborted:
            self._journal.enter(Status.REMOVING)
            replaced = self._stop_serving()
            with self._journal.step("DRAIN_INSTANCES"):
                self._orders.linger((self._settings["overlapSeconds"] or 0) if replaced else 0)
                self._drain(self._container, self._settings["drainingSeconds"] or 0)
        self._close()
        self._journal.instance("REMOVED")
        self._journal.enter(Status.REMOVED)

    def _stop_serving(self) -> bool:
        """Whether another deployment serves already; if none does, none serves from now on."""
        with self._world.lock:
            instance = self._world.instance(self._deployment.service_id, self._deployment.environment_id)
            if instance is None:
                return False
            if instance.serving == self._deployment.id:
                instance.serving = None
            return instance.serving is not None

    def _drain(self, container: Container, seconds: float) -> None:
        container.terminate()
        deadline = time.monotonic() + seconds
        while container.poll() is None and time.monotonic() < deadline and not self._orders.aborted:
            self._orders.linger(_TICK)

    def _close(self) -> None:
        passage, self._passage = self._passage, None
        if passage is not None:
            passage.close()
        container, self._container = self._container, None
        if container is not None:
            self._journal.instance("EXITED")
            container.close()

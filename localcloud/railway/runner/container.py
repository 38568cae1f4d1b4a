"""The running process of a deployment."""

from __future__ import annotations

import random
import shlex
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from localcloud.core.server import LOOPBACK
from localcloud.railway.runner.logs import parsed
from localcloud.railway.runner.process import Process, Stream

if TYPE_CHECKING:
    from localcloud.railway.state.model import Deployment, Image

_PORTS = range(20000, 30000)  # below the ports that systems hand out by themselves


class Container:
    """One process of a deployment, listening on `port` if it does as PORT says. Constructing it starts it."""

    def __init__(self, deployment: Deployment, image: Image, model_endpoints: Mapping[str, str]) -> None:
        self._deployment = deployment
        self.port = free_port()
        self._process = Process(
            _command(deployment, image),
            image.working_directory,
            environment(deployment, image, model_endpoints) | {"PORT": str(self.port), "HOST": LOOPBACK},
            self._keep,
        )

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def close(self) -> int:
        """Kill what is left and return the exit status."""
        return self._process.close()

    def _keep(self, stream: Stream, line: str) -> None:
        self._deployment.deploy_logs.append(parsed(stream, line))


def environment(deployment: Deployment, image: Image, model_endpoints: Mapping[str, str]) -> dict[str, str]:
    """What every process of the deployment finds in its environment, PORT and HOST apart."""
    names = {"RAILWAY_SNAPSHOT_ID": deployment.snapshot_id or ""}
    return {**image.environment, **deployment.captured.environment, **names, **model_endpoints}


def free_port() -> int:
    """A port of this machine that nothing listens on. Raises OSError where there is none."""
    for port in random.sample(_PORTS, 100):
        try:
            with socket.create_server((LOOPBACK, port)):
                return port
        except OSError:
            continue
    raise OSError(f"no free port among {_PORTS.start} to {_PORTS.stop - 1}")


def _command(deployment: Deployment, image: Image) -> list[str]:
    start = deployment.captured.settings["startCommand"]
    return shlex.split(start) if start else list(image.command)

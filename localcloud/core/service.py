"""What the control API and the local cloud ask of the Railway service beside its own API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import ASGIApp


class RailwayService(Protocol):
    """Railway as the local cloud drives it. What names something that is not there raises `KeyError`."""

    @property
    def app(self) -> ASGIApp:
        """What answers the GraphQL API."""

    def deployments(self) -> list[dict[str, Any]]:
        """Every deployment, oldest first: id, serviceId, status, commit, createdAt. No variable's value."""

    def state(self) -> dict[str, Any]:
        """What exists: services, their domains and the names of their variables. No variable's value."""

    def edit_variable(self, service: str, name: str, value: str | None) -> None:
        """Set a variable as somebody does in the dashboard, None deletes it."""

    def edit_setting(self, service: str, name: str, value: Any) -> None:
        """Set one setting of an instance as somebody does in the dashboard."""

    def delete_service(self, service: str) -> None:
        """Delete a service as somebody does in the dashboard."""

    def set_dns(self, name: str, record_type: str, value: str | None) -> None:
        """Let the world's name servers say this, None takes the record away."""

    def push(self) -> list[str]:
        """A push to the branch; the ids of the deployments it started."""

    def release(self, deployment_id: str) -> None:
        """Let a deployment go on that was told to stop at a status."""

    def plant_log(self, deployment_id: str, line: str, *, build: bool = False) -> None:
        """Add a line to a log of a deployment."""

    def seed(self, document: Mapping[str, Any]) -> None:
        """Add what a test needs to be there. Raises `ValueError` for what it does not know."""

    def reset(self) -> None:
        """Back to the first state: no service; every process of a deployment has ended."""

    def stop(self) -> None:
        """End everything that was started."""

"""What the control API and the local cloud ask of the Railway service beside its own API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import ASGIApp


class RailwayService(Protocol):
    """Railway as the local cloud drives it."""

    @property
    def app(self) -> ASGIApp:
        """What answers the GraphQL API."""

    def deployments(self) -> list[dict[str, Any]]:
        """Every deployment, oldest first: id, serviceId, status, commit, createdAt. No variable's value."""

    def state(self) -> dict[str, Any]:
        """What exists: services, their domains and the names of their variables. No variable's value."""

    def edit_variable(self, service: str, name: str, value: str | None) -> None:
        """Set a variable as somebody does in the dashboard, None deletes it. Raises `KeyError` for no such service."""

    def seed(self, document: Mapping[str, Any]) -> None:
        """Add what a test needs to be there, such as a service of somebody else."""

    def reset(self) -> None:
        """Back to the first state: no service; every process of a deployment has ended."""

    def stop(self) -> None:
        """End everything that was started."""

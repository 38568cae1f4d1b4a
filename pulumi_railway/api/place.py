"""Where a service is: the three ids that most operations take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A service in one environment of a project, by their ids."""

    project_id: str
    environment_id: str
    service_id: str

    def ids(self) -> dict[str, str]:
        """The ids under Railway's names."""
        return {"projectId": self.project_id, **self.instance_ids()}

    def instance_ids(self) -> dict[str, str]:
        """The ids under Railway's names, for operations that want no project."""
        return {"environmentId": self.environment_id, "serviceId": self.service_id}

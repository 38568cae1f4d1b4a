"""Secret Manager references: `projects/P/secrets/S/versions/N`, and the commands that mend what they point at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

FORM: Final = "projects/P/secrets/S/versions/N"

_PATTERN: Final = re.compile(
    r"projects/(?P<project>[^/\s]+)/secrets/(?P<secret>[A-Za-z0-9_-]{1,255})(/versions/(?P<version>[a-z0-9_-]+))?"
)


@dataclass(frozen=True)
class Reference:
    """A parsed reference; `version` is a number in text, `latest` or another alias, or empty where none is named."""

    project: str
    secret: str
    version: str

    @property
    def name(self) -> str:
        """The resource name of the version; where none is named, of the latest."""
        return f"{self.secret_name}/versions/{self.version or 'latest'}"

    @property
    def secret_name(self) -> str:
        """The resource name of the secret itself."""
        return f"projects/{self.project}/secrets/{self.secret}"

    @property
    def pinned(self) -> bool:
        """Whether it names one version for good."""
        return self.version.isdigit()

    def __str__(self) -> str:
        """For people: the secret and its version."""
        return f"secret {self.secret} version {self.version or 'latest'} in project {self.project}"

    def create_command(self) -> str:
        """Makes the secret."""
        return f"gcloud secrets create {self.secret} --project={self.project} --replication-policy=automatic"

    def add_command(self) -> str:
        """Adds a version; the value is typed or piped in, without a newline at its end."""
        return f"gcloud secrets versions add {self.secret} --project={self.project} --data-file=-"

    def enable_command(self) -> str:
        """Makes a disabled version usable."""
        return f"gcloud secrets versions enable {self.version} --secret={self.secret} --project={self.project}"

    def list_command(self) -> str:
        """Shows the versions there are."""
        return f"gcloud secrets versions list {self.secret} --project={self.project}"

    def grant_command(self, role: str) -> str:
        """Lets somebody read it."""
        place = f"{self.secret} --project={self.project}"
        return f"gcloud secrets add-iam-policy-binding {place} --role={role} --member=MEMBER"


def parse(reference: str) -> Reference | None:
    """The parts of a reference, None where it is none; the version may be absent."""
    found = _PATTERN.fullmatch(reference)
    return Reference(found["project"], found["secret"], found["version"] or "") if found else None

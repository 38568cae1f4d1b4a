"""Railway's tokens: their kinds, headers, and the cheapest read that proves each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from pulumi_railway.api.documents import query
from pulumi_railway.api.errors import TokenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.documents import Document

Kind = Literal["project", "bearer"]

PROJECT_TOKEN: Final = query(
    "projectToken",
    "query projectToken { projectToken { name projectId environmentId } }",
)
API_TOKEN: Final = query("apiToken", "query apiToken { apiToken { workspaces { id name } } }")

PROOF: Final[Mapping[Kind, Document]] = {"project": PROJECT_TOKEN, "bearer": API_TOKEN}
"""A token of each kind is good exactly when this read of it succeeds."""

DESCRIPTION: Final[Mapping[Kind, str]] = {
    "project": "a project token (RAILWAY_TOKEN, header Project-Access-Token)",
    "bearer": "an account or workspace token (RAILWAY_API_TOKEN, header Authorization: Bearer)",
}


_CARRIED: Final = re.compile("[!-~]+")


@dataclass(frozen=True)
class Credentials:
    """A token and its kind; `None` where only a probe can tell."""

    token: str = field(repr=False)
    kind: Kind | None = None


def headers(token: str, kind: Kind) -> Mapping[str, str]:
    """The header that carries a token of this kind. Raises `TokenError` for what no header can carry."""
    if not _CARRIED.fullmatch(token):
        flaw = "with a space, an end of line or a character that is not ASCII in it, so nothing was sent"
        raise TokenError("token", f"this is no token: {DESCRIPTION[kind]} {flaw}", remedy="Set it again, without that.")
    return {"Project-Access-Token": token} if kind == "project" else {"Authorization": f"Bearer {token}"}


def scope(kind: Kind, proof: Answer) -> str:
    """What a proved token reaches, for people."""
    if kind == "project":
        return f"project {proof['projectId'].text()}, environment {proof['environmentId'].text()}"
    names = [workspace["name"].text() for workspace in proof["workspaces"].items()]
    return f"workspace {', '.join(names)}" if names else "no workspace"

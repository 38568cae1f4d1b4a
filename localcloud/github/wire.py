"""Resources as the API's JSON has them; only fields that the emulator can answer truly."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from localcloud.core.working_copy import Commit
from localcloud.github.store import RepositoryStore, Variable


def account_json(login: str, kind: str) -> dict[str, Any]:
    """A user or an organisation; `kind` is "User" or "Organization"."""
    return {"login": login, "id": zlib.crc32(login.lower().encode()), "type": kind, "site_admin": False}


def repository_json(store: RepositoryStore) -> dict[str, Any]:
    """The repository."""
    return {
        "id": store.id,
        "name": store.name,
        "full_name": f"{store.owner}/{store.name}",
        "owner": account_json(store.owner, "Organization"),
        "private": True,
        "visibility": "private",
        "fork": False,
        "archived": False,
        "disabled": False,
        "default_branch": store.branch,
        "html_url": f"https://github.com/{store.owner}/{store.name}",
    }


def variable_json(variable: Variable) -> dict[str, Any]:
    """A repository variable."""
    return {
        "name": variable.name,
        "value": variable.value,
        "created_at": _time(variable.created),
        "updated_at": _time(variable.updated),
    }


def commit_json(commit: Commit) -> dict[str, Any]:
    """A commit as `repos/…/commits` answers it."""
    person = {"name": commit.author, "email": commit.email, "date": _time(commit.date)}
    return {
        "sha": commit.sha,
        "commit": {
            "author": person,
            "committer": person,
            "message": commit.message,
            "tree": {"sha": commit.tree},
        },
        "parents": [{"sha": parent} for parent in commit.parents],
    }


def git_commit_json(commit: Commit) -> dict[str, Any]:
    """A commit as `repos/…/git/commits` answers it."""
    answer = commit_json(commit)
    return {"sha": answer["sha"], **answer["commit"], "parents": answer["parents"]}


def branch_json(store: RepositoryStore, commit: Commit) -> dict[str, Any]:
    """The default branch, whose head is the commit that is deployed."""
    return {"name": store.branch, "commit": commit_json(commit), "protected": False}


def reference_json(store: RepositoryStore, sha: str) -> dict[str, Any]:
    """The git reference of the default branch."""
    return {"ref": f"refs/heads/{store.branch}", "object": {"type": "commit", "sha": sha}}


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

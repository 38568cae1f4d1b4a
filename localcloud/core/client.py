"""The environment in which a client runs against a local cloud."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from localcloud.core.credentials import Identity, Keyring, variables
from localcloud.core.endpoints import Endpoints

STAND_INS = Path(__file__).parent.parent / "plugins" / "bin"
VENDORS = ("gcp", "github")
LOOPBACK_NAMES = ("127.0.0.1", "localhost")

# Credentials and settings of real accounts that would win over the local ones, or get mixed with them.
REAL_ACCOUNTS = (
    "RAILWAY_API_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
    "GITHUB_APP_ID",
    "GITHUB_APP_INSTALLATION_ID",
    "GITHUB_APP_PEM_FILE",
    "GITHUB_OWNER",
)


def additions(
    endpoints: Endpoints, keyring: Keyring, identity: Identity, commit: str, base: Mapping[str, str]
) -> dict[str, str]:
    """What to set on top of the environment `base`: endpoints, credentials, no proxy for loopback, stand-in plugins."""
    no_proxy = [*filter(None, [base.get("NO_PROXY") or base.get("no_proxy", "")]), *LOOPBACK_NAMES]
    return {
        **variables(asdict(endpoints), keyring.get(identity), keyring.bundle, commit),
        "NO_PROXY": ",".join(no_proxy),
        "no_proxy": ",".join(no_proxy),
        "PATH": search_path(base, Path(keyring.bundle).parent / "plugins"),
    }


def search_path(base: Mapping[str, str], links: Path) -> str:
    """PATH of `base` with the stand-in plugins behind it, but only for vendors whose real plugin is not installed.

    Where some are and some are not, the directory `links` gets links to the stand-ins that are needed.
    """
    path = base.get("PATH", os.defpath)
    missing = [vendor for vendor in VENDORS if not _is_installed(vendor, path, base)]
    if not missing:
        return path
    if len(missing) == len(VENDORS):
        return os.pathsep.join((path, str(STAND_INS)))
    links.mkdir(parents=True, exist_ok=True)
    for vendor in missing:
        link = links / _executable(vendor)
        if not link.is_symlink():
            link.symlink_to(STAND_INS / link.name)
    return os.pathsep.join((path, str(links)))


def _is_installed(vendor: str, path: str, base: Mapping[str, str]) -> bool:
    directories = [entry for entry in path.split(os.pathsep) if Path(entry).resolve() != STAND_INS]
    if shutil.which(_executable(vendor), path=os.pathsep.join(directories)):
        return True
    home = Path(base.get("PULUMI_HOME") or Path.home() / ".pulumi")
    plugin = home / "plugins" / f"resource-{vendor}-v{importlib.metadata.version(f'pulumi-{vendor}')}"
    return (plugin / _executable(vendor)).is_file() and not plugin.with_name(f"{plugin.name}.partial").exists()


def _executable(vendor: str) -> str:
    return f"pulumi-resource-{vendor}"


def merged(base: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """`base` with `added`, and without what belongs to real accounts."""
    return {**{name: value for name, value in base.items() if name not in REAL_ACCOUNTS}, **added}

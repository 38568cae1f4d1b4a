"""What the repository publishes of the gateway now: it tells a variable of a run that was cut off from others."""

from __future__ import annotations

import pulumi
from pulumi_github.get_actions_variables import get_actions_variables


def value(repository: str, variable: str) -> str | None:
    """What the Actions variable of a repository (owner/name) holds; None where there is none, or GitHub does not tell.

    What hinders this read hinders the write as well, and is told there.
    """
    try:
        found = get_actions_variables(full_name=repository)
    except Exception as error:  # noqa: BLE001 - the SDK raises bare Exception for a failed invoke
        pulumi.log.debug(f"{variable} of {repository}: {error}")
        return None
    return next((each.value for each in found.variables or () if each.name == variable.upper()), None)

"""The acts of the demo, in the order they are played. Each is one function that takes the stage and states claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from localcloud.demo.acts import clients, deploy, faults, gateway, leave, rotation
from localcloud.demo.stage import Stage

Act = Callable[[Stage], None]

ACTS: Sequence[tuple[str, Act]] = (
    ("A client is given a cent a day", clients.invite),
    ("Preview, as a pull request runs it", deploy.preview),
    ("Two replicas", clients.replicas),
    ("Up: one verified deployment, then the URL is published", deploy.up),
    ("The plan's contract, through the published URL", gateway.contract),
    ("The client's cent", clients.budget),
    ("Claude is refused upstream", gateway.fallback),
    ("Up again: nothing to do", deploy.again),
    ("A secret is rotated", rotation.rotate),
    ("Somebody edits a variable by hand", rotation.drift),
    ("A release that fails its gate", faults.bad_release),
    ("Destroy", leave.destroy),
    ("What was left behind", leave.secrets),
)

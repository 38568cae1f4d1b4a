"""The private network: each service has an address of its own on the loopback network, in each environment another."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.railway.state.model import Instance


def address(instance: Instance) -> str:
    """An address of 127.0.0.0/8 that hardly any other instance has. No name server of this machine knows the names."""
    first, second, third = hashlib.sha256(f"{instance.service_id}/{instance.environment_id}".encode()).digest()[:3]
    return f"127.{1 + first % 254}.{second}.{1 + third % 254}"

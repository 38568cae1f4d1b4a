"""The messages of Pulumi's provider protocol: the SDK's generated modules without the SDK around them.

Importing them as `pulumi.runtime.proto` imports all of `pulumi` first, which takes more than half of a plugin's start.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
    )

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
]


def _generated_modules() -> str:
    sdk = importlib.util.find_spec("pulumi")
    if sdk is None or sdk.origin is None:
        raise ModuleNotFoundError("No module named 'pulumi'", name="pulumi")
    return str(Path(sdk.origin).parent / "runtime" / "proto")


__path__ = [_generated_modules()]

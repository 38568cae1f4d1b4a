"""Pulumi's plugin protocol, without the SDK around it.

Importing the generated modules runs `pulumi/__init__` first, which costs a quarter of a second in every plugin
process and is needed by none. Here the packages above them are made empty, for this process only.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path


def _make_empty(name: str, directory: Path) -> None:
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = [str(directory)]
        sys.modules[name] = module


_found = importlib.util.find_spec("pulumi")
if _found is None or not _found.submodule_search_locations:
    raise ImportError("The Pulumi SDK is not installed beside the stand-in plugins.")
_root = Path(_found.submodule_search_locations[0])
_make_empty("pulumi", _root)
_make_empty("pulumi.runtime", _root / "runtime")
_make_empty("pulumi.runtime.proto", _root / "runtime" / "proto")

from pulumi.runtime.proto import (  # noqa: E402 - after the packages above
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)

__all__ = ["plugin_pb2", "provider_pb2", "provider_pb2_grpc"]

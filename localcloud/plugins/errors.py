"""What a stand-in can fail with: a gRPC status by name, and one line for the user."""

from __future__ import annotations

from collections.abc import Iterable


class PluginError(Exception):
    """A call cannot be served. `code` is the name of a gRPC status."""

    def __init__(self, message: str, code: str = "FAILED_PRECONDITION") -> None:
        super().__init__(message)
        self.code = code


class InputError(PluginError):
    """Inputs are wrong; `failures` are (property, reason)."""

    def __init__(self, failures: Iterable[tuple[str, str]]) -> None:
        self.failures = list(failures)
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in self.failures), "INVALID_ARGUMENT")


def not_covered(what: str, package: str) -> PluginError:
    """The error for whatever the vendor's plugin does and the stand-in does not."""
    return PluginError(
        f"{what} is not covered by the stand-in for {package}: install the vendor's plugin "
        f"(pulumi plugin install resource {package}).",
        "UNIMPLEMENTED",
    )

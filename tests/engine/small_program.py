"""What the small programs of tests share: how the engine runs them, with a list of packages that costs the CLI nothing.

The CLI lists a program's packages before each run. Asked of pip that takes more than all the rest; uv has a lock file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_RUNTIME: Final = f"""\
runtime:
  name: python
  options:
    toolchain: uv
    virtualenv: {sys.prefix}
"""


def prepare(directory: Path, name: str, more: str = "") -> None:
    """Write the project of that name into `directory`; `more` is what else stands in Pulumi.yaml."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "Pulumi.yaml").write_text(f"name: {name}\n{_RUNTIME}{more}")
    (directory / "uv.lock").write_text("version = 1\n")


def with_uv(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment with uv on its PATH."""
    return {**environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])}

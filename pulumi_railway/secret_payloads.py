"""What is wrong with the content of a secret, told by kind and never by value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_BOM: Final = "\ufeff"

_PLACEHOLDER: Final = re.compile(
    r"""
    (sk-(ant-|proj-)?|AIza)?( x{3,} | \*{3,} | \.{3,} | change[-_ ]?me.* | replace[-_ ]?me.*
          | your([-_ ]|api|secret|key|token).* | insert[-_ ].* | placeholder | dummy
          | todo | tbd | none | null | undefined | example )
    | sk-1234\d*
    | <.*> | \$\{.*\} | \{\{.*\}\} | %.*%
    """,
    re.IGNORECASE | re.VERBOSE,
)

_SPACED_KEY: Final = re.compile(r"(?:sk-|AIza)\S*[^\S\r\n]")
"""Other secrets may hold spaces: passphrases, lists."""

_FLAWS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("is empty", lambda text: not text.strip().strip(_BOM)),
    ("starts with a byte-order mark", lambda text: text.startswith(_BOM)),
    ("contains a newline", lambda text: "\n" in text or "\r" in text),
    ("starts or ends with a space", lambda text: bool(text.strip()) and text.strip(" \t") != text),
    ("is a key with a space in it", lambda text: bool(_SPACED_KEY.match(text.strip()))),
    ("is a placeholder", lambda text: bool(_PLACEHOLDER.fullmatch(text.strip()))),
    ("contains ${{, which Railway would replace", lambda text: "${{" in text),
    ("contains a control character", lambda text: any(ord(c) < ord(" ") and c not in "\r\n\t" for c in text)),
)


def flaws(payload: bytes, prefix: str = "") -> list[str]:
    """What makes this payload unusable as an environment variable, e.g. `contains a newline`; empty where sound.

    `prefix` is what it has to start with.
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return ["is not UTF-8 text"]
    found = [kind for kind, present in _FLAWS if present(text)]
    if "is empty" in found:
        return ["is empty"]
    return found if text.strip(f"{_BOM} \t\r\n").startswith(prefix) else [*found, f"does not start with {prefix}"]


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum that Secret Manager sends with a payload (RFC 3720, appendix B.4)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF

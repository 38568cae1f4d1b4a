"""Elements of a page. Every text and every attribute is escaped here, so nothing else has to think of it."""

from __future__ import annotations

import html
from typing import Final

_VOID: Final = frozenset({"meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Html:
    """An element. A trailing underscore of an attribute's name is dropped, others become hyphens."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(text)}"' for key, text in attributes.items())
    inner = "".join(child if isinstance(child, Html) else html.escape(child) for child in children)
    return Html(f"<{name}{given}>" if name in _VOID else f"<{name}{given}>{inner}</{name}>")


def join(*elements: Html) -> Html:
    """Elements after each other."""
    return Html("".join(elements))

"""The evidence of a demo as JSON, Markdown and one HTML page without outside assets."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;"
    "border-bottom:1px solid #ddd;overflow-wrap:anywhere}.no{color:#b00020;font-weight:600}.yes{color:#1b6e2f}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}td,th{border-color:#444}.yes{color:#7ad18f}}"
)


def write(directory: Path, document: dict[str, Any]) -> list[Path]:
    """Write evidence.json, .md and .html below `directory`; returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    texts = {
        "json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        "md": markdown(document),
        "html": page(document),
    }
    files = []
    for ending, text in texts.items():
        file = directory / f"evidence.{ending}"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


def markdown(document: dict[str, Any]) -> str:
    """A table of claims for people who read text."""
    lines = [f"# {document['summary']}", "", f"Engine: {document['engine']}. Commit: {document['commit']}.", ""]
    lines += ["| act | claim | shown | seen | s |", "| --- | --- | --- | --- | --- |"]
    for claim in document["claims"]:
        cells = (claim["act"], claim["text"], "yes" if claim["shown"] else "**no**", claim["seen"], claim["seconds"])
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def page(document: dict[str, Any]) -> str:
    """The same table as a page that stands alone."""
    rows = "".join(_row(claim) for claim in document["claims"])
    summary = html.escape(document["summary"])
    about = html.escape(f"Engine: {document['engine']}. Commit: {document['commit']}.")
    meta = "<meta charset=utf-8><meta name=viewport content='width=device-width'>"
    head = f"{meta}<title>{summary}</title><style>{STYLE}</style>"
    table = f"<table><tr><th>act<th>claim<th>shown<th>seen<th>s</tr>{rows}</table>"
    return f"<!doctype html><html lang=en>{head}<h1>{summary}</h1><p>{about}</p>{table}</html>\n"


def _row(claim: dict[str, Any]) -> str:
    verdict = "<td class=yes>yes" if claim["shown"] else "<td class=no>no"
    act, text, seen = (html.escape(str(claim[key])) for key in ("act", "text", "seen"))
    return f"<tr><td>{act}<td>{text}{verdict}<td>{seen}<td>{claim['seconds']}</tr>"

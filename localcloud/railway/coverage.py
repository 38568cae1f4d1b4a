"""Lists what of Railway's API is emulated: `python -m localcloud.railway.coverage` writes COVERAGE.md."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.core.faults import DOES
from localcloud.railway.behaviour import Behaviour
from localcloud.railway.schema import load

if TYPE_CHECKING:
    from graphql import GraphQLObjectType, GraphQLSchema

FILE = Path(__file__).with_name("COVERAGE.md")
_HEAD = """# What of Railway's API is emulated

Made by `python -m localcloud.railway.coverage`. Any other operation, field or argument is a validation error.
"""
_GRADES = "Evidence that Railway does so: D its documentation, F a report from the field, – none or not graded."


def document() -> str:
    """The page in Markdown: operations, object types, switches and faults."""
    schema = load()
    roots = (("Queries", schema.query_type), ("Mutations", schema.mutation_type))
    parts = [_HEAD, *(_operations(title, root) for title, root in roots if root), _types(schema)]
    return "\n".join([*parts, _behaviours(), _faults()])


def _behaviours() -> str:
    rows = ["## Behaviour that can be switched", "", _GRADES, "", "| switch | default | what it does | evidence |"]
    rows.append("| --- | --- | --- | --- |")
    for each in fields(Behaviour):
        does, evidence = each.metadata["does"], each.metadata["evidence"] or "–"
        rows.append(f"| `{each.name}` | `{getattr(Behaviour(), each.name)!r}` | {does} | {evidence} |")
    return "\n".join([*rows, ""])


def _faults() -> str:
    rows = ["## Faults", "", "| action | what it does with the next such call |", "| --- | --- |"]
    rows += [f"| `{action}` | {does} |" for action, does in DOES.items()]
    return "\n".join([*rows, ""])


def _operations(title: str, root: GraphQLObjectType) -> str:
    rows = [f"## {title}: {len(root.fields)}", "", "| operation | arguments | returns |", "| --- | --- | --- |"]
    for name, field in sorted(root.fields.items()):
        arguments = ", ".join(f"`{argument}: {definition.type}`" for argument, definition in field.args.items())
        rows.append(f"| `{name}` | {arguments or 'none'} | `{field.type}` |")
    return "\n".join([*rows, ""])


def _types(schema: GraphQLSchema) -> str:
    rows = ["## Fields of objects", "", "| type | fields |", "| --- | --- |"]
    for name, each in sorted(schema.type_map.items()):
        fields = getattr(each, "fields", None)
        if fields and not name.startswith("__") and name not in {"Query", "Mutation"} and "Connection" not in name:
            rows.append(f"| `{name}` | {', '.join(sorted(fields))} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")

"""Graphs as text: JSON, Graphviz, Mermaid, and a tree for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from niceml_engine.cli.common import shown
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, JobSpec, OpSpec

FORMATS = ("text", "json", "dot", "mermaid")


def to_json(value: Any) -> str:
    """Plain data or frozen values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def defaults_graph(composed: Composed, format: str) -> str:
    """Draws which config includes which.

    Args:
        composed: The composed config.
        format: One of `FORMATS`.
    """
    arrows = [(edge.source, edge.target, edge.package) for edge in composed.edges]
    if format == "json":
        return to_json(
            {
                "nodes": [{"id": node.id, "file": node.file} for node in composed.nodes],
                "edges": [
                    {"from": source, "to": target, "package": package, "line": edge.line}
                    for (source, target, package), edge in zip(arrows, composed.edges, strict=True)
                ],
                "defaults": [
                    {
                        "config_path": entry.config_path,
                        "package": entry.package,
                        "parent": entry.parent,
                        "is_self": entry.is_self,
                    }
                    for entry in composed.defaults
                ],
            }
        )
    if format != "text":
        return _draw(((node.id, node.id) for node in composed.nodes), arrows, format)
    files = {node.id: node.file for node in composed.nodes}
    lines: list[str] = []

    def branch(node: str, package: str, prefix: str, above: tuple[str, ...]) -> None:
        below = [arrow for arrow in arrows if arrow[0] == node] if node not in above else []
        head = f"{node}  @ {package}" if package and above else node
        lines.append(prefix + head + ("" if above else f"  {shown(files[node])}"))
        stem = prefix.replace("├─ ", "│  ").replace("└─ ", "   ")
        for index, (_, target, inner) in enumerate(below):
            branch(target, inner, stem + ("└─ " if index == len(below) - 1 else "├─ "), (*above, node))

    if composed.nodes:
        branch(composed.nodes[0].id, "", "", ())
    return "\n".join(lines)


def op_graph(job: JobSpec, ops: Iterable[OpSpec], format: str) -> str:
    """Draws the ops of a job, one after the other."""
    described = {spec.name: spec.description for spec in ops}
    arrows = [(source, target, "") for source, target in zip(job.ops, job.ops[1:], strict=False)]
    if format == "json":
        nodes = [{"id": name, "description": described[name]} for name in job.ops]
        edges = [{"from": source, "to": target} for source, target, _ in arrows]
        return to_json({"job": job.name, "nodes": nodes, "edges": edges})
    if format == "text":
        return " → ".join(job.ops)
    return _draw(((name, name) for name in job.ops), arrows, format)


def _draw(nodes: Iterable[tuple[str, str]], arrows: list[tuple[str, str, str]], format: str) -> str:
    if format == "dot":
        lines = ["digraph {", "  rankdir=LR;", '  node [shape=box, fontname="Inter"];']
        lines += [f"  {_quoted(name)} [label={_quoted(label)}];" for name, label in nodes]
        lines += [
            f"  {_quoted(source)} -> {_quoted(target)}" + (f" [label={_quoted(label)}];" if label else ";")
            for source, target, label in arrows
        ]
        return "\n".join([*lines, "}"])
    if format == "mermaid":
        numbers: dict[str, str] = {}
        lines = ["graph LR"]
        for name, label in nodes:
            numbers[name] = f"n{len(numbers)}"
            lines.append(f'  {numbers[name]}["{_entities(label)}"]')
        lines += [
            f"  {numbers[source]} -->" + (f'|"{_entities(label)}"| ' if label else " ") + numbers[target]
            for source, target, label in arrows
            if source in numbers and target in numbers
        ]
        return "\n".join(lines)
    raise ConfigError(f"there is no format {format}; there are {', '.join(FORMATS)}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    return text.replace('"', "#quot;")

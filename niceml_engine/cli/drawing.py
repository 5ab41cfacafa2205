"""Graphs as text: JSON, Graphviz, Mermaid, and a tree for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from niceml_engine.cli.common import shown
from niceml_engine.config.composed.diagrams import Arrow, Box, defaults_diagram, diagram
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import DiagramFormat
from niceml_engine.values import Composed, JobSpec, OpSpec

FORMATS = ("text", "json", "dot", "mermaid")


def to_json(value: Any) -> str:
    """Plain data or frozen values as indented JSON."""
    plain = _with_text_keys(msgspec.to_builtins(value))
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()


def _with_text_keys(value: Any) -> Any:
    """Plain data in which keys that are true or false are texts, as JSON wants them."""
    if isinstance(value, dict):
        return {str(k).lower() if isinstance(k, bool) else k: _with_text_keys(one) for k, one in value.items()}
    return [_with_text_keys(one) for one in value] if isinstance(value, list | tuple) else value


def defaults_graph(composed: Composed, format: str, order: Mapping[str, Sequence[int]] | None = None) -> str:
    """Draws which config includes which.

    Args:
        composed: The composed config.
        format: One of `FORMATS`.
        order: The places of each file in the merge order, if these are to be told.
    """
    order = order or {}
    arrows = [(edge.source, edge.target, edge.package) for edge in composed.edges]
    if format == "json":
        return to_json(
            {
                "nodes": [
                    {"id": node.id, "file": node.file} | ({"merge": order[node.id]} if node.id in order else {})
                    for node in composed.nodes
                ],
                "edges": [
                    {"from": source, "to": target, "package": package, "line": edge.line}
                    | {"optional": edge.optional, "override": edge.override}
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
        return defaults_diagram(composed, _known(format), order)
    files = {node.id: node.file for node in composed.nodes}
    lacks = {node.id: f"  ({node.lack})" for node in composed.nodes if node.lack}
    lines: list[str] = []

    def branch(node: str, package: str, prefix: str, above: tuple[str, ...]) -> None:
        below = [arrow for arrow in arrows if arrow[0] == node] if node not in above else []
        head = f"{node}  @ {package}" if package and above else node
        head += f"  merge {', '.join(map(str, order[node]))}" if node in order else ""
        head += lacks.get(node, "")
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
    arrows = list(zip(job.ops, job.ops[1:], strict=False))
    if format == "json":
        nodes = [{"id": name, "description": described[name]} for name in job.ops]
        edges = [{"from": source, "to": target} for source, target in arrows]
        return to_json({"job": job.name, "nodes": nodes, "edges": edges})
    if format == "text":
        return " → ".join(job.ops)
    boxes = [Box(name, (name,)) for name in job.ops]
    return diagram(boxes, [Arrow(source, target) for source, target in arrows], _known(format))


def _known(format: str) -> DiagramFormat:
    if format == "dot":
        return "dot"
    if format == "mermaid":
        return "mermaid"
    raise ConfigError(f"there is no format {format}; there are {', '.join(FORMATS)}")

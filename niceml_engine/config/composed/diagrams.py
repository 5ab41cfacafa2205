"""Graphs as text that other programs draw: Graphviz and Mermaid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from niceml_engine.protocol.configs import DiagramFormat
from niceml_engine.values import Composed, Edge


@dataclass(frozen=True, slots=True)
class Box:
    """A node of a diagram; a broken one is dashed."""

    id: str
    label: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow of a diagram; a weak one is dashed."""

    source: str
    target: str
    label: str = ""
    weak: bool = False


def defaults_diagram(composed: Composed, to: DiagramFormat) -> str:
    """Draws which config includes which, at which package, and how."""
    boxes = [
        Box(node.id, f"{node.id} ({node.lack})" if node.lack else node.id, node.missing) for node in composed.nodes
    ]
    arrows = [Arrow(edge.source, edge.target, _label(edge), edge.optional) for edge in composed.edges]
    return diagram(boxes, arrows, to)


def diagram(boxes: Iterable[Box], arrows: Iterable[Arrow], to: DiagramFormat) -> str:
    """Writes a directed graph, from left to right; an arrow needs boxes at both ends."""
    boxes = list(boxes)
    known = {box.id for box in boxes}
    arrows = [arrow for arrow in arrows if arrow.source in known and arrow.target in known]
    return _dot(boxes, arrows) if to == "dot" else _mermaid(boxes, arrows)


def _label(edge: Edge) -> str:
    notes = [word for word, said in (("override", edge.override), ("optional", edge.optional)) if said]
    return " · ".join([*([edge.package] if edge.package else []), *notes])


def _dot(boxes: list[Box], arrows: list[Arrow]) -> str:
    lines = ["digraph {", "  rankdir=LR;", '  node [shape=box, fontname="Inter"];']
    for box in boxes:
        lines.append(f"  {_quoted(box.id)} [label={_quoted(box.label)}{', style=dashed' if box.broken else ''}];")
    for arrow in arrows:
        marks = [f"label={_quoted(arrow.label)}"] if arrow.label else []
        marks += ["style=dashed"] if arrow.weak else []
        ends = f"{_quoted(arrow.source)} -> {_quoted(arrow.target)}"
        lines.append(f"  {ends} [{', '.join(marks)}];" if marks else f"  {ends};")
    return "\n".join([*lines, "}"])


def _mermaid(boxes: list[Box], arrows: list[Arrow]) -> str:
    numbers = {box.id: f"n{number}" for number, box in enumerate(boxes)}
    lines = ["graph LR"]
    lines += [f'  {numbers[box.id]}["{_entities(box.label)}"]' for box in boxes]
    lines += [f"  style {numbers[box.id]} stroke-dasharray: 4" for box in boxes if box.broken]
    for arrow in arrows:
        label = f'|"{_entities(arrow.label)}"| ' if arrow.label else " "
        lines.append(f"  {numbers[arrow.source]} {'-.->' if arrow.weak else '-->'}{label}{numbers[arrow.target]}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    return text.replace('"', "#quot;")

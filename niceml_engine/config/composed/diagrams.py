"""Graphs as text that other programs draw: Graphviz and Mermaid.

What kind a file or an include is of is told twice, by words and by shape, so that it is read in black and white, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from niceml_engine.protocol.configs import DiagramFormat
from niceml_engine.values import Composed, Edge, Node

Kind = Literal["plain", "job", "repeated", "global", "optional", "missing", "open"]

_TOP = "_global_"  #: Hydra's own name for the top of the config
_OPEN = "???"  #: Hydra's own name for what must be chosen
_DOT: dict[Kind, str] = {
    "plain": "",
    "job": "penwidth=2",
    "repeated": "peripheries=2",
    "global": "shape=note",
    "optional": "style=dotted",
    "missing": "shape=octagon, style=dashed",
    "open": "shape=hexagon, style=dashed",
}
_MERMAID: dict[Kind, tuple[str, str]] = {
    "plain": ("[", "]"),
    "job": ("([", "])"),
    "repeated": ("[[", "]]"),
    "global": ("[/", "/]"),
    "optional": ("(", ")"),
    "missing": ("{{", "}}"),
    "open": ("{", "}"),
}
_DASHED: tuple[Kind, ...] = ("optional", "missing", "open")  #: what adds nothing to the config


@dataclass(frozen=True, slots=True)
class Box:
    """A node of a diagram.

    Attributes:
        id: What arrows call it.
        label: Its lines.
        kind: What it is, which its shape tells.
    """

    id: str
    label: tuple[str, ...]
    kind: Kind = "plain"


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow of a diagram.

    Attributes:
        source: Where it begins.
        target: Where it leads.
        label: What stands on it.
        weak: It may lead to nothing; dashed.
        double: It takes another one's place; doubled, or thick where that cannot be said.
        again: Another arrow has led there before; another head.
    """

    source: str
    target: str
    label: str = ""
    weak: bool = False
    double: bool = False
    again: bool = False


def defaults_diagram(composed: Composed, to: DiagramFormat, order: Mapping[str, Sequence[int]] | None = None) -> str:
    """Draws which config includes which, at which package, and how; what must still be chosen stands there, too.

    Args:
        composed: The config.
        to: Who is to draw it.
        order: The places of each file in the merge order, if these are to be told.
    """
    edges = [(edge, edge.target) for edge in composed.edges]
    nodes = {node.id: node for node in composed.nodes}
    to_choose = {f"{one.group}/{_OPEN}": one for one in composed.choices if one.missing}
    edges += [(Edge(one.node, name, one.package), name) for name, one in to_choose.items()]
    includes: dict[str, list[Edge]] = {}
    arrows = []
    for edge, target in edges:
        again = target in includes
        includes.setdefault(target, []).append(edge)
        arrows.append(Arrow(edge.source, target, _label(edge, again), edge.optional, edge.override, again))
    boxes = [_box(node, includes.get(node.id, ()), (order or {}).get(node.id, ())) for node in nodes.values()]
    boxes += [Box(name, (name, "to be chosen"), "open") for name in to_choose]
    return diagram(boxes, arrows, to)


def _box(node: Node, includes: Sequence[Edge], order: Sequence[int]) -> Box:
    packages = Counter(edge.package for edge in includes)
    at_top = bool(includes) and "/" in node.id and set(packages) == {""}
    notes = [f"merge {', '.join(map(str, order))}"] if order else []
    notes += [f"included {len(includes)} times"] if len(includes) > 1 else []
    notes += [f"at {_TOP}"] if at_top else []
    may_lack = bool(includes) and all(edge.optional for edge in includes)
    kind: Kind = "plain"
    if node.missing:
        kind = "optional" if may_lack and node.lack == "missing" else "missing"
        notes.append("optional, not there" if kind == "optional" else node.lack)
    elif not includes:
        kind = "job"
        notes.append("job")
    elif at_top:
        kind = "global"
    elif len(includes) > 1:
        kind = "repeated"
    return Box(node.id, (node.id, *notes), kind)


def diagram(boxes: Iterable[Box], arrows: Iterable[Arrow], to: DiagramFormat) -> str:
    """Writes a directed graph, from left to right; an arrow needs boxes at both ends."""
    boxes = list(boxes)
    known = {box.id for box in boxes}
    arrows = [arrow for arrow in arrows if arrow.source in known and arrow.target in known]
    return _dot(boxes, arrows) if to == "dot" else _mermaid(boxes, arrows)


def _label(edge: Edge, again: bool) -> str:
    said = (("override", edge.override), ("optional", edge.optional), ("again", again))
    return " · ".join([*([edge.package] if edge.package else []), *(word for word, so in said if so)])


def _dot(boxes: list[Box], arrows: list[Arrow]) -> str:
    lines = ["digraph {", "  rankdir=LR;", '  node [shape=box, fontname="Inter"];', '  edge [fontname="Inter"];']
    for box in boxes:
        shape = f", {_DOT[box.kind]}" if _DOT[box.kind] else ""
        lines.append(f"  {_quoted(box.id)} [label={_lines(box.label)}{shape}];")
    for arrow in arrows:
        said = (
            (f"label={_quoted(arrow.label)}", bool(arrow.label)),
            ("style=dashed", arrow.weak),
            ('color="black:invis:black"', arrow.double),
            ("arrowhead=empty", arrow.again),
        )
        marks = ", ".join(mark for mark, so in said if so)
        ends = f"{_quoted(arrow.source)} -> {_quoted(arrow.target)}"
        lines.append(f"  {ends} [{marks}];" if marks else f"  {ends};")
    return "\n".join([*lines, "}"])


def _mermaid(boxes: list[Box], arrows: list[Arrow]) -> str:
    numbers = {box.id: f"n{number}" for number, box in enumerate(boxes)}
    lines = ["graph LR"]
    for box in boxes:
        before, after = _MERMAID[box.kind]
        lines.append(f'  {numbers[box.id]}{before}"{"<br/>".join(map(_entities, box.label))}"{after}')
    lines += [f"  style {numbers[box.id]} stroke-dasharray: 4" for box in boxes if box.kind in _DASHED]
    lines += [f"  style {numbers[box.id]} stroke-width: 3px" for box in boxes if box.kind == "job"]
    for arrow in arrows:
        label = f'|"{_entities(arrow.label)}"| ' if arrow.label else " "
        line = ("-.-" if arrow.weak else "==" if arrow.double else "--") + ("o" if arrow.again else ">")
        lines.append(f"  {numbers[arrow.source]} {line}{label}{numbers[arrow.target]}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(label: Iterable[str]) -> str:
    return '"' + "\\n".join(_quoted(line)[1:-1] for line in label) + '"'


def _entities(text: str) -> str:
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")

"""The defaults graph as plain data: who includes whom, what is folded away, what a search finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from niceml_engine.values import Choice, Composed, Edge, Node
from niceml_gui.words import counted
from niceml_gui.workspaces.compose.graph.layout import Placed
from niceml_gui.workspaces.compose.usage import path_to, root_of, short

Way = Literal["up", "down", "left", "right"]
TOP = "_global_"  #: Hydra's own name for the top of the config
_MANY = 60  #: files from which on a graph starts folded, so that it can be read


@dataclass(frozen=True, slots=True)
class Graph:
    """Which file includes which.

    Attributes:
        nodes: The files by id, the job first.
        includes: For each pair of files, source first, the includes.
        below: For each file that includes others, these, in order.
        packages: At which packages each file is included, in order.
        root: The job.
        python: The files that are there once Python code has run that makes them.
        open: The places where an option must be chosen and none is, each in place of a file.
    """

    nodes: Mapping[str, Node]
    includes: Mapping[tuple[str, str], tuple[Edge, ...]]
    below: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, tuple[str, ...]]
    root: str
    python: frozenset[str] = frozenset()
    open: Mapping[str, Choice] = field(default_factory=dict)

    @classmethod
    def of(cls, composed: Composed, python: Collection[str] = ()) -> Graph:
        """Makes the graph of a composed config; an include of what is no node is left out.

        Args:
            composed: The config.
            python: The options that only Python code makes.
        """
        nodes = {node.id: node for node in composed.nodes}
        unmade = {name for name, node in nodes.items() if node.missing and name in python}
        to_choose = {open_place(choice): choice for choice in composed.choices if choice.missing}
        nodes |= {name: Node(name, "", missing=True) for name in to_choose}
        includes: dict[tuple[str, str], list[Edge]] = {}
        below: dict[str, list[str]] = {}
        packages: dict[str, list[str]] = {}
        asked = (Edge(one.node, name, one.package, one.line) for name, one in to_choose.items())
        for edge in (*composed.edges, *asked):
            ends = (edge.source, edge.target)
            if edge.source in nodes and edge.target in nodes:
                if ends not in includes:
                    below.setdefault(edge.source, []).append(edge.target)
                includes.setdefault(ends, []).append(edge)
                packages.setdefault(edge.target, []).append(edge.package or TOP)
        return cls(
            nodes,
            {ends: tuple(edges) for ends, edges in includes.items()},
            {node: tuple(targets) for node, targets in below.items()},
            {node: tuple(found) for node, found in packages.items()},
            root_of(composed),
            frozenset(unmade),
            to_choose,
        )

    def reached(self, start: str, folded: Collection[str] = ()) -> list[str]:
        """What can be reached from a file, itself first, not going on from what is folded."""
        found = {start: None}
        queue = [start]
        for node in queue:
            if node not in folded:
                fresh = [target for target in self.below.get(node, ()) if target not in found]
                found.update(dict.fromkeys(fresh))
                queue += fresh
        return queue

    def way_to(self, node: str) -> list[str]:
        """The files on the shortest way from the job to one, both included."""
        return path_to((edge for edges in self.includes.values() for edge in edges), self.root, node)

    def holder(self, node: str, folded: Collection[str]) -> str:
        """The file that is seen for another: that one itself, or the fold that hides it."""
        return next((step for step in self.way_to(node)[:-1] if step in folded), node)


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a graph is seen while parts of it are folded.

    Attributes:
        nodes: The files, in the graph's order.
        includes: The pairs of files between which an arrow is drawn.
        hidden: The files that each fold hides.
    """

    nodes: tuple[Node, ...]
    includes: Mapping[tuple[str, str], tuple[Edge, ...]]
    hidden: Mapping[str, frozenset[str]]


def open_place(choice: Choice) -> str:
    """What stands in the graph where an option must be chosen."""
    return f"{choice.group}/???"


def is_optional(graph: Graph, node: str) -> bool:
    """Whether a file may be missing: something includes it, and nothing that needs it."""
    found = [edge.optional for (_, target), edges in graph.includes.items() if target == node for edge in edges]
    return bool(found) and all(found)


def seen(graph: Graph, folded: Collection[str]) -> Seen:
    """What is left of a graph: what the job reaches past no fold, and what it never reached."""
    folded = {node for node in folded if node in graph.below}
    away = set(graph.reached(graph.root)) - set(graph.reached(graph.root, folded))
    left = {ends: edges for ends, edges in graph.includes.items() if not ({*ends} & away or ends[0] in folded)}
    hidden = {node: frozenset(away.intersection(graph.reached(node))) for node in folded - away}
    return Seen(tuple(node for name, node in graph.nodes.items() if name not in away), left, hidden)


def first_folds(graph: Graph) -> frozenset[str]:
    """What is folded when a graph is first seen: in a large one, all that the job's own includes include."""
    return frozenset(graph.below) - {graph.root} if len(graph.nodes) > _MANY else frozenset()


def matches(graph: Graph, needle: str) -> list[str]:
    """The files whose path, or a package at which they are included, holds a text, whatever its case."""
    low = needle.lower()
    if not low:
        return []
    packages = graph.packages
    return [node for node in graph.nodes if low in node.lower() or low in "\n".join(packages.get(node, ())).lower()]


def order_text(numbers: Collection[int]) -> str:
    """The places of a file in the merge order in a few letters: `3`, `3·7·9`, `3…41`."""
    found = sorted(numbers)
    return f"{found[0]}…{found[-1]}" if len(found) > 3 else "·".join(map(str, found))


def node_tip(graph: Graph, node: Node, hidden: int = 0) -> str:
    """All that is known of a file of the graph."""
    packages = graph.packages.get(node.id, ())
    lines = [node.file or node.id]
    if node.lack == "unreadable":
        lines.append("unreadable: the problems say why")
    elif node.id in graph.open:
        choice = graph.open[node.id]
        lines = [f"choose one of {', '.join(choice.options)}" if choice.options else "there is nothing to choose from"]
    elif node.id in graph.python:
        lines.append("made by Python code, which runs when the project is trusted")
    elif node.missing:
        optional = is_optional(graph, node.id)
        lines.append("not there, and optional: it adds nothing" if optional else "missing: no file has this name")
    if packages:
        lines.append(f"at {', '.join(packages[:6])}{f' and {len(packages) - 6} more' if len(packages) > 6 else ''}")
    if hidden:
        lines.append(f"hides {counted(hidden, 'file')}: {_names(graph, node.id)}")
    return "\n".join(lines)


def _names(graph: Graph, node: str) -> str:
    below = [short(name) for name in graph.below.get(node, ())]
    return ", ".join(below[:6]) + ("…" if len(below) > 6 else "")


def neighbour(graph: Graph, placed: Placed, node: str, way: Way) -> str:
    """The file that is next to one as they are placed: along arrows sideways, within the column up and down.

    Where what a file includes stands in several columns, it is walked through before the way leads on.
    """
    if node not in placed.nodes:
        return graph.root
    if way in ("up", "down"):
        column = next(column for column in placed.columns if node in column)
        index = column.index(node) + (1 if way == "down" else -1)
        return column[index] if 0 <= index < len(column) else ""
    if beside := _beside(placed, node, way):
        return beside
    near = graph.way_to(node)[-2:-1] if way == "left" else [to for source, to in placed.arrows if source == node]
    return min(near, key=lambda other: abs(placed.nodes[other][1] - placed.nodes[node][1]), default="")


def _beside(placed: Placed, node: str, way: Way) -> str:
    """The file in the same row and the column before or after it, if the same file includes both."""
    sources = {source for source, target in placed.arrows if target == node}
    x, y = placed.nodes[node]
    step = -1 if way == "left" else 1
    kin = {target for source, target in placed.arrows if source in sources}
    row = [other for other in kin if placed.nodes[other][1] == y and (placed.nodes[other][0] - x) * step > 0]
    return min(row, key=lambda other: abs(placed.nodes[other][0] - x), default="")

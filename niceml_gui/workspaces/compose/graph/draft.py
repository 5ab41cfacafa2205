"""What is drawn of the defaults graph, found out before it is drawn: what stands in each box and on each arrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from niceml_engine.visible import visible
from niceml_gui.workspaces.compose.graph.arrows import STEADY
from niceml_gui.workspaces.compose.graph.layout import Placed, place
from niceml_gui.workspaces.compose.graph.looks import Line, Look, caption, label_width, told_apart
from niceml_gui.workspaces.compose.graph.model import Graph, Seen, is_optional, node_tip, order_text, seen
from niceml_gui.workspaces.compose.usage import path_to, short

READABLE = 0.8  #: the zoom below which a graph is not fitted into its room, so that it can be read
_CAPTION = 170.0  #: a box is made as wide as the package above it, up to this
_MANY = 8  #: from more files than that, only one arrow leads to a file, and the others that include it name it


@dataclass(frozen=True, slots=True)
class Draft:
    """A graph as it will be drawn with some of it folded.

    Attributes:
        looks: What is written in each box.
        tips: What else is known of each file.
        lines: The arrows, by their ends, source first.
        references: The includes that are named in the source's box instead, likewise.
        hidden: The files that each fold hides.
        placed: Where everything stands with the least room.
    """

    looks: Mapping[str, Look]
    tips: Mapping[str, str]
    lines: Mapping[tuple[str, str], Line]
    references: Mapping[tuple[str, str], Line]
    hidden: Mapping[str, frozenset[str]]
    placed: Placed


def draft(graph: Graph, folded: frozenset[str], numbers: Mapping[str, list[int]]) -> Draft:
    """Lays out what is seen of a graph.

    Args:
        graph: The graph.
        folded: The files whose includes are hidden.
        numbers: The places of files in the merge order; empty where these are not asked for.
    """
    left = seen(graph, folded)
    arriving = Counter(target for _, target in left.includes)
    many = {target: _first_source(left, graph.root, target) for target, count in arriving.items() if count > _MANY}
    drawn = {ends: edges for ends, edges in left.includes.items() if many.get(ends[1], ends[0]) == ends[0]}
    named: dict[str, dict[str, str]] = {}  # by source: what is only named there, and what else is told of that
    for (source, target), edges in left.includes.items():
        if (source, target) not in drawn:
            at = ", ".join(caption([edge]) for edge in edges)
            named.setdefault(source, {})[short(target)] = (
                f"includes {target} at {at}, as {arriving[target] - 1} others do"
            )
    sources = {source for source, _ in drawn}
    looks = {}
    for node in left.nodes:
        name = node.id
        looks[name] = Look(
            node,
            name == graph.root,
            order_text(numbers[name]) if numbers.get(name) else "",
            name in folded or name in sources,
            name in folded,
            len(left.hidden.get(name, ())),
            node.missing and is_optional(graph, name),
            name in graph.python,
            name in graph.open,
            also=tuple(named.get(name, ())),
        )
    looks = told_apart(looks)
    lines = {
        ends: Line.of(
            edges, shared=1 < arriving[ends[1]] <= _MANY, others=arriving[ends[1]] - 1 if ends[1] in many else 0
        )
        for ends, edges in drawn.items()
    }
    labels: dict[str, float] = {}  # in the middle of arrows
    captions: dict[str, float] = {}  # above the node that one arrow leads to
    for (_, target), line in lines.items():
        alone = len(line.edges) == 1
        if line.shared and (alone or " " in line.label):  # a number alone needs no more than the arrow
            labels[target] = max(labels.get(target, 0.0), label_width(line.label))
        elif alone and not line.shared:
            captions[target] = min(label_width(line.label) * STEADY / READABLE, _CAPTION)
    widths = {name: max(look.width, captions.get(name, 0.0)) for name, look in looks.items()}
    tips = {
        name: [node_tip(graph, look.node, look.hidden), *named.get(name, {}).values()] for name, look in looks.items()
    }
    return Draft(
        looks,
        {name: visible("\n".join(told), lines=True) for name, told in tips.items()},
        lines,
        {ends: Line(edges, "", shared=True) for ends, edges in left.includes.items() if ends not in drawn},
        left.hidden,
        place(list(looks), lines, widths, labels),
    )


def _first_source(left: Seen, root: str, target: str) -> str:
    """From which file the one arrow comes: the last on the shortest way from the job, as far as that is seen."""
    way = path_to((edge for edges in left.includes.values() for edge in edges), root, target)
    return way[-2] if len(way) > 1 else next(source for source, end in left.includes if end == target)

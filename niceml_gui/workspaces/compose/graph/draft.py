"""What is drawn of the defaults graph, found out before it is drawn: what stands in each box and on each arrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from niceml_engine.visible import visible
from niceml_gui.workspaces.compose.graph.arrows import STEADY
from niceml_gui.workspaces.compose.graph.layout import Placed, place
from niceml_gui.workspaces.compose.graph.looks import Line, Look, label_width, told_apart
from niceml_gui.workspaces.compose.graph.model import Graph, is_optional, node_tip, order_text, seen

READABLE = 0.8  #: the zoom below which a graph is not fitted into its room, so that it can be read
_CAPTION = 170.0  #: a box is made as wide as the package above it, up to this


@dataclass(frozen=True, slots=True)
class Draft:
    """A graph as it will be drawn with some of it folded.

    Attributes:
        looks: What is written in each box.
        tips: What else is known of each file.
        lines: The arrows, by their ends, source first.
        hidden: The files that each fold hides.
        placed: Where everything stands with the least room.
    """

    looks: Mapping[str, Look]
    tips: Mapping[str, str]
    lines: Mapping[tuple[str, str], Line]
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
    looks = {}
    for node in left.nodes:
        name = node.id
        looks[name] = Look(
            node,
            name == graph.root,
            order_text(numbers[name]) if numbers.get(name) else "",
            bool(graph.below.get(name)),
            name in folded,
            len(left.hidden.get(name, ())),
            node.missing and is_optional(graph, name),
            name in graph.python,
            name in graph.open,
        )
    looks = told_apart(looks)
    arriving = Counter(target for _, target in left.includes)
    lines = {ends: Line.of(edges, shared=arriving[ends[1]] > 1) for ends, edges in left.includes.items()}
    labels: dict[str, float] = {}  # in the middle of arrows
    captions: dict[str, float] = {}  # above the node that one arrow leads to
    for (_, target), line in lines.items():
        alone = len(line.edges) == 1
        if line.shared and (alone or " " in line.label):  # a number alone needs no more than the arrow
            labels[target] = max(labels.get(target, 0.0), label_width(line.label))
        elif alone and not line.shared:
            captions[target] = min(label_width(line.label) * STEADY / READABLE, _CAPTION)
    widths = {name: max(look.width, captions.get(name, 0.0)) for name, look in looks.items()}
    return Draft(
        looks,
        {name: visible(node_tip(graph, look.node, look.hidden), lines=True) for name, look in looks.items()},
        lines,
        left.hidden,
        place(list(looks), lines, widths, labels),
    )

"""Where the nodes of a layered graph stand: depth from left to right, few crossings, no overlaps.

The classic steps of layered drawing (Sugiyama, Tagawa, Toda 1981): layers by longest path, virtual nodes where an
edge spans several layers, order by barycentres, then coordinates as near to the neighbours as the spacing allows.
A long layer is wrapped into columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from niceml_gui.workspaces.compose.graph.wrap import Block, wrapped

Point = tuple[float, float]
_SWEEPS = 8
_LANE, _TURN = 33.0, 24.0  #: pixels of a lane above the middle of its row, and for the turn from there to a node
_WEAK = 0.2  #: how much the wish of a node weighs beside others when it has no neighbours on the side that is asked
_STILL = 0.1  #: pixels; what moves less in a sweep has come to rest


@dataclass(frozen=True, slots=True)
class Placed:
    """A graph with coordinates.

    Attributes:
        nodes: The left end and the middle height of each node, in pixels.
        widths: The width of each node; nodes of a column share it.
        arrows: For each distinct arrow the points it passes, from the source's right end to the target's left end.
        columns: The nodes of each column from top to bottom; a layer is one column, or several where it is long.
        lefts: The left end of each column, in pixels.
    """

    nodes: dict[str, Point]
    widths: dict[str, float]
    arrows: dict[tuple[str, str], list[Point]]
    columns: list[list[str]]
    lefts: list[float]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what the middle lines of all nodes and the arrows take."""
        xs = [x for points in self.arrows.values() for x, _ in points]
        ys = [y for points in self.arrows.values() for _, y in points]
        for node, (x, y) in self.nodes.items():
            xs += (x, x + self.widths[node])
            ys.append(y)
        return min(xs, default=0.0), min(ys, default=0.0), max(xs, default=0.0), max(ys, default=0.0)

    def stretched(self, across: float, down: float) -> Placed:
        """The same graph with more room.

        Args:
            across: Pixels added between two columns.
            down: By how much all heights are multiplied.
        """

        def moved(point: Point) -> Point:
            return point[0] + across * max(0, bisect_right(self.lefts, point[0]) - 1), point[1] * down

        return Placed(
            {node: moved(point) for node, point in self.nodes.items()},
            self.widths,
            {ends: [moved(point) for point in points] for ends, points in self.arrows.items()},
            self.columns,
            [left + across * number for number, left in enumerate(self.lefts)],
        )

    def lifted(self, node: str, lowest: float) -> Placed:
        """The same graph with a node that is alone in its column no lower than a height, or than its first target."""
        x, y = self.nodes.get(node, (0.0, lowest))
        targets = [self.nodes[end][1] for start, end in self.arrows if start == node]
        lowest = max(lowest, min(targets, default=lowest))
        if y <= lowest or len(next(column for column in self.columns if node in column)) > 1:
            return self
        arrows = {
            ends: [(points[0][0], lowest), *points[1:]] if ends[0] == node else points
            for ends, points in self.arrows.items()
        }
        return Placed({**self.nodes, node: (x, lowest)}, self.widths, arrows, self.columns, self.lefts)


def place(
    nodes: Sequence[str],
    arrows: Iterable[tuple[str, str]],
    widths: Mapping[str, float],
    labels: Mapping[str, float],
    pitch: float = 50.0,
    gap: float = 34.0,
) -> Placed:
    """Lays out a directed graph; cycles are drawn as if their last arrow pointed forwards.

    Args:
        nodes: All node ids, in the order they should have where nothing else decides.
        arrows: Distinct pairs of source and target, in the same spirit.
        widths: Width of each node in pixels.
        labels: Width of what is written on the arrows that meet at a node, in pixels.
        pitch: Distance between the middles of two nodes of a column.
        gap: Room for the arrows between two columns, beside the labels.
    """
    known = tuple(arrow for arrow in dict.fromkeys(arrows) if arrow[0] in widths and arrow[1] in widths)
    layers, chains, heights = _layered(tuple(nodes), known, pitch)
    lefts: list[float] = []
    columns: list[list[str]] = []
    ends: list[tuple[float, float]] = []  # of each layer, from the left of its first column to the right of its last
    at: dict[str, tuple[int, int]] = {}  # the layer and the column of each node, virtual ones included
    edge = 0.0
    for level, layer in enumerate(layers):
        edge += max((labels.get(node, 0.0) for column in layer for node in column), default=0.0) if lefts else 0.0
        start = edge
        for column in layer:
            at.update(dict.fromkeys(column, (level, len(columns))))
            columns.append([node for node in column if node in widths])
            lefts.append(edge)
            edge += max((widths[node] for node in columns[-1]), default=0.0) + gap
        ends.append((start, edge - gap))
    across = [max((widths[node] for node in column), default=0.0) for column in columns]
    points = {node: (lefts[at[node][1]], heights[node]) for node in at}
    routes: dict[tuple[str, str], list[Point]] = {}
    for arrow, chain in chains.items():
        (x, y), (level, number) = points[chain[0]], at[chain[0]]
        route = [(x + across[number], y)]
        if route[0][0] < ends[level][1]:  # past the columns beside it, in a row that it has for itself
            route += [route[0], (ends[level][1], y)]
        for virtual in chain[1:-1]:
            left, right = ends[at[virtual][0]]
            route += [(left, heights[virtual]), (right, heights[virtual])]
        x, y = points[chain[-1]]
        left, _ = ends[at[chain[-1]][0]]
        if x > left:  # along the lane above the names of the columns before it
            route += [(left, y - _LANE), (x - _TURN, y - _LANE)]
        routes[arrow] = [*route, (x, y)]
    return Placed(
        {node: points[node] for node in nodes}, {node: across[at[node][1]] for node in nodes}, routes, columns, lefts
    )


@lru_cache(maxsize=16)
def _layered(
    nodes: tuple[str, ...], arrows: tuple[tuple[str, str], ...], pitch: float
) -> tuple[Sequence[Sequence[Sequence[str]]], Mapping[tuple[str, str], Sequence[str]], Mapping[str, float]]:
    """Whatever the widths: each layer's columns from top to bottom, the way of each arrow, and all heights."""
    depth = _depths(nodes, arrows)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    below: dict[str, list[str]] = defaultdict(list)
    above: dict[str, list[str]] = defaultdict(list)
    chains: dict[tuple[str, str], list[str]] = {}
    for node in _preorder(nodes, arrows):
        layers[depth[node]].append(node)
    for source, target in arrows:
        chain = [source]
        step = 1 if depth[target] >= depth[source] else -1
        for level in range(depth[source] + step, depth[target], step):
            virtual = f"{source}\0{target}\0{level}"
            layers[level].append(virtual)
            chain.append(virtual)
        chain.append(target)
        chains[source, target] = chain
        for left, right in pairwise(chain[::step]):
            below[left].append(right)
            above[right].append(left)
    for _ in range(_SWEEPS // 2):
        downwards = _order(layers, above)
        if not _order(layers[::-1], below) and not downwards:
            break
    blocks = wrapped([_families(layer, above, below) for layer in layers])
    columns = []
    for layer in blocks:
        many = max((len(block) for block in layer), default=0)
        columns.append([[node for block in layer if at < len(block) for node in block[at]] for at in range(many)])
    return columns, chains, _heights(blocks, above, below, pitch)


def _families(
    layer: Sequence[str], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """The nodes of a layer in their order; neighbours together that lead to nothing and come from one and the same."""
    families: list[list[str]] = []
    last = ""
    for node in layer:
        sources = above.get(node, ())
        alone = below.get(node) or len(sources) != 1 or "\0" in sources[0]
        source = "" if alone else sources[0]
        if source and source == last:
            families[-1].append(node)
        else:
            families.append([node])
        last = source
    return families


def _depths(nodes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    children: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        children[source].append(target)
    order: list[str] = []
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for start in nodes:
        stack = [(start, iter(children[start]))] if start not in state else []
        state.setdefault(start, 1)
        while stack:
            node, rest = stack[-1]
            child = next(rest, None)
            if child is None:
                state[node] = 2
                order.append(node)
                stack.pop()
            elif state.get(child) == 1:
                back.add((node, child))
            elif child not in state:
                state[child] = 1
                stack.append((child, iter(children[child])))
    depth = dict.fromkeys(nodes, 0)
    for node in reversed(order):
        for child in children[node]:
            if (node, child) not in back:
                depth[child] = max(depth[child], depth[node] + 1)
    return depth


def _preorder(nodes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> list[str]:
    children: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        children[source].append(target)
    targets = {target for _, target in arrows}
    seen: dict[str, None] = {}
    stack = [node for node in reversed(nodes) if node in targets] + [
        node for node in reversed(nodes) if node not in targets
    ]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack += reversed(children[node])
    return list(seen)


def _order(layers: Sequence[list[str]], neighbours: Mapping[str, list[str]]) -> bool:
    """Orders each layer by the one before it; says whether that changed anything."""
    changed = False
    for fixed, free in pairwise(layers):
        rank = {node: index for index, node in enumerate(fixed)}
        centres: list[tuple[float, int]] = []
        for index, node in enumerate(free):
            near = [rank[other] for other in neighbours.get(node, ()) if other in rank]
            centres.append((sum(near) / len(near) if near else index, index))
        ordered = [free[index] for _, index in sorted(centres)]
        if ordered != free and _crossings(ordered, rank, neighbours) < _crossings(free, rank, neighbours):
            free[:] = ordered
            changed = True
    return changed


def _crossings(layer: Sequence[str], rank: Mapping[str, int], neighbours: Mapping[str, list[str]]) -> int:
    ends = [sorted([rank[other] for other in neighbours.get(node, ()) if other in rank]) for node in layer]
    size = max(rank.values(), default=0) + 1
    tree = [0] * (size + 1)
    total = seen = 0
    for group in ends:
        for end in group:  # how many earlier edges end strictly below this one: a Fenwick tree counts them
            count, index = 0, end + 1
            while index:
                count += tree[index]
                index &= index - 1
            total += seen - count
        for end in group:
            index = end + 1
            while index <= size:
                tree[index] += 1
                index += index & -index
        seen += len(group)
    return total


def _heights(
    layers: Sequence[Sequence[Block]], above: Mapping[str, list[str]], below: Mapping[str, list[str]], pitch: float
) -> dict[str, float]:
    """The height of each node: blocks as near to their neighbours as the room allows, in each its rows."""
    head = {node: block[0][0] for layer in layers for block in layer for column in block for node in column}
    heads = [[block[0][0] for block in layer] for layer in layers]
    rows = [[len(block[0]) for block in layer] for layer in layers]
    steps = [[0.0, *((one + other) / 2 * pitch for one, other in pairwise(layer))] for layer in rows]
    heights = {
        node: at
        for layer, step in zip(heads, steps, strict=True)
        for node, at in zip(layer, accumulate(step), strict=True)
    }
    near = [
        {node: [head[other] for other in first.get(node) or then.get(node) or [node]] for node in heights}
        for first, then in ((below, above), (above, below))
    ]
    for _ in range(_SWEEPS):
        before = list(heights.values())
        for upwards, others, asked in ((False, near[1], above), (True, near[0], below)):  # in the end, amid its targets
            for layer, step in list(zip(heads, steps, strict=True))[:: -1 if upwards else 1]:
                weights = [1.0 if node in asked else _WEAK for node in layer]
                wished = [sum([heights[other] for other in others[node]]) / len(others[node]) for node in layer]
                heights.update(zip(layer, _spread(wished, weights, step), strict=True))
        if all(abs(one - other) < _STILL for one, other in zip(before, heights.values(), strict=True)):
            break
    found = {
        node: heights[block[0][0]] + (row - (len(block[0]) - 1) / 2) * pitch
        for layer in layers
        for block in layer
        for column in block
        for row, node in enumerate(column)
    }
    top = min(found.values(), default=0.0)
    return {node: height - top for node, height in found.items()}


def _spread(wished: Sequence[float], weights: Sequence[float], steps: Sequence[float]) -> list[float]:
    """The heights nearest to the wished ones that keep their order and distances (pool adjacent violators).

    Args:
        wished: The heights.
        weights: How much each of these wishes counts.
        steps: The distances to the one before.
    """
    offsets = list(accumulate(steps))
    pools: list[tuple[float, float, int]] = []  # the sum of what is wished, that of the weights, and how many
    for wish, weight, offset in zip(wished, weights, offsets, strict=True):
        total, weighed, count = (wish - offset) * weight, weight, 1
        while pools and pools[-1][0] / pools[-1][1] > total / weighed:
            last = pools.pop()
            total, weighed, count = total + last[0], weighed + last[1], count + last[2]
        pools.append((total, weighed, count))
    means = [total / weighed for total, weighed, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]

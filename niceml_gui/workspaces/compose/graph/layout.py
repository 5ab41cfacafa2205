"""Where the nodes of a layered graph stand: depth from left to right, few crossings, no overlaps.

The classic steps of layered drawing (Sugiyama, Tagawa, Toda 1981): layers by longest path, virtual nodes where an
edge spans several layers, order by barycentres, then coordinates as near to the neighbours as the spacing allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Point = tuple[float, float]
_SWEEPS = 8
_STILL = 0.1  #: pixels; what moves less in a sweep has come to rest


@dataclass(frozen=True, slots=True)
class Placed:
    """A graph with coordinates.

    Attributes:
        nodes: The left end and the middle height of each node, in pixels.
        widths: The width of each node; nodes of a layer share it.
        arrows: For each distinct arrow the points it passes, from the source's right end to the target's left end.
        layers: The nodes of each layer from top to bottom.
    """

    nodes: dict[str, Point]
    widths: dict[str, float]
    arrows: dict[tuple[str, str], list[Point]]
    layers: list[list[str]]

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
            across: Pixels added between two layers.
            down: By how much all heights are multiplied.
        """
        level = {node: number for number, layer in enumerate(self.layers) for node in layer}
        arrows = {}
        for (source, target), points in self.arrows.items():
            start, step = level[source], 1 if level[target] >= level[source] else -1
            arrows[source, target] = [
                (x + across * (start + step * ((number + 1) // 2)), y * down) for number, (x, y) in enumerate(points)
            ]
        nodes = {node: (x + across * level[node], y * down) for node, (x, y) in self.nodes.items()}
        return Placed(nodes, self.widths, arrows, self.layers)

    def lifted(self, node: str, lowest: float) -> Placed:
        """The same graph with a node that is alone in its layer no lower than a height."""
        x, y = self.nodes.get(node, (0.0, lowest))
        if y <= lowest or len(next(layer for layer in self.layers if node in layer)) > 1:
            return self
        arrows = {
            ends: [(points[0][0], lowest), *points[1:]] if ends[0] == node else points
            for ends, points in self.arrows.items()
        }
        return Placed({**self.nodes, node: (x, lowest)}, self.widths, arrows, self.layers)


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
        pitch: Distance between the middles of two nodes of a layer.
        gap: Room for the arrows between two layers, beside the labels.
    """
    known = tuple(arrow for arrow in dict.fromkeys(arrows) if arrow[0] in widths and arrow[1] in widths)
    layers, chains, heights = _layered(tuple(nodes), known, pitch)
    lefts: list[float] = []
    edge = 0.0
    columns = [max((widths[node] for node in layer if node in widths), default=0.0) for layer in layers]
    for layer, column in zip(layers, columns, strict=True):
        edge += max((labels.get(node, 0.0) for node in layer), default=0.0) if lefts else 0.0
        lefts.append(edge)
        edge += column + gap
    points = {node: (lefts[level], heights[node]) for level, layer in enumerate(layers) for node in layer}
    column_of = {node: columns[level] for level, layer in enumerate(layers) for node in layer}
    routes: dict[tuple[str, str], list[Point]] = {}
    for arrow, chain in chains.items():
        route = [(points[chain[0]][0] + column_of[chain[0]], points[chain[0]][1])]
        for virtual in chain[1:-1]:
            x, y = points[virtual]
            route += [(x, y), (x + column_of[virtual], y)]
        routes[arrow] = [*route, points[chain[-1]]]
    return Placed(
        {node: points[node] for node in nodes},
        {node: column_of[node] for node in nodes},
        routes,
        [[node for node in layer if node in widths] for layer in layers],
    )


@lru_cache(maxsize=16)
def _layered(
    nodes: tuple[str, ...], arrows: tuple[tuple[str, str], ...], pitch: float
) -> tuple[Sequence[Sequence[str]], Mapping[tuple[str, str], Sequence[str]], Mapping[str, float]]:
    """Whatever the widths: the layers from top to bottom, the way of each arrow through them, and all heights."""
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
    return layers, chains, _heights(layers, above, below, pitch)


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
        if ordered != free and _crossings(ordered, rank, neighbours) <= _crossings(free, rank, neighbours):
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
    layers: Sequence[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]], pitch: float
) -> dict[str, float]:
    heights = {node: index * pitch for layer in layers for index, node in enumerate(layer)}
    near = [
        {node: first.get(node) or then.get(node) or [node] for layer in layers for node in layer}
        for first, then in ((below, above), (above, below))
    ]
    for _ in range(_SWEEPS):
        before = list(heights.values())
        for upwards, others in ((True, near[0]), (False, near[1])):
            for layer in reversed(layers) if upwards else layers:
                wished = [sum([heights[other] for other in others[node]]) / len(others[node]) for node in layer]
                heights.update(zip(layer, _spread(wished, pitch), strict=True))
        if all(abs(one - other) < _STILL for one, other in zip(before, heights.values(), strict=True)):
            break
    top = min(heights.values(), default=0.0)
    return {node: height - top for node, height in heights.items()}


def _spread(wished: Sequence[float], pitch: float) -> list[float]:
    """The heights nearest to the wished ones that keep their order and distance (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for index, wish in enumerate(wished):
        total, count = wish - index * pitch, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            last = pools.pop()
            total, count = total + last[0], count + last[1]
        pools.append((total, count))
    means = [total / count for total, count in pools for _ in range(count)]
    return [mean + index * pitch for index, mean in enumerate(means)]

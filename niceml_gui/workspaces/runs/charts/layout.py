"""What is remembered of the charts of a project: their order, which are pinned, how large, and how they show things."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import msgspec

from niceml_gui.state import project_file, replace_file
from niceml_gui.workspaces.runs.charts.arrange import Size
from niceml_gui.workspaces.runs.charts.view import Own, Settings

FIRST = ("loss", "accuracy")
LAST = ("gradient_norm", "learning_rate", "step_ms")


class Layout(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the charts of a project are laid out.

    Attributes:
        order: Metrics as a person has put them; those that are missing come after, in the usual order.
        pinned: Metrics that come first, and are shown whatever is searched for.
        sizes: By metric, where a person has changed it.
        own: By metric, what its chart has for itself.
        common: What holds for all charts.
        paper: Whether charts are saved and copied on light ground, whatever the theme.
    """

    order: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    sizes: dict[str, Size] = {}
    own: dict[str, Own] = {}
    common: Settings = Settings()
    paper: bool = True

    def size(self, metric: str) -> Size:
        """How large a chart is to be."""
        return self.sizes.get(metric, Size())

    def settings(self, metric: str) -> Settings:
        """How a chart shows things."""
        return self.own.get(metric, Own()).over(self.common)

    def arranged(self, metrics: Iterable[str]) -> list[str]:
        """Metrics in the order of their charts."""
        places = {metric: place for place, metric in enumerate(self.order)}
        return sorted(
            metrics,
            key=lambda metric: (metric not in self.pinned, places.get(metric, len(places)), usual_order(metric)),
        )

    def among(self, metrics: Iterable[str], metric: str) -> range:
        """The places of the charts that are pinned like that of a metric, or are not."""
        order = self.arranged(metrics)
        pinned = sum(other in self.pinned for other in order)
        return range(pinned) if metric in self.pinned else range(pinned, len(order))

    def moved(self, metrics: Iterable[str], metric: str, before: int) -> Layout:
        """The layout with a metric put before the one that has a place among those that are there."""
        order = self.arranged(metrics)
        rest = [other for other in order if other != metric]
        place = before - (order.index(metric) < before)
        pinned = self.pinned
        if place < sum(other in pinned for other in rest) and metric not in pinned:
            pinned = (*pinned, metric)  # put among the pinned ones, it is one of them
        elif place > sum(other in pinned for other in rest):
            pinned = tuple(other for other in pinned if other != metric)
        kept = [other for other in self.order if other not in order]  # of other runs
        order = [*rest[:place], metric, *rest[place:], *kept]
        return msgspec.structs.replace(self, order=tuple(order), pinned=pinned)

    def with_pin(self, metric: str, on: bool) -> Layout:
        """The layout with a metric pinned, or not."""
        others = tuple(other for other in self.pinned if other != metric)
        return msgspec.structs.replace(self, pinned=(*others, metric) if on else others)

    def with_size(self, metric: str, size: Size) -> Layout:
        """The layout with a chart of another size; the usual one is forgotten."""
        rest = {other: known for other, known in self.sizes.items() if other != metric}
        return msgspec.structs.replace(self, sizes=rest if size == Size() else {**rest, metric: size})

    def with_own(self, metric: str, **changed: object) -> Layout:
        """The layout with something that one chart has for itself; `None` takes it back."""
        own = msgspec.structs.replace(self.own.get(metric, Own()), **changed)
        rest = {other: known for other, known in self.own.items() if other != metric}
        return msgspec.structs.replace(self, own=rest if own == Own() else {**rest, metric: own})


def usual_order(metric: str) -> tuple[int, int, str]:
    """Where a metric's chart stands: loss and accuracy first, the learning rate and the step time last."""
    if metric in FIRST:
        return 0, FIRST.index(metric), metric
    if metric in LAST:
        return 2, LAST.index(metric), metric
    return 1, 0, metric


def load_layout(key: str) -> Layout:
    """The layout of a project, by its address' key; the usual one when there is none, or when it cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(project_file("charts", key).read_bytes(), type=Layout)
    return Layout()


def save_layout(key: str, layout: Layout) -> None:
    """Writes the layout of a project.

    Raises:
        OSError: The program's folder cannot be written.
    """
    replace_file(project_file("charts", key), msgspec.json.encode(layout))

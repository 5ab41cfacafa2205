"""What stands in the boxes and on the arrows of the defaults graph, and the room that this takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from niceml_engine.values import Edge, Node
from niceml_engine.visible import visible
from niceml_gui.workspaces.compose.graph.model import TOP
from niceml_gui.workspaces.compose.paint import body, small, text_width
from niceml_gui.workspaces.compose.usage import TIMES, short

LEFT = 12.0  #: from a box's left end to its text, in pixels
FOLD = 20.0  #: room for the mark at which it is folded
DOT = " · "  #: between a package and how it is included
_USUAL, _WIDEST = 190.0, 340.0  #: the room for a name, and for one that could not be told from others in it, in pixels
_REFERENCE = 110.0  #: the room for the name of what no arrow leads to
_CUTS = (Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideLeft, Qt.TextElideMode.ElideRight)


@dataclass(frozen=True, slots=True)
class Look:
    """What is written in a node's box.

    Attributes:
        node: The file.
        root: It is the job.
        number: Its places in the merge order; empty while these are not asked for.
        foldable: It includes others.
        folded: These are hidden.
        hidden: How many files that hides.
        optional: It may be missing: nothing includes it that needs it.
        python: It is there once Python code has run that makes it.
        open: An option must be chosen in its place.
        widest: The room for the name, in pixels.
        cut: Where the name is cut if it is longer than that.
        also: What it includes that no arrow leads to, because so many files include it.
    """

    node: Node
    root: bool = False
    number: str = ""
    foldable: bool = False
    folded: bool = False
    hidden: int = 0
    optional: bool = False
    python: bool = False
    open: bool = False
    widest: float = _USUAL
    cut: Qt.TextElideMode = _CUTS[0]
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the file is called, and that it is not there."""
        called = visible(short(self.node.id.removesuffix("/???")))
        if self.open:
            return f"{called}: ???"
        if self.python:
            return f"{called} (in Python)"
        lack = "not there" if self.node.missing and self.optional else self.node.lack
        return f"{called} ({lack})" if lack else called

    @property
    def tint(self) -> str:
        """The colour of the name, by its token."""
        return "text" if not self.node.missing else "muted" if self.optional or self.python else "error"

    @property
    def count(self) -> str:
        """How many files are hidden, in words short enough for a box."""
        return f"+{self.hidden}" if self.folded and self.hidden else ""

    @property
    def reference(self) -> str:
        """What it includes without an arrow, in words short enough for a box."""
        if not self.also:
            return ""
        return f"\u2197 {visible(self.also[0]) if len(self.also) == 1 else f'{len(self.also)} files'}"

    @property
    def face(self) -> QFont:
        """The font of the name."""
        return body(bold=self.root)

    @property
    def before(self) -> float:
        """Pixels from the left end to the name."""
        return LEFT + (text_width(self.number, small, mono=True) + 8.0 if self.number else 0.0)

    @property
    def after(self) -> float:
        """Pixels from the name to the right end."""
        count = text_width(self.count, small) + 14.0 if self.count else 0.0
        return self.aside + count + (FOLD if self.foldable else 8.0)

    @property
    def aside(self) -> float:
        """Pixels that what it includes without an arrow takes."""
        return min(text_width(self.reference, small), _REFERENCE) + 12.0 if self.also else 0.0

    @property
    def width(self) -> float:
        """The width of the box; very long names are shortened."""
        return max(112.0, min(self.widest, text_width(self.name, bold=self.root)) + self.before + self.after + 4.0)

    def label(self, room: float) -> str:
        """The name as it is written in so many pixels."""
        if text_width(self.name, bold=self.root) <= room + 1:
            return self.name
        return QFontMetrics(self.face).elidedText(self.name, self.cut, int(room) + 1)


def told_apart(looks: Mapping[str, Look]) -> dict[str, Look]:
    """Gives room to names that would look alike once they are cut; what is still too long is cut where they agree.

    Args:
        looks: What is written in the boxes, by node.
    """
    long = {node: look for node, look in looks.items() if text_width(look.name, bold=look.root) > look.widest + 1}
    for widest, cut in ((_WIDEST, cut) for cut in _CUTS):
        texts = {look.name: look.label(look.widest) for look in long.values()}
        alike = Counter(texts.values())
        doubtful = [node for node, look in long.items() if alike[texts[look.name]] > 1]
        if not doubtful:
            break
        long |= {node: replace(long[node], widest=widest, cut=cut) for node in doubtful}
    return {**looks, **long}


@dataclass(frozen=True, slots=True)
class Line:
    """All includes of one file by another, which are one arrow.

    Attributes:
        edges: The includes.
        label: What stands on it.
        shared: Other arrows lead to that file too.
    """

    edges: tuple[Edge, ...]
    label: str
    shared: bool

    @classmethod
    def of(cls, edges: tuple[Edge, ...], *, shared: bool = False, others: int = 0) -> Line:
        """Writes down what stands on it, and how many other files include the same without an arrow."""
        return cls(edges, DOT.join([caption(edges), *([f"and {others} more"] if others else [])]), shared)


def label_width(text: str) -> float:
    """The room that a label takes on an arrow, in pixels."""
    return text_width(text, small) + 12.0 if text else 0.0


def caption(edges: Sequence[Edge]) -> str:
    """What stands on an arrow: its package, or how many includes it is, and how they are included.

    Args:
        edges: Parallel includes.
    """
    notes = []
    for word, said in (
        ("override", [edge.override for edge in edges]),
        ("optional", [edge.optional for edge in edges]),
    ):
        if any(said):
            notes.append(word if all(said) else f"{sum(said)} {word}")
    what = f"{TIMES}{len(edges)}" if len(edges) > 1 else edges[0].package or _at_top(edges[0].target)
    return visible(DOT.join([what, *notes]))


def _at_top(node: str) -> str:
    """What stands on an arrow to a file at the top of the config: its group, since the package tells nothing of it."""
    group, _, _ = node.rpartition("/")
    return f"{group} at {TOP}" if group else TOP

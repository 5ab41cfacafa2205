"""The merge played layer by layer: what is there after each, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.options import is_literal
from niceml_engine.protocol.configs import MergeSteps
from niceml_engine.values import ErrorInfo, MergeStep, Origin, merge_order
from niceml_gui.names import Names
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.brief import brief
from niceml_gui.workspaces.compose.graph.model import TOP
from niceml_gui.workspaces.compose.quoting import field_text
from niceml_gui.workspaces.compose.usage import short

PACE_MS = 900  #: between two layers while it plays
_TIMEOUT = 60.0
_MANY = 40  #: items of a list that are written out
_MARKS = "#'\"[]{}&*!|>%@`,?:-"  #: what no plain text of YAML begins with
_WORDS = ("yes", "no", "on", "off", "~")  #: what YAML takes for something else than a text

Path = tuple[str, ...]


class Held(msgspec.Struct, frozen=True, gc=False):
    """A leaf after some layers: its value, and the layer and line that set it last."""

    value: Any
    step: int
    line: int


@dataclass(frozen=True, slots=True)
class Moment:
    """The config after some layers, as it is shown.

    Attributes:
        lines: Its text.
        keys: The key on each line.
        labels: Who set the leaf on each line; empty on the line of a mapping.
        lit: The lines that the last layer set.
        held: The leaf on each line, if there is one.
        steps: The layers.
    """

    lines: tuple[str, ...]
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    lit: frozenset[int]
    held: tuple[Held | None, ...]
    steps: Sequence[MergeStep]

    def origin(self, line: int) -> Origin | None:
        """Who set the leaf on a line."""
        leaf = self.held[line]
        if leaf is None:
            return None
        origin = self.steps[leaf.step].origin
        return msgspec.structs.replace(origin, line=leaf.line or origin.line)


class Reached(NamedTuple):
    """All leaves after so many layers."""

    layers: int
    held: Mapping[Path, Held]


_START = Reached(0, {})


def reach(steps: Sequence[MergeStep], count: int, known: Reached = _START) -> Reached:
    """All leaves after so many layers, from what is known of fewer of them on."""
    start, held = known if known.layers <= count else _START
    held = {**held}
    for number in range(start, count):
        _apply(held, number, steps[number])
    return Reached(count, held)


def _apply(held: dict[Path, Held], number: int, step: MergeStep) -> None:
    for path in step.drops:
        held.pop(path, None)
    for assigned in step.sets:
        held[assigned.path] = Held(assigned.value, number, assigned.line)


def moment(steps: Sequence[MergeStep], count: int, names: Names, known: Reached = _START) -> Moment:
    """The config after so many layers, as text; quicker where all leaves after fewer of them are known."""
    reached = reach(steps, max(count - 1, 0), known)
    before, held = reached.held, reach(steps, count, reached).held
    tree: dict[str, Any] = {}
    for path, one in held.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = one
    who = [_who(step.origin, names) for step in steps]
    lines: list[str] = []
    keys: list[str] = []
    labels: list[str] = []
    found: list[Held | None] = []
    lit: set[int] = set()

    def walk(below: Mapping[str, Any], key: str, path: Path) -> None:
        indent = "  " * len(path)
        for name, leaf in below.items():
            here = f"{key}.{name}" if key else name
            keys.append(here)
            if not isinstance(leaf, Held):
                lines.append(f"{indent}{name}:")
                labels.append("")
                found.append(None)
                walk(leaf, here, (*path, name))
                continue
            text = f"{indent}{name}: {value_text(leaf.value)}"
            if leaf.step == count - 1:
                lit.add(len(lines))
                former = before.get((*path, name))
                if former is not None and former.value != leaf.value:
                    text += f"  # was {value_text(former.value)}"
            lines.append(text)
            labels.append(f"{who[leaf.step]}:{leaf.line}" if leaf.line else who[leaf.step])
            found.append(leaf)

    walk(tree, "", ())
    return Moment(tuple(lines), tuple(keys), tuple(labels), frozenset(lit), tuple(found), steps)


def value_text(value: Any) -> str:
    """A value on one line, as YAML; long lists only say how many items they have."""
    if not isinstance(value, list | dict):
        return _scalar_text(value)
    if len(value) > _MANY:
        return f"{'[…]' if isinstance(value, list) else '{…}'}  # {len(value):,} items"
    return field_text(value)


@lru_cache(maxsize=1 << 16, typed=True)
def _scalar_text(value: Any) -> str:
    if not isinstance(value, str):
        return field_text(value)
    text = brief(value)
    return text if _is_plain(text) else "'" + text.replace("'", "''").replace("\n", "⏎") + "'"


def _is_plain(text: str) -> bool:
    """Whether YAML reads a text as itself when it stands there without quotes."""
    if not text or text != text.strip() or text[0] in _MARKS or text[-1] == ":":
        return False
    inside = "\n" in text or ": " in text or " #" in text
    return not (inside or text.lower() in _WORDS or is_literal(text))


class Merge(QObject):
    """Plays the merge of what the session composed.

    It asks for the layers when it is opened, and anew when something else has been composed; those before stay until
    the new ones are there.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    changed = Signal()  #: opened or closed, other layers, another place, playing or not

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.steps: tuple[MergeStep, ...] = ()
        self.opened = False
        self.at = 0  #: how many layers are merged
        self._asked: int | None = None
        self._of: object = None  # the digest that the layers belong to
        self._reached = _START
        self._timer = QTimer(self)
        self._timer.setInterval(PACE_MS)
        self._timer.timeout.connect(self._tick)
        session.composed_changed.connect(self._refresh)

    @property
    def names(self) -> Names:
        """What the files are called."""
        return self._session.names

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def loading(self) -> bool:
        """Whether the layers are still awaited."""
        return self._asked is not None

    @property
    def step(self) -> MergeStep | None:
        """The layer merged last."""
        return self.steps[self.at - 1] if self.opened and 0 < self.at <= len(self.steps) else None

    @property
    def amount(self) -> Amount | None:
        """How much the layer that it is at changes."""
        return amount(self.steps, self.at, self._reached) if self.step is not None else None

    @property
    def moment(self) -> Moment | None:
        """The config as it is now; `None` while nothing is played."""
        if not self.opened or not self.steps:
            return None
        self._reached = reach(self.steps, max(self.at - 1, 0), self._reached)
        return moment(self.steps, self.at, self.names, self._reached)

    @property
    def order(self) -> dict[str, list[int]]:
        """The places of each file in the merge order, from 1."""
        return merge_order(self.steps) if self.opened else {}

    def open(self) -> None:
        """Begins before the first layer."""
        if not self.opened:
            self.opened, self.at = True, 0
            self._refresh()

    def close(self) -> None:
        """Shows the composed config again."""
        self.opened = False
        self._timer.stop()
        self._forget()
        self._of, self.steps = None, ()
        self.changed.emit()

    def go(self, at: int) -> None:
        """Goes to where so many layers are merged."""
        at = max(0, min(at, len(self.steps)))
        if at != self.at:
            self.at = at
            self.changed.emit()

    def play(self, on: bool) -> None:
        """Goes on by itself, from the start if it is at the end, or stops."""
        if on and self.at >= len(self.steps):
            self.at = 0
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def _tick(self) -> None:
        self.go(self.at + 1)
        if self.at >= len(self.steps):
            self.play(False)

    def _refresh(self) -> None:
        if not self.opened:
            return
        composed = self._session.composed
        if composed.error is not None or not composed.digest:
            self.close()
        elif self._of != (composed.selection, composed.digest):
            self._forget()
            self._of = (composed.selection, composed.digest)
            self._asked = self._session.engine.ask(MergeSteps(composed.selection), self._take, self._failed, _TIMEOUT)
            self.changed.emit()

    def _forget(self) -> None:
        if self._asked is not None:
            self._session.engine.forget(self._asked)
        self._asked = None

    def _take(self, steps: tuple[MergeStep, ...]) -> None:
        at_end = 0 < self.at == len(self.steps)
        self._asked, self.steps, self._reached = None, steps, _START
        self.at = len(steps) if at_end else min(self.at, len(steps))
        self.changed.emit()

    def _failed(self, error: ErrorInfo) -> None:
        self._asked = None
        self._session.complain(f"The merge cannot be played: {error.message}", error.details)
        self.close()


def told(step: MergeStep, names: Names) -> str:
    """Which layer it is, in one line: a file at its package, or an override."""
    origin = step.origin
    if not origin.file and origin.text:
        return origin.text
    return f"{_who(origin, names)} at {origin.package or TOP}"


def _who(origin: Origin, names: Names) -> str:
    return names.short(origin.file) if origin.file else short(origin.node)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many leaves a layer adds, gives another value, and drops."""

    added: int
    changed: int
    dropped: int

    @property
    def signs(self) -> str:
        """In a few signs: `+12 ~1 −1`."""
        parts = (("+", self.added), ("~", self.changed), ("−", self.dropped))
        return " ".join(f"{sign}{count}" for sign, count in parts if count) or "+0"

    @property
    def words(self) -> str:
        """In words."""
        parts = (("adds", self.added), ("changes", self.changed), ("drops", self.dropped))
        said = [f"{verb} {count}" for verb, count in parts if count]
        return (
            f"{', '.join(said)} value{'' if self.added + self.changed + self.dropped == 1 else 's'}"
            if said
            else ("changes nothing")
        )


def amount(steps: Sequence[MergeStep], count: int, known: Reached = _START) -> Amount:
    """How much the last of so many layers changes."""
    before, step = reach(steps, count - 1, known).held, steps[count - 1]
    new = sum(assigned.path not in before for assigned in step.sets)
    changed = sum(assigned.path in before and before[assigned.path].value != assigned.value for assigned in step.sets)
    return Amount(new, changed, len(step.drops))

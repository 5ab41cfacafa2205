"""Which runs are compared, and how: what is hidden, what is shown alone, and what they are grouped by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from niceml_engine.leaves import Distinction
from niceml_engine.protocol.earlier import value_words
from niceml_engine.query.names import Name
from niceml_engine.query.subjects import RunSubject
from niceml_engine.short import short_keys
from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, Shown, hue_color
from niceml_gui.workspaces.runs.comparison.colors import Colors
from niceml_gui.workspaces.runs.record import RunRecord

NONE = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is compared.

    Attributes:
        runs: Ids, in the order in which the runs were made.
        hidden: Those whose curves are not drawn.
        solo: The only one whose curves are drawn; empty: all that are not hidden.
        group: The key of configs by which curves are grouped; empty: each has its own.
    """

    runs: tuple[str, ...] = ()
    hidden: frozenset[str] = NONE
    solo: str = ""
    group: str = ""

    @property
    def drawn(self) -> tuple[str, ...]:
        """The runs whose curves are drawn."""
        if self.solo:
            return (self.solo,)
        return tuple(run for run in self.runs if run not in self.hidden)


class Comparison(QObject):
    """Holds what is compared.

    Args:
        session: Knows the runs and their configs.
        parent: The Qt parent.
    """

    changed = Signal()
    ticked = Signal()  #: which runs are compared has changed, not only how

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen = Chosen()
        self._session = session
        self._colors = Colors()
        self._opened = ""
        session.project_changed.connect(self._open_project)
        session.runs.changed.connect(self._drop_gone)
        session.leaves.changed.connect(self._leaves_changed)
        self._open_project()

    def __contains__(self, run: object) -> bool:
        return run in self.chosen.runs

    @property
    def active(self) -> bool:
        """Whether anything is compared."""
        return bool(self.chosen.runs)

    @property
    def states(self) -> list[RunState]:
        """The compared runs, in order."""
        known = self._session.runs.states
        return [known[run] for run in self.chosen.runs if run in known]

    # ------------------------------------------------------------------------------------------ choosing

    def toggle(self, runs: Iterable[str]) -> None:
        """Compares runs; those that are all compared already, no more."""
        wanted = list(runs)
        self.set(
            set(self.chosen.runs) ^ set(wanted)
            if set(wanted) <= set(self.chosen.runs)
            else {*self.chosen.runs, *wanted}
        )

    def set(self, runs: Iterable[str]) -> None:
        """Compares just these runs."""
        ordered = tuple(sorted(set(runs) & self._there))
        solo = self.chosen.solo if self.chosen.solo in ordered else ""
        if ordered:
            self._session.leaves.want()
        self._change(replace(self.chosen, runs=ordered, hidden=self.chosen.hidden & set(ordered), solo=solo))

    def lead(self, runs: Iterable[str]) -> None:
        """Selects one of some runs that are to be seen together, unless one is: a running one, else the newest."""
        wanted = sorted(run for run in runs if run in self)
        states = self._session.runs.states
        if wanted and self._session.runs.current not in self:
            running = [run for run in wanted if states[run].status in ("starting", "running")]
            self._session.runs.select((running or wanted)[-1])

    def clear(self) -> None:
        """Compares nothing."""
        self.set(())

    def hide(self, run: str) -> None:
        """Takes the curves of a run away, or brings them back."""
        self._change(replace(self.chosen, hidden=self.chosen.hidden ^ {run}, solo=""))

    def show_all(self) -> None:
        """Brings all curves back."""
        self._change(replace(self.chosen, hidden=NONE, solo=""))

    def play_solo(self, run: str) -> None:
        """Draws the curves of a run alone, or all again."""
        self._change(replace(self.chosen, solo="" if self.chosen.solo == run else run))

    def group_by(self, key: str) -> None:
        """Groups the curves by a value of their configs; by an empty key no more."""
        self._change(replace(self.chosen, group=key))

    # ------------------------------------------------------------------------------------------ asking

    def hues(self, runs: Iterable[str]) -> dict[str, int]:
        """Places in the list of colours."""
        return self._colors.of(runs)

    def color(self, run: str, tokens: Tokens) -> str:
        """The colour of a compared run, grouped or not."""
        return hue_color(self.hues([run])[run], tokens)

    def group_hues(self) -> dict[str, int]:
        """The places in the list of colours of all groups: of each, that of its first run."""
        if not self.chosen.group:
            return {}
        hues = self.hues(self.chosen.runs)
        first = {self.group_of(run): hues[run] for run in reversed(self.chosen.runs)}
        return {group: first[group] for group in sorted(first, key=_by_size)}

    def group_of(self, run: str) -> str:
        """The value by which a run is grouped, in words; empty without a grouping."""
        key = self.chosen.group
        state = self._session.runs.states.get(run)
        if not key or state is None:
            return ""
        found = RunSubject(state, self._session.leaves.table).values(Name("config", key))
        return value_words(found[0]) if found else "–"

    def groups(self) -> list[str]:
        """The values of all groups, in order: numbers by their size."""
        found = {self.group_of(run) for run in self.chosen.runs} if self.chosen.group else set()
        return sorted(found, key=_by_size)

    def shown(self, records: dict[str, RunRecord]) -> tuple[Shown, ...]:
        """What the charts draw.

        Args:
            records: What the runs measured, as far as it has been read.
        """
        states = self._session.runs.states
        hues, of_groups = self.hues(self.chosen.runs), self.group_hues()
        found = []
        for run in self.chosen.drawn:
            if run in records and run in states:
                group = self.group_of(run)
                name, mean = words.told(states[run]), of_groups.get(group, NO_HUE)
                found.append(Shown(run, records[run], name, hues[run], group, mean))
        return tuple(found)

    def distinctions(self) -> list[Distinction]:
        """What is not the same in the configs of all compared runs."""
        return self._session.leaves.table.distinctions(self.chosen.runs)

    def groupings(self) -> dict[str, str]:
        """The keys by which curves can be grouped, one of each that are alike, and what they are called in short."""
        named = {one.keys[0]: _unlike(one.keys) for one in self.distinctions()}
        group = self.chosen.group
        if group and not any(group in one.keys for one in self.distinctions()):
            named[group] = [group]
        names = short_keys(key for keys in named.values() for key in keys)
        return {first: ", ".join(names[key] for key in keys) for first, keys in named.items()}

    def grouping(self) -> str:
        """The key by which curves are grouped, or the first of those that are like it; empty without a grouping."""
        group = self.chosen.group
        return next((one.keys[0] for one in self.distinctions() if group in one.keys), group)

    # ------------------------------------------------------------------------------------------ inner workings

    @property
    def _there(self) -> frozenset[str]:
        runs = self._session.runs
        return frozenset(runs.states) - {runs.gone}

    def _change(self, chosen: Chosen) -> None:
        if chosen != self.chosen:
            self._colors.of(chosen.runs)  # together, so that each gets another one
            before, self.chosen = self.chosen.runs, chosen
            if chosen.runs != before:
                self.ticked.emit()
            self.changed.emit()

    def _drop_gone(self) -> None:
        if not self._there >= set(self.chosen.runs):
            self.set(self.chosen.runs)

    def _leaves_changed(self) -> None:
        if self.active:
            self.changed.emit()

    def _open_project(self) -> None:
        key = self._session.address.key if self._session.project is not None else ""
        if key != self._opened:
            self._opened, self._colors = key, Colors(key)
            self._change(Chosen())


def _unlike(keys: Iterable[str]) -> list[str]:
    """Of keys that are alike one of each name: what refers to another is mostly called like it."""
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(key.rpartition(".")[2], key)
    return list(found.values())


def _by_size(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text

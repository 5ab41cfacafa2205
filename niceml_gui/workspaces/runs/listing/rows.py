"""Which rows the list of runs has: what runs, what waits in the order of the queue, what has ended; sweeps folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from niceml_engine.short import shared_overrides
from niceml_engine.values import ENDED, RunState
from niceml_gui.words import STAMP, counted, given, sweep, told

RUNNING, WAITING, PAST = "running", "waiting", "ended"
SECTIONS = (RUNNING, WAITING, PAST)


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title.

    Attributes:
        title: What it is called.
        count: How many runs below it stand as it says.
        total: How many runs there are below it: of a sweep that runs, others may wait or have ended.
    """

    title: str
    count: int
    total: int

    @property
    def counted(self) -> str:
        """How many runs that are: `2`, or `1 of 3`."""
        return str(self.count) if self.count == self.total else f"{self.count} of {self.total}"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The runs of one sweep, in one row.

    Attributes:
        name: What they share: the swept keys and a stamp.
        runs: The runs that are shown, as they follow each other: those that have ended, that run, that wait.
        is_open: Whether their own rows follow.
        followed: Whether the page goes on from each of them to the next.
        alike: Whether another sweep is called the same.
    """

    name: str
    runs: tuple[RunState, ...]
    is_open: bool
    followed: bool = False
    alike: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return sweep(self.runs[0])

    @property
    def has_name(self) -> bool:
        """Whether a person has named it: else it is called by its keys."""
        return bool(self.runs[0].sweep)

    @property
    def apart(self) -> str:
        """What it is called beside the others: with its stamp where another one is called the same."""
        return f"{self.title}{STAMP}{self.name.rpartition(' ')[2]}" if self.alike else self.title

    @property
    def standing(self) -> tuple[RunState, ...]:
        """The runs that tell what has become of it."""
        return standing(self.runs)

    @property
    def tags(self) -> tuple[str, ...]:
        """The words that a person has put on all of its runs."""
        return shared_tags(self.runs)

    @property
    def status(self) -> str:
        """How it stands as a whole: failed as soon as one of its runs is, and succeeded only if all have."""
        found = {state.status for state in self.standing}
        order = ("failed", "running", "starting", "queued", "stopped")
        return next((status for status in order if status in found), "succeeded")


@dataclass(frozen=True, slots=True)
class One:
    """A run.

    Attributes:
        state: The run.
        place: Its place in the queue, from 1; 0 if it does not wait.
        inside: Whether it stands below its sweep.
        told: The words on it that the row above says already: those of its sweep.
        shared: The overrides that all runs of its sweep have.
        longest: Letters of the longest name of those below the sweep.
        given: What it was told, if it waits on its own: what tells it from others that wait comes first.
    """

    state: RunState
    place: int = 0
    inside: bool = False
    told: tuple[str, ...] = ()
    shared: frozenset[str] = frozenset()
    longest: int = 0
    given: tuple[str, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The words that a person has put on it."""
        return tuple(tag for tag in self.state.tags if tag not in self.told)


Row = Heading | Sweep | One


def rows(
    states: Iterable[RunState], keeps: Callable[[RunState], bool], opened: Collection[str], followed: str = ""
) -> list[Row]:
    """The rows of the list.

    Args:
        states: All runs.
        keeps: Which of them are shown.
        opened: Names of the sweeps whose runs are shown.
        followed: Name of the sweep that the page follows.
    """
    every = list(states)
    queue = sorted((state for state in every if section(state) == WAITING), key=lambda state: (state.rank, state.id))
    place = {state.id: index for index, state in enumerate(queue, 1)}
    often = Counter(text for state in queue if not state.group for text in state.overrides)
    sweeps: dict[str, list[RunState]] = {}
    items: list[list[RunState]] = []
    for state in every:
        if not keeps(state):
            continue
        if state.group and state.group in sweeps:
            sweeps[state.group].append(state)
            continue
        items.append([state])
        if state.group:
            sweeps[state.group] = items[-1]
    for item in items:
        item.sort(key=lambda state: _turn(state, place))
    items.sort(key=lambda item: min(_order(state, place) for state in item))
    titles = Counter(sweep(item[0]) for item in items if item[0].group)
    alike = {title for title, count in titles.items() if count > 1}
    sections = [(now, list(below)) for now, below in groupby(items, key=_section)]
    found: list[Row] = []
    for now, below in sections:
        if [now for now, _ in sections] != [PAST]:
            stands = [section(state) == now for item in below for state in item]
            found.append(Heading(now, sum(stands), len(stands)))
        for item in below:
            first = item[0]
            if not first.group:
                waits = place.get(first.id, 0)
                found.append(One(first, waits, given=tuple(given(first, often)) if waits else ()))
                continue
            is_open, is_alike = first.group in opened, sweep(first) in alike
            whole = Sweep(first.group, tuple(item), is_open, first.group == followed, is_alike)
            found.append(whole)
            if is_open:
                shared = shared_overrides([state for state in every if state.group == first.group])
                longest = max(len(told(state, shared)) for state in item)
                found += (One(state, place.get(state.id, 0), True, whole.tags, shared, longest) for state in item)
    return found


def section(state: RunState) -> str:
    """The section that a run stands in."""
    if state.status in ENDED:
        return PAST
    return WAITING if state.status == "queued" else RUNNING


def key(row: Row) -> str:
    """What tells a row from all others, and stays the same while the run goes on."""
    match row:
        case Heading(title=title):
            return f"# {title}"
        case Sweep(name=name):
            return f"* {name}"
        case One(state=state):
            return state.id


def waiting(row: Row) -> tuple[str, ...]:
    """Ids of the runs of a row that wait, in the order of the queue."""
    match row:
        case Sweep(runs=runs):
            return tuple(state.id for state in runs if section(state) == WAITING)
        case One(state=state, place=place) if place:
            return (state.id,)
    return ()


def runs_of(row: Row) -> tuple[str, ...]:
    """Ids of the runs that a row tells of: of a sweep, those that stand."""
    match row:
        case Sweep():
            return tuple(state.id for state in row.standing)
        case One(state=state):
            return (state.id,)
    return ()


def standing(runs: Sequence[RunState]) -> tuple[RunState, ...]:
    """Some runs, without those that another one of them goes on from: that one tells their story in their place.

    Of several that go on from the same one the last that has begun counts.
    """
    known = {state.id: state for state in runs}
    last: dict[str, RunState] = {}
    for state in sorted(runs, key=lambda one: one.id):
        first = _first(state, known)
        if first not in last or state.status != "queued":
            last[first] = state
    return tuple(last[state.id] for state in runs if state.id in last)


def _first(state: RunState, known: dict[str, RunState]) -> str:
    """Id of the run from which a run goes on in the end, as far as that is known."""
    while state.continues is not None and state.continues.parent in known:
        state = known[state.continues.parent]
    return state.id


def shared_tags(runs: Sequence[RunState]) -> tuple[str, ...]:
    """The words that a person has put on all of some runs."""
    return tuple(tag for tag in runs[0].tags if all(tag in run.tags for run in runs))


def summary(whole: Sweep) -> str:
    """How far a sweep is, what is most worth knowing first: `2 of 6 ended · 1 failed · 1 running · 3 waiting`."""
    return summaries(whole)[0]


def summaries(whole: Sweep) -> tuple[str, ...]:
    """How far a sweep is, at length and in ever fewer words: `2/6 · 1 failed`, for where there is little room."""
    runs = whole.standing
    counts = Counter(section(state) for state in runs)
    counts |= Counter(state.status for state in runs if state.status in ("failed", "stopped"))
    total, ended = len(runs), counts[PAST]
    rest = [f"{counts[name]} {name}" for name in ("failed", "stopped", RUNNING, WAITING) if counts[name]]
    begin = f"{counted(total, 'run')} ended" if ended == total else f"{ended} of {total} ended"
    brief = counted(total, "run") if ended == total else f"{ended}/{total}"
    shorter = (" · ".join([brief, *rest[:count]]) for count in range(len(rest), -1, -1))
    return " · ".join([begin, *rest]), *shorter


def _section(item: list[RunState]) -> str:
    """The section of a run or a sweep: that of the run which is furthest ahead."""
    return min(map(section, item), key=SECTIONS.index)


def _turn(state: RunState, place: dict[str, int]) -> tuple[int, int, str]:
    """Where a run stands among those of its sweep."""
    here = section(state)
    return (PAST, RUNNING, WAITING).index(here), place.get(state.id, 0), state.id


def _order(state: RunState, place: dict[str, int]) -> tuple[int, float]:
    here = section(state)
    return SECTIONS.index(here), float(place.get(state.id, 0)) if here == WAITING else -state.created

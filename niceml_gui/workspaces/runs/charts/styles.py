"""Which runs charts show, and what tells their curves apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.measured import Split
from niceml_gui.workspaces.runs.record import RunRecord

#: Of runs that are shown together, in the order in which they get them; dark and light. They were searched for: each is
#: as far from the others as can be, also for whoever does not see red, green or blue, and stands out from the ground
#: (3 : 1).
HUES = (
    ("#769ef6", "#2c40ac"),
    ("#a66405", "#864702"),
    ("#b4feba", "#3e854d"),
    ("#e2348b", "#f65589"),
    ("#8c57e0", "#9d57d7"),
    ("#2fd8e3", "#00a3ab"),
    ("#ed8579", "#6f1a1b"),
    ("#dbc503", "#8f9910"),
    ("#2586ab", "#152c60"),
    ("#919a06", "#6e5a76"),
    ("#aed19f", "#8f84f8"),
    ("#e1f400", "#780ff9"),
)
APART = 8  #: so many of them are told apart at a glance, and come first
SHORT: dict[Split, str] = {"train": "train", "validation": "val"}  #: what little room there is calls them
NO_HUE = -1  #: the colours tell training and validation apart


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A run in the charts.

    Attributes:
        run: Its id.
        record: What it measured.
        name: What it is called in read-outs.
        hue: Its place in `HUES`, which goes round; `NO_HUE` for the only run.
        group: Runs of one group are drawn faintly behind their mean, and the band between their extremes.
        group_hue: The place in `HUES` of these.
    """

    run: str
    record: RunRecord
    name: str = ""
    hue: int = NO_HUE
    group: str = ""
    group_hue: int = NO_HUE

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from all that would be drawn otherwise."""
        return self.run, id(self.record), self.name, self.hue, self.group, self.group_hue


@dataclass(frozen=True, slots=True)
class Look:
    """How a curve looks. Validation is dashed, whatever its colour."""

    color: str
    dashed: bool = False


def look_of(shown: Shown, split: Split, tokens: Tokens) -> Look:
    """How a run's curves of training or validation look."""
    if shown.hue == NO_HUE:
        return Look(tokens.train if split == "train" else tokens.prediction, split == "validation")
    return Look(hue_color(shown.hue, tokens), split == "validation")


def unit_of(shown: Sequence[Shown]) -> str:
    """What is counted along the axis of steps: `epoch` where no run counts anything else."""
    return "epoch" if shown and all(one.record.unit == "epoch" for one in shown) else "step"


def hue_color(hue: int, tokens: Tokens) -> str:
    """A run's colour in a theme."""
    return HUES[hue % len(HUES)][0 if tokens.name == "dark" else 1]


def hues(runs: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """Colours for runs: those that have one keep it, the others get what none of these, and the fewest at all, have.

    Colours that are less far from others are given once all that are told apart at a glance are taken.

    Args:
        runs: All that are to have one.
        known: The colours so far.
    """
    wanted = list(dict.fromkeys(runs))
    given = {run: known[run] for run in wanted if run in known}
    here, ever = Counter(hue % len(HUES) for hue in given.values()), Counter(known.values())
    for run in wanted:
        if run not in given:
            given[run] = min(range(len(HUES)), key=lambda hue: (here[hue], hue >= APART, ever[hue], hue))
            here[given[run]] += 1
            ever[given[run]] += 1
    return {run: given[run] for run in wanted}

"""What has run before that is like a config, and how that is put into words, which window and command line share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from niceml_engine.counting import counted
from niceml_engine.protocol.base import Asked
from niceml_engine.short import named, short_keys
from niceml_engine.values import Frozen, RunState, Selection

NAMED = 3  #: differences that are named in a line
LONGEST = 40  #: characters of a value


class LookBack(Asked, frozen=True):
    """Asks what has run before that is like a selection; of one that stands for several runs, the first."""

    selection: Selection
    run: str = ""  #: id of a run with which it is compared as well


class Difference(Frozen, frozen=True):
    """A value that a run had otherwise, as far as known resolved; secrets masked; `None` where there was none."""

    key: str
    before: Any = None
    after: Any = None


class Like(Frozen, frozen=True):
    """A run, and in which values a config differs from its own."""

    run: str
    count: int = 0
    differences: tuple[Difference, ...] = ()  #: the first of them
    unlike: dict[str, str] = msgspec.field(default_factory=dict)  #: by op, the first key that differs in it


class Earlier(Frozen, frozen=True):
    """What has run before."""

    digest: str = ""  #: of the selection
    same: tuple[str, ...] = ()  #: runs of this very config, with the same values of all that it refers to; newest first
    last: Like | None = None  #: the newest run of the same job file by the same Dagster job or program
    nearest: Like | None = None  #: of the runs of these, whatever the file, the one that differs in the fewest values
    wanted: Like | None = None  #: the run that was asked for


def sentences(earlier: Earlier, states: Mapping[str, RunState]) -> Iterator[tuple[str, Like | None]]:
    """What there is to say, the most important first, with the run that it is about where values differ.

    Args:
        earlier: What has run before.
        states: The runs, by id.
    """
    if earlier.same:
        state, more = states.get(earlier.same[0]), len(earlier.same) - 1
        times = f", and {counted(more, 'time')} before" if more else ""
        result = f"{result_of(state)}{times}" if state is not None else f"it is gone{times}"
        yield f"this very config has run before, as {called(earlier.same[0], states)}: {result}", None
    last, nearest = earlier.last, earlier.nearest
    if last is not None and last.count:
        yield f"differs from the last run, {called(last.run, states)}, in {counted(last.count, 'value')}", last
    if nearest is not None and nearest.count and (last is None or nearest.count < last.count):
        yield f"nearest is {called(nearest.run, states)}, which differs in {counted(nearest.count, 'value')}", nearest


def line(earlier: Earlier, states: Mapping[str, RunState]) -> str:
    """All that there is to say in one line; empty if nothing has run before."""
    parts = []
    for sentence, like in sentences(earlier, states):
        named = changes(like) if like is not None else ""
        parts.append(f"{sentence} ({named})" if named else sentence)
    return "; ".join(parts)


def changes(like: Like) -> str:
    """The first differences of two configs in few words: `epochs 3 → 10, batch_size 8 → 16, …`."""
    named = _named(like.differences)
    return ", ".join((*named, "…") if named and like.count > len(named) else named)


def called(run: str, states: Mapping[str, RunState]) -> str:
    """What a run is called; one that is gone, by the end of its id."""
    state = states.get(run)
    return named(state) if state is not None else f"…{run[-4:]}"


def result_of(state: RunState) -> str:
    """What came of a run: `succeeded, test.f1 0.98`."""
    name = state.headline
    headline = f"{name} {state.metrics[name]:.4g}" if name else state.message if state.status == "failed" else ""
    return f"{state.status}, {headline}" if headline else state.status


def _named(differences: Sequence[Difference]) -> list[str]:
    """The first differences in few words: `epochs 3 → 10`, `model._target_ Cnn → Mlp`."""
    names = short_keys(one.key for one in differences)
    found = []
    for one in differences[:NAMED]:
        before, after = one.before, one.after
        if one.key.endswith("_target_") and isinstance(before, str) and isinstance(after, str):
            last = before.rpartition(".")[2], after.rpartition(".")[2]
            before, after = last if last[0] != last[1] else (before, after)
        found.append(f"{names[one.key]} {value_words(before)} → {value_words(after)}")
    return found


def value_words(value: object) -> str:
    """A value in few characters, lists and mappings as YAML writes them in brackets; a dash for none."""
    if value is None:
        return "–"
    text = " ".join(_plain(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)

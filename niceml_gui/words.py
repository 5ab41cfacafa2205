"""How times, numbers and states are put into words, everywhere in the window."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from niceml_engine import short
from niceml_engine.counting import counted as counted
from niceml_engine.protocol.configs import Export
from niceml_engine.protocol.files import WriteFiles
from niceml_engine.protocol.frames import Request
from niceml_engine.protocol.project import ChangeSetting, ChangeVariable
from niceml_engine.protocol.runs import (
    ChangeQueue,
    DeleteRun,
    MoveRuns,
    NameRun,
    NameSweep,
    RepeatRuns,
    ResumeRun,
    StartRun,
    StopRun,
    TagRun,
)
from niceml_engine.protocol.trust import SetTrust
from niceml_engine.values import RunState
from niceml_gui.prose import with_quotes
from niceml_gui.theme.tokens import Tokens

STAMP = " …"  #: between a name and the end of the id that tells it from others of that name
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
GONE = "its folder is gone"  #: instead of the message of a run that is still shown
_CLOCK_STEPS = tuple(
    unit * many
    for unit, counts in ((1, (1, 2, 5, 10, 15, 30)), (60, (1, 2, 5, 10, 15, 30)), (3600, (1, 2, 6, 12, 24)))
    for many in counts
)
_STATUS_TOKENS = {
    "running": "ok",
    "starting": "ok",
    "succeeded": "accent",
    "failed": "error",
    "stopped": "warning",
}
_DEEDS: dict[type, str] = {
    StartRun: "starting a run",
    RepeatRuns: "running again",
    ResumeRun: "resuming a run",
    StopRun: "stopping a run",
    MoveRuns: "moving runs",
    ChangeQueue: "changing the queue",
    NameRun: "naming a run",
    NameSweep: "naming a sweep",
    TagRun: "tagging a run",
    DeleteRun: "deleting a run",
    WriteFiles: "writing files",
    Export: "exporting",
    ChangeSetting: "changing a setting",
    ChangeVariable: "changing a variable",
    SetTrust: "changing the trust",
}
#: Who set what is to blame, as the engine writes it before what is wrong: `a.yaml:8: ops.train.config.rate: `.
_SET_AT = re.compile(r"^([^:]+\.\w+:\d+: ([\w-]+([.\[][\w\]-]+)+: )?|override \S+=.*?: )")
_SUBSETS = {"validation": "val", "train_eval": "train"}  #: what they are called where there is little room
_NUMBER = re.compile("[0-9]+")
_STAMP = re.compile(r"-\d{8}T\d{6}\d*-(?=id_)")


def number(value: float | None, digits: int = 4) -> str:
    """A value in few characters: `0.0583`, `12.1`, `6.1e-4`; a dash for none."""
    if value is None:
        return NONE
    if not math.isfinite(value):
        return unbounded(str(value))
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-3 or size >= 1e6:
        mantissa, exponent = f"{value:.{max(digits - 3, 0)}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    if size >= 1000:
        return f"{value:.0f}"
    return f"{value:.{digits - 1 - math.floor(math.log10(size)) - (size < 1)}f}"


def unbounded(kind: str) -> str:
    """A value that is not finite: `∞`, `−∞`, `nan`."""
    return kind.replace("inf", "\N{INFINITY}").replace("-", MINUS)


def duration(seconds: float) -> str:
    """A span of time: `12 ms`, `0.1 s`, `42 s`, `2 min 05 s`, `1 h 04 min`."""
    if 0 < seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def countdown(seconds: float) -> str:
    """Time that is left or has gone by: `00:18`, `1:02:03`."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def elapsed(seconds: float, step: float = 1.0) -> str:
    """A place on an axis of time: `0:45`, `1:30`, `2 h 05`; `1:02:15` where places lie less than a minute apart.

    Args:
        seconds: Since the beginning.
        step: How far the places lie apart, in seconds.
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if step >= 60 else f"{hours}:{minutes:02d}:{rest:02d}"


def elapsed_exactly(seconds: float) -> str:
    """A moment since the beginning: `0:45.3`, `2:05:10`."""
    if seconds >= 3600:
        return elapsed(seconds)
    tenths = round(max(seconds, 0.0) * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def clock_ticks(low: float, high: float, count: float) -> list[tuple[float, str]]:
    """Places on an axis of time, in seconds, and their labels: round for a clock, not for ten fingers.

    Args:
        low: Where the axis begins; nothing is labelled before 0.
        high: Where it ends.
        count: About how many labels are wanted.
    """
    wished = (high - low) / max(count, 1.0)
    step = min(_CLOCK_STEPS, key=lambda step: abs(math.log(step / wished)))
    if wished > _CLOCK_STEPS[-1]:
        step = math.ceil(wished / _CLOCK_STEPS[-1]) * _CLOCK_STEPS[-1]
    places = range(max(math.ceil(low / step), 0), math.floor(high / step) + 1)
    return [(float(place * step), elapsed(place * step, step)) for place in places]


def clock(time: float) -> str:
    """The time of day, local: `09:46:02`."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S")


def day(time: float) -> str:
    """Date and time of day, local; nothing for 0."""
    return "" if not time else datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M")


def day_or_clock(time: float, now: float) -> str:
    """When something was, to the second or minute: `18:59:30` today, `22 Nov 18:59` this year, else with the year."""
    then, today = datetime.fromtimestamp(time), datetime.fromtimestamp(now)
    if then.date() == today.date():
        return clock(time)
    return f"{moment(time, now)} {then:%H:%M}"


def moment(time: float, now: float) -> str:
    """When something was, in few letters: `18:59` today, `22 Nov` this year, else `22 Nov 2025`."""
    then, today = datetime.fromtimestamp(time), datetime.fromtimestamp(now)
    if then.date() == today.date():
        return then.strftime("%H:%M")
    return f"{then.day} {then:%b}" + ("" if then.year == today.year else f" {then.year}")


def title(state: RunState) -> str:
    """A run's name without the stamp that was made for it: `CLB-…id_k3x9`; what a person called it stays.

    A run that has no name yet goes by its job and the end of its id.
    """
    return unstamped(short.named(state))


def unstamped(name: str) -> str:
    """A name without the stamp of the time: `CLB-…id_k3x9`."""
    return _STAMP.sub("-…", name)


def natural(name: str) -> tuple[str, str]:
    """What names are sorted by so that `file_2` comes before `file_10`; thousands of them are sorted in one frame."""
    return _NUMBER.sub(_by_length, name), name


def _by_length(number: re.Match[str]) -> str:
    """Digits with their count before them: as texts, they sort as the numbers do."""
    digits = number[0].lstrip("0")
    return f"{len(digits):05}{digits}"


def size(count: int) -> str:
    """Bytes: `1.2 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def unsaved(overrides: int, files: int) -> str:
    """How much is not saved: `1 override and 2 files unsaved`; nothing for nothing."""
    parts = [counted(count, thing) for count, thing in ((overrides, "override"), (files, "file")) if count]
    return f"{' and '.join(parts)} unsaved" if parts else ""


def kept(overrides: int, texts: list[str], typed: list[str]) -> str:
    """What is kept and not saved: `2 overrides and the text of a.yaml`; nothing for nothing.

    Args:
        overrides: How many overrides.
        texts: The files with unsaved texts.
        typed: The jobs with overrides that were typed and not applied.
    """
    parts = [counted(overrides, "override")] if overrides else []
    if texts:
        parts.append(f"the text of {texts[0]}" if len(texts) == 1 else f"the texts of {len(texts)} files")
    if typed:
        of = typed[0] if len(typed) == 1 else f"{len(typed)} jobs"
        parts.append(f"overrides of {of} that are typed and not applied")
    return " and ".join(parts)


def status(state: RunState) -> str:
    """A run's state in words: `running`, `stopping…`, `failed at analysis`."""
    if state.stopping:
        return "stopping…"
    if state.status == "failed" and state.op:
        return f"failed {state.at}"
    return state.status


def status_token(name: str) -> str:
    """The name of the colour that goes with the word."""
    return _STATUS_TOKENS.get(name, "muted")


def token(state: RunState) -> str:
    """The name of the colour that goes with a run's state."""
    return "warning" if state.stopping else status_token(state.status)


def status_color(name: str, tokens: Tokens) -> str:
    """The colour that goes with the word."""
    return str(getattr(tokens, status_token(name)))


def subtitle(state: RunState, now: float, *, fully: bool = False) -> str:
    """The second line of a run in the list: which ops it did again, progress, overrides, headline metric or error.

    Args:
        state: The run.
        now: Seconds since the epoch.
        fully: Whether the subset that the metric is of is called by its full name, for which the line has no room.
    """
    return " · ".join(filter(None, (again(state), _progress(state, now, fully))))


def again(state: RunState) -> str:
    """Which ops a run did upon another's experiment: `only analysis`, `resumed from prediction`; nothing for all."""
    return short.again(state)


def swept(state: RunState, shared: Collection[str] = ()) -> str:
    """A run of a sweep: as a person calls it, else by the values that tell it from the others: `rate=0.1 units=64`.

    Its title if there are none.

    Args:
        state: The run.
        shared: Overrides that tell it from none of those that it is shown with.
    """
    return short.called(state) or short.swept(state, shared) or title(state)


def sweep(state: RunState) -> str:
    """What the sweep of a run is called: as a person calls it, else by the keys that it is over."""
    return state.sweep or state.group.rpartition(" ")[0]


def tagged(tags: Iterable[str]) -> str:
    """The words that a person has put on runs: `#night #base`."""
    return " ".join(f"#{tag}" for tag in tags)


def told(state: RunState, shared: Collection[str] = ()) -> str:
    """A run in few characters beside others: what tells it from its sweep, else its title.

    Of a program that nobody has named it is what it was started with: `train.py epochs=2`.

    Args:
        state: The run.
        shared: As for `swept`.
    """
    if state.group:
        return swept(state, shared)
    program = state.script.replace("\\", "/").rpartition("/")[2]
    if program and not short.called(state) and state.overrides:
        return " ".join((program, *map(short.short_override, state.overrides)))
    return title(state)


def given(state: RunState, often: Mapping[str, int] | None = None) -> list[str]:
    """The overrides of a run, unless its name tells them already.

    Args:
        state: The run.
        often: How many of those beside it have an override: what fewer have stands first.
    """
    if told(state) != title(state):
        return []
    return short.rarest_first(state, often or {})


def _progress(state: RunState, now: float, fully: bool) -> str:
    if state.message == GONE:
        return GONE
    if state.status == "queued":
        return " ".join(given(state)) or "waits for its turn"
    if state.status == "starting":
        return state.message or "starting the worker"
    if state.status == "running" and state.no_room:
        return "disk full: what it measures is lost"
    if state.status == "running":
        return state.message or f"since {duration(state.lasted(now))}"
    spent = duration(state.ended - (state.started or state.created)) if state.ended and state.created else ""
    if state.status == "succeeded":
        return " · ".join(part for part in (headline(state, fully=fully), spent) if part)
    return spent if state.message in ("", state.status) else with_quotes(reason(state.status, wrong(state)))


def reason(status: str, message: str) -> str:
    """Why a run ended as it did, without the word for it that stands before: `its processes were ended`."""
    return message.removeprefix(f"{status}; ")


def wrong(state: RunState) -> str:
    """What went wrong with a run, without what stands before it: in which op, set where, at which key."""
    return _SET_AT.sub("", state.message.removeprefix(f"{state.op}: ")) or state.message


def headline(state: RunState, *, fully: bool = False) -> str:
    """The one metric that says how good the model is: `val f1 0.985`, fully `f1 0.985 of validation`."""
    subset, _, name = state.headline.rpartition(".")
    value = state.metrics.get(state.headline)
    if value is None:
        return state.message
    if not subset or fully:
        return f"{name} {value:.3f}" + (f" of {subset}" if subset else "")
    return f"{_SUBSETS.get(subset, subset)} {name} {value:.3f}"


def deeds(requests: Iterable[Request]) -> str:
    """What requests do that change something: `writing files, starting a run`."""
    return ", ".join(dict.fromkeys(_DEEDS[type(one)] for one in requests if type(one) in _DEEDS))

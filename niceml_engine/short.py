"""What keys of configs, and the runs of a sweep, are called where there is little room; everybody calls them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from niceml_engine.values import TRAIN_OP, RunState

TOO_LITTLE = ("_target_", "name")  #: ends of keys that say nothing without the part before them


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """The shortest ends of keys that tell them apart: `learning_rate`, or `optimizer.learning_rate` beside another.

    Args:
        keys: Keys of configs, with a dot between their parts.

    Returns:
        By key, its end.
    """
    parts = {key: tuple(key.split(".")) for key in keys}
    ends = Counter(one[-count:] for one in parts.values() for count in range(1, len(one) + 1))
    found = {}
    for key, one in parts.items():
        count = min(2 if one[-1] in TOO_LITTLE else 1, len(one))
        while count < len(one) and ends[one[-count:]] > 1:
            count += 1
        found[key] = ".".join(one[-count:])
    return found


def short_override(override: str) -> str:
    """An override without the way to its key: `rate=0.1`."""
    key, equals, value = override.partition("=")
    return f"{key.lstrip('+').rpartition('.')[2]}{equals}{value}"


def named(state: RunState) -> str:
    """What a run is called: as a person or its experiment calls it, else by its job and the end of its id.

    Where several runs were at an experiment, those after the first have the end of their own id, too.
    """
    if state.continues is not None and state.name and state.experiment.rstrip("/").endswith(f"/{state.name}"):
        return f"{state.name} …{state.id[-4:]}"
    if state.name or not state.job:
        return state.name or state.id
    job = PurePath(state.job.replace("\\", "/"))
    return f"{job.stem} …{state.id[-4:]}"


def again(state: RunState) -> str:
    """Which ops a run did upon another's experiment; nothing for all of a new one.

    `resumed from train` where it went on from a checkpoint, or is to, `again from train` where that began anew,
    `resumed from prediction`, which keeps what was trained, `only analysis`.
    """
    if state.continues is None:
        return ""
    first, *others = state.continues.ops
    if not others:
        return f"only {first}"
    begun = state.status not in ("queued", "starting")
    goes_on = first != TRAIN_OP or (state.resumed if begun else state.continues.goes_on)
    return f"{'resumed' if goes_on else 'again'} from {first}"


def swept(state: RunState) -> str:
    """The values that tell a run from the others of its sweep: `rate=0.1 units=64`; nothing if there are none."""
    names = state.group.rpartition(" ")[0].split(", ")
    own = map(short_override, state.overrides)
    return " ".join(text for text in own if text.partition("=")[0] in names)

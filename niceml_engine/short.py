"""What keys of configs, and the runs of a sweep, are called where there is little room; everybody calls them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from niceml_engine.values import RunState

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
    """What a run is called: as a person or its experiment calls it, else by its job and the end of its id."""
    if state.name or not state.job:
        return state.name or state.id
    job = PurePath(state.job.replace("\\", "/"))
    return f"{job.stem} …{state.id[-4:]}"


def swept(state: RunState) -> str:
    """The values that tell a run from the others of its sweep: `rate=0.1 units=64`; nothing if there are none."""
    names = state.group.rpartition(" ")[0].split(", ")
    own = map(short_override, state.overrides)
    return " ".join(text for text in own if text.partition("=")[0] in names)

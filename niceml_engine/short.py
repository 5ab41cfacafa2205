"""What keys of configs, and the runs of a sweep, are called where there is little room; everybody calls them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath

from niceml_engine.counting import counted
from niceml_engine.values import TRAIN_OP, RunState

TOO_LITTLE = ("_target_", "config", "name")  #: ends of keys that say nothing without the part before them


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


def short_key(key: str) -> str:
    """What the key of an override is called: `rate` of `ops.train.config.rate`, `train` of a group `ops/train@...`."""
    group, at, _ = key.lstrip("+").partition("@")
    if at or "/" in group:
        return group.rpartition("/")[2]
    parts = group.split(".")
    return ".".join(parts[-2:] if parts[-1] in TOO_LITTLE else parts[-1:])


def short_override(override: str) -> str:
    """An override without the way to its key: `rate=0.1`."""
    key, equals, value = override.partition("=")
    return f"{short_key(key)}{equals}{value}"


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


def called(state: RunState) -> str:
    """The name that a person gave a run; nothing where it is that of its experiment or its program."""
    program, stamp = state.script.replace("\\", "/").rpartition("/")[2], state.id[-4:]
    own = (state.experiment.rstrip("/").rpartition("/")[2], f"{program} {stamp}")
    return "" if state.name in own or state.name.endswith(f"-id_{stamp}") else state.name


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


def missing(state: RunState) -> str:
    """What of a run is missing, `9 rows and the checkpoint of epoch 2 are missing`; nothing where all is there."""
    rows = counted(state.missing, "row") if state.missing else ""
    many = len(state.unsaved) > 1
    epochs = " and ".join(filter(None, (", ".join(map(str, state.unsaved[:-1])), *map(str, state.unsaved[-1:]))))
    files = f"the checkpoint{'s' * many} of epoch{'s' * many} {epochs}" if epochs else ""
    told = " and ".join(filter(None, (rows, files)))
    one = state.missing + len(state.unsaved) == 1
    return told and f"{told} {'is' if one else 'are'} missing"


def swept(state: RunState, shared: Collection[str] = ()) -> str:
    """The values that tell a run from the others of its sweep: `rate=0.1 units=64`; nothing if there are none.

    Args:
        state: The run.
        shared: Overrides that tell it from none of those that it is shown with, and are left out.
    """
    own = [text for text in state.overrides if _is_swept(state, text)]
    return " ".join(map(short_override, [text for text in own if text not in shared] or own))


def rarest_first(state: RunState, often: Mapping[str, int]) -> list[str]:
    """The overrides of a run without the ways to their keys; what fewer of the runs beside it have stands first.

    Args:
        state: The run.
        often: How many of those that it is shown with have an override.
    """
    return [short_override(text) for text in sorted(state.overrides, key=lambda text: often.get(text, 0))]


def telling(states: Sequence[RunState]) -> list[str]:
    """What tells each of some runs from the others: the values of its sweep, else its overrides, rarest first."""
    often = Counter(text for state in states if not state.group for text in state.overrides)
    groups = {state.group for state in states}
    shared = {group: shared_overrides([one for one in states if one.group == group]) for group in groups}
    return [
        swept(state, shared[state.group]) if state.group else " ".join(rarest_first(state, often)) for state in states
    ]


def shared_overrides(states: Sequence[RunState]) -> frozenset[str]:
    """The overrides that all of some runs have; none of a single one."""
    if len(states) < 2:
        return frozenset()
    return frozenset.intersection(*(frozenset(state.overrides) for state in states))


def _is_swept(state: RunState, override: str) -> bool:
    key = override.partition("=")[0].lstrip("+")
    # Sweeps of earlier days call a key by its last part, whatever that is.
    return not {short_key(key), key.rpartition(".")[2]}.isdisjoint(state.group.rpartition(" ")[0].split(", "))

"""What runs and experiments hold under the names of a query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath

from niceml_engine.leaves import Leaves
from niceml_engine.query.grammar import KEYWORDS, Query
from niceml_engine.query.names import PLAIN, SPACES, STATUSES, Name
from niceml_engine.values import ENDED, Experiment, RunState, measured

NO_LEAVES = Leaves()
SIGNS = {"&": "and", "&&": "and", "|": "or", "||": "or"}  #: what other languages write for words of this one


@dataclass(frozen=True, slots=True)
class RunSubject:
    """A run.

    Attributes:
        state: As the list of runs knows it.
        leaves: The configs of runs.
        now: Seconds since the epoch, for `age` and `duration`.
    """

    state: RunState
    leaves: Leaves = NO_LEAVES
    now: float = 0.0

    def values(self, name: Name) -> Sequence[object]:
        """All that the run holds under a name."""
        state = self.state
        match name.space:
            case "metric":
                return _last(state, name.key)
            case "min":
                return _metric(state.lows, name.key)
            case "max":
                return _metric(state.highs, name.key)
            case "config":
                return self.leaves.ending(state.id, name.key)
        match name.key:
            case "status" | "state":
                return (state.status,)
            case "sweep":
                return (state.sweep, state.group) if state.sweep else (state.group,)
            case "tag":
                return state.tags
            case "job":
                return (stem(state.job),)
            case "name":
                return (state.name, state.id) if state.name else (state.id,)
            case "id" | "op" | "message" | "digest":
                return (getattr(state, name.key),)
            case "created" | "started":
                time = getattr(state, name.key)
                return (time,) if time else ()
            case "ended":
                return (state.ended + state.clock_set,) if state.ended else ()
            case "age":
                return (self.now - state.created,)
            case "duration":
                return (state.lasted(self.now),) if state.started and (state.ended or state.status not in ENDED) else ()
        return _last(state, name.key) or self.leaves.ending(state.id, name.key)

    def says(self, word: str) -> bool:
        """Whether a word occurs in its name, state, job, overrides, message or tags."""
        state = self.state
        status = f"{state.status} {state.at}" if state.status == "failed" and state.op else state.status
        own = (state.name, state.id, status, state.job, state.message, state.group, state.sweep)
        said = (*own, *state.overrides, *state.tags)
        return any(word in text.casefold() for text in said)


@dataclass(frozen=True, slots=True)
class ExperimentSubject:
    """An experiment.

    Attributes:
        experiment: As the list of experiments knows it.
        leaves: The configs of experiments by their URIs, or by the ids of the runs that made them.
        now: Seconds since the epoch, for `age`.
    """

    experiment: Experiment
    leaves: Leaves = NO_LEAVES
    now: float = 0.0

    def values(self, name: Name) -> Sequence[object]:
        """All that the experiment holds under a name."""
        one = self.experiment
        config = one.uri if one.uri in self.leaves else one.run_id
        match name.space:
            case "metric":
                return _last(one, name.key)
            case "min":
                return _metric(one.lows, name.key)
            case "max":
                return _metric(one.highs, name.key)
            case "config":
                return self.leaves.ending(config, name.key)
        match name.key:
            case "status" | "state":
                return (one.status,) if one.status else ()
            case "job":
                return (stem(one.job),)
            case "id":
                return (one.run_id,)
            case "name" | "digest":
                return (getattr(one, name.key),)
            case "created":
                return (one.created,) if one.created else ()
            case "age":
                return (self.now - one.created,) if one.created else ()
        if name.key in PLAIN:
            return ()
        return _last(one, name.key) or self.leaves.ending(config, name.key)

    def says(self, word: str) -> bool:
        """Whether a word occurs in its name, place, status or job."""
        one = self.experiment
        return any(word in text.casefold() for text in (one.name, one.uri, one.status, one.job))


def stem(job: str) -> str:
    """A job file without its folder and its ending."""
    return PurePosixPath(job.replace("\\", "/")).stem


def _last(of: RunState | Experiment, key: str) -> Sequence[object]:
    value = measured(of, key)
    return () if value is None else (value,)


def _metric(ends: Mapping[str, float], key: str) -> Sequence[object]:
    return (ends[key],) if key in ends else ()


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to ask for.

    Attributes:
        metrics: Names of metrics.
        leaves: The configs.
    """

    metrics: frozenset[str] = frozenset()
    leaves: Leaves = NO_LEAVES


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name or a word in a query that most likely is meant otherwise.

    Attributes:
        name: That, with its place.
        said: Why, in a sentence.
        instead: What is meant most likely; empty where nothing is like it.
    """

    name: Name
    said: str
    instead: str = ""


def doubts(query: Query, known: Known) -> list[Doubt]:
    """What in a query is most likely meant otherwise.

    Names under which nothing holds anything, those of a metric that name a set number, too, and misspelled words.

    Args:
        query: The query.
        known: What there is; its leaves are all that the query is asked of.
    """
    found: dict[str, Doubt] = {}
    for name in query.names:
        if not name.space and name.key in PLAIN:
            continue
        metric = name.key in known.metrics and name.space != "config"
        key = name.space in ("config", "") and bool(known.leaves.keys_ending(name.key))
        if not metric and not key:
            near = _near(name, known)
            said = f"nothing has {name}; did you mean {near}?" if near else f"nothing has {name}"
            found.setdefault(str(name), Doubt(name, said, near))
        elif metric and not name.space and _is_number(name.key, known):
            said = f"{name} is read as metric.{name}, its last value; what was set is config.{name}"
            found.setdefault(str(name), Doubt(name, said, f"config.{name}"))
    for word in query.words:
        if meant := _misspelled(word.key.casefold(), beside=bool(query.names)):
            said = f"{word} is looked for as a word; did you mean {meant}?"
            found.setdefault(str(word), Doubt(word, said, meant))
    return list(found.values())


def _misspelled(word: str, *, beside: bool) -> str:
    """The word of the language that a plain one is most like, if it is very like; `beside` comparisons also `and`."""
    if beside and word in SIGNS:
        return SIGNS[word]
    mixed = (keyword for keyword in KEYWORDS if beside and sorted(keyword) == sorted(word))
    states = () if any(word in status for status in STATUSES) else get_close_matches(word, STATUSES, 1, 0.8)
    return next(iter((*mixed, *states)), "")


def _is_number(key: str, known: Known) -> bool:
    """Whether a key of the configs holds numbers, as a metric does."""
    values = known.leaves.distinct(key)
    return any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _near(name: Name, known: Known) -> str:
    last = name.key.rpartition(".")[2]
    if name.space == "config" and name.key in known.metrics:
        return f"metric.{name.key}"
    if name.space in ("metric", "min", "max") and known.leaves.keys_ending(name.key):
        return f"config.{name.key}"
    names: dict[str, str] = {}
    if name.space != "config":
        names |= {metric: f"{name.space or 'metric'}.{metric}" for metric in known.metrics}
    if name.space in ("config", ""):
        lasts = Counter(key.rpartition(".")[2] for key in known.leaves.keys)
        keys = {key.rpartition(".")[2]: key for key in known.leaves.keys}
        names |= {last: f"config.{key if lasts[last] == 1 else last}" for last, key in keys.items()}
    if not name.space:
        names |= {word: word for word in (*PLAIN, *SPACES)}
    near = get_close_matches(name.key, names, 1) or get_close_matches(last, names, 1)
    return names[near[0]] if near else ""

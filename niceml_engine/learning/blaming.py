"""Which value of a config an error is about: the object in which it arose, and the argument of that."""

from __future__ import annotations

import errno
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType, FunctionType, TracebackType
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.errors import FULL, NicemlError
from niceml_engine.jobs.advice import cause_line
from niceml_engine.jobs.objects import below
from niceml_engine.learning.blamed_code import arguments_at, is_library, package_of
from niceml_engine.ops_path import op_key
from niceml_engine.store.experiment import ExperimentFolder

_QUOTED = re.compile(r"[`'\"](\w+(?:\.\w+)*)[`'\"]")
_LETTERS = 4  #: that a text has at least which is looked for in a message without quotes
_PLAIN = (str, int, float, bool, type(None))
_DEEPEST = 32  #: interpolations that lead to each other
_ONE_KEY = re.compile(r"\$\{([^${}:]+)\}")  #: an interpolation that is nothing but another key
_EXPERIMENTS = f"{op_key('experiment')}.location.uri"


@dataclass(frozen=True)
class Made:
    """An object that was made of a config.

    Attributes:
        node: Its config.
        value: The object.
    """

    node: DictConfig
    value: Any

    @property
    def key(self) -> str:
        """Where its config stands; empty at the top."""
        return str(self.node._get_full_key(None))

    def at(self, argument: str) -> str:
        """The key of an argument; of the object itself where that is empty."""
        return ".".join(filter(None, (self.key, argument)))


#: What has been made in this context; where it is not set, nobody asks.
NOTED: ContextVar[list[Made] | None] = ContextVar("NOTED", default=None)


def note(node: Any, value: Any) -> None:
    """Remembers what was made of a config, so that an error that arises in it can be told with its key."""
    noted = NOTED.get()
    if noted is not None:
        noted.extend(made_of(node, value))


def made_of(node: Any, value: Any) -> Iterator[Made]:
    """The object that was made of a config, and those in it that it has under the names of its arguments."""
    if isinstance(value, _PLAIN):
        return
    if isinstance(node, DictConfig):
        if "_target_" in node:
            yield Made(node, value)
        parts = {str(name): part for name, part in _parts(value).items() if not isinstance(part, _PLAIN)}
        for name in node:
            if str(name) in parts:
                yield from made_of(below(node, name), parts[str(name)])
    elif isinstance(node, ListConfig) and isinstance(value, Sequence):
        for index, part in enumerate(value[: len(node)]):
            yield from made_of(below(node, index), part)


def _parts(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, functools.partial):
        return value.keywords
    return value if isinstance(value, Mapping) else getattr(value, "__dict__", {})


def culprit(error: BaseException, made: Iterable[Made]) -> str:
    """The key of the object in which an error arose, or of the one argument that it is about.

    It arose in the object whose code was at work, that of several which was called last.

    Args:
        error: What was raised.
        made: The objects that may be to blame.

    Returns:
        Empty where none of them is: none was at work, or it only met a full disk.
    """
    objects = tuple(made)
    for one in reversed(tuple(_causes(error))):
        if _met_a_limit(one):
            return ""
        for step in reversed(tuple(_steps(one))):
            if isinstance(one, NicemlError) and isinstance(step.tb_frame.f_locals.get("self"), ExperimentFolder):
                return _EXPERIMENTS
            found = _at_work(step.tb_frame, objects)
            if found is not None:
                return found.at(argument(found.node, error, package_of(step.tb_frame)))
    return ""


def argument(node: Any, error: BaseException, package: str = "") -> str:
    """The one argument of an object that an error is about; empty where that cannot be told, or there are several.

    It is the one that the error names, else the one whose text it quotes, else the one that the line works with at
    which it was raised: `Dropout(self.dropout)` says of its `rate` that it is too large, and knows no other name.
    Errors of our own say by name what they mean.

    Args:
        node: The object's config.
        error: What was raised.
        package: Whose code is looked into besides the project's: that of the object.
    """
    causes = tuple(_causes(error))
    for one in causes:
        said = one.message if isinstance(one, NicemlError) else str(one)
        if name := named(node, cause_line(one)) or named(node, said) or _quoting(node, said):
            return name
    if any(isinstance(one, NicemlError) for one in causes):
        return ""
    steps = [step for step in _steps(causes[-1]) if not is_library(step.tb_frame, package)]
    return arguments_at(steps[-1], _names(node)) if steps else ""


def named(node: Any, said: str) -> str:
    """The one argument of an object that an error puts into quotes, `location.uri` being one inside another.

    Args:
        node: The object's config.
        said: What the error says.

    Returns:
        Empty where it names none, or several.
    """
    return _only(node, _QUOTED.findall(said))


def source_of(config: Any, key: str) -> str:
    """The key at which a value is written that stands at another one by interpolations such as `${globals.uri}`.

    Args:
        config: The composed config, unresolved.
        key: Where the value is looked for.
    """
    for _ in range(_DEEPEST):
        try:
            other = _referred(config, key)
            if not other or OmegaConf.select(config, other) is None:
                return key
        except (OmegaConfBaseException, ValueError):  # what cannot be resolved is wrong where it stands
            return key
        key = other
    return key


def _referred(config: Any, key: str) -> str:
    """The key that the first interpolation on the way to a key makes of it; empty where there is none."""
    parts = re.findall(r"[^.\[\]]+", key)
    node = config
    for number, part in enumerate(parts):
        if not isinstance(node, DictConfig | ListConfig):
            return ""
        child = node._get_node(int(part) if isinstance(node, ListConfig) else part)
        if child is None or isinstance(child, list):
            return ""
        found = _ONE_KEY.fullmatch(str(child._value())) if child._is_interpolation() else None
        if found is not None:
            root, inside = node._resolve_key_and_root(found[1])
            return ".".join(filter(None, (root._get_full_key(None), inside, *parts[number + 1 :])))
        node = child
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _met_a_limit(error: BaseException) -> bool:
    """Whether an error is about what the machine has, whoever was the first to need more."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or isinstance(error, MemoryError) or str(error).endswith(FULL)


def _steps(error: BaseException) -> Iterator[TracebackType]:
    step = error.__traceback__
    while step is not None:
        yield step
        step = step.tb_next


def _at_work(frame: FrameType, made: Sequence[Made]) -> Made | None:
    """The object whose method a frame runs, or that is the function which it runs; none where it may be several."""
    itself = frame.f_locals.get("self")
    if itself is None:
        found = [one for one in made if _runs(frame, _called(one.value))]
    else:  # what a `_partial_` made later is not known but by its class
        found = [one for one in made if one.value is itself][:1]
        found = found or [one for one in made if _called(one.value) is type(itself)]
    return found[0] if len(found) == 1 else None


def _called(value: Any) -> Any:
    """What a partial function, or one of one, calls in the end."""
    while isinstance(value, functools.partial):
        value = value.func
    return value


def _runs(frame: FrameType, function: Any) -> bool:
    """Whether a frame runs a function, and no other that shares its code, as those do that one decorator made."""
    if not isinstance(function, FunctionType) or function.__code__ is not frame.f_code:
        return False
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return all(frame.f_locals.get(name) is cell.cell_contents for name, cell in cells)


def _names(node: Any) -> frozenset[str]:
    names = map(str, node) if isinstance(node, DictConfig) else ()
    return frozenset(name for name in names if not name.startswith("_"))


def _only(node: Any, words: Iterable[str]) -> str:
    found = set(filter(None, (_inside(node, word.split(".")) for word in words)))
    return found.pop() if len(found) == 1 else ""


def _inside(node: Any, parts: Sequence[str]) -> str:
    """How far a path leads into a config, as a key in it."""
    there: list[str] = []
    for part in parts:
        if not isinstance(node, DictConfig) or part not in node:
            break
        there.append(part)
        node = below(node, part)
    return ".".join(there)


def _quoting(node: Any, said: str) -> str:
    """The one argument whose text a message quotes."""
    found = [name for name in _names(node) if _quotes(said, below(node, name))]
    return found[0] if len(found) == 1 else ""


def _quotes(said: str, value: Any) -> bool:
    if not isinstance(value, str) or not value:
        return False
    if any(f"{mark}{value}{mark}" in said for mark in "'\"`"):
        return True
    return len(value) >= _LETTERS and re.search(rf"(?<![\w./]){re.escape(value)}(?![\w./])", said) is not None

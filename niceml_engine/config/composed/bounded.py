"""OmegaConf's resolving within limits: it knows none itself, and interpolations may multiply without end.

What a value was resolved from is noted meanwhile, so that it need not be resolved again while nothing of that changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from omegaconf import Node, OmegaConf
from omegaconf._utils import split_key
from omegaconf.base import Container
from omegaconf.errors import InterpolationResolutionError

from niceml_engine.config.text.files import Path_
from niceml_engine.config.text.limits import MAX_JOB_STEPS, MAX_STEPS

_TEXT_PER_STEP = 100  #: characters that count as one more step
_STEPS_PER_RESOLVER = 5  #: its results are not remembered
_LASTING = frozenset(("oc.env", "oc.decode", "niceml.to_int", "niceml.to_float", "niceml.to_bool", "hydra"))
"""Resolvers that give the same for the same arguments in the same environment; Hydra's own knows nothing here."""


class TooManyStepsError(InterpolationResolutionError):
    """A value takes more steps to resolve than it may."""


@dataclass
class Notes:
    """What a value was resolved from.

    Attributes:
        reads: The paths that interpolations named, and what these rested on.
        lasting: Whether it would be the same again while nothing at these paths changes.
    """

    reads: set[Path_] = field(default_factory=set)
    lasting: bool = True

    def add(self, other: Notes) -> None:
        """Adds what something rested on that this rests on."""
        self.reads |= other.reads
        self.lasting = self.lasting and other.lasting


@dataclass
class Budget:
    """The steps and notes of the value at hand, the steps that are left for all, and what was found so far."""

    steps: int = 0
    left: int = MAX_JOB_STEPS
    notes: Notes = field(default_factory=Notes)
    found: dict[tuple[int, str], tuple[Node, Notes]] = field(default_factory=dict)

    def begin(self) -> None:
        """Begins with another value."""
        self.steps, self.notes = 0, Notes()

    def spend(self, steps: int = 1) -> None:
        """Takes steps.

        Raises:
            TooManyStepsError: There are none left.
        """
        self.steps += steps
        self.left -= steps
        if self.steps > MAX_STEPS or self.left < 0:
            most = MAX_STEPS if self.steps > MAX_STEPS else MAX_JOB_STEPS
            raise TooManyStepsError(f"the interpolations multiply to more than {most:,} steps")

    def repeat(self, steps: int) -> None:
        """Takes the steps of a value that is known already, so that all the others have as many left as ever."""
        self.left -= steps


_CURRENT: ContextVar[Budget | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def bounded() -> Iterator[Budget]:
    """Counts and notes what OmegaConf does to resolve values of one config, in this thread and for a while.

    It resolves what a value names as often as that is named; here, what was found is remembered, so that the config
    must not change meanwhile.
    """
    _install()
    budget = Budget()
    token = _CURRENT.set(budget)
    try:
        yield budget
    finally:
        _CURRENT.reset(token)


@cache
def _install() -> None:
    by_key, by_resolver = Container._resolve_node_interpolation, Container._evaluate_custom_resolver

    def remembering(container: Container, inter_key: str, memo: set[int] | None) -> Node:
        budget = _CURRENT.get()
        if budget is None:
            return by_key(container, inter_key, memo)
        known = (id(container), inter_key)
        if known not in budget.found:
            outer, budget.notes = budget.notes, Notes()
            try:
                node = by_key(container, inter_key, memo)
                budget.notes.reads.add(_path(container, inter_key))
                budget.found[known] = (node, budget.notes)
            finally:
                budget.notes = outer
        node, notes = budget.found[known]
        budget.notes.add(notes)
        budget.spend(1 + _length(node) // _TEXT_PER_STEP)
        return node

    def counting(container: Container, **given: Any) -> Any:
        budget, resolver = _CURRENT.get(), given["inter_type"]
        if budget is not None and resolver not in _LASTING and OmegaConf.has_resolver(resolver):
            budget.notes.lasting = False
        result = by_resolver(container, **given)
        if budget is not None:
            budget.spend(_STEPS_PER_RESOLVER + _length(result) // _TEXT_PER_STEP)
        return result

    for name, function in (("_resolve_node_interpolation", remembering), ("_evaluate_custom_resolver", counting)):
        setattr(Container, name, function)


def _path(container: Container, inter_key: str) -> Path_:
    """The path of what an interpolation in a container names; a relative one begins with dots."""
    if not inter_key.startswith("."):
        return tuple(split_key(inter_key))
    above: Any
    above, rest = container._resolve_key_and_root(inter_key)
    keys = split_key(rest) if rest else []
    while (parent := above._get_parent()) is not None:
        keys.insert(0, str(above._key()))
        above = parent
    return tuple(keys)


def _length(result: Any) -> int:
    value = result._value() if isinstance(result, Node) else result
    return len(value) if isinstance(value, str) else 0

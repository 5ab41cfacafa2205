"""OmegaConf's resolving within limits: it knows none itself, and interpolations may multiply without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from omegaconf import Node
from omegaconf.base import Container
from omegaconf.errors import InterpolationResolutionError

from niceml_engine.config.text.limits import MAX_JOB_STEPS, MAX_STEPS

_TEXT_PER_STEP = 100  #: characters that count as one more step
_STEPS_PER_RESOLVER = 5  #: its results are not remembered


class TooManyStepsError(InterpolationResolutionError):
    """A value takes more steps to resolve than it may."""


@dataclass
class Budget:
    """The steps that are left, of the value at hand and of all, and what was found so far."""

    value: int = MAX_STEPS
    all: int = MAX_JOB_STEPS
    found: dict[tuple[int, str], Node] = field(default_factory=dict)

    def spend(self, steps: int = 1) -> None:
        """Takes steps.

        Raises:
            TooManyStepsError: There are none left.
        """
        self.value -= steps
        self.all -= steps
        if self.value < 0 or self.all < 0:
            most = MAX_STEPS if self.value < 0 else MAX_JOB_STEPS
            raise TooManyStepsError(f"the interpolations multiply to more than {most:,} steps")


_CURRENT: ContextVar[Budget | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def bounded() -> Iterator[Budget]:
    """Counts what OmegaConf does to resolve values of one config, in this thread and for a while.

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
            budget.found[known] = by_key(container, inter_key, memo)
        budget.spend(1 + _length(budget.found[known]) // _TEXT_PER_STEP)
        return budget.found[known]

    def counting(*args: Any, **kwargs: Any) -> Any:
        result, budget = by_resolver(*args, **kwargs), _CURRENT.get()
        if budget is not None:
            budget.spend(_STEPS_PER_RESOLVER + _length(result) // _TEXT_PER_STEP)
        return result

    for name, function in (("_resolve_node_interpolation", remembering), ("_evaluate_custom_resolver", counting)):
        setattr(Container, name, function)


def _length(result: Any) -> int:
    value = result._value() if isinstance(result, Node) else result
    return len(value) if isinstance(value, str) else 0

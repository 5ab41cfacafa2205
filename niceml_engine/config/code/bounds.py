"""Between which numbers a value must lie."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

NAMED: dict[str, tuple[str, dict[str, float]]] = {
    "PositiveInt": ("int", {"gt": 0}),
    "NonNegativeInt": ("int", {"ge": 0}),
    "NegativeInt": ("int", {"lt": 0}),
    "NonPositiveInt": ("int", {"le": 0}),
    "PositiveFloat": ("float", {"gt": 0}),
    "NonNegativeFloat": ("float", {"ge": 0}),
    "NegativeFloat": ("float", {"lt": 0}),
    "NonPositiveFloat": ("float", {"le": 0}),
}
"""Pydantic's names for numbers within bounds."""
_WORDS = {"ge": "ge", "gt": "gt", "le": "le", "lt": "lt", "min": "ge", "max": "le"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a number may be.

    Attributes:
        least: Lower bound.
        most: Upper bound.
        least_open: The lower bound itself is not allowed.
        most_open: The upper bound itself is not allowed.
    """

    least: float | None = None
    most: float | None = None
    least_open: bool = False
    most_open: bool = False

    def __bool__(self) -> bool:
        return self.least is not None or self.most is not None

    def words(self) -> str:
        """As a person writes it: `≥ 1`, `0…1`, `0 < x ≤ 1`."""
        low, high = _number(self.least), _number(self.most)
        if low and high:
            if not (self.least_open or self.most_open):
                return f"{low}\N{HORIZONTAL ELLIPSIS}{high}"
            return f"{low} {_sign('<', self.least_open)} x {_sign('<', self.most_open)} {high}"
        if low:
            return f"{_sign('>', self.least_open)} {low}"
        return f"{_sign('<', self.most_open)} {high}" if high else ""


UNBOUNDED = Bounds()


def of_limits(limits: dict[str, float], whole: bool = False) -> Bounds:
    """Bounds from `ge`, `gt`, `le`, `lt`; a whole number above 0 is at least 1."""
    least, most = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    open_least, open_most = "ge" not in limits and "gt" in limits, "le" not in limits and "lt" in limits
    if whole and open_least and least is not None and least == int(least):
        least, open_least = least + 1, False
    if whole and open_most and most is not None and most == int(most):
        most, open_most = most - 1, False
    return Bounds(least, most, open_least, open_most)


def of_metadata(nodes: Iterable[ast.expr]) -> dict[str, float]:
    """The limits in the metadata of an annotation: `Ge(1)`, `Interval(ge=0, le=1)`, `Field(gt=0)`, `Meta(ge=0)`."""
    found: dict[str, float] = {}
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name.lower() in ("ge", "gt", "le", "lt") and node.args:
            found |= _limit(name.lower(), node.args[0])
        for keyword in node.keywords:
            if keyword.arg in _WORDS:
                found |= _limit(_WORDS[keyword.arg], keyword.value)
    return found


def _limit(name: str, node: ast.expr) -> dict[str, float]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return {}
    return {name: float(value)} if isinstance(value, int | float) else {}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _sign(sign: str, strict: bool) -> str:
    return sign if strict else {"<": "\N{LESS-THAN OR EQUAL TO}", ">": "\N{GREATER-THAN OR EQUAL TO}"}[sign]

"""What a callable takes, as its source says; and why nothing can be said of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["positional", "any", "args", "keyword", "kwargs"]
KINDS: dict[str, Kind] = {
    "positional-only": "positional",
    "positional or keyword": "any",
    "variadic positional": "args",
    "keyword-only": "keyword",
    "variadic keyword": "kwargs",
}
#: Keys beside the arguments of a `_target_` that say how it is called.
RESERVED = frozenset({"_target_", "_partial_", "_args_", "_convert_", "_recursive_"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Attributes:
        name: Its name.
        kind: How it is given.
        default: Source text, `None` where it has none.
        annotation: Source text.
        scope: The module in which the names of the annotation mean something.
        doc: The text below it, where a class documents its fields one by one.
    """

    name: str
    kind: Kind = "any"
    default: str | None = None
    annotation: str = ""
    scope: str = field(default="", compare=False)
    doc: str = field(default="", compare=False)

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is None and self.kind not in ("args", "kwargs")

    def __str__(self) -> str:
        star = {"args": "*", "kwargs": "**"}.get(self.kind, "")
        text = f"{star}{self.name}" + (f": {self.annotation}" if self.annotation else "")
        return text if self.default is None or star else f"{text}={self.default}"


@dataclass(frozen=True, slots=True)
class Signature:
    """How something is called.

    Attributes:
        target: The dotted name that was asked for.
        name: The dotted name at which it is defined.
        parameters: Without `self` and `cls`.
        doc: Docstring, of a class its own or that of its constructor.
        docs: All docstrings that may speak of a parameter: its own, its constructor's, those of its bases.
        file: Source file.
        line: Line of the definition.
    """

    target: str
    name: str
    parameters: tuple[Parameter, ...] = ()
    doc: str = ""
    file: str = ""
    line: int = 0
    docs: tuple[str, ...] = field(default=(), compare=False)

    def accepts(self, name: str) -> bool:
        """Whether a keyword argument of that name can be given."""
        return any(p.kind == "kwargs" or (p.name == name and p.kind in ("any", "keyword")) for p in self.parameters)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Reading cannot tell; `reason` says why in a few words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such thing; `names` are those that might have been meant."""

    message: str
    names: tuple[str, ...] = ()

"""What is known of the values of a composed config without running anything: frozen values, as in `values`."""

from __future__ import annotations

from typing import Any, Literal

from niceml_engine.values import Frozen

ValueKind = Literal["bool", "int", "float", "text", "lines", "list", "mapping", "path", "url", "target", "any"]


class Described(Frozen, frozen=True, omit_defaults=True):
    """What is known of a value without running anything."""

    kind: ValueKind = "any"  #: how it is edited
    type: str = ""  #: as a person reads it, `int ≥ 1`, `list[int]`
    items: ValueKind = "any"  #: how the items of a list are edited, where that is declared
    item_classes: tuple[str, ...] = ()  #: dotted names of the classes of which the items of a list are made
    nullable: bool = False
    least: float | None = None
    most: float | None = None
    least_open: bool = False  #: `least` itself is not allowed
    most_open: bool = False
    choices: tuple[Any, ...] = ()  #: the only values there are
    classes: tuple[str, ...] = ()  #: dotted names of the classes of which an object is asked for
    default: str | None = None  #: of the signature or the declaration, as source text
    doc: str = ""
    owner: str = ""  #: the `_target_` that takes it, or the op
    exists: bool | None = None  #: whether there is such a file or folder
    secret: bool = False
    unnamed: bool = False  #: no override can set it: its key holds a dot, a space or the like, or a group is called so


class Argument(Frozen, frozen=True, omit_defaults=True):
    """An argument that a target takes."""

    name: str
    type: str = ""
    default: str | None = None  #: source text; without one it has to be given
    doc: str = ""


class Target(Frozen, frozen=True, omit_defaults=True):
    """What is known of a `_target_`."""

    name: str  #: as written
    signature: str = ""  #: `Adam(learning_rate=0.001, ...)`
    doc: str = ""
    file: str = ""
    line: int = 0
    absent: tuple[Argument, ...] = ()  #: what it takes and is not given
    reason: str = ""  #: why nothing can be said


class Description(Frozen, frozen=True):
    """What is known of the values of a composed config."""

    values: dict[str, Described]  #: by key
    targets: dict[str, Target]  #: by the key of the mapping that holds the `_target_`


class Candidate(Frozen, frozen=True, omit_defaults=True):
    """A class or function that may stand as a `_target_`, and what choosing it does."""

    target: str
    doc: str = ""
    file: str = ""
    line: int = 0
    own: bool = False  #: the project's own
    dropped: tuple[str, ...] = ()  #: arguments that fall away
    needed: tuple[str, ...] = ()  #: arguments that must then be given
    overrides: tuple[str, ...] = ()  #: the selection's overrides with it


class Fitting(Frozen, frozen=True):
    """What may stand as a `_target_`."""

    expects: tuple[str, ...] = ()  #: dotted names of what is asked for
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""  #: why there may be more, or why nothing can be said


class Name(Frozen, frozen=True, omit_defaults=True):
    """A dotted name that may be written as a `_target_`, or of a module in which some lie."""

    name: str
    doc: str = ""
    module: bool = False


class Expansion(Frozen, frozen=True):
    """The runs that a selection stands for."""

    runs: tuple[tuple[str, ...], ...]  #: the overrides of each, place by place those of the selection
    swept: tuple[int, ...] = ()  #: places of the overrides that take several values

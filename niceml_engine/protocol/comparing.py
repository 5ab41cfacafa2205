"""The request to compare two configs, and its answer."""

from __future__ import annotations

from typing import Any, Literal

from niceml_engine.leaves import LeavesPart
from niceml_engine.protocol.base import Asked
from niceml_engine.protocol.earlier import Earlier, LookBack
from niceml_engine.values import Frozen, Origin, Selection

ChangeKind = Literal["added", "removed", "changed", "moved"]


class Change(Frozen, frozen=True, omit_defaults=True):
    """One leaf, or one item of a list, in which two configs differ.

    Values are unresolved; secrets are masked.
    """

    kind: ChangeKind
    key: str  #: where it is now; what was removed, where it was
    before: Any = None
    after: Any = None
    before_key: str = ""  #: where it was, if elsewhere
    before_origin: Origin | None = None  #: who set it then
    origin: Origin | None = None  #: who sets it now
    outside: bool = False  #: both write the same, and the environment gave another value; the values are resolved


class Compare(Asked, frozen=True):
    """Asks in which values a selection differs from something else: exactly one of the others, or its job as saved."""

    selection: Selection
    other: Selection | None = None  #: another job, or the same with other choices
    run: str = ""  #: id of a run
    experiment: str = ""  #: URI of an experiment folder


class Comparison(Frozen, frozen=True):
    """How a config differs from another one, in the order of its keys."""

    changes: tuple[Change, ...] = ()
    digest: str = ""  #: of the selection


class ReadLeaves(Asked, frozen=True):
    """Asks for the configs of all runs, or for those that somebody lacks who has so much of the table with a stamp."""

    stamp: str = ""
    keys: int = 0
    values: int = 0
    rows: int = 0


CompareRequest = Compare

COMPARE_RESULTS: dict[type, Any] = {Compare: Comparison, LookBack: Earlier, ReadLeaves: LeavesPart}

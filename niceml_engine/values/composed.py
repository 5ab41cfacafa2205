"""A selection, and what it composes to: leaves with their origins, the defaults graph, the choices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from niceml_engine.values.frozen import Frozen
from niceml_engine.values.problems import Problem


class Selection(Frozen, frozen=True):
    """What a person chose: a job file and overrides in Hydra's grammar, choices among them, in order."""

    job: str
    overrides: tuple[str, ...] = ()


class Place(Frozen, frozen=True):
    """Where something inside a list stands, in the file that sets the list."""

    path: str  #: the way from the list, `[0].patience`
    line: int
    text: str = ""  #: as written there, of a single value
    comment: str = ""  #: what the file says of it


class Origin(Frozen, frozen=True):
    """A place that sets a value."""

    node: str  #: node id of the file; `override` for an override
    file: str = ""  #: empty for an override
    line: int = 0  #: line of the key in `file`, or which override (from 1)
    package: str = ""  #: the package at which the file was included
    text: str = ""  #: the value as written there (the whole override for an override)
    inside: tuple[Place, ...] = ()  #: what lies in the value, where that is a list of few
    comment: str = ""  #: what the file says of the value, above it or behind it


class Leaf(Frozen, frozen=True):
    """One value of the composed config: a scalar, a whole list, or an empty mapping."""

    key: str
    value: Any  #: unresolved
    origin: Origin  #: who won
    shadows: tuple[Origin, ...] = ()  #: who lost, in merge order
    resolved: Any = None  #: equals `value` where there is nothing to resolve; masked where secret
    reason: str = ""  #: why it cannot be resolved, in one line
    secret: bool = False
    own: bool = False  #: resolved by code of the project

    @property
    def comment(self) -> str:
        """What the files say of it: the one that set it last, or else one whose value that took the place of."""
        return next((one.comment for one in (self.origin, *reversed(self.shadows)) if one.comment), "")


class Head(Frozen, frozen=True, omit_defaults=True):
    """A mapping of the composed config, and who made it: its key in a file, or the entry that includes a file at it."""

    key: str
    origins: tuple[Origin, ...]  #: in merge order, each place once; of many, the last
    more: int = 0  #: so many others come before these

    @property
    def origin(self) -> Origin:
        """Who made it last."""
        return self.origins[-1]

    @property
    def others(self) -> int:
        """In how many other places it is made, too."""
        return self.more + len(self.origins) - 1


class Node(Frozen, frozen=True):
    """A config file in the defaults graph."""

    id: str
    file: str
    missing: bool = False  #: nothing of it is in the config

    @property
    def lack(self) -> str:
        """Why nothing of it is in the config: it is `missing`, or `unreadable` where there is a file; else empty."""
        return ("unreadable" if self.file else "missing") if self.missing else ""


class Edge(Frozen, frozen=True, rename={"source": "from", "target": "to"}):
    """One include: an entry of a defaults list."""

    source: str
    target: str
    package: str
    line: int = 0  #: line of the entry in the source's file
    optional: bool = False
    override: bool = False
    named_in: str = ""  #: file of the `override` entry that names the option, if one does
    named_at: int = 0  #: its line


class Default(Frozen, frozen=True):
    """One entry of the final defaults list, in merge order."""

    config_path: str
    package: str
    parent: str | None
    is_self: bool = False


class Choice(Frozen, frozen=True):
    """A place in a defaults list at which another option can be chosen."""

    key: str  #: what stands left of `=` in an override, `ops/train@ops.train.config`; empty if it cannot be written
    group: str
    package: str
    chosen: tuple[str, ...]  #: option names without `.yaml`; empty for `null` or `???`
    options: tuple[str, ...]
    node: str  #: id of the file whose defaults list holds the entry
    file: str = ""
    line: int = 0
    is_list: bool = False
    optional: bool = False
    missing: bool = False  #: the entry says `???` and nothing was chosen
    changed: bool = False  #: an override of the selection made the choice
    nothing: bool = False  #: without that, nothing is chosen


class Assigned(Frozen, frozen=True):
    """A leaf that a layer of the merge sets."""

    path: tuple[str, ...]  #: its keys from the top
    value: Any  #: unresolved; masked where secret
    line: int = 0  #: its line in the layer's file; 0 if it has none of its own

    @property
    def key(self) -> str:
        """The same as a leaf's key."""
        return ".".join(self.path)


class MergeStep(Frozen, frozen=True):
    """What one layer of the merge does."""

    origin: Origin  #: the file at its package, or the override with its number and text
    sets: tuple[Assigned, ...] = ()
    drops: tuple[tuple[str, ...], ...] = ()  #: paths of leaves that it takes away


def merge_order(steps: Iterable[MergeStep]) -> dict[str, list[int]]:
    """The places of each file in the merge order, from 1."""
    found: dict[str, list[int]] = {}
    for number, step in enumerate(steps, 1):
        if step.origin.file:
            found.setdefault(step.origin.node, []).append(number)
    return found


class Composed(Frozen, frozen=True):
    """A composed config, with where everything in it comes from.

    `error` is set when Hydra refused: then the data is empty, while nodes, edges and choices hold whatever could
    still be read, so that a person can mend the choice that broke it.
    """

    selection: Selection
    digest: str = ""
    dagster_job: str = ""
    yaml: str = ""  #: as `OmegaConf.to_yaml` prints it, unresolved, without the `hydra` node
    resolved_yaml: str = ""  #: the same with every leaf resolved that can be; secrets masked
    lines: tuple[str, ...] = ()  #: the key that stands on each line of `yaml`; empty inside lists and long texts
    resolved_lines: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    heads: tuple[Head, ...] = ()  #: of mappings that are no leaves; some that were deleted may be among them
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    defaults: tuple[Default, ...] = ()
    choices: tuple[Choice, ...] = ()
    hydra: tuple[Choice, ...] = ()  #: what is chosen of Hydra's own groups; their options stand in the tree
    #: The folders that groups of overrides are relative to, in the order of the search path, each with a slash at its
    #: end: those of its sources, or of a job below the top of its source that folder in each of them.
    bases: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: Problem | None = None
    milliseconds: float = 0.0
    runs: int = 1  #: how many runs the selection stands for; composed is the first

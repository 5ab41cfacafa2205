"""What can be set, as plain values: a card per op, with its pickers and its most useful fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from niceml_engine.protocol.configs import OpReference
from niceml_engine.values import Choice, Composed, FieldSpec, Leaf
from niceml_gui.workspaces.compose.usage import op_of

Kind = Literal["bool", "int", "float", "text", "list", "target", "any"]
_REFERENCE = re.compile(r"\$\{[^:{}]*\}")
_VARIABLE = re.compile(r"\$\{oc\.env:\s*([^,}\s]+)")
_PER_SECTION = 6  #: fields that a section shows of its own; the rest is below "all values"
_SHORT_LIST = 8
_MOST_ROWS = 80  #: a card shows no more than these, besides what is changed or missing


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a card: a picker, a field, or both of which stand for the same package.

    Attributes:
        key: Config key of the field, or package of the picker.
        label: What stands left of it.
        indent: How deep it lies.
        choice: What is picked; nothing for a field.
        leaf: What is edited; nothing for a picker.
        spec: The declared field that this is or belongs to.
    """

    key: str
    label: str
    indent: int
    choice: Choice | None = None
    leaf: Leaf | None = None
    spec: FieldSpec | None = None

    @property
    def id(self) -> tuple[str, str, int]:
        """What makes a row the same row after another compose."""
        if self.choice is not None:
            return ("pick", f"{self.choice.node} {self.choice.group} {self.key}", self.choice.line)
        return ("set", self.key, 0)


@dataclass(frozen=True, slots=True)
class Card:
    """All of an op, or of a top-level key.

    Attributes:
        name: The op, or the key.
        package: Where its config lives.
        op: Whose colour its mark has; empty for what is shared.
        description: What the op does.
        rows: What is shown at once.
        leaves: All its values.
    """

    name: str
    package: str
    op: str
    description: str
    rows: tuple[Row, ...]
    leaves: tuple[Leaf, ...]


def within(key: str, package: str) -> bool:
    """Whether a key or package lies at or below a package."""
    return not package or key == package or key.startswith((f"{package}.", f"{package}["))


def relative(key: str, package: str) -> str:
    """A key as seen from a package above it."""
    return key[len(package) :].lstrip(".") if package else key


def kind_of(leaf: Leaf) -> Kind:
    """How a value is edited; that of an interpolation goes by what it resolves to."""
    if leaf.key.rsplit(".", 1)[-1] == "_target_":
        return "target"
    value = old_value(leaf)
    if isinstance(value, bool):
        return "bool"
    for kind, types in _KINDS:
        if isinstance(value, types):
            return kind
    return "any"


def old_value(leaf: Leaf) -> Any:
    """What an edit replaces: the value, or what an interpolation resolves to."""
    return leaf.resolved if is_interpolation(leaf.value) else leaf.value


_KINDS: tuple[tuple[Kind, type | tuple[type, ...]], ...] = (
    ("int", int),
    ("float", float),
    ("list", (list, tuple)),
    ("text", str),
)


def is_interpolation(value: object) -> bool:
    """Whether a value stands for another one."""
    return isinstance(value, str) and "${" in value


def type_hint(row: Row) -> str:
    """The type that stands faint inside a field; of an interpolation, the variable that it reads."""
    leaf = row.leaf
    if leaf is None:
        return ""
    if is_interpolation(leaf.value):
        variable = _VARIABLE.search(leaf.value)
        return "not resolved" if leaf.reason else f"${variable[1]}" if variable else "${…}"
    kind = kind_of(leaf)
    if kind == "target":
        return "_target_"
    if row.spec is not None and row.spec.name == row.label and "." not in row.spec.expects:
        return row.spec.expects
    if kind == "list":
        names = {type(item).__name__ for item in leaf.value}
        return f"list[{names.pop()}]" if len(names) == 1 else "list"
    return "" if leaf.value is None or kind == "any" else kind


def cards(
    composed: Composed, choices: Sequence[Choice], reference: OpReference, overridden: Callable[[str], bool]
) -> tuple[Card, ...]:
    """The cards of a composed config: its ops in their order, then what is shared between them.

    Args:
        composed: The last config that composed; holds the values.
        choices: The choices of the current selection, also of one that does not compose.
        reference: The declared ops and jobs.
        overridden: Whether an override speaks of a key; such fields are always shown.
    """
    choices = [choice for choice in choices if not choice.group.startswith("hydra/")]
    tops = list(dict.fromkeys(leaf.key.split(".")[0].split("[")[0] for leaf in composed.leaves))
    tops = list(dict.fromkeys([*tops, *(choice.package.split(".")[0] for choice in choices if choice.package)]))
    found = []
    if any(not choice.package for choice in choices):
        found.append(_card("config", "", composed.leaves, choices, None, overridden))
    specs = {spec.name: spec for spec in reference.ops}
    for name in _ops(composed, choices, reference):
        spec = specs.get(name)
        fields = spec.fields if spec is not None else ()
        made = _card(name, f"ops.{name}.config", composed.leaves, choices, fields, overridden)
        if made.rows or made.leaves or spec is not None:
            found.append(Card(name, made.package, name, spec.description if spec else "", made.rows, made.leaves))
    found += [
        _card(top, top, composed.leaves, choices, None, overridden) for top in tops if top not in ("ops", "hydra")
    ]
    return tuple(found)


def _ops(composed: Composed, choices: Iterable[Choice], reference: OpReference) -> list[str]:
    job = next((job for job in reference.jobs if job.name == composed.dagster_job), None)
    there = [op_of(leaf.key) for leaf in composed.leaves] + [op_of(choice.package) for choice in choices]
    return list(dict.fromkeys([*(job.ops if job else ()), *(op for op in there if op)]))


def _card(
    name: str,
    package: str,
    leaves: Sequence[Leaf],
    choices: Sequence[Choice],
    fields: Sequence[FieldSpec] | None,
    overridden: Callable[[str], bool],
) -> Card:
    own = [leaf for leaf in leaves if within(leaf.key, package)]
    if not package:  # the top card only picks; the values have cards of their own
        own = [leaf for leaf in leaves if "." not in leaf.key]
    picks = [choice for choice in choices if (within(choice.package, package) if package else not choice.package)]
    named = {field.name: field for field in fields or ()}
    objects = [leaf.key.removesuffix("._target_") for leaf in own if leaf.key.endswith("._target_")]
    # Objects directly below a section get a line of their own; those further inside are under "all values".
    heads = list(dict.fromkeys([package, *(choice.package for choice in picks), *objects]))
    picked = {choice.package for choice in picks}
    heads = [head for head in heads if head in picked or _near(head, package)]
    rows = _section(package, package, 0, _Parts(own, picks, heads, named, package, overridden))
    if len(rows) > _MOST_ROWS:
        rows = rows[:_MOST_ROWS] + [row for row in rows[_MOST_ROWS:] if matters(row, overridden)]
    return Card(name, package, "", "", tuple(rows), tuple(own))


def matters(row: Row, overridden: Callable[[str], bool]) -> bool:
    """Whether a row is changed, or has to be: such rows are never folded away."""
    if row.choice is not None:
        return row.choice.missing or row.choice.changed or bool(row.choice.key and overridden(row.choice.key))
    return overridden(row.key)


class _Parts:
    """What a card is made of; knows which of its sections each value lies in."""

    def __init__(
        self,
        leaves: Sequence[Leaf],
        choices: Sequence[Choice],
        heads: Sequence[str],
        specs: dict[str, FieldSpec],
        package: str,
        overridden: Callable[[str], bool],
    ) -> None:
        self.choices, self.package, self.overridden = choices, package, overridden
        self._specs = specs
        self._heads = set(heads)
        self.own: dict[str, list[Leaf]] = {}
        self.targets = {leaf.key.removesuffix("._target_"): leaf for leaf in leaves if leaf.key.endswith("._target_")}
        self.below: dict[str, list[str]] = {}
        for leaf in leaves:
            self.own.setdefault(self._head_of(leaf.key), []).append(leaf)
        for head in heads:
            if head != package:
                self.below.setdefault(self._head_of(head), []).append(head)

    def spec(self, key: str) -> FieldSpec | None:
        """The declared field to which a key belongs."""
        return self._specs.get(re.split(r"[.\[]", relative(key, self.package))[0])

    def _head_of(self, key: str) -> str:
        while cut := max(key.rfind("."), key.rfind("["), 0):
            key = key[:cut]
            if key in self._heads:
                return key
        return self.package


def _near(head: str, package: str) -> bool:
    inside = relative(head, package)
    return "." not in inside and "[" not in inside


def _section(head: str, above: str, indent: int, parts: _Parts) -> list[Row]:
    label = relative(head, above) if head != parts.package else "option"
    rows: list[Row] = []
    for choice in parts.choices:
        if choice.package == head:
            name = label if not rows else choice.group.rsplit("/", 1)[-1]
            rows.append(Row(head, name, indent, choice=choice, spec=parts.spec(head)))
    target = parts.targets.get(head)
    if target is not None and (not rows or parts.overridden(target.key)):
        name = label if not rows else "_target_"
        rows.append(Row(target.key, name, indent + bool(rows), leaf=target, spec=parts.spec(head)))
    inner = indent if head == parts.package else indent + 1
    fields = [
        Row(leaf.key, relative(leaf.key, head), inner, leaf=leaf, spec=parts.spec(leaf.key))
        for leaf in _useful(head, parts)
    ]
    nested = [row for other in parts.below.get(head, ()) for row in _section(other, head, inner, parts)]
    # In the op's own part the pickers come first; inside an object its own fields do.
    return rows + (nested + fields if head == parts.package else fields + nested)


def _useful(head: str, parts: _Parts) -> list[Leaf]:
    own = [leaf for leaf in parts.own.get(head, ()) if leaf.key != f"{head}._target_"]
    plain = {leaf.key for leaf in [one for one in own if _is_plain(one, relative(one.key, head))][:_PER_SECTION]}
    return [leaf for leaf in own if leaf.key in plain or parts.overridden(leaf.key)]


def _is_plain(leaf: Leaf, name: str) -> bool:
    if "." in name or "[" in name or name.startswith("_") or leaf.secret:
        return False
    value = leaf.value
    if isinstance(value, str):
        return not _REFERENCE.fullmatch(value)
    if isinstance(value, list | tuple):
        return len(value) <= _SHORT_LIST and not any(isinstance(item, list | dict) for item in value)
    return not isinstance(value, dict)

"""What can be set, as plain values: a card per op, with its pickers and its fields, the most useful or all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from operator import is_, itemgetter
from typing import Any

import msgspec

from niceml_engine.descriptions import Described, Description
from niceml_engine.ops_path import op_at, op_key, top_key
from niceml_engine.parts import holds_parts, plain_key
from niceml_engine.protocol.configs import OpReference
from niceml_engine.values import OPS_PATH, Choice, Composed, FieldSpec, Leaf, OpSpec
from niceml_gui import overrides as grammar
from niceml_gui.workspaces.compose.cards.finding import Finder, Found
from niceml_gui.workspaces.compose.cards.items import Items
from niceml_gui.workspaces.compose.cards.row import Row, relative, within
from niceml_gui.workspaces.compose.rules import rule_of

NOTHING_KNOWN = Description({}, {})
_ITEM = re.compile(r"\.\d+(?=\.|$)")
_REFERENCE = re.compile(r"\$\{[^:{}]*\}")
_PER_SECTION = 6  #: fields that a section shows of its own; the rest is below "all values"
_SHORT_LIST = 8
_MOST_ROWS = 80  #: a card shows no more than these, besides what is changed or missing


@dataclass(frozen=True, slots=True)
class Card:
    """All of an op, or of a top-level key.

    Attributes:
        name: The op, or the key.
        package: Where its config lives.
        op: Whose colour its mark has; empty for what is shared.
        description: What the op does.
        rows: What is shown.
        leaves: All its values.
        whole: Whether all of them are shown.
        sought: Whether only what a person looks for is shown.
        cut: Lists in which more fits that than is shown, and how much.
    """

    name: str
    package: str
    op: str
    description: str
    rows: tuple[Row, ...]
    leaves: tuple[Leaf, ...]
    whole: bool = False
    sought: bool = False
    cut: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What decides, besides the config, which rows a card has.

    Attributes:
        overrides: The overrides of the selection; fields that they speak of are always shown.
        known: What is known of the values.
        whole: Names of the cards that show all their values.
        ops_path: Where the config of an op lies.
        wrong: Keys with which something is wrong; their fields are always shown, too.
        presets: Groups whose options set values all over the config.
        shown: How much of a list, or of an item of one, a person wants to see.
        words: What a person looks for, in small letters: only what holds all of them has a row.
    """

    overrides: tuple[str, ...] = ()
    known: Description = NOTHING_KNOWN
    whole: frozenset[str] = frozenset()
    ops_path: str = OPS_PATH
    wrong: frozenset[str] = frozenset()
    presets: frozenset[str] = frozenset()
    shown: Mapping[str, int] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def home_of(self, choice: Choice) -> Choice:
        """A choice at the package where it belongs: that of a preset is the top, before it is chosen, too."""
        preset = choice.group in self.presets and not choice.chosen
        return msgspec.structs.replace(choice, package="") if preset else choice

    def matters(self, key: str) -> bool:
        """Whether an override speaks of a key or of what lies in its list, or something is wrong with that."""
        return key in self.wrong or self.overridden(key) or plain_key(key) in _lists_of(self.overrides, self.wrong)

    def overridden(self, key: str) -> bool:
        """Whether an override speaks of a key."""
        return bool(self.overrides) and grammar.find(self.overrides, key) is not None

    def of(self, package: str, choices: Sequence[Choice]) -> tuple[str, ...]:
        """The overrides that speak of something below a package, or of one of some choices."""
        keys = {grammar.bare(choice.key) for choice in choices}
        found = ((override, grammar.split(override)[1]) for override in self.overrides)
        return tuple(override for override, key in found if key in keys or within(key, package))


@lru_cache(maxsize=8)
def _lists_of(overrides: tuple[str, ...], wrong: frozenset[str]) -> frozenset[str]:
    """Lists in which something is changed or wrong, by their keys as an override writes them."""
    names = [*(grammar.split(text)[1] for text in overrides), *(plain_key(key) for key in wrong if "[" in key)]
    return frozenset(name[: match.start()] for name in names for match in _ITEM.finditer(name))


class Deck:
    """Makes the cards of composed configs; what did not change from one to the next stays the same card."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[Any, ...], Card]] = {}
        self._finder = Finder()

    def cards(
        self, composed: Composed, choices: Sequence[Choice], reference: OpReference, view: View
    ) -> tuple[Card, ...]:
        """The cards of a composed config: its ops in their order, then what is shared between them.

        Args:
            composed: The last config that composed; holds the values.
            choices: The choices of the current selection, also of one that does not compose.
            reference: The declared ops and jobs.
            view: What is to be seen of it.
        """
        before, self._made = self._made, {}
        choices = [view.home_of(choice) for choice in choices if not choice.group.startswith("hydra/")]
        mappings = {head.key for head in composed.heads}
        below = _groups(composed.leaves, view.ops_path, mappings)

        def made(name: str, package: str, own: Sequence[Leaf], op: OpSpec | None = None) -> Card:
            picks = [one for one in choices if (within(one.package, package) if package else not one.package)]
            keys = {leaf.key for leaf in own} if view.wrong else frozenset[str]()
            wrong = {key for key in view.wrong if key.partition("[")[0] in keys}
            shown = {key: many for key, many in view.shown.items() if within(key, package)}
            spoken, whole = view.of(package, picks), name in view.whole
            rests_on = (package, op, picks, spoken, view.known, whole, wrong, shown, view.words)
            known, card = before.get(name, ((), None))
            if card is None or known != rests_on or len(card.leaves) != len(own) or not all(map(is_, card.leaves, own)):
                found = self._finder.find(name, own, picks, view.words) if view.words else None
                card = _card(name, package, own, picks, op, view, found, mappings)
            self._made[name] = (rests_on, card)
            return card

        plain = [leaf for top, held in below.items() for leaf in held if leaf.key == top]
        found = []
        if plain or any(not choice.package for choice in choices):
            found.append(made("config", "", plain))
        specs = {spec.name: spec for spec in reference.ops}
        for name in _ops(composed, below, choices, reference, view.ops_path):
            package = op_key(name, view.ops_path)
            held = below.get(_group(package, view.ops_path), ())
            own = [leaf for leaf in held if within(leaf.key, package)]
            card = made(name, package, own, specs.get(name, OpSpec(name, "", ())))
            if card.rows or card.leaves or name in specs:
                found.append(card)
        names = {*(card.op for card in found), *(leaf.key for leaf in plain), top_key(view.ops_path), "hydra"}
        tops = dict.fromkeys([*below, *(_top(choice.package) for choice in choices if choice.package)])
        return (*found, *(made(top, top, below.get(top, ())) for top in tops if names.isdisjoint((top, _top(top)))))


def _top(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


@lru_cache(maxsize=1 << 16)
def _group(key: str, path: str) -> str:
    """The op, where ops lie below a key of their own, or else the top-level key, that a key belongs to."""
    head = path.partition("{op}")[0]
    if head and key.startswith(head):
        return head + key[len(head) :].partition(".")[0]
    return _top(key)


def _groups(leaves: Iterable[Leaf], path: str, mappings: Set[str]) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        name = _group(leaf.key, path)
        if name != leaf.key and name not in mappings:  # a key may hold dots of its own
            ends = (at for at, sign in enumerate(leaf.key) if sign == "." and leaf.key[:at] in mappings)
            name = leaf.key[: next(ends, None)]
        found.setdefault(name, []).append(leaf)
    return found


def _ops(
    composed: Composed,
    below: Mapping[str, Sequence[Leaf]],
    choices: Iterable[Choice],
    reference: OpReference,
    path: str,
) -> list[str]:
    job = next((job for job in reference.jobs if job.name == composed.dagster_job), None)
    head = path.partition("{op}")[0]
    groups = (held for name, held in below.items() if name.startswith(head))
    there = [next((op for leaf in held if (op := op_at(leaf.key, path))), "") for held in groups]
    there += [op_at(choice.package, path) for choice in choices]
    return list(dict.fromkeys([*(job.ops if job else ()), *(op for op in there if op)]))


def _card(
    name: str,
    package: str,
    own: Sequence[Leaf],
    picks: Sequence[Choice],
    op: OpSpec | None,
    view: View,
    found: Found | None,
    mappings: Set[str],
) -> Card:
    whole = name in view.whole
    specs = {one.name: one for one in op.fields} if op is not None else {}
    if found is None:
        parts = _Parts(own, picks, _heads(own, picks, package, whole, mappings), specs, package, view)
        rows = _section(package, package, 0, parts, whole)
        if len(rows) > _MOST_ROWS and not whole:
            rows = rows[:_MOST_ROWS] + [row for row in rows[_MOST_ROWS:] if matters(row, view.matters)]
    else:
        heads = _heads(found.leaves, found.choices, package, True, mappings)
        parts = _Parts(found.leaves, found.choices, heads, specs, package, view, found.parts)
        rows = [row for row in _section(package, package, 0, parts, True) if not row.adds]
    names = (op.name, op.description) if op is not None else ("", "")
    cut = tuple(found.cut.items()) if found is not None else ()
    return Card(name, package, *names, tuple(rows), tuple(own), whole, found is not None, cut)


def _heads(own: Sequence[Leaf], picks: Sequence[Choice], package: str, whole: bool, mappings: Set[str]) -> list[str]:
    """The mappings that get a section: all of them, or what is picked and the objects directly below the card."""
    picked = dict.fromkeys(choice.package for choice in picks)
    if whole:
        parents = dict.fromkeys(leaf.key.rpartition(".")[0] for leaf in own)
        held = [above for parent in parents for above in _up_to(parent, package) if above in mappings]
        return list(dict.fromkeys([package, *held, *picked]))
    objects = [leaf.key.removesuffix("._target_") for leaf in own if leaf.key.endswith("._target_")]
    return [head for head in dict.fromkeys([package, *picked, *objects]) if head in picked or _near(head, package)]


def _up_to(key: str, package: str) -> list[str]:
    """The mappings on the way from a package to a key, which is the last of them."""
    names = list(filter(None, relative(key, package).split(".")))
    return [".".join(filter(None, [package, *names[: depth + 1]])) for depth in range(len(names))]


def matters(row: Row, speaks: Callable[[str], bool]) -> bool:
    """Whether a row is changed, or has to be: such rows are never folded away.

    Args:
        row: The row.
        speaks: Whether an override or a problem speaks of a key.
    """
    if row.choice is not None:
        return row.choice.missing or row.choice.changed or bool(row.choice.key and speaks(row.choice.key))
    return not (row.adds or row.more) and speaks(row.key)


class _Parts:
    """What a card is made of; knows which of its sections each value lies in."""

    def __init__(
        self,
        leaves: Sequence[Leaf],
        choices: Sequence[Choice],
        heads: Sequence[str],
        specs: dict[str, FieldSpec],
        package: str,
        view: View,
        found: Mapping[str, tuple[Leaf, ...]] | None = None,
    ) -> None:
        self.choices, self.package, self.view = choices, package, view
        self.found = found or {}  # what is looked for inside lists
        self._specs = specs
        self._heads = set(heads)
        self.own: dict[str, list[Leaf]] = {}
        self.targets = {leaf.key.removesuffix("._target_"): leaf for leaf in leaves if leaf.key.endswith("._target_")}
        self.below: dict[str, list[str]] = {}
        self._first: dict[str, int] = {}  # of the values of each section, or of the value itself
        for place, leaf in enumerate(leaves):
            self.own.setdefault(self._head_of(leaf.key), []).append(leaf)
            self._first[leaf.key] = place
        for head in heads:
            if head != package:
                self.below.setdefault(self._head_of(head), []).append(head)

    def place(self, key: str) -> int:
        """Where a value, or the first of a section, stands in the config; -1 for a section without any."""
        if key not in self._first:
            held = [*(leaf.key for leaf in self.own.get(key, ())), *self.below.get(key, ())]
            self._first[key] = min(filter(lambda place: place >= 0, map(self.place, held)), default=-1)
        return self._first[key]

    def spec(self, key: str) -> FieldSpec | None:
        """The declared field to which a key belongs."""
        if not self._specs:
            return None
        return self._specs.get(re.split(r"[.\[]", relative(key, self.package))[0])

    def rule(self, leaf: Leaf) -> Described:
        """What may be given for a leaf."""
        return rule_of(leaf, self.view.known.values)

    def _head_of(self, key: str) -> str:
        while cut := max(key.rfind("."), key.rfind("["), 0):
            key = key[:cut]
            if key in self._heads:
                return key
        return self.package


def _near(head: str, package: str) -> bool:
    inside = relative(head, package)
    return "." not in inside and "[" not in inside


def _section(head: str, above: str, indent: int, parts: _Parts, whole: bool) -> list[Row]:
    top = head == parts.package
    label = relative(head, above) if not top else "option"
    spec, known = parts.spec(head), parts.view.known
    rows: list[Row] = []
    for choice in parts.choices:
        if choice.package == head:
            name = label if head and not rows else choice.group.rsplit("/", 1)[-1]
            rows.append(Row(head, name, indent, choice=choice, spec=spec))
    target = parts.targets.get(head)
    if target is not None and (whole or top or not rows or parts.view.matters(target.key)):
        name = label if not rows and not top else "_target_"
        rule = rule_of(target, known.values)
        rows.append(
            Row(
                target.key,
                name,
                indent + bool(rows and not top),
                leaf=target,
                spec=spec,
                rule=rule,
                target=known.targets.get(head),
            )
        )
    if whole and not rows and not top:
        rows.append(Row(head, label, indent))
    inner = indent if top else indent + 1
    own = parts.own.get(head, [])
    shown = [leaf for leaf in (own if whole else _useful(head, own, parts)) if leaf is not target]
    pieces = [(parts.place(leaf.key), _field(leaf, relative(leaf.key, head), inner, parts, whole)) for leaf in shown]
    place = -1
    for other in parts.below.get(head, ()):
        here = parts.place(other)
        place = here if here >= 0 else place  # what has no values stays behind what it is chosen after
        pieces.append((place, _section(other, head, inner, parts, whole)))
    rows += [row for _, piece in sorted(pieces, key=itemgetter(0)) for row in piece]
    if whole:
        names = tuple(relative(leaf.key, head) for leaf in own) + tuple(
            relative(other, head) for other in parts.below.get(head, ())
        )
        about = known.targets.get(head)
        unnamed = bool(own) and all(parts.rule(leaf).unnamed for leaf in own)
        if not unnamed and (about is None or about.absent or about.reason or "**" in about.signature):
            rows.append(Row(head, "", inner, adds=True, target=about, present=names))
        empty = [leaf for leaf in own if leaf.value == {}]
        rows += [Row(leaf.key, "", inner + 1, adds=True) for leaf in empty]
    return rows


def _field(leaf: Leaf, label: str, indent: int, parts: _Parts, whole: bool) -> list[Row]:
    """The row of a value; of a list that holds objects, the rows of its items too."""
    spec, view = parts.spec(leaf.key), parts.view
    if inside := parts.found.get(leaf.key):
        return [Row(leaf.key, label, indent), *(_found_part(one, leaf, indent + 1, parts) for one in inside)]
    if holds_parts(leaf.value) and not leaf.secret:
        return Items(view.known, view.shown, view.wrong, view.overrides, whole).rows(leaf, label, indent, spec)
    return [Row(leaf.key, label, indent, leaf=leaf, spec=spec, rule=parts.rule(leaf))]


def _found_part(leaf: Leaf, holder: Leaf, indent: int, parts: _Parts) -> Row:
    """The row of something inside a list that is looked for, by its way from the list."""
    name = leaf.key[len(holder.key) :]
    about = parts.view.known.targets.get(leaf.key.removesuffix("._target_")) if name.endswith("._target_") else None
    return Row(leaf.key, name, indent, leaf=leaf, spec=parts.spec(leaf.key), rule=parts.rule(leaf), target=about)


def _useful(head: str, own: Sequence[Leaf], parts: _Parts) -> list[Leaf]:
    plain = {leaf.key for leaf in [one for one in own if _is_plain(one, relative(one.key, head))][:_PER_SECTION]}
    return [leaf for leaf in own if leaf.key in plain or parts.view.matters(leaf.key)]


def _is_plain(leaf: Leaf, name: str) -> bool:
    if "." in name or "[" in name or name.startswith("_") or leaf.secret:
        return False
    value = leaf.value
    if isinstance(value, str):
        return not _REFERENCE.fullmatch(value)
    if isinstance(value, list | tuple):
        return len(value) <= _SHORT_LIST
    return not isinstance(value, dict)

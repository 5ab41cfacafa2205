"""Rows for what lies inside a list: one for each of its items, below an unfolded item one for each of its values.

Rows are made of what is shown alone: a list may have thousands of items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from niceml_engine.descriptions import Description
from niceml_engine.parts import holds_parts, part, parts, plain_key
from niceml_engine.secrets import hide
from niceml_engine.values import FieldSpec, Leaf
from niceml_gui import overrides as grammar
from niceml_gui.workspaces.compose.brief import MOST_ITEMS, one_line
from niceml_gui.workspaces.compose.cards.row import Row, relative, within
from niceml_gui.workspaces.compose.quoting import field_text
from niceml_gui.workspaces.compose.rules import is_interpolation, rule_of

PAGE = 100  #: items that an unfolded list shows more of at a time
_FEW_ITEMS = 20  #: a list of more is folded at first
_FEW_VALUES = 5  #: so is an item of more
_NAMED = 6  #: items that a summary names
_MATTER = 20  #: items out of sight that are shown because something of them is changed or wrong


@dataclass(frozen=True, slots=True)
class Items:
    """Makes the rows of lists.

    Attributes:
        known: What is known of the values.
        shown: How many items of a list, or whether the values of an item, are shown, where a person has said so.
        wrong: Keys with which something is wrong.
        overrides: The overrides of the selection.
        whole: Whether all values are shown, and where more can be added.
    """

    known: Description
    shown: Mapping[str, int]
    wrong: frozenset[str]
    overrides: tuple[str, ...]
    whole: bool

    def rows(self, leaf: Leaf, label: str, indent: int, spec: FieldSpec | None, item: str = "") -> list[Row]:
        """The row of a list and, unless it is folded, those of its items.

        Args:
            leaf: The list.
            label: What stands left of it.
            indent: How deep it lies.
            spec: The declared field that it belongs to.
            item: Its own key, where it is itself an item of a list.
        """
        count = len(leaf.value)
        shown = min(self.shown.get(leaf.key, count if count <= _FEW_ITEMS else 0), count)
        rule = rule_of(leaf, self.known.values)
        rows = [Row(leaf.key, label, indent, leaf=leaf, spec=spec, rule=rule, item=item, folded=not shown)]
        matter = [number for number in self._matter(leaf, count) if number >= shown]
        for number in (*range(shown), *matter):
            rows += self._item(leaf, number, indent + 1, spec)
        if 0 < shown < count:
            rows.append(Row(leaf.key, "", indent + 1, more=count - shown))
        if shown and self.whole and count <= MOST_ITEMS:
            rows.append(Row(leaf.key, "", indent + 1, rule=rule, adds=True, item=f"{leaf.key}[{count}]"))
        return rows

    def _item(self, holder: Leaf, number: int, indent: int, spec: FieldSpec | None) -> list[Row]:
        path, label = f"[{number}]", str(number)
        leaf = part(holder, path)
        if leaf is None:
            return []
        if isinstance(leaf.value, dict) and leaf.value:
            few = len(holder.value) <= _FEW_ITEMS
            return self._object(leaf, [*parts(holder, path)], label, indent, spec, few=few)
        if holds_parts(leaf.value):
            return self.rows(leaf, label, indent, spec, leaf.key)
        rule = rule_of(leaf, self.known.values)
        return [Row(leaf.key, label, indent, leaf=leaf, spec=spec, rule=rule, item=leaf.key)]

    def _object(
        self, item: Leaf, held: Sequence[Leaf], label: str, indent: int, spec: FieldSpec | None, *, few: bool
    ) -> list[Row]:
        """The rows of a mapping in a list: its `_target_`, or a summary, then its values."""
        key, about = item.key, self.known.targets.get(item.key)
        target = next((leaf for leaf in held if leaf.key == f"{key}._target_"), None)
        values = [leaf for leaf in held if leaf is not target]
        unfolded = bool(self.shown.get(key, self.whole and few and len(values) <= _FEW_VALUES))
        folded = not unfolded if values or self.whole else None
        rows = [
            Row(
                key,
                label,
                indent,
                spec=spec,
                item=key,
                folded=folded,
                summary="" if unfolded else summary_of(item.value),
            )
            if target is None
            else Row(
                target.key,
                label,
                indent,
                leaf=target,
                spec=spec,
                rule=rule_of(target, self.known.values),
                target=about,
                item=key,
                folded=folded,
            )
        ]
        for leaf in values:
            if not unfolded and not self._speaks_within(leaf.key):
                continue
            name = relative(leaf.key, key)
            if holds_parts(leaf.value):
                rows += self.rows(leaf, name, indent + 2, spec)
                continue
            rule, inner = rule_of(leaf, self.known.values), name.removesuffix("._target_")
            called = self.known.targets.get(f"{key}.{inner}") if inner != name else None
            rows.append(Row(leaf.key, inner, indent + 2, leaf=leaf, spec=spec, rule=rule, target=called))
        if unfolded and self.whole and (about is None or about.absent or about.reason or "**" in about.signature):
            names = tuple(str(name) for name in item.value)
            rows.append(Row(key, "", indent + 2, adds=True, target=about, present=names))
        return rows

    def _matter(self, leaf: Leaf, count: int) -> list[int]:
        """The items that a person has unfolded, or of which something is changed or wrong."""
        head = f"{plain_key(leaf.key)}."

        def numbers(names: Iterable[str]) -> set[int]:
            found = {name[len(head) :].partition(".")[0] for name in names if name.startswith(head)}
            return {int(number) for number in found if number.isdecimal() and int(number) < count}

        asked = numbers(plain_key(key) for key, shown in self.shown.items() if shown and "[" in key)
        spoken = numbers([*(grammar.split(text)[1] for text in self.overrides), *map(plain_key, self.wrong)])
        return sorted(asked.union(sorted(spoken)[:_MATTER]))

    def _speaks_within(self, key: str) -> bool:
        if any(within(one, key) for one in self.wrong):
            return True
        name = plain_key(key)
        return any(within(grammar.split(text)[1], name) for text in self.overrides)


def title_of(value: Any) -> str:
    """An item in a word: what an object is made of, else its name or the text that it is."""
    if isinstance(value, dict):
        target = value.get("_target_")
        named = target.rpartition(".")[2] if isinstance(target, str) and not is_interpolation(target) else target
        return one_line(str(named or value.get("name") or field_text(_shown(value))), 40)
    return one_line(field_text(value), 40)


def face_of(value: Sequence[Any]) -> str:
    """What a list holds, in a line."""
    named = ", ".join(map(title_of, value[:_NAMED]))
    return named if len(value) <= _NAMED else f"{len(value):,} items: {named}, …"


def summary_of(value: Mapping[Any, Any]) -> str:
    """What a mapping holds, in a line."""
    return one_line(field_text(_shown(value)).removeprefix("{").removesuffix("}"), 200)


def _shown(value: Mapping[Any, Any]) -> Any:
    return hide(dict(value), frozenset())  # what its keys name as secrets

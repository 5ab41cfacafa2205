"""A line of a card, as a plain value."""

from __future__ import annotations

import msgspec

from niceml_engine.descriptions import Described, Target
from niceml_engine.values import Choice, FieldSpec, Leaf
from niceml_gui.workspaces.compose.rules import ANYTHING


class Row(msgspec.Struct, frozen=True, gc=False):
    """A line of a card: a picker, a field, a heading, or where something can be added.

    Attributes:
        key: Config key of the field, or package of the picker, of the heading or of what is added.
        label: What stands left of it.
        indent: How deep it lies.
        choice: What is picked.
        leaf: What is edited.
        spec: The declared field that this is or belongs to.
        rule: What may be given for the leaf.
        target: What is known of the `_target_` that this names, or that takes what is added.
        adds: Whether keys or items can be added here.
        present: The names that are there already, where keys can be added.
        item: Key of the item of a list that this stands for, or that would be added here.
        folded: Whether what lies in it is hidden; `None` where nothing could be.
        more: So many items of a list are not shown; here more can be.
        summary: What stands for a mapping without a `_target_`.
    """

    key: str
    label: str
    indent: int
    choice: Choice | None = None
    leaf: Leaf | None = None
    spec: FieldSpec | None = None
    rule: Described = ANYTHING
    target: Target | None = None
    adds: bool = False
    present: tuple[str, ...] = ()
    item: str = ""
    folded: bool | None = None
    more: int = 0
    summary: str = ""

    @property
    def id(self) -> tuple[str, str, int]:
        """What makes a row the same row after another compose."""
        if self.choice is not None:
            return ("pick", f"{self.choice.node} {self.choice.group} {self.key}", self.choice.line)
        kind = "add" if self.adds else "more" if self.more else "set" if self.leaf is not None else "head"
        return (kind, self.key, 0)

    @property
    def is_list(self) -> bool:
        """Whether it is that of a list whose items have rows of their own."""
        return self.folded is not None and self.leaf is not None and isinstance(self.leaf.value, list)

    @property
    def holder(self) -> str:
        """The key of the list of which this is an item; empty if it is none."""
        return self.item[: self.item.rfind("[")] if self.item else ""

    @property
    def number(self) -> int:
        """Which item of its list this is."""
        return int(self.item[self.item.rfind("[") + 1 : -1])


def within(key: str, package: str) -> bool:
    """Whether a key or package lies at or below a package."""
    return not package or key == package or key.startswith((f"{package}.", f"{package}["))


def relative(key: str, package: str) -> str:
    """A key as seen from a package above it."""
    return key[len(package) :].lstrip(".") if package else key

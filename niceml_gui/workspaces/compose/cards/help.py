"""What can be said of a row in words: for its tooltip, and for the strip below the cards."""

from __future__ import annotations

from dataclasses import dataclass

from niceml_gui.workspaces.compose.brief import short_text
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.rules import is_interpolation
from niceml_gui.workspaces.compose.usage import chain, resolved_by

_LONG = 300


@dataclass(frozen=True, slots=True)
class Help:
    """What a row is about.

    Attributes:
        title: Its name, type and default.
        text: What it means.
        code: The signature of what is called.
        note: What the files say of it, in comments.
    """

    title: str = ""
    text: str = ""
    code: str = ""
    note: str = ""


def help_of(row: Row) -> Help:
    """What the strip says of a row."""
    if row.choice is not None:
        return Help(f"{row.label} · option of {row.choice.group}", row.spec.description if row.spec else "", row.key)
    rule, spec, note = row.rule, row.spec, row.leaf.comment if row.leaf is not None else ""
    declared = spec is not None and spec.name == row.label
    if row.target is not None:
        known = row.target
        return Help(f"{row.label} · {known.name}", known.doc or known.reason, known.signature, note)
    facts = [rule.type, "or null" if rule.nullable and rule.type else ""]
    kind = " ".join(fact for fact in facts if fact)
    default = f"default {rule.default}" if rule.default is not None else ""
    words = ", ".join(fact for fact in (kind, default) if fact)
    text = rule.doc or (spec.description if spec is not None and declared else "")
    owner = f"of {rule.owner.rpartition('.')[2]}" if rule.owner else ""
    return Help(" · ".join(fact for fact in (row.label, words, owner) if fact), text, row.key, note)


def tooltip(row: Row) -> str:
    """All that is known of a row, a line a thing."""
    found = help_of(row)
    said = [f"# {line}" for line in found.note.splitlines()]
    lines = [row.key, found.title.partition(" · ")[2], *said, _cut(found.text)]
    if row.target is not None:
        lines.append(found.code)
    if row.spec is not None:
        lines.append(f"field {row.spec.name}: {row.spec.description}")
    if row.choice is not None:
        where = f"chosen in {row.choice.node}:{row.choice.line}" if row.choice.line else "added by an override"
        lines.append(f"group {row.choice.group}, {where}")
        if not row.choice.key:
            lines.append("Hydra has no override for this choice: edit the file")
        elif row.choice.missing:
            lines.append("nothing is chosen here yet: choose an option")
    if row.rule.unnamed and row.leaf is not None and row.leaf.key.isascii() and row.leaf.key.isidentifier():
        lines.append(f"{row.leaf.key}= chooses an option of that group: choose one, or change this in its file (F4)")
    elif row.rule.unnamed:
        lines.append("no override can name this key: change it in its file (F4)")
    if row.leaf is not None:
        lines.append(chain(row.leaf))
        if row.leaf.reason:
            lines.append(f"not resolved: {row.leaf.reason}")
        elif is_interpolation(row.leaf.value):
            lines.append(f"{resolved_by(row.leaf)}: {_cut(short_text(row.leaf.resolved))}")
        if row.rule.exists is False:
            lines.append("there is no such file or folder here")
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"

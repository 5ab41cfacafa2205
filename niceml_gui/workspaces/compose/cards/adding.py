"""Where a key is added to a mapping, or an argument to an object."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QWidget

from niceml_engine.descriptions import Argument, Target
from niceml_gui.widgets.basics import ElidedEdit
from niceml_gui.workspaces.compose.quoting import element, override_text
from niceml_gui.workspaces.compose.rules import ANYTHING

MISSING = "???"
_NAMED = re.compile(r"\s*([^\s:={}\[\],]+)\s*(?:[:=]\s*(.*))?", re.DOTALL)


class AddField(ElidedEdit):
    """Takes `name`, `name: value` or `name=value`; Enter adds it, Esc empties it."""

    added = Signal(str, str)  #: name, and the value in Hydra's grammar
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target: Target | None = None
        self._present: Sequence[str] = ()
        self.setProperty("role", "add")
        self.returnPressed.connect(self._add)

    def show_place(self, key: str, target: Target | None, present: Sequence[str]) -> None:
        """Says where it adds.

        Args:
            key: Of the mapping; empty for the whole config.
            target: What takes the arguments, of an object.
            present: Names that are there already.
        """
        self._present = present
        called = target is not None and not target.reason
        name = f"item {key[:-1].rpartition('[')[2]}" if key.endswith("]") else key.rpartition(".")[2]
        place = f" in {name}" if name else ""
        self.setPlaceholderText(f"+ argument{place}" if called else f"+ key{place}")
        if target == self._target:
            return
        self._target = target
        names = [one.name for one in target.absent] if target is not None else []
        completer = QCompleter(names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)
        lines = [f"{one.name}: {one.type or 'anything'}" + _default_words(one.default) for one in self._absent()]
        self.setToolTip("\n".join(["Adds name, or name: value", *lines]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empties itself on Esc; Down in the empty field lists what may be added."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down and not self.text() and self.completer() is not None:
            self.completer().setCompletionPrefix("")
            self.completer().complete()
        else:
            super().keyPressEvent(event)

    def _absent(self) -> Sequence[Argument]:
        return self._target.absent if self._target is not None else ()

    def _add(self) -> None:
        match = _NAMED.fullmatch(self.text())
        if match is None:
            if self.text().strip():
                self.refused.emit("a name is expected, or name: value")
            return
        name, value = match[1], match[2]
        if name in self._present:
            self.refused.emit(f"{name} is there already")
            return
        known = {one.name: one for one in self._target.absent} if self._target is not None else {}
        closed = self._target is not None and self._target.signature and "**" not in self._target.signature
        if closed and name not in known and not name.startswith("_"):
            offered = ", ".join(known) or "nothing more"
            self.refused.emit(f"it takes no argument {name}; it takes {offered}")
            return
        try:
            text = override_text(value, ANYTHING) if value else default_text(known.get(name))
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.clear()
        self.refused.emit("")
        self.added.emit(name, text)


def default_text(argument: Argument | None) -> str:
    """The default of an argument in Hydra's grammar; without one `???`, a value that must be given."""
    default = argument.default if argument is not None else None
    try:
        return element(ast.literal_eval(default)) if default is not None else MISSING
    except (ValueError, SyntaxError):
        return MISSING


def _default_words(default: str | None) -> str:
    return f" = {default}" if default is not None else ", must be given"

"""How much of a text is folded away, as entries of its menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu

from niceml_gui.workspaces.compose.text.code_view import CodeView

LEVELS = range(1, 6)


def add_folding(menu: QMenu, view: CodeView) -> None:
    """Adds what folds a text and unfolds it."""
    menu.addSeparator()
    menu.addAction("Fold all\tShift+Left", partial(view.fold_to, 1))
    levels = menu.addMenu("Show levels")
    for level in LEVELS:
        levels.addAction(f"{level}\t{level}", partial(view.fold_to, level))
    menu.addAction("Unfold all\tShift+Right", partial(view.fold_to, 0))

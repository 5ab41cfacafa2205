"""What can be done with the value that a row of a card shows."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu

from niceml_gui.session import Session
from niceml_gui.workspaces.compose import leaf_menu
from niceml_gui.workspaces.compose.cards.choosing import make_plain, remove_key, was_interpolation
from niceml_gui.workspaces.compose.cards.listing import add_item_actions
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.rules import is_interpolation


def add_row_actions(menu: QMenu, session: Session, row: Row) -> None:
    """Adds to a menu what can be done with the item of a list that a row stands for, and with its value."""
    leaf = row.leaf
    if not menu.isEmpty():
        menu.addSeparator()
    if row.rule.unnamed and leaf is not None:
        leaf_menu.add_actions(menu, session, leaf, named=False)
        return
    if row.item:
        add_item_actions(menu, session, row)
    if leaf is None:
        return
    if row.item:
        menu.addSeparator()
    if is_interpolation(leaf.value) and not leaf.reason and not leaf.secret:
        menu.addAction("Make it a plain value", partial(make_plain, session, leaf))
    elif below := was_interpolation(leaf):
        menu.addAction(f"Use {below} again", partial(session.reset, leaf.key))
    if not row.item:
        menu.addAction("Remove this key\tCtrl+Del", partial(remove_key, session, leaf))
    leaf_menu.add_actions(menu, session, leaf)

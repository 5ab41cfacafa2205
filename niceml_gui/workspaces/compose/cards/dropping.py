"""Options that are dragged from the tree onto a card, which says whether it takes them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.values import Choice, ConfigTree, Option
from niceml_engine.visible import visible
from niceml_gui.overrides import option_text
from niceml_gui.session import Session
from niceml_gui.widgets.basics import set_role
from niceml_gui.workspaces.compose.cards.card import CardWidget
from niceml_gui.workspaces.compose.tree.model import MIME
from niceml_gui.workspaces.compose.usage import Places, ways_for

_NOTES = {"fits": "takes it", "adds": "adds it to the job", "refused": "does not take it"}


def choose_from(places: Places, session: Session, parent: QWidget, added: str = "") -> QMenu:
    """Asks for which of several places an option is meant; the menu deletes itself when it closes.

    Args:
        places: The choices, each with the name of the option there.
        session: What the window works on.
        parent: The menu's parent.
        added: The override that adds the option instead, if one does.
    """
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    add_ways(menu, places, session, added)
    return menu


def add_ways(menu: QMenu, places: Places, session: Session, added: str) -> None:
    """Adds to a menu the choices that can be switched to an option, and that it is added."""
    for choice, name in places:
        known = name in choice.options
        written = f"{choice.key}={option_text(name)}"
        text = f"Choose for {choice.package}" if known else f"Choose for {choice.group}, {written}"
        menu.addAction(visible(text), partial(session.choose, choice, name))
    if added:
        menu.addAction(visible(f"Add to this job, {added}"), partial(session.add_option, added))


class CardDrop(QObject):
    """Lets a card take options: one that is dropped is chosen where it fits; the job gets one that fits nowhere.

    Args:
        session: What the window works on.
        card: The card.
    """

    def __init__(self, session: Session, card: CardWidget) -> None:
        super().__init__(card)
        self._session, self._card = session, card
        self._said: tuple[str, str] | None = None  # note and tint of the head before something hung over it
        card.setAcceptDrops(True)
        card.installEventFilter(self)

    def ways(self, option: Option) -> tuple[Places, str]:
        """Where on the card an option can be chosen, and the override that adds it to the job."""
        choices = [row.choice for row in self._card.card.rows if row.choice is not None]
        return ways_for(option, choices, self._session.composed)

    def _option(self, data: QMimeData) -> Option | None:
        """The option that is dragged."""
        name = bytes(data.data(MIME).data()).decode()
        tree = self._session.project.tree if self._session.project is not None else ConfigTree()
        return next((one for one in tree.options if one.id == name), None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes what is dragged over the card."""
        if event.type() == QEvent.Type.DragLeave:
            self._show("")
            return True
        if not isinstance(event, QDropEvent) or not event.mimeData().hasFormat(MIME):
            return False
        option = self._option(event.mimeData())
        places, added = self.ways(option) if option is not None else ([], "")
        if event.type() == QEvent.Type.Drop:
            self._show("")
            self._choose(places, added, event.position().toPoint())
            event.acceptProposedAction()
        elif event.type() == QEvent.Type.DragEnter:
            self._show("fits" if places else "adds" if added else "refused")
            event.acceptProposedAction()  # else nobody would say when it leaves
        elif isinstance(event, QDragMoveEvent):
            event.acceptProposedAction() if places or added else event.ignore()
        return True

    def _choose(self, places: Places, added: str, point: QPoint) -> None:
        under = [place for place in places if self._is_at(place[0], point)]
        if under or (len(places) == 1 and not added):
            self._session.choose(*(under or places)[0])
        elif places:
            choose_from(places, self._session, self._card, added).popup(self._card.mapToGlobal(point))
        elif added:
            self._session.add_option(added)

    def _is_at(self, choice: Choice, point: QPoint) -> bool:
        for widget in self._card.rows.values():
            if widget.row.choice == choice and widget.isVisible():
                return widget.rect().contains(widget.mapFrom(self._card, point))
        return False

    def _show(self, how: str) -> None:
        head = self._card.head
        if self._said is None:
            self._said = head.note, head.tint
        head.note, head.tint = (_NOTES[how], "muted") if how else self._said
        if not how:
            self._said = None
        head.update()
        set_role(self._card, "fits" if how == "adds" else how, "drop")

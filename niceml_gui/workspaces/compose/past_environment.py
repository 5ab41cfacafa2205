"""What the environment gave a run, where it gives the config of that run other values here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from niceml_engine.leaves import is_cut
from niceml_engine.protocol.comparing import Change, Compare, Comparison
from niceml_engine.protocol.earlier import value_words
from niceml_engine.secrets import MASK
from niceml_engine.short import short_keys
from niceml_engine.values import Selection
from niceml_gui import overrides as grammar
from niceml_gui import words
from niceml_gui.comparing import TIMEOUT
from niceml_gui.question import Question
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import pixmap
from niceml_gui.widgets.basics import FittingLabel, button, icon_button
from niceml_gui.workspaces.compose.quoting import element


class PastEnvironment(QObject):
    """Looks, when the config of a run becomes the selection, at what the environment says of it now.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.run = ""  #: whose config it is
        self.changes: tuple[Change, ...] = ()  #: the values that the environment gives another way
        self._session = session
        self._selection = Selection("")
        self._asked = False
        self._question = Question(
            session.engine, self._request, self._show, lambda _: self.leave(), delay=0, timeout=TIMEOUT, parent=self
        )
        session.run_opened.connect(self._opened)
        session.selection_changed.connect(self._changed)
        session.composed_changed.connect(self._look)
        session.project_changed.connect(self._changed)

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides of the selection, with the values that the run had, as far as they were kept in full."""
        found = self._session.selection.overrides
        for change in self.changes:
            text = element(change.before)
            if MASK not in text and not is_cut(change.before):
                found = grammar.with_value(found, change.key, text)
        return found

    def put_in(self) -> None:
        """Makes overrides of the values that the run had, as one undoable step."""
        self._session.set_overrides(self.overrides, f"Set {words.counted(len(self.changes), 'value')} as in the run")

    def leave(self) -> None:
        """Says nothing of it any more."""
        self._question.drop()
        self.run, self.changes, self._selection, self._asked = "", (), Selection(""), False
        self.changed.emit()

    def _opened(self, run: str, selection: Selection) -> None:
        self.leave()
        self.run, self._selection = run, selection
        self._look()

    def _changed(self) -> None:
        if self.run and (self._session.selection != self._selection or self._session.project is None):
            self.leave()

    def _look(self) -> None:
        composed = self._session.composed
        if self.run and not self._asked and composed.digest and composed.selection == self._selection:
            self._asked = True
            self._question.ask()

    def _request(self) -> Compare | None:
        return Compare(self._selection, run=self.run) if self.run in self._session.runs.states else None

    def _show(self, comparison: Comparison) -> None:
        self.changes = tuple(one for one in comparison.changes if one.outside)
        self.changed.emit()


class PastEnvironmentBar(QWidget):
    """Says which values the run had otherwise, and puts them in.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.past = PastEnvironment(session, self)
        self.setObjectName("connectionBar")
        self.setProperty("severity", "warning")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self.text = FittingLabel()
        self.put_in = button("Set them as in the run", "Make overrides of the values that the run had")
        self.close_button = icon_button("close", "Leave it as it is", tip="Leave it as the environment is here")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        for widget in (self._icon, self.text, self.put_in, self.close_button):
            row.addWidget(widget, 1 if widget is self.text else 0)
        self.put_in.clicked.connect(self.past.put_in)
        self.close_button.clicked.connect(self.past.leave)
        self.past.changed.connect(self.refresh)
        theme().changed.connect(self._tint)
        self._tint()
        self.hide()

    def refresh(self) -> None:
        """Reads what is known."""
        changes, state = self.past.changes, self._session.runs.states.get(self.past.run)
        self.setVisible(bool(changes))
        if not changes:
            return
        names = short_keys(one.key for one in changes)
        told = [f"{names[one.key]} {value_words(one.before)}, here {value_words(one.after)}" for one in changes]
        run = words.title(state) if state is not None else self.past.run
        count = words.counted(len(changes), "value")
        tip = "\n".join(f"{one.key}: {line}" for one, line in zip(changes, told, strict=True))
        self.text.set_texts(ever_shorter(f"The environment gave {run} {count} otherwise: ", told), tip)

    def _tint(self) -> None:
        self._icon.setPixmap(pixmap("warning", theme().tokens.warning, 16, self.devicePixelRatioF()))


def ever_shorter(begin: str, parts: Sequence[str]) -> list[str]:
    """Parts behind their beginning: all of them, and ever fewer with how many more there are."""
    fewer = [f"{begin}{'; '.join(parts[:count])}; and {len(parts) - count} more" for count in range(1, len(parts))]
    return [begin + "; ".join(parts), *reversed(fewer)]

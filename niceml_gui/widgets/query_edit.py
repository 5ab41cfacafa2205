"""A line in which runs and experiments are looked for: with suggestions, examples, and what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionFrame,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.errors import QueryError
from niceml_engine.query.completion import EXAMPLES, Offers, Vocabulary, complete
from niceml_engine.query.grammar import Query, parse
from niceml_engine.query.names import PLAIN
from niceml_engine.query.subjects import Doubt, doubts
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import MONO
from niceml_gui.widgets.basics import Empty, button, filter_edit, icon_button, label
from niceml_gui.widgets.wrapping import breakable

PAUSE_MS = 700  #: without a key, after which what is unfinished counts as wrong
_TEXT, _SAID = range(2)
_WIDE = 430  #: pixels of the suggestions


class QueryEdit(QWidget):
    """A query, and below it what is wrong with it.

    Args:
        placeholder: What the line says while it is empty.
        name: What it is called aloud.
        words: Says what there is to look for.
        wants_configs: Called once values of configs are asked for.
    """

    changed = Signal()  #: `query` is another one

    def __init__(
        self, placeholder: str, name: str, words: Callable[[], Vocabulary], wants_configs: Callable[[], object]
    ) -> None:
        super().__init__()
        self.query = Query()  #: the last one that made sense
        self.error: QueryError | None = None
        self.doubts: tuple[Doubt, ...] = ()  #: names in it that most likely are meant otherwise
        self._told_elsewhere = False
        self._words = words
        self._wants_configs = wants_configs
        self.line = filter_edit(placeholder, name)
        self.line.setToolTip("Words, or a query such as metric.val_loss < 0.3 and config.epochs >= 10")
        self.help = icon_button("info", "Explain the query language", tip="What can be asked, with examples")
        self.help.setCheckable(True)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._mark = _Mark(self.line)
        self._offers = Offers(0, 0)
        self._model = QStandardItemModel(0, 2, self)
        self.popup = QTreeView()
        self._completer = QCompleter(self._model, self)
        self._set_up_popup()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self._examples: Examples | None = None
        line = QVBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.line)
        line.addWidget(self.problem)
        self.setFocusProxy(self.line)
        self.line.installEventFilter(self)
        self.line.textEdited.connect(self._edited)
        self.line.textChanged.connect(self._typed)
        self.line.returnPressed.connect(self._tell)
        self.help.toggled.connect(self._explain)

    @property
    def offered(self) -> list[str]:
        """What is offered now; nothing when the list is closed."""
        return [offer.text for offer in self._offers.offers] if self.popup.isVisible() else []

    def set_text(self, text: str) -> None:
        """Asks something else."""
        self.line.setText(text)
        self._tell()

    def refresh(self) -> None:
        """Looks again at what there is, since more has come."""
        self._tell_doubts()

    def tell_elsewhere(self, elsewhere: bool) -> None:
        """Leaves it to somebody else to say which names may be meant otherwise."""
        self._told_elsewhere = elsewhere
        self._tell_doubts()

    # ------------------------------------------------------------------------------------------ Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Asks for suggestions by Ctrl+Space or the down arrow; Escape empties the line."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not self.popup.isVisible():
            space = event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if space or event.key() == Qt.Key.Key_Down:
                self._suggest()
                return True
            if event.key() == Qt.Key.Key_Escape and self.line.text():
                self.set_text("")
                return True
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut and not self.popup.isVisible():
            self._tell()
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _typed(self, text: str) -> None:
        """Takes a text that makes sense at once; of one that does not, it is said when nothing more is typed."""
        before = self.query
        try:
            self.query, self.error = parse(text), None
        except QueryError as error:
            self.error = error
        self._mark.show_error(None)
        self._pause.start()
        if self.error is None:
            self._tell_doubts()
        if self.query.reads_configs:
            self._wants_configs()
        if self.query != before:
            self.changed.emit()

    def _edited(self) -> None:
        self._wants_configs()
        self._suggest()

    def _tell(self) -> None:
        self._pause.stop()
        if self.error is None:
            self._tell_doubts()
            return
        self._say(self.error.message, "error")
        self._mark.show_error(self.error)

    def _tell_doubts(self) -> None:
        if self.error is not None:
            return
        known = self._words().known
        self.doubts = tuple(doubts(self.query, known)) if known.leaves.rows or not self.query.reads_configs else ()
        self._say("" if self._told_elsewhere else "; ".join(doubt.said for doubt in self.doubts), "warning")

    def _say(self, text: str, role: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.problem.setProperty("role", role)
        self.problem.style().unpolish(self.problem)
        self.problem.style().polish(self.problem)
        self.line.setAccessibleDescription(text)

    def _set_up_popup(self) -> None:
        self.popup.setHeaderHidden(True)
        self.popup.setRootIsDecorated(False)
        self.popup.setUniformRowHeights(True)
        self.popup.setAccessibleName("Suggestions")
        self._completer.setWidget(self.line)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setPopup(self.popup)
        self._completer.setMaxVisibleItems(10)
        self._completer.activated.connect(self._take)

    def _suggest(self) -> None:
        text, cursor = self.line.text(), self.line.cursorPosition()
        self._offers = complete(text, cursor, self._words())
        if not self._offers.offers or not self.line.isVisible():
            self.popup.hide()
            return
        self._model.setRowCount(0)
        for offer in self._offers.offers:
            said = QStandardItem(offer.said)
            said.setForeground(QColor(theme().tokens.muted))
            self._model.appendRow([QStandardItem(offer.text), said])
        self.popup.setColumnWidth(_TEXT, min(300, self.popup.sizeHintForColumn(_TEXT) + 24))
        self._completer.complete(QRect(0, 0, _WIDE, self.line.height()))
        if text:
            self.popup.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def _take(self, chosen: str) -> None:
        offer = next((one for one in self._offers.offers if one.text == chosen), None)
        if offer is None:
            return
        text, cursor = self._offers.put(self.line.text(), offer)
        self.line.setText(text)
        self.line.setCursorPosition(cursor)
        QTimer.singleShot(0, self.line, self._suggest)

    def _explain(self, on: bool) -> None:
        if self._examples is None:
            self._examples = Examples(self.window())
            self._examples.chosen.connect(self._try)
            self._examples.closed.connect(lambda: self.help.setChecked(False))
        if not on:
            self._examples.hide()
            return
        place = self.line.mapTo(self.window(), QPoint(0, self.line.height() + 4))
        self._examples.open_at(place)

    def _try(self, text: str) -> None:
        self.help.setChecked(False)
        self.set_text(text)
        self.line.setFocus()
        self._wants_configs()


class NothingFits(Empty):
    """What a list shows of which a query leaves nothing: why that may be, and what to do.

    Args:
        things: What is listed, such as `runs`.
        query: What is asked.
    """

    def __init__(self, things: str, query: QueryEdit) -> None:
        actions = QWidget()
        super().__init__("", "", actions)
        self.instead = button("Ask for that", "Ask for what is meant most likely")
        self.everything = button(f"Show all {things}", "Empty the filter")
        column = QVBoxLayout(actions)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.instead)
        column.addWidget(self.everything)
        self._things = things
        self._query = query
        self._doubt: Doubt | None = None
        self.instead.clicked.connect(self._ask_instead)
        self.everything.clicked.connect(lambda: query.set_text(""))

    def explain(self, total: int, reading: bool) -> None:
        """Says why nothing fits.

        Args:
            total: How many there are.
            reading: Whether the configs are still being read, which the query is about.
        """
        doubts = () if reading else self._query.doubts
        self._doubt = next((doubt for doubt in doubts if doubt.instead), None)
        self.instead.setVisible(self._doubt is not None)
        if self._doubt is not None:
            self.instead.setToolTip(f"Ask for {self._doubt.instead}")
        if reading:
            self.say("Reading the configs…", "")
        else:
            self.say(
                "Nothing fits",
                breakable("\n".join(doubt.said for doubt in doubts)) or f"None of {total} {self._things} is like that.",
            )

    def _ask_instead(self) -> None:
        if self._doubt is not None:
            name, text = self._doubt.name, self._query.line.text()
            self._query.set_text(text[: name.start] + self._doubt.instead + text[name.end :])


class _Mark(QWidget):
    """A line below what is wrong."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._line = line
        self._error: QueryError | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_error(self, error: QueryError | None) -> None:
        """Underlines where a query is wrong."""
        self._error = error
        self.setGeometry(self._line.rect())
        self.setVisible(error is not None)
        self._line.setProperty("invalid", "true" if error is not None else "false")
        self._line.style().unpolish(self._line)
        self._line.style().polish(self._line)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws a line below the characters."""
        if self._error is None:
            return
        option = QStyleOptionFrame()
        self._line.initStyleOption(option)
        inner = self._line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self._line)
        metrics, text = self._line.fontMetrics(), self._line.text()
        # What is in view begins where the cursor, whose place is known, says so.
        cursor = self._line.cursorRect().center().x() - metrics.horizontalAdvance(text[: self._line.cursorPosition()])
        left = cursor + metrics.horizontalAdvance(text[: self._error.start])
        right = max(cursor + metrics.horizontalAdvance(text[: self._error.end]), left + 8)
        painter = QPainter(self)
        painter.setClipRect(inner)
        painter.setPen(QPen(QColor(theme().tokens.error), 2))
        y = inner.center().y() + metrics.height() // 2 + 1
        painter.drawLine(left, y, right, y)


class Examples(QFrame):
    """What can be asked: examples, each of which can be tried."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("popup")
        self.setAccessibleName("The query language")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(2)
        layout.addWidget(label("ASK FOR RUNS", "title"))
        layout.addSpacing(4)
        for text, said in EXAMPLES:
            example = button(text, f"Try it: {said}", role="link")
            example.setStyleSheet(f'font-family: "{MONO}"; font-size: 12px;')
            example.clicked.connect(lambda _=False, text=text: self.chosen.emit(text))
            layout.addWidget(example)
            line = label(said, "muted")
            line.setContentsMargins(3, 0, 0, 5)
            layout.addWidget(line)
        rest = "Names: " + ", ".join(PLAIN) + "; metric., min., max., config. with what follows the dot."
        rest += "\nOf a key the end is enough. Ctrl+Space offers what fits."
        names = label(rest, "muted")
        names.setWordWrap(True)
        layout.addSpacing(4)
        layout.addWidget(names)
        self.setFixedWidth(_WIDE)
        self.hide()

    def open_at(self, place: QPoint) -> None:
        """Shows it at a place of the window, as far as there is room."""
        self.adjustSize()
        window = self._window.rect()
        x = max(4, min(place.x(), window.width() - self.width() - 4))
        y = max(4, min(place.y(), window.height() - self.height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Closes on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

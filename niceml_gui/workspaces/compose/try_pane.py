"""What came out when a card, or the whole job, was tried."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QTreeWidgetItem, QVBoxLayout, QWidget

from niceml_engine.events import Tried
from niceml_gui import words
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, line, set_role
from niceml_gui.widgets.wrapping import Wrapping
from niceml_gui.workspaces.compose.lists import ListPane

DATA = Qt.ItemDataRole.UserRole
HINT = (
    "Try, on a card, makes its objects once and says what came out: shapes, parameters, sizes, time, or which value "
    "is wrong. Run → Try job (Ctrl+T) runs the whole job on one batch."
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_PART, _RESULT, _TIME, _FOUND, _WHERE = range(5)  #: columns
_DETAILS = 2000  #: letters of a traceback that fit into a tooltip
_WORDS = {"succeeded": "ok", "failed": "failed", "stopped": "stopped"}


class TryPane(QWidget):
    """The parts of the last trial, each with what came of it.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.trials = session.trials
        set_role(self, "panel")
        self.list = ListPane("Try", ["part", "result", "time", "what came out", "where"], _FOUND)
        self.table = self.list.table
        self.table.setUniformRowHeights(False)
        Wrapping(self.table, _FOUND)
        self.table.headerItem().setTextAlignment(_TIME, _RIGHT)
        self.summary = ElidedLabel()
        self.again = button("Again", "Try the same once more", icon="refresh", role="flat")
        self.again.clicked.connect(self._again)
        self.cancel = button("Cancel", "End the trial, whatever it does", icon="stop", role="flat")
        self.cancel.clicked.connect(self.trials.stop)
        self.copy_button = icon_button("copy", "Copy what came out", tip="Copy what came out, as text")
        self.copy_button.clicked.connect(self.copy)
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.summary, 1)
        for widget in (self.cancel, self.again, self.copy_button):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(line())
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._say)
        self.list.opened.connect(self._go_to)
        self.trials.changed.connect(self.refresh)
        session.selection_changed.connect(self._say)
        theme().changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is known of the trial."""
        trials = self.trials
        rows = [self._row(tried) for tried in trials.tried]
        if trials.message and not any(tried.message for tried in trials.tried):
            rows.append(self._row(Tried("", trials.trial.title, trials.status, trials.seconds, message=trials.message)))
        if trials.running:
            self.list.fill(rows, "Starting a process for it…")
        elif not trials.trial.title:
            self.list.fill(rows, "Nothing tried yet", HINT)
        else:
            self.list.fill(rows, "Stopped before anything came out", "Again starts it once more.")
        if not trials.running and (wrong := next((row for row in rows if row.text(_RESULT) == "failed"), None)):
            self.table.scrollToItem(wrong)
        self.bar.setVisible(bool(trials.trial.title))
        self.cancel.setVisible(trials.running)
        self.again.setVisible(not trials.running)
        self.copy_button.setEnabled(bool(rows))
        self._clock.start() if trials.running else self._clock.stop()
        self._say()

    def copy(self) -> None:
        """Copies what came out, one part on each line."""
        texts = []
        for at in range(self.table.topLevelItemCount()):
            item = self.table.topLevelItem(at)
            if item is not None:
                texts.append("  ".join(text for column in range(5) if (text := item.text(column))))
        QGuiApplication.clipboard().setText("\n".join(texts))

    def _say(self) -> None:
        trials = self.trials
        failed = [tried.name for tried in trials.tried if tried.status == "failed"]
        if trials.running:
            text = f"trying {trials.trial.title}…"
        elif trials.status == "stopped":
            text = f"{trials.trial.title}: stopped"
        elif failed or trials.status == "failed":
            text = f"{trials.trial.title}: {self._failed(failed)}"
        else:
            text = f"{trials.trial.title}: all is well"
        text += f" · {words.duration(trials.seconds)}"
        if trials.trial.title and trials.selection != self.session.selection:
            text += " · the config has changed since"
        set_role(self.summary, "error" if failed or trials.status == "failed" else "muted")
        self.summary.set_full_text(text)

    def _failed(self, names: list[str]) -> str:
        if names and not self.trials.trial.keys:  # a job ends with the op that fails
            return f"failed at {names[0]}; what comes after it was not tried"
        return f"{len(names)} of {len(self.trials.tried)} failed" if names else "failed"

    def _row(self, tried: Tried) -> QTreeWidgetItem:
        tokens = theme().tokens
        failed = tried.status != "succeeded"
        found = tried.message.removeprefix(f"{tried.key}: ") if failed else " · ".join(_found(tried))
        file, _, number = tried.place.rpartition(":")
        where = self.session.names.place(self._path(file), int(number)) if file else ""
        item = QTreeWidgetItem(
            [tried.name, _WORDS.get(tried.status, tried.status), words.duration(tried.seconds), found, where]
        )
        item.setIcon(_RESULT, icon("error", tokens.error) if failed else icon("check", tokens.ok))
        item.setTextAlignment(_TIME, _RIGHT)
        item.setForeground(_WHERE, QColor(tokens.accent))
        item.setData(0, DATA, tried)
        item.setToolTip(_PART, tried.key)
        full = "\n".join(part for part in (tried.made, *tried.found, tried.message) if part)
        item.setToolTip(_FOUND, "\n\n".join(part for part in (full, tried.details[-_DETAILS:]) if part))
        item.setToolTip(_WHERE, tried.place)
        return item

    def _again(self) -> None:
        self.session.try_out(self.trials.trial)

    def _go_to(self, tried: object) -> None:
        if not isinstance(tried, Tried):
            return
        if tried.key:
            self.session.set_focus(key=tried.key)
        file, _, number = tried.place.rpartition(":")
        if file:
            self.session.open_source(self._path(file), int(number))

    def _path(self, file: str) -> str:
        return str(pure(self.session.project.root if self.session.project is not None else "") / file)


def _found(tried: Tried) -> tuple[str, ...]:
    """What came out, in few words: the class without its modules, unless it names itself."""
    name = tried.made.rpartition(".")[2]
    named = not name or any(text.startswith(f"{name}(") for text in tried.found)
    return tried.found if named else (name, *tried.found)

"""The frame of dialogs that ask the service before they do something."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

from niceml_engine.values import ErrorInfo
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, button, set_role

_MARGIN = 40  #: pixels of the window that a dialog leaves free on each side


def fit(dialog: QDialog) -> None:
    """Gives a dialog the height that its content asks for, as far as the window below has room for it."""
    layout, parent = dialog.layout(), dialog.parentWidget()
    assert layout is not None
    assert parent is not None
    window = parent.window()
    layout.activate()
    plain = layout.totalSizeHint().height()
    wanted = layout.totalHeightForWidth(dialog.width()) if layout.hasHeightForWidth() else plain
    room = window.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    dialog.resize(min(dialog.width(), room.width()), min(wanted, room.height()))
    if dialog.isVisible():  # it may have grown out of the window
        place = QRect(QPoint(0, 0), dialog.size())
        place.moveCenter(window.mapToGlobal(room.center()))
        dialog.move(place.topLeft())


class Dialog(QDialog):
    """What dialogs that ask the service have in common: a note for what went wrong, and the buttons.

    Args:
        session: What the window works on.
        title: What the dialog is called.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self.resize(860, 560)
        self.session = session
        self.asked = 0
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        self.cancel = button("Cancel", "Close without writing (Esc)")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.later = QTimer(self)
        self.later.setSingleShot(True)
        self.later.setInterval(150)

    def done(self, result: int) -> None:
        """Closes it; an answer that is still on its way is dropped."""
        self.session.engine.forget(self.asked)
        self.later.stop()
        super().done(result)

    def say(self, text: str, role: str = "muted") -> None:
        """Writes the note."""
        set_role(self.note, role)
        self.note.set_full_text(text)

    def failed(self, error: ErrorInfo) -> None:
        """Says what the service refused."""
        self.say(error.message, "error")

    def foot(self, *buttons: QWidget) -> QHBoxLayout:
        """The last row: the note, Cancel, and what the dialog does."""
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.note, 1)
        for widget in (self.cancel, *buttons):
            foot.addWidget(widget)
        return foot

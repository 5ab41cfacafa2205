"""`niceml-askpass PROMPT`: a window in which ssh asks for a password, a passphrase, or whether a key is right.

ssh starts it with what it wants to know, and reads the answer from its stdout; exit status 1 gives none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from niceml_gui.widgets.basics import button, label


class Question(QDialog):
    """What ssh asks.

    Args:
        prompt: In ssh's own words.
        confirm: Whether it only wants to hear yes.
        parent: The Qt parent.
    """

    def __init__(self, prompt: str, *, confirm: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("ssh")
        self.setMinimumWidth(480)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self._yes = confirm or "(yes/no" in prompt
        text = label(prompt.strip(), selectable=True)
        text.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(prompt.strip())
        self.field.setVisible(not self._yes)
        self.cancel = button("Cancel", "Do not connect (Esc)")
        self.cancel.setAutoDefault(False)
        self.accepts = button("Yes" if self._yes else "OK", "Give ssh this answer", role="primary")
        self.accepts.setAutoDefault(not self._yes)  # a key is not accepted by a careless Enter
        self.cancel.clicked.connect(self.reject)
        self.accepts.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.accepts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(text)
        layout.addWidget(self.field)
        layout.addLayout(foot)
        (self.cancel if self._yes else self.field).setFocus()

    @property
    def answer(self) -> str:
        """What ssh is to be told."""
        return "yes" if self._yes else self.field.text()


def main(argv: Sequence[str] | None = None) -> int:
    """Asks, and prints the answer.

    Returns:
        The exit status: 0, or 1 when the person gave no answer.
    """
    prompt = " ".join(sys.argv[1:] if argv is None else argv)
    app = QApplication(sys.argv[:1])
    app.setApplicationDisplayName("niceml")

    from niceml_gui.theme import style

    style.install(app)
    question = Question(prompt, confirm=os.environ.get("SSH_ASKPASS_PROMPT") == "confirm")
    if question.exec() != QDialog.DialogCode.Accepted:
        return 1
    print(question.answer, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""ssh asks in a window."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from niceml_gui.askpass import Question

KEY = (
    "The authenticity of host 'gpu1' can't be established.\nAre you sure you want to continue (yes/no/[fingerprint])? "
)


def test_a_password_is_typed_unseen_and_given(qtbot: QtBot) -> None:
    question = Question("anna@gpu1's password: ")
    qtbot.addWidget(question)
    question.show()
    assert question.field.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(question.field, "open sesame")
    qtbot.keyClick(question.field, Qt.Key.Key_Return)
    assert (question.result(), question.answer) == (QDialog.DialogCode.Accepted, "open sesame")


@pytest.mark.parametrize(("prompt", "confirm"), [(KEY, False), ("Allow use of key?", True)])
def test_a_key_is_accepted_by_a_click_and_not_by_enter_alone(qtbot: QtBot, prompt: str, confirm: bool) -> None:
    question = Question(prompt, confirm=confirm)
    qtbot.addWidget(question)
    question.show()
    assert not question.field.isVisible()
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert question.result() != QDialog.DialogCode.Accepted
    question.accepts.click()
    assert (question.result(), question.answer) == (QDialog.DialogCode.Accepted, "yes")


@pytest.mark.parametrize(("button", "answer", "status"), [("accepts", "open sesame\n", 0), ("cancel", "", 1)])
def test_ssh_reads_the_answer_from_the_program(button: str, answer: str, status: int) -> None:
    program = (
        "import sys; from PySide6.QtCore import QTimer; from niceml_gui import askpass\n"
        "shown = askpass.Question.showEvent\n"
        "def show(self, event):\n"
        "    shown(self, event); self.field.setText('open sesame')\n"
        f"    QTimer.singleShot(0, self.{button}.click)\n"
        "askpass.Question.showEvent = show\n"
        "sys.exit(askpass.main(['a password:']))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.returncode) == (answer, status)

"""What a selection is copied as, to be taken to a terminal."""

from __future__ import annotations

from typing import Literal

from PySide6.QtGui import QGuiApplication

from niceml_engine.protocol.configs import Export, Exported
from niceml_engine.values import ErrorInfo, Selection
from niceml_gui.composer import TIMEOUT
from niceml_gui.session import Message, Session
from niceml_gui.values import file_stem


def copy_as(session: Session, to: Literal["overrides", "command"], selection: Selection, what: str) -> None:
    """Copies a selection in a form that the service makes; says what was copied, or why nothing was.

    Args:
        session: What it belongs to.
        to: The form.
        selection: What to copy.
        what: What it is of, in words.
    """

    def done(answer: Exported) -> None:
        QGuiApplication.clipboard().setText(answer.text.strip())
        count = len(selection.overrides)
        copied = "the command line" if to == "command" else "1 override" if count == 1 else f"{count} overrides"
        session.message.emit(Message("info", f"Copied {copied} of {what}"))

    def failed(error: ErrorInfo) -> None:
        form = "No command line holds" if to == "command" else "No lines of overrides hold"
        session.complain(f"{form} {what}: {error.message}", error.details)

    session.engine.ask(Export(selection, to), done, failed, TIMEOUT)


def copy_selection(session: Session, to: Literal["overrides", "command"]) -> None:
    """Copies the current selection."""
    copy_as(session, to, session.selection, file_stem(session.selection.job))

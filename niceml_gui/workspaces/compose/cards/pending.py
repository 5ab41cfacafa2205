"""What is typed in a field and not taken yet, kept for the case of a crash."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from niceml_gui.session import Session

_PATIENCE_MS = 300  #: after the last key


class Pending(QObject):
    """Keeps it as a line among the overrides that are not applied: there it stands after a crash.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._job = self._line = ""
        self._before: str | None = None  # what was kept of the job's overrides otherwise
        self._kept = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PATIENCE_MS)
        self._pause.timeout.connect(self._keep)

    def note(self, line: str) -> None:
        """Takes the override that what is typed would be; empty once it is taken or given up."""
        if line:
            self._line = line
            self._pause.start()
            return
        self._pause.stop()
        if self._kept:
            self._kept = False
            self._session.kept.keep_typed(self._job, self._before)

    def _keep(self) -> None:
        selection, drafts = self._session.selection, self._session.kept.drafts
        if not self._kept:
            self._kept, self._job, self._before = True, selection.job, drafts.typed.get(selection.job)
        others = "\n".join(selection.overrides) if self._before is None else self._before
        self._session.kept.keep_typed(self._job, f"{others}\n{self._line}".lstrip("\n"))

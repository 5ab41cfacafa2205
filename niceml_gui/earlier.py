"""What has run before that is like the selection, asked again whenever the selection or the runs change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from niceml_engine.protocol.earlier import Earlier, LookBack
from niceml_gui.question import Question
from niceml_gui.session import Session

DELAY_MS = 250  #: composing and checking come first
TIMEOUT = 120.0  #: the configs of thousands of runs that an older version made are read once


class LookingBack(QObject):
    """Keeps asking what has run before.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.earlier = Earlier()
        self._session = session
        self._key: tuple[object, ...] = ()
        self._question = Question(
            session.engine, self._request, self._show, self._failed, delay=DELAY_MS, timeout=TIMEOUT, parent=self
        )
        session.composed_changed.connect(self.refresh)
        session.runs.changed.connect(self.refresh)

    @property
    def current(self) -> Earlier:
        """The answer, if it is one about what is composed now."""
        composed = self._session.composed
        known = composed.digest and self.earlier.digest == composed.digest and not self._session.stale
        return self.earlier if known else Earlier()

    def refresh(self) -> None:
        """Asks again, if the answer may be another one."""
        session = self._session
        composed = session.composed
        # The environment may give a config of the same digest other values.
        key = (composed.selection, composed.digest, composed.resolved_yaml, tuple(session.runs.states))
        if key == self._key:
            return
        self._key = key
        if composed.digest and session.runs.states:
            self._question.ask()
        else:
            self._question.drop()
            self._show(Earlier())

    def close(self) -> None:
        """Asks no more."""
        self._question.drop()

    def _request(self) -> LookBack | None:
        if self._session.connection.away:
            self._key = ()
            return None
        return LookBack(self._session.composed.selection)

    def _show(self, earlier: Earlier) -> None:
        self.earlier = earlier
        self.changed.emit()

    def _failed(self, _: object) -> None:
        self._show(Earlier())  # what is wrong with the config is told elsewhere

"""Keeps asking what the newest selection composes to, what reading its code finds, and what its resolvers give."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.protocol.configs import CheckSelection, Compose, Resolve
from niceml_engine.values import Composed, ErrorInfo, Problem, Selection
from niceml_gui.engine import Engine

TIMEOUT = 60.0
CHECK_DELAY_MS = 300  #: checks read code, which is slower than composing: wait until the person pauses
RESOLVE_TIMEOUT = 200.0  #: the project's own interpreter may import much
_UNRESOLVED = ("unknown-resolver", "waiting")
_JUDGED = "unset-env"  #: a check knows whether the project's code sets a variable, and tells its places together


def joined(checks: Iterable[Problem], composed: Composed) -> tuple[Problem, ...]:
    """What checks found, without what the project's own resolvers settled, and with what these say themselves."""
    own = {leaf.key for leaf in composed.leaves if leaf.own}
    said = {one.key for one in composed.problems if one.code not in _UNRESOLVED}
    kept = [one for one in checks if one.code not in _UNRESOLVED or one.key not in own | said]
    known = {(one.code, one.file, one.line, one.key) for one in kept}
    more = [one for one in unjudged(composed) if (one.code, one.file, one.line, one.key) not in known]
    return (*more, *kept)


def unjudged(composed: Composed) -> tuple[Problem, ...]:
    """What composing alone can say for sure."""
    return tuple(one for one in composed.problems if one.code != _JUDGED)


class Composer(QObject):
    """Asks one question at a time; only the answer for the newest selection is given out."""

    composed = Signal(object)  #: `Composed` of the newest selection
    checked = Signal(object)  #: problems found in the code that it names
    resolved = Signal(object)  #: `Composed` of it once more, with what the project's own resolvers give
    failed = Signal(object)  #: `ErrorInfo`: there is no answer

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._newest = Selection("")
        self._asked: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_DELAY_MS)
        self._timer.timeout.connect(self._check)
        self._again = False
        self._hurried = False
        self._unresolved = False

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def ask(self, selection: Selection) -> None:
        """Composes a selection, after what is being composed now; what waited before it is dropped."""
        self._newest, self._again = selection, True
        self._timer.stop()
        if self._asked is None:
            self._send()

    def check_now(self) -> None:
        """Checks without waiting for a pause: what was composed, or else what is being composed once it is."""
        if self._timer.isActive():
            self._timer.stop()
            self._check()
        else:
            self._hurried = self.busy

    def reset(self) -> None:
        """Forgets what was asked; no answer to it will be given out."""
        if self._asked is not None:
            self._engine.forget(self._asked)
        self._asked, self._again = None, False
        self._timer.stop()

    def _send(self) -> None:
        self._again = False
        self._asked = self._engine.ask(Compose(self._newest), self._answered, self._refused, TIMEOUT)

    def _answered(self, composed: Composed) -> None:
        self._asked = None
        if self._again:
            self._send()
            return
        self._unresolved = any(one.code in _UNRESOLVED for one in composed.problems)
        hurried, self._hurried = self._hurried, False
        if hurried:
            self._check()
        else:
            self._timer.start()
        self.composed.emit(composed)

    def _refused(self, error: ErrorInfo) -> None:
        self._asked = None
        if self._again and self._engine.running:
            self._send()
            return
        self.failed.emit(error)

    def _check(self) -> None:
        asked = self._newest

        def checked(problems: tuple[Problem, ...]) -> None:
            if asked == self._newest and self._asked is None:
                self.checked.emit(problems)

        def resolved(composed: Composed) -> None:
            if asked == self._newest and self._asked is None:
                self.resolved.emit(composed)

        self._engine.ask(CheckSelection(asked), checked, self.failed.emit, TIMEOUT)
        if self._unresolved:
            self._engine.ask(Resolve(asked), resolved, self.failed.emit, RESOLVE_TIMEOUT)

"""Classes that fit as a `_target_`, for completion: the same that the cards offer, asked for once a composition."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from niceml_engine.descriptions import Fitting
from niceml_engine.protocol.forms import Fit
from niceml_gui.composer import TIMEOUT
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.text.editing.suggestions import Suggestion


class Classes(QObject):
    """Knows what was answered; what it does not know yet it asks for.

    Args:
        session: What the window works on.
        answered: Called when there is more to offer than before.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, answered: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._answered = session, answered
        self._known: dict[str, tuple[Suggestion, ...]] = {}  # by the key of the mapping
        session.composed_changed.connect(self._forget)

    def fitting(self, key: str) -> tuple[Suggestion, ...]:
        """What may stand as the `_target_` of a mapping, as far as it is known now."""
        if key not in self._known:
            self._known[key] = ()
            request = Fit(self._session.last_good.selection, key)
            self._session.engine.ask(request, partial(self._found, key), lambda _: None, TIMEOUT)
        return self._known[key]

    def _forget(self) -> None:
        self._known.clear()  # code may have changed as well

    def _found(self, key: str, fitting: Fitting) -> None:
        self._known[key] = tuple(Suggestion(one.target, one.doc) for one in fitting.candidates)
        if fitting.candidates:
            self._answered()

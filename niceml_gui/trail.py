"""The places that a person has been at, to go back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_gui.values import Focus

if TYPE_CHECKING:
    from niceml_gui.session import Session

STAY_MS = 700  #: who leaves sooner was only passing by
_MOST = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What was looked at: a selected key or node of a job, or a line of a file."""

    job: str
    focus: Focus = field(default_factory=Focus)
    file: str = ""
    line: int = 0


class Trail(QObject):
    """Follows what is selected and opened.

    Walking through a text by keyboard selects many keys; only where a person stays, or jumps from, is kept.

    Args:
        session: Whose selection it follows.
    """

    changed = Signal()
    went = Signal(object)  #: back or forward to this `Place`

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._places: list[Place] = []
        self._at = -1
        self._going = False
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(STAY_MS)
        session.focus_changed.connect(self._focused)
        session.source_requested.connect(self._opened)

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, the oldest first."""
        return tuple(self._places)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one has gone back."""
        return self._at + 1 < len(self._places)

    def back(self) -> None:
        """Goes to the place before."""
        if self.can_go_back:
            self._go(self._at - 1)

    def forward(self) -> None:
        """Goes to the place from which one has gone back."""
        if self.can_go_forward:
            self._go(self._at + 1)

    def clear(self) -> None:
        """Forgets all places."""
        self._places, self._at = [], -1
        self._passing.stop()
        self.changed.emit()

    def _focused(self) -> None:
        if self._session.focus != Focus():
            self._visit(Place(self._session.selection.job, self._session.focus), jump=False)

    def _opened(self, file: str, line: int) -> None:
        self._visit(Place(self._session.selection.job, file=file, line=line), jump=True)

    def _visit(self, place: Place, *, jump: bool) -> None:
        if self._going or (self._at >= 0 and place == self._places[self._at]):
            return
        passing = self._passing.isActive() and not jump
        self._places[self._at + (0 if passing else 1) :] = [place]
        del self._places[:-_MOST]
        self._at = len(self._places) - 1
        if jump:
            self._passing.stop()
        else:
            self._passing.start()
        self.changed.emit()

    def _go(self, at: int) -> None:
        self._passing.stop()
        self._at, place = at, self._places[at]
        self._going = True
        try:
            if place.job != self._session.selection.job:
                self._session.open_job(place.job)
            if place.file:
                self._session.open_source(place.file, place.line)
            else:
                self._session.set_focus(place.focus.key, place.focus.node)
            self.went.emit(place)
        finally:
            self._going = False
        self.changed.emit()

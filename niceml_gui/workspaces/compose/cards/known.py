"""What the service knows of the values on screen: descriptions, the runs of a sweep, and what fits a target."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.descriptions import Description, Expansion, Fitting
from niceml_engine.protocol.forms import Describe, Expand, Fit
from niceml_engine.values import ErrorInfo, Problem, Selection
from niceml_gui import overrides as grammar
from niceml_gui.composer import TIMEOUT
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.forms import NOTHING_KNOWN
from niceml_gui.workspaces.compose.cards.row import Row, within

DELAY_MS = 60  #: a person who types on is not asked for; a config that was just opened soon is


class Known(QObject):
    """Asks after each composition, so that no composition waits for it.

    Args:
        session: What the window works on.
    """

    changed = Signal()
    expanded = Signal()  #: the runs are others than before
    judged = Signal()  #: other values are wrong than before

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.description: Description = NOTHING_KNOWN
        self.expansion: Expansion | None = None  #: the runs of a selection that stands for several
        self.wrong: dict[str, Problem] = {}  #: by key: what is worst about a value, as composing and checking found
        self._session = session
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._ask)
        session.composed_changed.connect(self._composed)
        session.problems_changed.connect(self._judge)
        self._composed()
        self._judge()

    def count_of(self, key: str) -> int:
        """How many values a key takes, one after the other; 0 where it is no sweep."""
        if self.expansion is None:
            return 0
        overrides = self._session.selection.overrides
        for place in self.expansion.swept:
            if place < len(overrides) and grammar.split(overrides[place])[1] == grammar.bare(key):
                return len({run[place] for run in self.expansion.runs})
        return 0

    def problem_at(self, row: Row) -> Problem | None:
        """What is wrong with the value of a row; for what can be folded, also the first that is wrong inside of it."""
        key = row.leaf.key if row.leaf is not None else row.item
        found = self.wrong.get(key) if key and not row.adds and not row.more else None
        if found is None and row.folded is not None:
            inside = row.item if row.target is not None or row.leaf is None else row.key
            found = next((one for name, one in self.wrong.items() if within(name, inside)), None)
        return found

    def fit(
        self,
        key: str,
        then: Callable[[Fitting | None], object],
        selection: Selection | None = None,
        target: str = "",
    ) -> None:
        """Asks what may stand as the `_target_` of a mapping; `None` where it cannot be told, which is said.

        Args:
            key: Of the mapping, or of a `null` in its place.
            then: Called with the answer.
            selection: Another selection than that of the session.
            target: The only one of which it is asked what it changes.
        """

        def failed(error: ErrorInfo) -> None:
            then(None)
            self._failed(error)

        self._session.engine.ask(Fit(selection or self._session.selection, key, target), then, failed, TIMEOUT)

    def _composed(self) -> None:
        composed = self._session.composed
        if composed.error is None and composed.digest:
            self._timer.start()
        if composed.runs < 2:
            self._set_expansion(None)

    def _judge(self) -> None:
        found = sorted(self._session.problems, key=lambda problem: problem.severity == "error")  # the worst wins
        typed = self._session.refused.values()  # which the fields say themselves
        told = [one for one in found if one.key and one.severity != "info" and one not in typed]
        wrong = {key: one for one in told for key in (one.key, *one.also)}
        if wrong != self.wrong:
            self.wrong = wrong
            self.judged.emit()

    def _ask(self) -> None:
        asked = self._session.selection

        def described(description: Description) -> None:
            if asked == self._session.selection and description != self.description:
                self.description = description
                self.changed.emit()

        def expanded(expansion: Expansion) -> None:
            if asked == self._session.selection:
                self._set_expansion(expansion)

        if self._session.composed.runs > 1:
            self._session.engine.ask(Expand(asked), expanded, timeout=TIMEOUT)
        self._session.engine.ask(Describe(asked), described, timeout=TIMEOUT)

    def _set_expansion(self, expansion: Expansion | None) -> None:
        if expansion != self.expansion:
            self.expansion = expansion
            self.expanded.emit()

    def _failed(self, error: object) -> None:
        self._session.complain(f"What fits cannot be found: {getattr(error, 'message', error)}")

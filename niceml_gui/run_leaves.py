"""The configs of the project's runs, as far as somebody has asked for them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.leaves import Leaves, LeavesPart, grown
from niceml_engine.protocol.comparing import ReadLeaves
from niceml_engine.query.subjects import Known
from niceml_gui.engine import Engine
from niceml_gui.runs import Runs

DELAY_MS = 200  #: after a run has come; several come at once
TIMEOUT = 120.0  #: the configs of thousands of runs that an older version made are read once


class RunLeaves(QObject):
    """The table of configs; once asked for, it follows the runs.

    Args:
        engine: The service's client.
        runs: The runs.
        parent: The Qt parent.
    """

    changed = Signal()

    def __init__(self, engine: Engine, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = Leaves()
        self._engine = engine
        self._runs = runs
        self._wanted = False
        self._asked = False
        self._lacking: frozenset[str] = frozenset()  # runs that the service has no config of
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(lambda: self._ask())
        runs.changed.connect(self._runs_changed)

    @property
    def known(self) -> Known:
        """What there is to ask for."""
        metrics = frozenset(name for state in self._runs.states.values() for name in state.metrics)
        return Known(metrics, self.table)

    def want(self) -> None:
        """Asks for the configs that are not known; from then on, for those of new runs too."""
        if not self._wanted:
            self._wanted = True
            self._ask()

    def read(self) -> None:
        """Asks again, since there is more than the runs' own."""
        self._wanted = True
        self._ask(anew=True)

    def clear(self) -> None:
        """Forgets everything, as another project is open."""
        self.table, self._wanted, self._asked, self._lacking = Leaves(), False, False, frozenset()
        self._timer.stop()
        self.changed.emit()

    def _missing(self) -> frozenset[str]:
        return frozenset(run for run in self._runs.states if run not in self.table)

    def _runs_changed(self) -> None:
        if self._wanted and not self._timer.isActive() and self._missing() - self._lacking:
            self._timer.start()

    def _ask(self, *, anew: bool = False) -> None:
        missing = self._missing()
        if self._asked or not (anew or missing - self._lacking):
            return
        self._asked = True
        table = self.table

        def answered(part: LeavesPart) -> None:
            if table is self.table:  # no other project has been opened meanwhile
                self._asked = False
                self.table = grown(self.table, part)
                self._lacking = missing & self._missing()
                self.changed.emit()
                self._runs_changed()

        def failed(_: object) -> None:
            if table is self.table:
                self._asked = False

        request = ReadLeaves(table.stamp, len(table.keys), len(table.values), len(table.rows))
        self._engine.ask(request, answered, failed, TIMEOUT)

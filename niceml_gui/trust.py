"""Whether the open project may run its code: asked before the first start, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QObject, Signal

from niceml_engine.protocol.trust import AskTrust, Foreign, ForeignKind, SetTrust, Trust
from niceml_engine.values import ErrorInfo, Selection
from niceml_gui.composer import TIMEOUT
from niceml_gui.engine import Engine

TITLES: dict[ForeignKind, str] = {
    "program": "Program",
    "target": "Targets of {}",
    "interpreter": "Interpreter",
    "code location": "Dagster code location",
    "resolver": "Resolvers",
    "plugin": "Plugins of Hydra",
    "config": "Configs made in Python",
    "file": "Loaded by Dagster, whose settings name it",
    "module": "Imported in place of an installed module of the same name",
    "variable": "Variables that decide what is loaded",
    "location": "Places that are no folder and no bucket",
    "git": "Commands of the repository's own git settings",
}


@dataclass(frozen=True)
class Question:
    """Whether a project may be trusted.

    Attributes:
        trust: What would run.
        then: What starts once it is.
    """

    trust: Trust
    then: Callable[[], object] | None = None


class Trusting(QObject):
    """The trust in the open project.

    Args:
        engine: The service's client.
        complain: Told what the service refuses.
        parent: The Qt parent.
    """

    changed = Signal()
    given = Signal()  #: the person has trusted the project, or does so no more
    asked = Signal(object)  #: `Question` for the person

    def __init__(self, engine: Engine, complain: Callable[[ErrorInfo], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = ""  #: the project that is spoken of
        self.trusted = False
        self._engine = engine
        self._complain = complain

    def read(self) -> None:
        """Finds out how it stands."""
        self._engine.ask(AskTrust(), self._take, self._complain, TIMEOUT)

    def before(self, selection: Selection, then: Callable[[], object]) -> None:
        """Starts something of a selection, at once or when the person has said that the project may run its code."""

        def answered(trust: Trust) -> None:
            self._take(trust)
            if trust.trusted or not trust.foreign:
                then()
            else:
                self.asked.emit(Question(trust, then))

        self._engine.ask(AskTrust(selection), answered, self._complain, TIMEOUT)

    def ask(self, selection: Selection) -> None:
        """Asks the person, whether or not anything is to be started."""
        self._engine.ask(AskTrust(selection), lambda trust: self.asked.emit(Question(trust)), self._complain, TIMEOUT)

    def set(self, trusted: bool, then: Callable[[], object] | None = None) -> None:
        """Trusts the project from now on, or no more."""

        def done(trust: Trust) -> None:
            self._take(trust)
            self.given.emit()
            if then is not None:
                then()

        self._engine.ask(SetTrust(trusted), done, self._complain, TIMEOUT)

    def _take(self, trust: Trust) -> None:
        if (trust.root, trust.trusted) != (self.root, self.trusted):
            self.root, self.trusted = trust.root, trust.trusted
            self.changed.emit()


def groups(found: tuple[Foreign, ...]) -> list[tuple[str, list[Foreign]]]:
    """What would run, put together: targets by package, the project's own first, then everything else by kind."""

    def rank(one: Foreign) -> tuple[int, bool, str]:
        return (list(TITLES).index(one.kind), not one.source, one.package if one.kind == "target" else "")

    def title(one: Foreign) -> str:
        return TITLES[one.kind].format(one.package)

    return [(name, list(rows)) for name, rows in groupby(sorted(found, key=rank), title)]

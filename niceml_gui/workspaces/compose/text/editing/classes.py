"""What may stand as a `_target_`, for completion: what fits, as the cards offer it, else what the text itself names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QObject

from niceml_engine.descriptions import Fitting, Name
from niceml_engine.protocol.forms import Fit, Names
from niceml_gui.composer import TIMEOUT
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.text.editing.suggestions import Suggestion, matching
from niceml_gui.workspaces.compose.text.editing.surroundings import Place


class Classes(QObject):
    """Knows what was answered, each question being asked once a composition; what it does not know yet it asks for.

    Args:
        session: What the window works on.
        answered: Called when there is more to offer than before.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, answered: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._answered = session, answered
        self._known: dict[Fit | Names, tuple[Suggestion, ...] | None] = {}  # `None`: an answer is awaited
        session.composed_changed.connect(self._known.clear)  # code may have changed as well

    def offered(self, place: Place, typed: str) -> Sequence[Suggestion]:
        """What may stand at a place as far as it is known now, the likeliest that goes on with what is typed."""
        package = typed.rpartition(".")[0]
        for questions in (
            [Fit(self._session.last_good.selection, key) for key in place.keys],
            [Names(place.owner, place.argument, place.items)] if place.owner else [],
            [Names(package=package)],  # without one: the project's own code
        ):
            answers = [self._ask(question) for question in questions]
            if found := matching(typed, [one for answer in answers for one in answer or ()]):
                return found
            if None in answers:  # what is less likely is not offered meanwhile
                return ()
        return matching(typed, self._used())

    def _used(self) -> Iterator[Suggestion]:
        """What stands as a `_target_` in what is composed."""
        for leaf in self._session.last_good.leaves:
            if leaf.key.endswith("._target_") and isinstance(leaf.resolved, str):
                yield Suggestion(leaf.resolved, "as in what is composed")

    def _ask(self, question: Fit | Names) -> tuple[Suggestion, ...] | None:
        if question not in self._known:
            self._known[question] = None
            engine = self._session.engine
            engine.ask(question, partial(self._found, question), lambda _: self._found(question, ()), TIMEOUT)
        return self._known.get(question)

    def _found(self, question: Fit | Names, answer: Fitting | tuple[Name, ...]) -> None:
        if isinstance(answer, Fitting):
            found = tuple(Suggestion(one.target, one.doc) for one in answer.candidates)
        else:
            found = tuple(
                Suggestion(one.name, "a module", ".") if one.module else Suggestion(one.name, one.doc) for one in answer
            )
        self._known[question] = found
        self._answered()

"""The selection, what it composes to, and what is wrong with it: one half of the session.

An edit swaps the frozen selection for another one through the undo stack, and the service composes the newest.
"""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from niceml_engine.values import Choice, Composed, Problem, Selection
from niceml_engine.visible import visible
from niceml_gui import overrides as grammar
from niceml_gui.composer import Composer, joined, unjudged
from niceml_gui.engine import Engine
from niceml_gui.kept import Kept
from niceml_gui.sharing import shared
from niceml_gui.values import Message, Until


class _Step(QUndoCommand):
    """Swaps one selection for another; one that amends becomes part of the step before."""

    def __init__(self, session: Composing, text: str, after: Selection, *, amends: bool = False) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, session.selection, after
        self._amends = amends

    def id(self) -> int:
        return 1  # Qt asks steps of one kind whether they merge

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not (isinstance(other, _Step) and other._amends):
            return False
        self._after = other._after
        self.setText(other.text())
        return True

    def redo(self) -> None:
        self._session.apply(self._after)

    def undo(self) -> None:
        self._session.apply(self._before)


class Composing(QObject):
    """The selection, edited with undo and composed anew after each edit.

    Args:
        engine: The service's client.
        parent: The Qt parent.
    """

    selection_changed = Signal()
    composed_changed = Signal()
    problems_changed = Signal()
    busy_changed = Signal(bool)
    message = Signal(object)  #: `Message`

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.selection = Selection("")
        self.composed = self._whole = Composed(Selection(""))  #: the last answer, good or failed; the last good one
        self.checks: tuple[Problem, ...] = ()  #: all that a check of `composed` found; empty until it answers
        self.checked = False  #: whether `checks` are what a check of `composed` found
        self.refused: dict[str, Problem] = {}  #: by key: what stands in a field and cannot be set
        self.stale = False  #: `composed` does not belong to `selection`, or files have changed since
        self.busy = False
        self.undo = QUndoStack(self)
        self.kept = Kept(partial(self.complain, until=None), self)  #: what is not saved in the project
        self._composer = Composer(engine, self)
        self._is_resolved = False  # `composed` holds what the project's own resolvers say
        self._composer.composed.connect(self._composed)
        self._composer.checked.connect(self._checked)
        self._composer.resolved.connect(self._resolved)

    @property
    def last_good(self) -> Composed:
        """What the open job composed to last, while it is refused; else what it composes to."""
        same = self._whole.digest and self._whole.selection.job == self.composed.selection.job
        return self._whole if same and self.composed.error is not None else self.composed

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is known to be wrong: what was typed and refused, the refusal to compose, and the rest."""
        error = (self.composed.error,) if self.composed.error is not None else ()
        # A check finds again what composing found, and more of it.
        if self.checks and self._is_resolved:
            return (*self.refused.values(), *joined(self.checks, self.composed))
        found = self.checks or dict.fromkeys((*error, *unjudged(self.composed)))
        return (*self.refused.values(), *found)

    # ------------------------------------------------------------------------------------------ edits

    def set_overrides(self, overrides: tuple[str, ...], text: str) -> None:
        """Replaces all overrides, as one undoable step named `text`; every edit comes this way."""
        self._push(text, msgspec.structs.replace(self.selection, overrides=overrides))

    def amend(self, asked: Selection, overrides: tuple[str, ...], text: str) -> None:
        """Adds to the edit that led to a selection what follows from it, as one step named `text`.

        Nothing is done where something else was edited since.
        """
        changed = msgspec.structs.replace(asked, overrides=overrides)
        if asked == self.selection and changed != asked:
            self.undo.push(_Step(self, text, changed, amends=True))

    def choose(self, choice: Choice, option: str | None) -> None:
        """Chooses another option at a place of a defaults list; `None` chooses nothing.

        Hydra takes no `null` for a group: where the files choose something, the choice is deleted, `~group`.
        """
        if not choice.key:
            self.complain(
                f"Hydra has no override for the choice at {choice.package or choice.group}: edit {choice.file}"
            )
            return
        if option is not None:
            changed = grammar.with_value(self.selection.overrides, choice.key, grammar.option_text(option))
        else:
            kept = grammar.without(self.selection.overrides, choice.key)
            changed = kept if choice.nothing else (*kept, f"~{choice.key}")
        self.set_overrides(changed, visible(f"Choose {option or 'nothing'} for {choice.group}"))

    def add_option(self, override: str) -> None:
        """Adds an option of a group that no defaults list of the job names, `+group=option`."""
        _, group, option = grammar.split(override)
        changed = grammar.with_value(self.selection.overrides, f"+{group}", option)
        self.set_overrides(changed, visible(f"Add {option} of {group}"))

    def set_value(self, key: str, text: str) -> None:
        """Sets a key; `text` is in Hydra's value grammar: `10`, `'a b'`, `[1,2]`. A key that is new is added."""
        new = not grammar.has_key(self.last_good.leaves, key)
        changed = grammar.with_value(self.selection.overrides, key, text, new=new)
        self.set_overrides(changed, f"Set {grammar.last_part(key)} to {grammar.shown(key, text)}")

    def refuse(self, key: str, why: str) -> None:
        """Notes that a field holds what cannot be set, or with an empty `why` that it does so no more."""
        before = self.refused.copy()
        self.refused.pop(key, None)
        if why:
            self.refused[key] = Problem("error", "refused", why, key=key)
        if self.refused != before:
            self.problems_changed.emit()

    def reset(self, key: str) -> None:
        """Drops the overrides of a key, or of a choice by its key."""
        self.set_overrides(
            grammar.without(self.selection.overrides, key), f"Reset {grammar.last_part(grammar.bare(key))}"
        )

    def overridden(self, key: str) -> str | None:
        """The whole override of a key or of a choice's key (`+key=value`), or None."""
        return grammar.find(self.selection.overrides, key)

    def apply(self, selection: Selection) -> None:
        """Makes a selection the current one, without an undo step; edits use `set_overrides` and the like."""
        if selection == self.selection:
            return
        self.selection = selection
        self.kept.keep(self.selection)
        self.stale = True
        self.selection_changed.emit()
        self._compose()

    def complain(self, text: str, details: str = "", until: Until | None = "done") -> None:
        """Shows in one line why something cannot be done, until something else is.

        Args:
            text: The line.
            details: What an expert wants to see below it.
            until: When it is over; `None` for what stays true whatever is done.
        """
        self.message.emit(Message("error", text, details, until))

    def check_now(self) -> None:
        """Checks what is composed, or is being composed, without waiting for a pause."""
        self._composer.check_now()

    # ------------------------------------------------------------------------------------------ inner workings

    def _push(self, text: str, selection: Selection) -> None:
        if selection != self.selection:
            self.undo.push(_Step(self, text, selection))

    def _start_with(self, selection: Selection) -> None:
        """Goes on with a selection of another project: what was known of the last one is forgotten."""
        self.undo.clear()
        self._composer.reset()
        self.selection = selection
        self.composed, self.checks, self.stale = Composed(selection), (), bool(selection.job)
        self.checked = False
        self.refused = {}

    def _compose(self) -> None:
        self.stale, self.checked = bool(self.selection.job), False
        if self.stale:
            self._composer.ask(self.selection)
        self._set_busy()

    def _composed(self, composed: Composed) -> None:
        self.composed, self.stale, self.checks = shared(self._whole, composed), False, ()
        self._whole = self.composed if composed.digest else self._whole
        self._is_resolved = self.checked = False
        self._set_busy()
        self.composed_changed.emit()
        self.problems_changed.emit()

    def _resolved(self, composed: Composed) -> None:
        now = self.composed
        if composed.digest != now.digest or (composed.leaves, composed.problems) == (now.leaves, now.problems):
            return
        self.composed = self._whole = shared(now, composed)
        self._is_resolved = True
        self.composed_changed.emit()
        self.problems_changed.emit()

    def _checked(self, problems: tuple[Problem, ...]) -> None:
        self.checks, self.checked = problems, True
        self.problems_changed.emit()

    def _set_busy(self) -> None:
        busy = self._is_waiting()
        if busy != self.busy:
            self.busy = busy
            self.busy_changed.emit(busy)

    def _is_waiting(self) -> bool:
        """Whether an answer is awaited."""
        return self._composer.busy

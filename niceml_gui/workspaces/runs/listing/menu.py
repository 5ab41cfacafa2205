"""What can be done to runs, as menus."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu, QWidget

from niceml_engine.values import ACTIVE, RunState
from niceml_gui.desktop import elsewhere, is_local, open_folder
from niceml_gui.session import Session
from niceml_gui.workspaces.runs.listing.rows import WAITING, Sweep, section, shared_tags, standing
from niceml_gui.workspaces.runs.op_menu import why_not
from niceml_gui.workspaces.runs.record import failed_at

Comparing = Sequence[tuple[str, Callable[[], object]]]  #: what entries of a menu say and do


def run_menu(
    session: Session,
    state: RunState,
    rename: Callable[[], object],
    delete: Callable[[], object],
    some_ops: Callable[[], object],
    edited: Callable[[str], object],
    parent: QWidget,
    comparing: Comparing = (),
) -> QMenu:
    """The menu of a run.

    Args:
        session: Does what is asked.
        state: The run.
        rename: Edits its name in place.
        delete: Deletes it, after a question.
        some_ops: Asks which of its ops are to run again.
        edited: Asks whether an op and those after it are to run again with what is composed now.
        parent: The Qt parent.
        comparing: What can be done to compare it.
    """
    runs, active = session.runs, state.status in ACTIVE
    menu = _menu(parent)
    if state.id == runs.gone:
        _add(menu, "Take off the list", lambda: runs.select(runs.newest), tip="Its folder is gone")
        return menu
    _add(menu, "Open", lambda: runs.select(state.id))
    _add(menu, "Open as selection", lambda: session.use_run(state.id))
    _add(menu, "Run again", lambda: runs.again(state.id))
    _add_resuming(menu, session, state, edited)
    why = why_not(session, state)
    _add(menu, "Run some ops again…", some_ops, not why, tip=why or "Single ops too, upon the experiment of the run")
    menu.addSeparator()
    _add_comparing(menu, comparing)
    if section(state) == WAITING:
        _add_moving(menu, session, (state.id,))
    _add(menu, "Stop", lambda: runs.stop(state.id), active and not state.stopping)
    if state.stopping:
        _add(menu, "End now", lambda: runs.stop(state.id, now=True), tip="Ends its processes, whatever they do")
    menu.addSeparator()
    _add(menu, "Rename", rename)
    _add(menu, "Tags…", lambda: _ask_tags(session, state, parent), tip="Words by which it is found: tag = baseline")
    away = elsewhere(session.host)
    for what, folder in (("run", state.folder), ("experiment", state.experiment)):
        can = is_local(folder)
        opens = partial(_open, session, folder)
        _add(menu, f"Open {what} folder", opens, can and not away, tip=away if can else "")
    tip = "Its interpreter, device and threads are not part of the command"
    _add(menu, "Copy as command", lambda: _copy_command(session, state), tip=tip)
    menu.addSeparator()
    _add(menu, "Delete…", delete, not active, keys=QKeySequence.StandardKey.Delete)
    return menu


def sweep_menu(
    session: Session,
    sweep: Sweep,
    turn: Callable[[bool], object],
    rename: Callable[[], object],
    delete: Callable[[], object],
    parent: QWidget,
    comparing: Comparing = (),
) -> QMenu:
    """The menu of a sweep.

    Args:
        session: Does what is asked.
        sweep: The sweep.
        turn: Unfolds or folds it.
        rename: Edits its name in place.
        delete: Deletes all of its runs, after a question.
        parent: The Qt parent.
        comparing: What can be done to compare its runs.
    """
    menu = _menu(parent)
    waiting = tuple(state.id for state in sweep.runs if section(state) == WAITING)
    active = session.runs.stoppable(sweep.runs[0].id)
    _add(menu, "Fold" if sweep.is_open else "Unfold", lambda: turn(not sweep.is_open))
    # What a filter hides is of the sweep, too.
    every = session.runs.sweep_of(sweep.runs[0].id)
    stand = standing(every)
    _add(menu, f"Run all {len(stand)} again", lambda: session.runs.again_all(stand))
    menu.addSeparator()
    _add_comparing(menu, comparing)
    if waiting:
        _add_moving(menu, session, waiting)
    _add(menu, f"Stop all {len(active)}", partial(session.runs.stop_sweep, sweep.runs[0].id), bool(active))
    menu.addSeparator()
    _add(menu, "Rename", rename)
    tip = "Words on each of its runs, by which they are found: tag = baseline"
    _add(menu, "Tags…", lambda: _ask_shared_tags(session, every, parent), tip=tip)
    menu.addSeparator()
    ended = all(state.status not in ACTIVE for state in every)
    tip = "" if ended else "Stop it first"
    _add(menu, f"Delete all {len(every)}…", delete, ended, tip=tip, keys=QKeySequence.StandardKey.Delete)
    return menu


def command(state: RunState, parent: RunState | None = None, ops: tuple[str, ...] = ()) -> str:
    """The command line that does what a run did; a comment above it says what it cannot do.

    Args:
        state: The run.
        parent: The one whose experiment it continues, if it is still there.
        ops: All ops of its job, if they are known.
    """
    begun = state.continues
    alone = shlex.join(["niceml-engine", "run", state.script or state.job, *state.overrides])
    if begun is None:
        return alone
    first = begun.ops[0]
    if parent is None:
        gone = f"# it went on from {first} of a run that is gone: this runs all ops, into a new experiment"
        return f"{gone}\n{alone}"
    to_the_end = first not in ops or begun.ops == ops[ops.index(first) :]
    from_there = [] if begun.goes_on else ["--from", first]
    which = from_there if to_the_end else [word for op in begun.ops for word in ("--only", op)]
    resumes = ["niceml-engine", "runs", "resume", parent.id, *which]
    kept, overrides = parent.overrides, state.overrides
    if (overrides, state.digest) == (kept, parent.digest):
        return shlex.join(resumes)
    if overrides != kept and overrides[: len(kept)] == kept:
        return shlex.join([*resumes, *overrides[len(kept) :]])
    # An override of the other run was dropped, or only a file was changed.
    edited = "# of the files as they are now: one had been edited for it\n" if overrides == kept else ""
    return edited + shlex.join([*resumes, "--instead", *overrides])


def _copy_command(session: Session, state: RunState) -> None:
    parent = session.runs.states.get(state.continues.parent) if state.continues is not None else None
    QApplication.clipboard().setText(command(state, parent, session.ops_of(state.dagster_job)))


def _add_comparing(menu: QMenu, comparing: Comparing) -> None:
    for text, do in comparing:
        _add(menu, text, do)
    if comparing:
        menu.addSeparator()


def _words(text: str) -> tuple[str, ...]:
    """Tags as people write them: between spaces or commas, with or without a `#`."""
    return tuple(word for one in text.replace(",", " ").split() if (word := one.lstrip("#")))


def _ask_tags(session: Session, state: RunState, parent: QWidget) -> None:
    text, sure = QInputDialog.getText(parent, "Tags", "Words, with spaces between them", text=" ".join(state.tags))
    if sure:
        session.runs.tag(state.id, _words(text))


def _ask_shared_tags(session: Session, runs: Sequence[RunState], parent: QWidget) -> None:
    """Asks for the words that all of some runs have; those that only some have stay."""
    shared = shared_tags(runs)
    text, sure = QInputDialog.getText(parent, "Tags", "Words, with spaces between them", text=" ".join(shared))
    for state in runs if sure else ():
        tags = tuple(dict.fromkeys((*_words(text), *(tag for tag in state.tags if tag not in shared))))
        if tags != state.tags:
            session.runs.tag(state.id, tags)


def _add_resuming(menu: QMenu, session: Session, state: RunState, ask: Callable[[str], object]) -> None:
    """Going on with the experiment of a run: with its own config, or with the one that is composed now."""
    ops = session.ops_of(state.dagster_job)
    can = state.status not in ACTIVE and bool(ops)
    if failed := failed_at(state, ops):
        tip = "A training after its last checkpoint; the ops before it are kept, and so is the config"
        _add(menu, f"Go on from {failed}", lambda: session.runs.resume(state.id), can, tip=tip)
    if len(ops) < 2 or (ops[0] == "experiment" and not state.experiment):
        return
    own = menu.addMenu("Run again from")
    edited = menu.addMenu("Run again with the composed config from")
    edited.setToolTip("The config that is composed now, for the op and those that follow; the others are kept")
    for op in ops[1:]:
        _add(own, op, partial(session.runs.resume, state.id, op), can)
        at_once = partial(session.runs.resume, state.id, op, session.selection)
        _add(edited, op, partial(ask, op) if state.experiment else at_once, can)
    edited.setEnabled(can and session.composed.dagster_job == state.dagster_job)
    own.setEnabled(can)


def _add_moving(menu: QMenu, session: Session, ids: tuple[str, ...]) -> None:
    queue = session.runs.waiting()
    first = next((run for run in queue if run not in ids), "")
    _add(menu, "Start next", lambda: session.runs.move(ids, first), queue[: len(ids)] != ids, tip="Before what waits")
    _add(menu, "Start last", lambda: session.runs.move(ids), queue[-len(ids) :] != ids, tip="After all that waits")


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add(
    menu: QMenu,
    text: str,
    do: Callable[[], object],
    enabled: bool = True,
    *,
    tip: str = "",
    keys: QKeySequence.StandardKey | None = None,
) -> None:
    action = menu.addAction(text)
    action.setEnabled(enabled)
    action.triggered.connect(lambda: do())
    if tip:
        action.setToolTip(tip)
    if keys is not None:
        action.setShortcut(QKeySequence(keys))


def _open(session: Session, folder: str) -> None:
    if why := open_folder(folder):
        session.complain(why)

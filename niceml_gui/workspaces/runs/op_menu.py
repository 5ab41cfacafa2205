"""What can be done with an op of a run that has ended: run it again upon the experiment, alone or with what follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.values import ACTIVE, RunState
from niceml_gui.session import Session


def op_menu(
    session: Session,
    state: RunState | None,
    op: str,
    show: Callable[[], object],
    some: Callable[[], object],
    parent: QWidget,
) -> QMenu:
    """The menu of an op.

    Args:
        session: Does what is asked.
        state: The run; `None`: none is selected, and the op is one of what is composed.
        op: The op.
        show: Shows where it is configured.
        some: Asks which ops are to run again, and with which config.
        parent: The Qt parent.
    """
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction("Show in Compose", show).setToolTip("Its card, with what is set there")
    menu.addSeparator()
    why = why_not(session, state, op)
    resume = partial(session.runs.resume, state.id) if state is not None else lambda **_: None
    for text, tip, do in (
        (
            f"Run only {op} again",
            "Upon the same experiment, with the config of the run; what the other ops made is kept",
            partial(resume, only=(op,)),
        ),
        (
            f"Run again from {op}",
            "The op and those after it, upon the same experiment, with the config of the run",
            partial(resume, start=op),
        ),
        ("Run some ops again…", "Choose ops, and whether with the config of the run or the one composed now", some),
    ):
        action = menu.addAction(text, do)
        action.setEnabled(not why)
        action.setToolTip(why or tip)
    return menu


def why_not(session: Session, state: RunState | None, op: str = "") -> str:
    """Why an op cannot run again upon the experiment of a run; empty if it can.

    Args:
        session: Knows the jobs.
        state: The run.
        op: The op; empty: any but the first.
    """
    if state is None:
        return "Choose a run first"
    ops = session.ops_of(state.dagster_job)
    if state.id == session.runs.gone:
        return "The folder of the run is gone"
    if state.status in ACTIVE:
        return "The run has not ended"
    if len(ops) < 2:
        return "Its job has no other ops: run it again as a whole"
    if ops[0] == "experiment" and not state.experiment:
        return "The run has made no experiment"
    if op == ops[0]:
        return f"{op} is the first op: run the job again as a whole"
    return ""

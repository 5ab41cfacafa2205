"""What is the case in the window: the words that say which commands can be run, and which are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from niceml_engine.values import ACTIVE
from niceml_gui import state
from niceml_gui.paths import sample_project
from niceml_gui.session import Session
from niceml_gui.theme import style
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS

if TYPE_CHECKING:
    from niceml_gui.window import Window


def state_of(window: Window) -> dict[str, bool]:
    """By each word whether it is the case."""
    session = window.session
    run = session.runs.states.get(session.runs.current) if not session.runs.gone else None
    opened = session.project is not None
    mode = style.mode()
    return {
        "project": opened,
        "job": opened and bool(session.selection.job),
        "edited": bool(session.selection.overrides),
        "droppable": bool(session.selection.overrides or session.kept.drafts.typed.get(session.selection.job)),
        "can_undo": window.can_undo,
        "can_redo": window.can_redo,
        "can_go_back": session.trail.can_go_back,
        "can_go_forward": session.trail.can_go_forward,
        "run": run is not None,
        "stoppable": run is not None and run.status in ACTIVE and not run.stopping,
        "sweep_stoppable": run is not None and bool(run.group and session.runs.stoppable(run.id)),
        "failed": run is not None and run.status in ("failed", "stopped"),
        "queue_paused": session.runs.queue.settings.paused,
        "notifies": state.notifies(),
        "sample": sample_project() is not None,
        "untrusted": opened and not session.trust.trusted,
        "withdrawable": opened and session.trust.trusted and not _is_sample(session),
        "on_compose": opened and window.workspace == COMPOSE,
        "on_runs": opened and window.workspace == RUNS,
        "on_experiments": opened and window.workspace == EXPERIMENTS,
        **{name: name == mode for name in style.MODES},
    }


def _is_sample(session: Session) -> bool:
    return session.host.here and session.trust.root == str(sample_project())

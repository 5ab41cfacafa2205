"""The config of a run becomes the selection where the environment is another one; the real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.queue import write_settings
from niceml_engine.values import QueueSettings
from niceml_gui.comparing import Comparing
from niceml_gui.session import Session
from niceml_gui.widgets.basics import FittingLabel
from niceml_gui.workspaces.compose.past_environment import PastEnvironmentBar, ever_shorter
from tests.engine.projects import TRAIN, copy_project, enqueue_job

EPOCHS = "ops.train.config.train_params.epochs"
RATE = "ops.train.config.learning_rate"


@pytest.fixture
def session(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Iterator[Session]:
    """On a project with a run that had three epochs from its environment, and a rate from an override."""
    project = copy_project(tmp_path)
    with monkeypatch.context() as there:
        there.setenv("TRAINING_EPOCHS", "3")
        write_settings(project, QueueSettings(paused=True, spare=False))
        run = enqueue_job(project, TRAIN, f"{RATE}=0.5")
    run.write_final_state(msgspec.structs.replace(run.state(), name="past", status="succeeded"))
    session = Session()
    session.engine.start()
    session.open(str(project), str(project / TRAIN))
    qtbot.waitUntil(lambda: bool(session.composed.digest) and bool(session.runs.states), timeout=30_000)
    yield session
    session.close()
    session.deleteLater()


def test_what_the_environment_gave_otherwise_is_named_and_put_in_by_a_click(session: Session, qtbot: QtBot) -> None:
    bar = PastEnvironmentBar(session)
    qtbot.addWidget(bar)
    bar.show()
    bar.refresh()
    assert not bar.isVisible()
    (run,) = session.runs.states
    session.use_run(run)
    qtbot.waitUntil(bar.isVisible, timeout=30_000)
    assert session.selection.overrides == (f"{RATE}=0.5",)
    assert bar.text.full_text() == "The environment gave past 1 value otherwise: epochs 3, here 10"
    bar.put_in.click()
    assert session.selection.overrides == (f"{RATE}=0.5", f"{EPOCHS}=3")
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: not session.stale, timeout=30_000)
    assert {leaf.key: leaf.resolved for leaf in session.composed.leaves}[EPOCHS] == 3
    comparing = Comparing(session, session)
    comparing.refresh()
    qtbot.waitUntil(lambda: comparing.comparison is not None, timeout=30_000)
    assert comparing.changes == ()
    session.undo.undo()
    qtbot.waitUntil(lambda: not session.stale, timeout=30_000)
    session.use_run(run)  # it is the selection already
    qtbot.waitUntil(bar.isVisible, timeout=30_000)
    bar.close_button.click()
    assert not bar.isVisible()


def test_values_are_named_as_far_as_there_is_room_and_the_others_are_counted(qtbot: QtBot) -> None:
    told = FittingLabel()
    qtbot.addWidget(told)
    parts = [f"value_{name} 3, here 10" for name in "abcd"]
    told.set_texts(ever_shorter("4 values otherwise: ", parts), "all of them")
    told.resize(1200, 20)
    told.show()
    assert told.text() == "4 values otherwise: " + "; ".join(parts)
    told.resize(
        QFontMetrics(told.font()).horizontalAdvance("4 values otherwise: ; and 2 more" + "; ".join(parts[:2])), 20
    )
    assert told.text() == f"4 values otherwise: {parts[0]}; {parts[1]}; and 2 more"
    told.resize(40, 20)
    assert told.text().endswith("…")
    assert told.toolTip() == "all of them"


def test_run_again_runs_the_config_of_the_run_with_what_its_environment_gave_it(session: Session, qtbot: QtBot) -> None:
    (run,) = session.runs.states
    before = RunFolder(session.runs.states[run].folder).spec()
    session.trust.set(True)
    with qtbot.waitSignal(session.runs.requested, timeout=30_000):
        session.runs.again(run)
    again = RunFolder(session.runs.states[session.runs.current].folder).spec()
    assert again.id != run
    assert (again.digest, again.config, again.leaves) == (before.digest, before.config, before.leaves)
    assert again.variables["TRAINING_EPOCHS"] == "3"

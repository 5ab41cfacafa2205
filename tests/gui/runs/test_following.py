"""The window goes with a sweep that was started in it, and stops it as a whole."""

import time

import msgspec
import pytest
from PySide6.QtCore import Qt

from niceml_engine.protocol.runs import StopRun
from niceml_engine.values import ConfigTree, Project
from niceml_gui.widgets.header import COMPOSE, RUNS, Header
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.listing.rows import summary
from niceml_gui.workspaces.runs.listing.run_list import RunList

SWEEP = {"group": "rate k3x9"}


@pytest.fixture
def sweep(workspace, session, tell, streams):
    """A sweep of three runs that was started here, the first of which runs."""

    def state(run, status, **fields):
        return streams.state(run, status, overrides=(f"rate={run[1]}",), **(SWEEP | fields))

    first, *others = (state(run, "queued", rank=float(run[1])) for run in ("r1", "r2", "r3"))
    tell(streams.state("z", "succeeded", age=99), *others)
    session.runs._started(first)
    tell(state("r1", "running"))
    return state


@pytest.fixture
def header(session, qtbot):
    session.project = Project("/p", "p", ("/p",), ConfigTree(), "")
    header = Header(session)
    qtbot.addWidget(header)
    header.show()
    header.show_workspace(RUNS)
    return header


def test_the_page_goes_on_to_the_next_run_of_a_sweep_until_one_fails(workspace, session, tell, sweep):
    workspace.runs.model.turn("rate k3x9", is_open=False)
    tell(sweep("r1", "succeeded"))
    assert session.runs.current == "r1", "nothing else runs yet"
    tell(sweep("r2", "starting"))
    assert session.runs.current == "r2"
    assert workspace.runs.model.rowCount() == 4, "the sweep stays folded"
    tell(sweep("r2", "failed"), sweep("r3", "running"))
    assert session.runs.current == "r2", "what went wrong is to be read"


def test_a_sweep_that_was_started_before_there_was_a_list_is_unfolded(session, tell, streams, qtbot):
    session.runs._started(streams.state("r1", "queued", **SWEEP))
    listed = RunList(session, Comparison(session))
    qtbot.addWidget(listed)
    assert listed.model.row_of("r1") > 0


def test_what_a_person_chooses_stays(workspace, session, tell, sweep):
    view, model = workspace.runs.view, workspace.runs.model
    for run in ("z", "r1"):
        view.setCurrentIndex(model.index(model.row_of(run)))
    tell(sweep("r1", "succeeded"), sweep("r2", "running"))
    assert session.runs.current == "r1"


def test_a_single_run_is_not_left_when_it_ends(workspace, session, tell, streams):
    session.runs._started(streams.state("a", "running"))
    tell(streams.state("a", "succeeded"), streams.state("b", "running"))
    assert session.runs.current == "a"


def test_a_sweep_is_stopped_in_the_header_while_any_of_it_goes_on(header, session, engine, tell, sweep):
    def shown():
        found = (header.run_button, header.stop_button, header.stop_all_button)
        return [one.text().strip() for one in found if one.isVisible()]

    assert shown() == ["Stop", "Stop all 3"]
    session.runs.select("z")
    assert shown() == ["Run"]
    session.runs.select("r1")
    tell(sweep("r1", "succeeded"))
    assert shown() == ["Stop all 2"]
    header.stop_all.connect(lambda: session.runs.stop_sweep(session.runs.current))
    header.stop_all_button.click()
    assert [one.run for one in engine.asked if isinstance(one, StopRun)] == ["r2", "r3"]
    tell(sweep("r2", "stopped"), sweep("r3", "running"))
    assert shown() == ["Stop all 1"]
    session.runs.select("r3")
    assert shown() == ["Stop"], "there is no other"
    tell(sweep("r3", "stopped"))
    assert shown() == ["Run"]


def test_the_row_of_a_sweep_begins_with_what_is_most_worth_knowing(workspace, tell, sweep):
    def said():
        model = workspace.runs.model
        return summary(model.index(model.row_of_key("* rate k3x9")).data(ROW))

    assert said() == "0 of 3 ended · 1 running · 2 waiting"
    tell(sweep("r1", "failed"), sweep("r2", "running"))
    assert said() == "1 of 3 ended · 1 failed · 1 running · 1 waiting"
    tell(sweep("r2", "succeeded"), sweep("r3", "stopped"))
    assert said() == "3 runs ended · 1 failed · 1 stopped"


def test_the_runs_of_a_sweep_stand_in_the_order_in_which_they_run(workspace, tell, sweep):
    model = workspace.runs.model
    tell(sweep("r1", "succeeded"), sweep("r2", "running"))
    assert [model.state(row).id for row in range(2, 5)] == ["r1", "r2", "r3"]
    tell(sweep("r2", "failed"), sweep("r3", "succeeded"))
    rows = [model.state(row) for row in range(model.rowCount())]
    assert [state.id for state in rows if state is not None] == ["r1", "r2", "r3", "z"]


def test_the_picker_is_called_aloud_by_what_it_picks(header, sweep):
    assert header.picker.accessibleName() == "Show another run"
    header.show_workspace(COMPOSE)
    assert header.picker.accessibleName() == "Open another job"


def test_the_row_of_a_sweep_says_that_it_is_followed_until_another_run_is_chosen_or_one_fails(
    workspace, session, tell, sweep
):
    model = workspace.runs.model

    def followed():
        index = model.index(model.row_of_key("* rate k3x9"))
        said = "follows it from run to run" in index.data(Qt.ItemDataRole.ToolTipRole)
        assert said == index.data(ROW).followed
        return said

    assert followed()
    tell(sweep("r1", "succeeded"), sweep("r2", "running"))
    assert (session.runs.current, followed()) == ("r2", True)
    session.runs.select("z")
    assert not followed()
    session.runs._started(sweep("r3", "running"))
    assert followed()
    tell(sweep("r3", "failed"))
    assert not followed()


def test_in_a_wide_window_the_picker_has_room_for_all_values_of_a_run(header, session, tell, sweep):
    state = session.runs.states[session.runs.current]
    tell(msgspec.structs.replace(state, group="", name="learning_rate=0.01 batch_size=16"))
    header.resize(1600, header.height())
    header.layout().activate()
    assert header.picker.width() >= header.picker.sizeHint().width()
    header.resize(1200, header.height())
    header.layout().activate()
    assert header.pill.width() >= header.pill.sizeHint().width()


def test_in_a_narrow_window_the_state_of_a_run_is_whole(header, session, tell, sweep):
    tell(msgspec.structs.replace(sweep("r1", "running"), started=time.time() - 75))
    header.refresh()
    header.layout().activate()
    header.resize(900, header.height())
    header.layout().activate()
    assert header.width() == 900
    assert header.stop_all_button.isVisible()
    assert header.pill.accessibleName().startswith("running · ")
    assert header.pill.width() >= header.pill.sizeHint().width()
    assert header.picker.geometry().right() < header.pill.x()
    assert header.pill.geometry().right() < header.segments.x()

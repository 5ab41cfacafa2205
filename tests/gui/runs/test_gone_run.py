"""A run whose folder goes away while somebody looks at it."""

from PySide6.QtCore import Qt

from niceml_engine.protocol.runs import DeleteRun, RunRemoved
from niceml_gui.widgets.header import RUNS, Header
from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.op_menu import why_not


def test_the_page_stays_with_a_run_whose_folder_goes_away_and_leads_on(
    watched, session, engine, tell, streams, feed, qtbot
):
    workspace = watched(streams.training(), status="running")
    tell(streams.state("b", "succeeded", age=9), streams.state("c", "failed", age=99))
    header, banner = Header(session), workspace.head.gone
    qtbot.addWidget(header)
    header.show_workspace(RUNS)
    assert not banner.isVisible()
    engine.notified.emit(RunRemoved("a"))
    workspace._update()
    assert session.runs.current == "a"
    assert banner.isVisible()
    assert banner.other.text() == "Show CLB-b"
    head = workspace.head
    others = (head.banner, head.stopping, head.stopped)
    assert not any(one.isVisible() for one in others), "one bar, and no button that cannot work"
    assert why_not(session, session.runs.states["a"], "train") == "The folder of the run is gone"
    assert "loss" in workspace.charts.charts
    assert workspace.strip.texts[1].startswith("stopped"), "what is seen of it does not go on"
    assert workspace.record.log[-1].text == "run stopped: its folder is gone"
    assert header.pill.accessibleName().startswith("stopped")
    row = workspace.runs.model.index(workspace.runs.model.row_of("a"))
    assert "its folder is gone" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert [action.text() for action in workspace.runs.menu_of(row.data(ROW)).actions()] == ["Take off the list"]
    session.runs._listed(tuple(session.runs.states[run] for run in "bc"))  # a new service does not know it either
    assert session.runs.current == "a"
    assert "a" in session.runs.states
    banner.other.click()
    assert session.runs.current == "b"
    assert set(session.runs.states) == {"b", "c"}
    assert not banner.isVisible()


def test_of_a_run_that_failed_and_whose_folder_goes_away_that_alone_is_said(watched, session, engine, tell, streams):
    workspace = watched(streams.failed(), status="failed")
    assert workspace.head.banner.isVisible()
    engine.notified.emit(RunRemoved("a"))
    workspace._update()
    assert workspace.head.gone.isVisible()
    assert not workspace.head.banner.isVisible()
    assert "failed" in workspace.record.log[-1].text, "why, is still in its log"


def test_a_run_that_comes_back_is_shown_as_it_is(watched, session, engine, tell, streams):
    workspace = watched(streams.training(), status="running")
    engine.notified.emit(RunRemoved("a"))
    tell(streams.state("a", "succeeded"))
    workspace._update()
    assert not workspace.head.gone.isVisible()
    assert session.runs.states["a"].status == "succeeded"


def test_what_one_deletes_oneself_or_does_not_look_at_is_gone_at_once(workspace, session, engine, tell, streams):
    tell(*(streams.state(run, "succeeded", age=age) for run, age in (("a", 1), ("b", 2), ("c", 3))))
    session.runs.select("a")
    session.runs.delete("a")
    assert engine.asked[-1] == DeleteRun("a", False)
    engine.notified.emit(RunRemoved("a"))
    engine.notified.emit(RunRemoved("c"))
    assert set(session.runs.states) == {"b"}
    assert session.runs.current == "b"

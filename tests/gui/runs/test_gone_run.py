"""A run whose folder goes away while somebody looks at it."""

from PySide6.QtCore import Qt

from niceml_engine.protocol.runs import DeleteRun, RunRemoved
from niceml_engine.values import ErrorInfo
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


def test_a_sweep_that_one_deletes_is_left_without_a_word_for_a_run_that_stays(
    workspace, session, engine, tell, streams, monkeypatch
):
    """The service deletes one run after the other, and refuses what is asked of those that are gone by then."""
    sweep = ("s1", "s2", "s3")
    tell(*(streams.state(run, "succeeded", age=age, group="rate k3x9") for age, run in enumerate(sweep)))
    tell(streams.state("other", "succeeded", age=99))
    session.runs.select("s2")
    answers, asked, said, shown, gone = [], engine.ask, [], [], set()
    session.message.connect(lambda message: said.append(message.text))
    session.runs.selected.connect(lambda: shown.append(session.runs.current))

    def ask(request, then=None, failed=None, timeout=30.0):
        if isinstance(request, DeleteRun):
            gone.add(request.run)
            answers.append(lambda: then(None))
        elif failed is not None and getattr(request, "run", "") in gone:
            failed(ErrorInfo(f"there is no run {request.run} any more"))
        else:
            asked(request, then, failed, timeout)

    monkeypatch.setattr(engine, "ask", ask)
    workspace.show_pane(workspace.output)
    for run in sweep:
        session.runs.delete(run)
    workspace._tick.timeout.emit()  # which reads the output of what is shown
    for answer in answers:
        answer()
    assert said == []
    assert session.runs.current == "other"
    assert set(session.runs.states) == {"other"}
    assert set(shown) <= {"", "other"}


def test_a_run_that_cannot_be_deleted_stays_and_is_told(workspace, session, engine, tell, streams, monkeypatch):
    tell(streams.state("a", "succeeded"))
    said, asked = [], engine.ask
    session.message.connect(lambda message: said.append(message.text))

    def ask(request, then=None, failed=None, timeout=30.0):
        if isinstance(request, DeleteRun):
            failed(ErrorInfo("it is still running"))
        else:
            asked(request, then, failed, timeout)

    monkeypatch.setattr(engine, "ask", ask)
    session.runs.delete("a")
    assert said == ["it is still running"]
    assert session.runs.current == "a"

"""What the page of a run says besides what was measured: which run it is, how it stops, why it failed, its config."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from niceml_engine.events import Artifact, Log, OpEnded, OpStarted, Progress, RunEnded, RunStarted, metrics
from niceml_engine.protocol.configs import OpReference
from niceml_engine.protocol.runs import QueueChanged, QueueState, RepeatRuns, ResumeRun, RunSelection, StopRun
from niceml_engine.values import OPS_PATH, PROGRAM_JOB, PROGRAM_OP, Composed, JobSpec, QueueSettings, Selection
from niceml_gui.theme import theme
from niceml_gui.widgets.header import RUNS, Header

KEY = "ops.train.config.learning_rate"


def entries(menu):
    return {action.text(): action for action in menu.actions() if action.text()}


# ---------------------------------------------------------------------------------------------- which run


def test_a_run_that_runs_is_shown_at_once_else_the_newest(workspace, session, tell, streams):
    workspace.hide()
    tell(streams.state("old", "succeeded", age=90), streams.state("new", "failed", age=10))
    tell(streams.state("live", age=50))
    assert session.runs.current == ""  # nothing is read that nobody looks at
    workspace.show()
    assert session.runs.current == "live"
    session.runs.select("old")
    tell(streams.state("next", age=1))
    assert session.runs.current == "old"
    for run in ("live", "next", "old"):
        session.runs._drop(run)
    assert session.runs.current == "new"


# ---------------------------------------------------------------------------------------------- stopping


def test_while_a_run_stops_the_page_says_what_happens_and_can_end_it(workspace, session, engine, tell, streams, qtbot):
    header = Header(session)
    qtbot.addWidget(header)
    session.runs.take(QueueChanged(QueueState(QueueSettings(patience=12.0))))
    tell(streams.state("a"))
    session.project = object.__new__(_Named)
    header.show_workspace(RUNS)
    assert not workspace.stopping.isVisible()
    assert header.stop_button.isEnabled()
    tell(streams.state("a", stopping=True))
    qtbot.waitUntil(workspace.stopping.isVisible)
    said = workspace.stopping.what.full_text
    assert "by force in 12 s" in said()  # when it was asked is not known yet
    tell(streams.state("a", stopping=True, stop_asked=100.0))
    for now, words in ((100.4, "by force in 12 s"), (105.0, "by force in 7 s"), (111.6, "by force now")):
        workspace.stopping.show_run(session.runs.states["a"], 12.0, now)
        assert words in said()
    assert header.pill.text().strip().startswith("stopping…")
    assert header.pill.property("token") == "warning"
    assert not header.stop_button.isEnabled()  # a second click on it must not end what is being saved
    workspace.stopping.now.click()
    assert engine.asked[-1] == StopRun("a", now=True)
    tell(streams.state("a", "stopped"))
    qtbot.waitUntil(lambda: not workspace.stopping.isVisible())
    session.project = None


class _Named:
    name, root, ops_path = "p", "/p", OPS_PATH


def test_a_stopped_run_says_where_and_goes_on_after_its_last_checkpoint(watched, session, engine, streams, qtbot):
    saved = Artifact(kind="model", path="models/m-ep002.keras", epoch=2, op="train")
    far = Progress(done=41, total=80, epoch=3, epochs=4, op="train")
    ended = (OpEnded(status="stopped", seconds=3.0, op="train", message="stopped"), RunEnded(status="stopped"))
    rows = streams.numbered((*streams.training(), saved, far, *ended))
    workspace = watched(rows, status="stopped", op="train", message="stopped", experiment="/x")
    bar = workspace.head.stopped
    qtbot.waitUntil(lambda: bar.isVisible() and bar.ways.resume.text() == "Go on from train at epoch 3")
    assert not workspace.banner.isVisible()
    assert bar.title.text() == "stopped at train"
    assert bar.what.full_text() == "epoch 2 · what is saved is kept"
    assert "checkpoint of epoch 2" in bar.ways.resume.toolTip()
    bar.ways.resume.click()
    assert engine.asked[-1] == ResumeRun("a")
    bar.ways.again.click()
    assert engine.asked[-1] == RepeatRuns(("a",), session.runs.settings)
    workspace.record.ops["train"] = replace(
        workspace.record.ops["train"], progress=msgspec.structs.replace(far, epochs=2)
    )
    bar.show_run(workspace.state, workspace.record, session.ops_of("job_train"))
    assert bar.ways.resume.text() == "Go on from train"  # no epoch is left


def test_a_run_that_was_stopped_while_it_waited_can_run_again(workspace, session, tell, streams, qtbot):
    tell(streams.state("a", "stopped", message="stopped before it started"))
    session.runs.select("a")
    bar = workspace.head.stopped
    qtbot.waitUntil(lambda: bar.isVisible() and bar.ways.again.isVisible())
    assert (bar.title.text(), bar.ways.resume.isVisible()) == ("stopped", False)
    assert bar.what.full_text().startswith("before it started")


# ---------------------------------------------------------------------------------------------- nothing to show


def test_a_job_that_measures_nothing_says_so_once_it_is_done(workspace, session, tell, feed, streams, qtbot):
    session.reference = OpReference((), (JobSpec("job_data", "", ("data_generation", "data_crop")),))
    rows = (RunStarted(pid=1), OpStarted(op="data_generation"))
    ended = (OpEnded(status="succeeded", seconds=1.0, op="data_generation"), RunEnded(status="succeeded"))
    tell(streams.state("a", dagster_job="job_data"))
    session.runs.select("a")
    feed("a", streams.numbered(rows))
    empty = workspace.charts._empty
    qtbot.waitUntil(lambda: (empty.title.text(), empty.text.text()) == ("No curves", "running data_generation…"))
    assert workspace.analysis.empty.text.text() == "This job analyses nothing."
    feed("a", streams.numbered((*rows, *ended)))
    tell(streams.state("a", "succeeded", dagster_job="job_data"))
    said = "This job measures nothing: what it did stands in the log, and in the gantt chart."
    qtbot.waitUntil(lambda: empty.text.text() == said)
    assert workspace.analysis.empty.title.text() == "No analysis"
    assert workspace.analysis.empty.text.text() == "This job analyses nothing."


def test_nothing_is_said_of_a_run_that_has_not_been_read(workspace, session, tell, feed, streams, qtbot):
    tell(streams.state("a", "succeeded"))
    session.runs.select("a")
    said = (workspace.charts._empty.text, workspace.analysis.empty.text)
    qtbot.waitUntil(lambda: [one.text() for one in said] == ["reading the run…"] * 2)
    feed("a", streams.numbered([RunStarted(pid=1), RunEnded(status="succeeded")]))
    qtbot.waitUntil(lambda: "measures nothing" in said[0].text() and "analyses nothing" in said[1].text())


def test_of_a_run_that_waits_or_starts_it_is_said_what_is_to_come(workspace, session, tell, feed, streams, qtbot):
    empty = workspace.analysis.empty

    def says(title, text):
        qtbot.waitUntil(lambda: empty.title.text() == title and empty.text.text().startswith(text))

    tell(streams.state("a", "queued"))
    session.runs.select("a")
    says("No analysis yet", "The run waits for its turn")
    tell(streams.state("a", "starting"))
    says("No analysis yet", "Metrics, confusion matrix")
    qtbot.waitUntil(lambda: workspace.charts._empty.text.text() == "starting the worker…")
    feed("a", streams.numbered([RunStarted(pid=1)]))
    qtbot.waitUntil(lambda: workspace.charts._empty.text.text() == "starting the ops…")
    tell(streams.state("a", "stopped"))
    says("No analysis", "The run stopped before")


def test_the_op_of_a_program_says_how_far_it_is_and_that_it_goes_on(workspace, session, tell, feed, streams, qtbot):
    session.reference = OpReference((), (JobSpec(PROGRAM_JOB, "", (PROGRAM_OP,)),))
    tell(streams.state("a", dagster_job=PROGRAM_JOB))
    session.runs.select("a")
    measured = metrics("epoch", 22, 22, {"loss": 0.5})
    feed("a", streams.numbered((RunStarted(pid=1), OpStarted(op=PROGRAM_OP), measured)))
    strip = workspace.strip
    qtbot.waitUntil(lambda: strip.texts[:1] and strip.texts[0].startswith("epoch 22 · "))
    (op,) = strip._ops
    wanted = QColor(theme().tokens.op(PROGRAM_OP)).rgb()
    moments = []
    for second in (0, 2):
        strip.set_ops((op,), op.started + second)
        image = strip.grab().toImage()
        row = image.height() - 11 - 9 - 2
        moments.append({x for x in range(image.width()) if image.pixel(x, row) == wanted})
    assert all(len(one) > image.width() / 8 for one in moments)
    assert moments[0] != moments[1]


# ---------------------------------------------------------------------------------------------- failure


@pytest.mark.parametrize("height", [480, 700])
def test_details_of_a_failure_scroll_by_themselves_and_leave_room_for_the_charts(watched, streams, qtbot, height):
    details = "\n".join(f"line {n} " + "x" * 200 for n in range(60))
    end = OpEnded(status="failed", seconds=3.0, op="train", message="no room", key=KEY, details=f"{details}\n")
    rows = streams.numbered((*streams.training(), end, RunEnded(status="failed")))
    workspace = watched(rows, status="failed", op="train")
    workspace.resize(900, height)
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.isVisible() and banner.details.toPlainText() == details)
    area, column = workspace._docks[workspace.metrics].dockAreaWidget(), workspace.head.layout()

    def settled():
        wished, least = column.heightForWidth(area.width()), column.minimumHeightForWidth(area.width())
        return workspace.head.height() == max(min(wished, area.height() // 2), least)

    qtbot.waitUntil(settled)
    folded = workspace.head.height()
    banner.unfold.click()
    qtbot.waitUntil(lambda: workspace.head.height() > folded and settled())
    qtbot.waitUntil(lambda: workspace.head.height() == area.contentsMargins().top())
    least = column.minimumHeightForWidth(area.width())
    assert workspace.head.height() <= max(area.height() / 2, least)
    assert banner.details.viewport().height() >= 3 * banner.details.fontMetrics().lineSpacing()
    assert banner.details.verticalScrollBar().maximum() > 0
    last = banner.details.blockBoundingGeometry(banner.details.document().lastBlock())
    last.translate(banner.details.contentOffset())
    assert last.bottom() <= banner.details.viewport().height() + 1  # the exception, and the code that raised it
    assert banner.details.horizontalScrollBar().value() == 0
    banner.unfold.click()
    qtbot.waitUntil(lambda: workspace.head.height() == folded)
    assert not banner.details.isVisible()


def test_where_there_is_little_room_the_buttons_of_a_failure_stand_below_it(watched, streams, qtbot):
    failure = {
        "op": "train",
        "key": KEY,
        "message": "no room",
        "details": "Traceback",
        "error": "ResourceExhaustedError",
    }
    end = OpEnded(status="failed", seconds=3.0, **failure)
    workspace = watched(streams.numbered((*streams.training(), end, RunEnded(status="failed"))), status="failed")
    banner = workspace.banner
    qtbot.waitUntil(banner.show_key.isVisible)
    assert banner.show_key.y() < banner.op.y() + banner.op.height()
    workspace.resize(900, 600)
    qtbot.waitUntil(lambda: banner.show_key.y() >= banner.op.y() + banner.op.height())
    buttons = (banner.show_key, banner.unfold)
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in buttons))


def test_a_program_that_failed_says_why_where_and_what_to_try(workspace, session, engine, tell, feed, streams, qtbot):
    session.reference = OpReference((), (JobSpec(PROGRAM_JOB, "", (PROGRAM_OP,)),))
    trace = (Log(text="Traceback", level="error"), Log(text="  File", level="error", code="train.py:24"))
    why = {
        "message": "ValueError: no (train.py ended with exit status 1)",
        "error": "ValueError",
        "code": "train.py:24",
    }
    end = OpEnded(status="failed", seconds=3.0, op=PROGRAM_OP, advice="mend the code", **why)
    rows = (RunStarted(pid=1), OpStarted(op=PROGRAM_OP), Log(text="epoch 1"), *trace, end, RunEnded(status="failed"))
    tell(streams.state("a", "failed", dagster_job=PROGRAM_JOB, op=PROGRAM_OP, script="/p/train.py"))
    session.runs.select("a")
    feed("a", streams.numbered(rows))
    banner = workspace.banner
    qtbot.waitUntil(banner.show_code.isVisible)
    assert banner.message.text() == why["message"]
    assert banner.place.full_text() == "raised in train.py:24"
    assert banner.advice.full_text() == "What to try: mend the code"
    assert banner.show_code.text() == "Open train.py:24"
    assert (banner.ways.resume.isVisible(), banner.ways.again.isVisible()) == (False, True)
    opened, led = [], []
    session.source_requested.connect(lambda *place: opened.append(place))
    workspace.compose_wanted.connect(lambda: led.append(1))
    session.project = _Named()
    banner.show_code.click()
    log = workspace.log
    log.level.setCurrentIndex(log.level.findData("error"))
    lines = [log.view.lines.line(row) for row in range(log.view.lines.rowCount())]
    assert [line.text for line in lines][:2] == ["Traceback", "  File"]
    log.view.setCurrentIndex(log.view.lines.index(1, 0))
    qtbot.keyClick(log.view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened == [("/p/train.py", 24)] * 2
    assert led == [1, 1]
    banner.ways.again.click()
    assert engine.asked[-1] == RepeatRuns(("a",), session.runs.settings)
    session.project = None


def test_of_a_killed_worker_the_page_says_what_to_try(watched, streams, qtbot):
    killed = RunEnded(status="failed", message="the worker was killed by SIGKILL", advice="free some memory")
    rows = streams.numbered((*streams.training(), killed))
    banner = watched(rows, status="failed", op="train", experiment="/x").banner
    qtbot.waitUntil(banner.advice.isVisible)
    assert banner.message.text() == "the worker was killed by SIGKILL"
    assert banner.advice.full_text() == "What to try: free some memory"
    assert banner.ways.resume.isVisible()
    assert banner.ways.again.isVisible()


# ---------------------------------------------------------------------------------------------- its config


def test_a_key_is_shown_at_once_where_the_config_is_that_of_the_run(watched, streams, session, engine, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train", overrides=("a=1",), digest="d")
    led = []
    workspace.compose_wanted.connect(lambda: led.append(session.focus.key))
    session.selection = Selection(workspace.state.job, ("a=1",))
    workspace._show_key(KEY)
    session.selection = Selection("other.yaml")
    session.composed, session.stale = Composed(session.selection, digest="d"), False
    workspace._show_key("ops.train.config.model")
    assert led == [KEY, "ops.train.config.model"]
    assert RunSelection("a") not in engine.asked


def test_where_something_else_is_composed_it_asks_in_which_config_a_key_is_shown(
    watched, streams, session, engine, qtbot
):
    workspace = watched(streams.failed(), status="failed", op="train", overrides=("a=1", "b=2"), digest="d")
    session.selection = Selection("configs/mine.yaml")
    led = []
    workspace.compose_wanted.connect(lambda: led.append((session.selection.job, session.focus.key)))
    qtbot.waitUntil(workspace.banner.show_key.isVisible)
    button = workspace.banner.show_key
    workspace.move(-400, 0)  # the button must be on the screen, which is smaller than the page
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert menu.pos() == button.mapToGlobal(QPoint(0, button.height()))
    shown = entries(menu)
    assert list(shown) == ["Open the run's config: x · 2 overrides", "Show in the current one: mine"]
    assert led == []
    shown["Show in the current one: mine"].trigger()
    assert led == [("configs/mine.yaml", KEY)]
    menu.close()
    entries(workspace._leading.menu(workspace.state, KEY))["Open the run's config: x · 2 overrides"].trigger()
    assert led[1:] == [("job.yaml", KEY)]  # what the service says it was started from
    session.undo.undo()
    assert session.selection.job == "configs/mine.yaml"


def test_a_run_that_waits_says_whether_the_queue_is_paused(workspace, engine, tell, streams, qtbot):
    tell(streams.state("a", "queued"))
    charts = workspace.charts
    qtbot.waitUntil(lambda: charts._empty.text.text().startswith("queued: it starts"))
    engine.notified.emit(QueueChanged(QueueState(settings=QueueSettings(paused=True))))
    qtbot.waitUntil(lambda: charts._empty.text.text().startswith("queued: the queue is paused"))

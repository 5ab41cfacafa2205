"""What the page says of a run that failed, and offers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from niceml_engine.events import OpEnded, RunEnded
from niceml_engine.protocol.runs import (
    ResumeRun,
)


def test_a_failure_says_where_why_and_which_key(watched, streams, session, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "loss is nan")  # the list knows sooner that it failed
    assert banner.isVisible()
    assert banner.op.text() == "failed at train"
    banner.unfold.click()
    assert banner.details.isVisible()
    with qtbot.waitSignal(workspace.compose_wanted):
        banner.show_key.click()
    assert session.focus.key == "ops.train.config.learning_rate"
    banner.copy.click()
    assert QApplication.clipboard().text().startswith("failed at train: loss is nan\nops.train.config.learning_rate")


def test_a_run_goes_on_from_where_it_failed_by_a_button(watched, streams, engine, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train", dagster_job="job_train", experiment="/e/a")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.ways.resume.isVisible())
    assert banner.ways.resume.text() == "Go on from train"
    banner.ways.resume.click()
    assert [request for request in engine.asked if isinstance(request, ResumeRun)] == [ResumeRun("a")]


def test_where_nothing_is_kept_there_is_nothing_to_go_on_from(watched, streams, qtbot):
    workspace = watched(streams.failed(), status="failed", op="experiment", dagster_job="job_train")
    qtbot.waitUntil(workspace.banner.isVisible)
    assert not workspace.banner.ways.resume.isVisible()


def test_a_failure_names_exception_leaf_lines_and_what_to_try(watched, streams, session, qtbot):
    end = OpEnded(
        status="failed",
        seconds=3.0,
        op="train",
        message="configs/train.yaml:7: ops.train.config.model: the model cannot be built",
        details="Traceback: one",
        key="ops.train.config.model",
        place="configs/train.yaml:7",
        code="my/net.py:14",
        error="ResourceExhaustedError",
        advice="take a smaller `batch_size`",
    )
    rows = streams.numbered((*streams.training(), end, RunEnded(status="failed", message="train failed")))
    workspace = watched(rows, status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "the model cannot be built")
    assert banner.error.text() == "ResourceExhaustedError"
    assert banner.place.full_text() == (
        "ops.train.config.model  ·  set at configs/train.yaml:7  ·  raised in my/net.py:14"
    )
    assert banner.advice.full_text() == "What to try: take a smaller `batch_size`"
    banner.copy.click()
    assert QApplication.clipboard().text().splitlines() == [
        "failed at train: ResourceExhaustedError: the model cannot be built",
        "ops.train.config.model  ·  set at configs/train.yaml:7  ·  raised in my/net.py:14",
        "What to try: take a smaller `batch_size`",
        "Traceback: one",
    ]
    workspace.show_pane(workspace.gantt)
    qtbot.waitUntil(lambda: workspace.gantt.progress.full_text().startswith("failed at train after"))


def test_a_failure_whose_value_came_from_an_override_names_that_once(watched, streams, session, qtbot):
    override = "ops.train.config.model._target_=my.Nope"
    end = OpEnded(
        status="failed",
        seconds=3.0,
        op="train",
        message=f"override {override}: my.Nope cannot be found: my has no Nope",
        key="ops.train.config.model._target_",
        override=override,
    )
    workspace = watched(streams.numbered((*streams.training(), end)), status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "my.Nope cannot be found: my has no Nope")
    assert banner.place.full_text() == f"set by the override {override}"
    with qtbot.waitSignal(workspace.compose_wanted):
        banner.show_key.click()
    assert session.focus.key == "ops.train.config.model._target_"


def test_a_run_whose_end_nobody_could_write_down_has_ended_all_the_same_and_says_what_to_try(
    watched, streams, tell, qtbot
):
    workspace = watched(streams.training())
    reason, advice = "the disk is full: cannot write /p/runs/a", "make room, or choose another place"
    tell(streams.state("a", "failed", op="train", message=reason, advice=advice))
    banner = workspace.banner
    qtbot.waitUntil(banner.isVisible)
    assert (banner.message.text(), banner.advice.full_text()) == (reason, f"What to try: {advice}")
    assert workspace.record.ops["train"].status == "failed"
    assert not any("left" in text for text in workspace.strip.texts)


def test_that_the_disk_is_full_comes_before_what_could_not_be_written(watched, streams, qtbot):
    message = "cannot write models/a.keras in /e/a: the disk is full; make room, or choose another place"
    rows = (*streams.training(), OpEnded(status="failed", seconds=3.0, op="train", message=message))
    banner = watched(streams.numbered(rows), status="failed", op="train").banner
    qtbot.waitUntil(lambda: banner.message.text() == "the disk is full: cannot write models/a.keras in /e/a")
    assert banner.advice.full_text() == "What to try: make room, or choose another place"


def test_while_the_disk_of_a_run_that_goes_on_is_full_that_is_said(watched, tell, streams):
    workspace = watched(streams.training(), status="running")
    bar = workspace.head.full
    assert not bar.isVisible()
    tell(streams.state("a", "running", no_room=True, folder="/runs/a"))
    workspace._update()
    assert bar.isVisible()
    assert bar.what.full_text() == (
        "The run goes on; what it measures and saves is lost until there is room on the disk of /runs/a."
    )
    row = workspace.runs.model.index(workspace.runs.model.row_of("a"))
    assert "disk full: what it measures is lost" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    tell(streams.state("a", "running"))
    workspace._update()
    assert not bar.isVisible()


def test_a_failure_takes_a_row_and_two_lines_until_all_of_what_to_try_is_wanted(watched, streams, qtbot):
    advice = "it was killed from outside, by a person, a scheduler or the system, which may limit its memory: " * 3
    killed = RunEnded(status="failed", message="the worker was killed by SIGKILL", advice=advice)
    workspace = watched(streams.numbered((*streams.training(), killed)), status="failed", op="train", experiment="/x")
    banner = workspace.banner
    qtbot.waitUntil(banner.unfold.isVisible)
    line = banner.message.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: banner.height() == banner.layout().heightForWidth(banner.width()))
    folded = banner.height()
    assert folded <= banner.ways.height() + 2 * line + 24
    middles = [one.geometry().center().y() for one in (banner.message, banner.ways, banner.unfold, banner.copy)]
    assert max(middles) - min(middles) <= 2
    assert banner.advice.text().endswith("…")
    assert banner.unfold.text() == "More"
    banner.unfold.click()
    qtbot.waitUntil(lambda: banner.height() > folded)
    assert "".join(banner.advice.text().split()) == "".join(banner.advice.full_text().split())
    assert (banner.unfold.text(), banner.details.isVisible()) == ("Less", False)
    banner.unfold.click()
    qtbot.waitUntil(lambda: banner.height() == folded)


def test_a_message_is_not_squeezed_beside_the_buttons(watched, streams, qtbot):
    message = "the loss is nan at batch 17 of epoch 3, of 4 batches in a row; the gradient was not finite before. " * 2
    end = OpEnded(
        status="failed", seconds=3.0, op="train", message=message, key="ops.train.config.rate", code="my/net.py:14"
    )
    banner = watched(streams.numbered((*streams.training(), end)), status="failed", op="train", experiment="/x").banner
    qtbot.waitUntil(lambda: banner.isVisible() and banner.message.text() == message)
    qtbot.waitUntil(lambda: banner.message.width() > banner.width() // 2)
    qtbot.waitUntil(lambda: banner.height() == banner.layout().heightForWidth(banner.width()))
    assert banner.copy.geometry().top() >= banner.message.geometry().bottom()

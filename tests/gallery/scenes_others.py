"""The other workspaces, the first page, and projects as other people have them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from niceml_engine.columns import Rows
from niceml_engine.values import ENDED
from tests.gallery.projects import LASTING, PROGRAM
from tests.gallery.scenes import scene
from tests.gallery.stage import Stage

_CURVES = 60  #: portions of rows that make a curve


def _run(stage: Stage, status: str) -> str:
    runs = stage.session.runs
    stage.wait(f"a run that {status}", lambda: any(one.status == status for one in runs.states.values()))
    return next(one.id for one in runs.states.values() if one.status == status)


@scene("runs-none", project="template")
def runs_none(stage: Stage) -> Iterator[None]:
    """No run yet."""
    stage.runs()
    yield


@scene("experiments-none", project="template")
def experiments_none(stage: Stage) -> Iterator[None]:
    """No experiment yet."""
    stage.experiments()
    yield


@scene("runs", run=True)
def runs(stage: Stage) -> Iterator[None]:
    """A run that succeeded."""
    stage.session.runs.select(_run(stage, "succeeded"))
    stage.runs()
    yield


@scene("runs-failed", run=True)
def runs_failed(stage: Stage) -> Iterator[None]:
    """A run that failed, why, and the line of the log that says so, unfolded."""
    stage.session.runs.select(_run(stage, "failed"))
    workspace = stage.runs()
    workspace.show_pane(workspace.log)
    log = workspace.log.view
    blamed: list[int] = []

    def find() -> bool:
        blamed[:] = [row for row in range(log.lines.rowCount()) if log.lines.line(row).key]
        return bool(blamed)

    stage.wait("why", find)
    log.setCurrentIndex(log.lines.index(blamed[0], 0))
    log.toggle(log.currentIndex())
    yield


@scene("run-doubt")
def run_doubt(stage: Stage) -> Iterator[None]:
    """Whether to run what the check is against."""
    stage.compose()
    target = "ops.prediction.config.prediction_handler._target_"
    stage.override(f"{target}=niceml_engine.learning.predictions.VectorHandler", "ops.train.config.learning_rate=fast")
    stage.wait("the check", lambda: stage.session.checked)
    stage.window.commands.run("run.start")
    stage.dialog()
    yield


@scene("runs-failed-details", run=True)
def runs_failed_details(stage: Stage) -> Iterator[None]:
    """The traceback of a failure, unfolded above the charts."""
    stage.session.runs.select(_run(stage, "failed"))
    banner = stage.runs().banner
    stage.wait("why", lambda: banner.isVisible() and banner.details.toPlainText())
    banner.unfold.setChecked(True)
    yield
    banner.unfold.setChecked(False)


@scene("runs-ops", run=True)
def runs_ops(stage: Stage) -> Iterator[None]:
    """Which ops are to run again upon an experiment."""
    stage.runs()
    stage.window.asking.run_ops(_run(stage, "failed"))
    stage.dialog()
    yield


@scene("runs-kept", run=True, slow=True)
def runs_kept(stage: Stage) -> Iterator[None]:
    """A run that has gone on with the experiment of another one, and when its ops took how long."""
    session = stage.session
    known = set(session.runs.states)
    session.runs.resume(_run(stage, "succeeded"), "prediction")
    stage.wait("the run", lambda: set(session.runs.states) - known)
    (run,) = set(session.runs.states) - known
    stage.wait("its end", lambda: session.runs.states[run].status in ENDED, 120)
    workspace = stage.runs()
    workspace.show_pane(workspace.gantt)
    stage.wait("the last op", lambda: workspace.gantt.view.rows and len(workspace.gantt.view.rows[-1].starts))
    yield
    session.runs.delete(run)


@scene("runs-config", run=True)
def runs_config(stage: Stage) -> Iterator[None]:
    """The config of a run, and its events."""
    stage.session.runs.select(_run(stage, "succeeded"))
    workspace = stage.runs()
    workspace.show_pane(workspace.config)
    workspace.show_pane(workspace.events)
    yield


@scene("runs-gantt", run=True)
def runs_gantt(stage: Stage) -> Iterator[None]:
    """When which op and phase of a run took how long, with one selected, and its events."""
    stage.session.runs.select(_run(stage, "succeeded"))
    workspace = stage.runs()
    workspace.show_pane(workspace.gantt)
    workspace.show_pane(workspace.events)
    view = workspace.gantt.view
    stage.wait("the last op", lambda: view.rows and len(view.rows[-1].starts))
    view.setFocus()
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Down)
    yield


@scene("runs-resources", run=True)
def runs_resources(stage: Stage) -> Iterator[None]:
    """What a run took of the machine, and what the worker printed."""
    stage.session.runs.select(_run(stage, "succeeded"))
    workspace = stage.runs()
    workspace.show_pane(workspace.resources)
    workspace.show_pane(workspace.output)
    stage.wait("the charts", lambda: workspace.resources.charts)
    yield


@scene("runs-running", run=True, slow=True)
def runs_running(stage: Stage) -> Iterator[None]:
    """A run while it trains, and another one in the queue."""
    session = stage.session
    stage.override(*LASTING)
    seen: list[Rows] = []
    keep = session.runs.rows.connect(lambda _, rows: seen.append(rows))
    known = set(session.runs.states)
    session.start_run()
    stage.wait("the run", lambda: set(session.runs.states) - known)
    (run,) = set(session.runs.states) - known
    session.start_run()
    stage.wait("the next run", lambda: len(session.runs.states) == len(known) + 2)
    session.runs.select(run)
    stage.runs()
    stage.wait("the curves", lambda: len(seen) > _CURVES, 300)
    yield
    session.runs.rows.disconnect(keep)
    for one in set(session.runs.states) - known:
        session.runs.stop(one)
        stage.wait("its end", lambda one=one: session.runs.states[one].status in ENDED, 120)
        session.runs.delete(one, True)
    stage.wait("the runs to be gone", lambda: set(session.runs.states) == known)


@scene("runs-program", project=PROGRAM, run=True)
def runs_program(stage: Stage) -> Iterator[None]:
    """A run of a program with `@hydra.main`: what it wrote into a table and an event file, and what it printed."""
    stage.session.runs.select(_run(stage, "succeeded"))
    workspace = stage.runs()
    workspace.show_pane(workspace.log)
    stage.wait("the curves", lambda: len(workspace.record.series) > 1)
    yield


@scene("experiments", run=True)
def experiments(stage: Stage) -> Iterator[None]:
    """What the runs have left behind."""
    workspace = stage.experiments()
    stage.wait("the experiments", lambda: workspace.current() is not None)
    yield


@scene("diff-run", run=True)
def diff_run(stage: Stage) -> Iterator[None]:
    """What differs from the last run, which failed."""
    compose = stage.compose()
    compose.show_difference()
    stage.wait("the differences", lambda: compose.diff.model.shown)
    yield


@scene("welcome", project="")
def welcome(stage: Stage) -> Iterator[None]:
    """Nothing is open."""
    yield


@scene("broken", project="broken")
def broken(stage: Stage) -> Iterator[None]:
    """A project that does not compose."""
    stage.compose()
    yield


@scene("broken-problems", project="broken")
def broken_problems(stage: Stage) -> Iterator[None]:
    """Why it does not."""
    stage.compose().show_problems()
    yield


@scene("problems", project="problems")
def problems(stage: Stage) -> Iterator[None]:
    """Everything that is wrong with a config, at once."""
    stage.compose().show_problems()
    yield


@scene("webapp", project="webapp")
def webapp(stage: Stage) -> Iterator[None]:
    """An application with groups beside its config."""
    stage.compose()
    yield


@scene("template", project="template")
def template(stage: Stage) -> Iterator[None]:
    """A research template with presets."""
    stage.compose()
    yield


@scene("template-experiment", project="template")
def template_experiment(stage: Stage) -> Iterator[None]:
    """The same with a preset chosen, and what is wrong then."""
    stage.compose()
    stage.override("experiment=example")
    stage.compose().show_problems()
    yield


@scene("template-trust", project="template")
def template_trust(stage: Stage) -> Iterator[None]:
    """Whether the project may run its code."""
    stage.compose()
    stage.window.ask_trust()
    stage.dialog()
    yield


@scene("flat", project="flat")
def flat(stage: Stage) -> Iterator[None]:
    """A script with one config."""
    stage.compose()
    yield

"""Runs beside each other, the query language, and what has run before."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engine.past_runs import EPOCHS, RATE
from tests.gallery.scenes import scene
from tests.gallery.stage import Stage


def _sweep(stage: Stage) -> list[str]:
    runs = stage.session.runs
    stage.wait("the sweep", lambda: any(state.group for state in runs.states.values()))
    return sorted(run for run, state in runs.states.items() if state.group)


def _compare(stage: Stage, runs: list[str]) -> None:
    workspace = stage.runs()
    workspace.comparison.set(runs)
    table = stage.session.leaves
    stage.wait("the curves", lambda: not workspace.feeder.busy and len(workspace.charts.shown) == len(runs))
    stage.wait("the configs", lambda: all(run in table.table for run in runs))


@scene("compare", run=True)
def compare(stage: Stage) -> Iterator[None]:
    """Four runs over each other, one of them hidden."""
    runs = _sweep(stage)[:4]
    _compare(stage, runs)
    stage.runs().comparison.hide(runs[0])
    yield


@scene("compare-groups", run=True)
def compare_groups(stage: Stage) -> Iterator[None]:
    """A sweep, grouped by a value of its configs."""
    _compare(stage, _sweep(stage))
    stage.runs().comparison.group_by(EPOCHS)
    yield


@scene("compare-table", run=True)
def compare_table(stage: Stage) -> Iterator[None]:
    """All runs as a table."""
    workspace = stage.runs()
    workspace.show_pane(workspace.table)
    stage.wait("the configs", lambda: any(name.startswith("config.") for name in workspace.table.grid.columns))
    yield


@scene("compare-parallel", run=True)
def compare_parallel(stage: Stage) -> Iterator[None]:
    """A sweep on parallel axes, the better half marked."""
    _compare(stage, _sweep(stage))
    workspace = stage.runs()
    workspace.show_pane(workspace.table)
    workspace.table.show_view(1)
    workspace.table.parallel.brush(workspace.table.parallel.columns[-1], 0.5, 1.0)
    yield


@scene("compare-scatter", run=True)
def compare_scatter(stage: Stage) -> Iterator[None]:
    """A sweep as points."""
    _compare(stage, _sweep(stage))
    workspace = stage.runs()
    workspace.show_pane(workspace.table)
    workspace.table.show_view(2)
    yield


@scene("query-wrong", run=True)
def query_wrong(stage: Stage) -> Iterator[None]:
    """A query with a mistake."""
    stage.runs().runs.query.set_text("state = off")
    yield


@scene("query-nothing", run=True)
def query_nothing(stage: Stage) -> Iterator[None]:
    """A query that leaves nothing, since nothing has such a name."""
    stage.runs().runs.query.set_text("val_los < 1")
    yield


@scene("query-examples", run=True)
def query_examples(stage: Stage) -> Iterator[None]:
    """What can be asked."""
    stage.runs().runs.query.help.setChecked(True)
    yield


@scene("before-run", run=True)
def before_run(stage: Stage) -> Iterator[None]:
    """What has run before that is like the selection."""
    stage.compose()
    stage.override(f"{RATE}=0.002", f"{EPOCHS}=4")
    header = stage.window.header
    stage.wait("looking back", lambda: header.looking_back.current.nearest is not None)
    header.show_before()
    yield


@scene("before-run-same", run=True)
def before_run_same(stage: Stage) -> Iterator[None]:
    """The very same config has run before."""
    stage.compose()
    stage.override(f"{EPOCHS}=4", f"{RATE}=0.001")
    header = stage.window.header
    stage.wait("looking back", lambda: bool(header.looking_back.current.same))
    header.show_before()
    yield

"""While runs are compared, the page is of one of them, or says of which run the rest of it is."""

from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.listing.rows import Sweep


def test_comparing_a_sweep_shows_one_of_its_runs_and_says_so(workspace, session, tell, streams):
    sweep = {"group": "rate k3x9"}
    tell(
        streams.state("z", "succeeded", age=1),
        *(streams.state(run, "succeeded", age=9, overrides=(f"rate={run}",), **sweep) for run in "abc"),
    )
    session.runs.select("z")
    bar = workspace.head.compared
    assert not bar.isVisible()
    row = next(index for index in range(workspace.runs.model.rowCount()) if is_sweep(workspace, index))
    menu = workspace.runs.menu_of(workspace.runs.model.index(row).data(ROW))
    next(action for action in menu.actions() if action.text() == "Compare these 3").trigger()
    assert session.runs.current == "c"
    assert bar.isVisible()
    assert bar.count.text() == "3 runs compared"
    assert bar.one.full_text() == "Metrics and Table show all of them, everything else is of rate=c"
    assert not workspace.strip.isVisible()
    assert is_sweep(workspace, workspace.runs.view.currentIndex().row()), "it stays folded, and is marked"
    session.runs.select("z")
    assert bar.one.full_text().endswith("everything else is of CLB-z, which is not compared")
    bar.clear.click()
    assert not workspace.comparison.active
    assert not bar.isVisible()


def test_a_sweep_stays_folded_while_one_of_its_runs_is_shown_and_unfolds_for_one_that_is_to_be_shown(
    workspace, session, tell, streams
):
    tell(*(streams.state(run, "succeeded", age=9, group="rate k3x9") for run in "ab"))
    session.runs.show("a")
    model, view = workspace.runs.model, workspace.runs.view
    assert model.row_of("a") > 0
    assert model.state(view.currentIndex().row()).id == "a"
    model.turn("rate k3x9", is_open=False)
    assert model.rowCount() == 1
    assert is_sweep(workspace, view.currentIndex().row())
    assert session.runs.current == "a"


def is_sweep(workspace, row):
    return isinstance(workspace.runs.model.index(row).data(ROW), Sweep)

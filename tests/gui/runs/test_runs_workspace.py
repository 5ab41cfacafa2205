"""The Runs workspace as a whole."""

from PySide6.QtCore import QPoint, QTimer

from niceml_gui.widgets.docks import Side
from niceml_gui.workspaces.runs.config_pane import annotated
from niceml_gui.workspaces.runs.op_strip import shown


def test_what_an_op_says_breaks_between_its_parts_only():
    assert shown(["done", "97 ms"], len, 12, 2) == "done · 97 ms"
    said = ["epoch 6/10", "84 it/s", "00:18 left"]
    assert shown(said, len, 22, 2) == "epoch 6/10 · 84 it/s\n00:18 left"
    assert shown(said, len, 12, 3) == "epoch 6/10\n84 it/s\n00:18 left"
    assert shown(said, len, 12, 2) == "epoch 6/10\n00:18 left"
    assert shown(said, len, 12, 1) == "epoch 6/10"


def test_at_the_smallest_width_nothing_of_the_strips_is_cut_off(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    workspace.resize(900, 484)
    assert workspace.width() == 900
    controls, log = workspace.charts.controls, workspace.log
    bars = [controls.axis, controls.follow, log.op, log.level, log.bar.follow]
    assert [bar.width() >= bar.sizeHint().width() for bar in bars] == [True] * 5
    assert controls.geometry().right() <= workspace.metrics.width()


def test_analysis_appears_with_numbers_and_rates(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    pane = workspace.analysis
    qtbot.waitUntil(lambda: bool(pane.sections))
    assert pane.subset == "validation"
    assert pane.checks.count.text() == "1 of 2 passed"
    assert dict(pane.training.table.texts())["val_loss"] == ["0.0325", "0.0325", "0.0325", "0.0650"]


def test_the_config_of_the_run_says_who_set_what_and_leads_there(watched, streams, session, qtbot):
    workspace = watched(streams.training())
    workspace.show_pane(workspace.config)
    view = workspace.config.view
    assert view._lines[1].strip() == "exp_name: Sample  # = Sample 1"
    assert view._gutter == ["", "names:2", "override", "names:5", "", ""]
    view.fold(0, folded=True)
    assert list(view._rows) == [0]
    view.fold_to(0)
    assert "names:2" in workspace.config.view._tip(1) or "globals/names:2" in workspace.config.view._tip(1)
    led = []
    workspace.config.key_wanted.connect(led.append)
    with qtbot.waitSignal(session.source_requested) as opened:
        view.source_wanted.emit(4)  # within a list, of which the key says who set it
    assert opened.args == ["/p/configs/globals/names.yaml", 5]
    menu = workspace.config.menu_of(2)
    texts = [action.text().partition("\t")[0] for action in menu.actions()]
    assert "Open where it was set" not in texts  # an override has no file
    menu.actions()[texts.index("Show in Compose")].trigger()
    assert led == ["globals.epochs"]
    assert workspace.config.find_bar is not None


def test_a_long_run_is_taken_up_in_slices(workspace, session, tell, feed, streams, qtbot):
    tell(streams.state("a", "succeeded"))
    session.runs.select("a")
    rows = streams.training(steps=10_000)
    for start in range(0, len(rows), 2000):
        feed("a", rows[start : start + 2000])
    assert workspace.feeder.busy  # the call came back before everything was taken up
    assert 0 < workspace.record.seq < rows[-1].seq
    qtbot.waitUntil(lambda: not workspace.feeder.busy, timeout=20_000)
    assert workspace.record.seq == rows[-1].seq


def test_nothing_ticks_while_hidden_or_after_closing(watched, streams, feed, qtbot):
    workspace = watched(streams.training()[:30])

    def timers():
        return [timer for timer in workspace.findChildren(QTimer) if timer.isActive()]

    workspace.hide()
    assert timers() == []
    feed("a", streams.training())
    assert timers() == []
    assert workspace.record.seq == streams.training()[-1].seq  # what came is not lost
    workspace.show()
    workspace.close_plots()
    assert workspace.charts.charts == {}
    assert [timer for timer in timers() if timer is not workspace.charts._timer] == []


def test_ops_and_failure_stay_above_the_tabs_whichever_pane_is_in_front(watched, streams, session, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train")
    qtbot.waitUntil(workspace.banner.isVisible)
    kept = workspace.save_state()

    def above(pane):
        """Whether banner, ops and the pane stand one below the other, tabs between them."""
        tops = [part.mapTo(workspace, QPoint()).y() for part in (workspace.banner, workspace.strip, pane)]
        ends = [top + part.height() for top, part in zip(tops, (workspace.banner, workspace.strip), strict=False)]
        return all(part.isVisible() for part in (workspace.banner, workspace.strip)) and (
            ends[0] <= tops[1] and ends[1] + 10 <= tops[2]
        )

    for pane in (workspace.gantt, workspace.resources, workspace.config, workspace.table, workspace.metrics):
        workspace.show_pane(pane)
        qtbot.waitUntil(lambda pane=pane: pane.isVisible() and above(pane))
    workspace.move_pane(workspace.metrics, Side.RIGHT, workspace.gantt)
    qtbot.waitUntil(lambda: above(workspace.metrics))
    left = workspace.metrics.mapTo(workspace, QPoint()).x()
    assert abs(workspace.head.x() - left) < 4
    workspace.restore_state(kept)
    qtbot.waitUntil(lambda: above(workspace.metrics))
    workspace.banner.unfold.click()
    qtbot.waitUntil(lambda: workspace.banner.details.isVisible() and above(workspace.metrics))
    workspace.reset_layout()
    qtbot.waitUntil(lambda: above(workspace.metrics))
    workspace.strip.setFocus()
    assert workspace.turn(1) is workspace.gantt


def test_the_config_of_a_run_has_what_it_was_trained_with_beside_what_is_written():
    text = "epochs: ${oc.env:EPOCHS,10}\nname: ${a}-${b}\n  -${c}\nsizes:\n- ${n}\nquery: |-\n  ${a}\n"
    keys = ("epochs", "name", "", "sizes", "", "query", "")
    resolved = {"epochs": 3, "name": "a-b -c", "sizes": [8], "query": "a"}
    assert annotated(text.splitlines(), keys, resolved) == [
        "epochs: ${oc.env:EPOCHS,10}  # = 3",
        "name: ${a}-${b}",
        "  -${c}  # = a-b -c",
        "sizes:  # = [8]",
        "- ${n}",
        "query: |-  # = a",
        "  ${a}",
    ]

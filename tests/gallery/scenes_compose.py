"""The panes of the Compose workspace, and the dialogs over it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from niceml_engine.protocol.runs import Logger
from niceml_gui.comparing import Against
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from tests.gallery.projects import EPOCHS, JOB
from tests.gallery.scenes import scene
from tests.gallery.stage import Stage

TRAINPARAMS = "ops/train/train_params/trainparams_default"
SMOKE = "ops/train/train_params@ops.train.config.train_params=trainparams_smoke"
CHANGED = (SMOKE, f"{EPOCHS}=12", "ops.train.config.model.dropout=0.4", "globals.exp_prefix=CLC")


@scene("compose")
def as_opened(stage: Stage) -> Iterator[None]:
    """What one sees first."""
    stage.compose()
    yield


@scene("compose-selected")
def selected(stage: Stage) -> Iterator[None]:
    """A value that was overridden, selected everywhere."""
    stage.compose()
    stage.override(*CHANGED)
    stage.session.set_focus(EPOCHS, TRAINPARAMS.replace("default", "smoke"))
    stage.settle()
    yield


@scene("compose-resolved")
def resolved(stage: Stage) -> Iterator[None]:
    """Interpolations as what they stand for."""
    stage.compose().resolved.setChecked(True)
    stage.compose().composed.view.setFocus()
    yield


@scene("compose-stale")
def stale(stage: Stage) -> Iterator[None]:
    """What composed last, while what is selected does not."""
    stage.compose()
    stage.override(SMOKE.replace("smoke", "nothing"))
    yield


@scene("keyboard")
def keyboard(stage: Stage) -> Iterator[None]:
    """The ring around what keys go to."""
    stage.compose().ops.edit.setFocus()
    for _ in range(8):
        QTest.keyClick(stage.window.windowHandle(), Qt.Key.Key_Tab)
    yield
    nowhere = stage.window.status.geometry().center()
    QTest.mouseClick(stage.window.windowHandle(), Qt.MouseButton.LeftButton, pos=nowhere)


@scene("tree-filter")
def tree_filter(stage: Stage) -> Iterator[None]:
    """The tree while somebody types."""
    tree = stage.compose().tree
    tree.edit.setFocus()
    QTest.keyClicks(tree.edit, "train cls")
    yield


@scene("tree-menu")
def tree_menu(stage: Stage) -> Iterator[None]:
    """What can be done with an option."""
    tree = stage.compose().tree
    stage.session.set_focus(node="ops/train/train_params/trainparams_long")
    stage.settle()
    entry = tree._entry(tree.view.currentIndex())
    assert entry is not None
    tree.view.scrollTo(tree.view.currentIndex(), tree.view.ScrollHint.PositionAtTop)
    place = tree.view.visualRect(tree.view.currentIndex()).center()
    tree.menu_for(entry).popup(tree.view.viewport().mapToGlobal(place))
    yield


@scene("graph-folded")
def graph_folded(stage: Stage) -> Iterator[None]:
    """The graph with a part of it folded."""
    compose = stage.compose()
    compose.graph.set_folded(frozenset({"ops/train/op_train_cls_binary", "ops/prediction/op_prediction_cls"}))
    compose.graph.setFocus()
    yield
    compose.graph.unfold_all()


@scene("graph-find")
def graph_find(stage: Stage) -> Iterator[None]:
    """Searching the graph."""
    drawing = stage.compose().drawing
    drawing.find_bar.open_bar()
    QTest.keyClicks(drawing.find_bar.edit, "dataset")
    yield
    drawing.find_bar.close_bar()


@scene("graph-merge")
def graph_merge(stage: Stage) -> Iterator[None]:
    """The merge, in the middle of being played."""
    drawing = stage.compose().drawing
    drawing.play_merge()
    stage.wait("the layers", lambda: drawing.merge.steps)
    drawing.merge.go(len(drawing.merge.steps) // 2)
    yield


@scene("cards-values")
def cards_values(stage: Stage) -> Iterator[None]:
    """The cards further down, one with all of its values."""
    ops = stage.compose().ops
    card = ops.cards["train"]
    card.all_button.setChecked(True)
    stage.settle()
    ops.area.verticalScrollBar().setValue(card.y() + 300)
    yield
    card.all_button.setChecked(False)
    ops.area.verticalScrollBar().setValue(0)


@scene("cards-help")
def cards_help(stage: Stage) -> Iterator[None]:
    """A field with what is said of it, and a text in it that cannot be."""
    ops = stage.compose().ops
    row = ops.row_of("ops.train.config.model.dropout", "")
    assert row is not None
    ops.area.ensureWidgetVisible(row)
    row.control.setFocus()
    row.control.selectAll()
    QTest.keyClicks(row.control, "a lot")
    yield
    QTest.keyClick(row.control, Qt.Key.Key_Escape)


@scene("cards-sweep")
def cards_sweep(stage: Stage) -> Iterator[None]:
    """Values that make several runs, and the table of these."""
    stage.compose()
    stage.override(f"{EPOCHS}=5,10", "ops.train.config.learning_rate=1e-3,3e-4")
    stage.wait("the runs", lambda: stage.compose().ops.runs.isVisible())
    yield


@scene("cards-classes")
def cards_classes(stage: Stage) -> Iterator[None]:
    """Classes that fit in place of the model's."""
    ops = stage.compose().ops
    row = ops.row_of("ops.train.config.model._target_", "")
    assert row is not None
    ops.area.ensureWidgetVisible(row)
    row.control.setFocus()
    QTest.keyClick(row.control, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    stage.wait("the classes", lambda: ops.chooser.offered)
    yield


@scene("origin")
def origin(stage: Stage) -> Iterator[None]:
    """Who set a value, and who before."""
    compose = stage.compose()
    stage.override(SMOKE, f"{EPOCHS}=12")
    stage.session.set_focus(EPOCHS)
    compose.show_pane(compose.origin)
    compose.origin.setFocus()
    yield


@scene("overrides")
def overrides(stage: Stage) -> Iterator[None]:
    """The overrides as text."""
    compose = stage.compose()
    stage.override(*CHANGED)
    compose.show_pane(compose.overrides)
    compose.overrides.edit.setFocus()
    yield


@scene("overrides-empty")
def overrides_empty(stage: Stage) -> Iterator[None]:
    """What one can write there, and what is offered meanwhile."""
    compose = stage.compose()
    compose.show_pane(compose.overrides)
    compose.overrides.edit.setFocus()
    QTest.keyClicks(compose.overrides.edit, "ops.train.config.t")
    yield
    QTest.keyClick(compose.overrides.edit, Qt.Key.Key_Escape)
    QTest.keyClick(compose.overrides.edit, Qt.Key.Key_Escape)


@scene("diff")
def diff(stage: Stage) -> Iterator[None]:
    """What differs from the job as it was saved."""
    compose = stage.compose()
    stage.override(*CHANGED)
    compose.diff.compare(Against("saved"))
    stage.wait("the differences", lambda: compose.diff.model.shown)
    compose.show_pane(compose.diff)
    compose.diff.setFocus()
    yield
    compose.diff.compare(Against())


@scene("diff-empty")
def diff_empty(stage: Stage) -> Iterator[None]:
    """Nothing to compare with yet."""
    compose = stage.compose()
    compose.show_pane(compose.diff)
    yield


@scene("environment")
def environment(stage: Stage) -> Iterator[None]:
    """Settings, variables and scripts of the project."""
    compose = stage.compose()
    compose.show_pane(compose.environment)
    compose.environment.setFocus()
    stage.wait("the environment", lambda: compose.environment.environment)
    yield


@scene("environment-variable")
def environment_variable(stage: Stage) -> Iterator[None]:
    """A variable about to be set."""
    compose = stage.compose()
    compose.show_pane(compose.environment)
    stage.wait("the environment", lambda: compose.environment.environment)
    compose.environment.set_variable("LEARNING_RATE")
    yield


@scene("try-empty")
def try_empty(stage: Stage) -> Iterator[None]:
    """Before anything was tried."""
    compose = stage.compose()
    compose.show_pane(compose.trial)
    yield


@scene("try", slow=True)
def tried(stage: Stage) -> Iterator[None]:
    """What came out of a card."""
    compose = stage.compose()
    compose.ops.cards["train"].head.try_button.click()
    stage.wait("the trial", lambda: stage.session.trials.tried and not stage.session.trials.running, 180)
    yield
    stage.session.trials.clear()


@scene("usages")
def usages(stage: Stage) -> Iterator[None]:
    """Who names a file."""
    compose = stage.compose()
    compose.show_usages(f"{stage.session.project.root}/configs/shared/datasets/dataset_cls_test.yaml")
    yield


@scene("problems-none")
def problems_none(stage: Stage) -> Iterator[None]:
    """A config without a problem."""
    compose = stage.compose()
    compose.show_problems()
    yield


@scene("source")
def source(stage: Stage) -> Iterator[None]:
    """A file that is being written, with what could stand there."""
    stage.session.open_source(f"{stage.session.project.root}/{JOB}", 3)
    tab = next(iter(stage.compose().sources.values()))
    stage.wait("the file", lambda: isinstance(tab.view, CodeEdit))
    edit = tab.view
    edit.setFocus()
    edit.go_to(19)
    QTest.keyClick(edit, Qt.Key.Key_End)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClicks(edit, "defa: ${ops.tr")
    yield
    QTest.keyClick(edit, Qt.Key.Key_Escape)


@scene("source-find")
def source_find(stage: Stage) -> Iterator[None]:
    """Finding and replacing in a file."""
    stage.session.open_source(f"{stage.session.project.root}/{JOB}", 8)
    tab = next(iter(stage.compose().sources.values()))
    stage.wait("the file", lambda: isinstance(tab.view, CodeEdit))
    tab.find_bar.open_bar()
    QTest.keyClicks(tab.find_bar.edit, "config")
    yield


# ------------------------------------------------------------------------------------------------ over the window


@scene("palette")
def palette(stage: Stage) -> Iterator[None]:
    """Everything that one can go to or do."""
    stage.compose()
    stage.window.palette_all()
    QTest.keyClicks(stage.window.picker.field, "ep")
    yield


@scene("jobs")
def jobs(stage: Stage) -> Iterator[None]:
    """The jobs of the project."""
    stage.compose()
    stage.window.pick_job()
    yield


@scene("menu")
def menu(stage: Stage) -> Iterator[None]:
    """The menu of the window."""
    stage.compose()
    stage.window.menus.show()
    bar = stage.window.menus.whole
    action = bar.actions()[1]
    bar.setActiveAction(action)
    action.menu().popup(bar.mapToGlobal(QPoint(bar.width(), bar.actionGeometry(action).y())))
    yield


@scene("export")
def export(stage: Stage) -> Iterator[None]:
    """Exporting with origins."""
    stage.compose()
    stage.window.asking.export()
    dialog = stage.dialog()
    dialog.formats.setCurrentRow(1)
    stage.wait("the text", lambda: dialog.preview.toPlainText())
    yield


@scene("export-command")
def export_command(stage: Stage) -> Iterator[None]:
    """Exporting as a command line."""
    stage.compose()
    stage.override(*CHANGED)
    stage.window.asking.export()
    dialog = stage.dialog()
    dialog.formats.setCurrentRow(5)
    stage.wait("the text", lambda: dialog.preview.toPlainText())
    yield


@scene("save")
def save(stage: Stage) -> Iterator[None]:
    """Saving into the files behind the values."""
    stage.compose()
    stage.override(*CHANGED)
    stage.window.asking.save()
    dialog = stage.dialog()
    dialog.sources.click()
    stage.wait("the plan", lambda: dialog.apply.isEnabled())
    yield


@scene("new-job")
def new_job(stage: Stage) -> Iterator[None]:
    """A new job from this one."""
    stage.compose()
    stage.override(f"{EPOCHS}=12")
    stage.window.asking.new_job()
    dialog = stage.dialog()
    stage.wait("the plan", lambda: dialog.apply.isEnabled())
    yield


@scene("rename")
def rename(stage: Stage) -> Iterator[None]:
    """What renaming an option rewrites."""
    tree = stage.compose().tree
    stage.session.set_focus(node="shared/datasets/dataset_cls_test")
    stage.settle()
    entry = tree._entry(tree.view.currentIndex())
    assert entry is not None
    tree.files.move(entry)
    dialog = stage.dialog()
    dialog.id.setText("shared/datasets/dataset_digits")
    stage.wait("the plan", lambda: dialog.apply.isEnabled())
    yield


@scene("delete")
def delete(stage: Stage) -> Iterator[None]:
    """An option that is still named."""
    tree = stage.compose().tree
    stage.session.set_focus(node="ops/train/callbacks/callbacks_base")
    stage.settle()
    entry = tree._entry(tree.view.currentIndex())
    assert entry is not None
    tree.files.delete(entry)
    dialog = stage.dialog()
    stage.wait("the plan", lambda: dialog.plan is not None)
    yield


@scene("run-settings")
def run_settings(stage: Stage) -> Iterator[None]:
    """Device and threads, and who reads along, of whom one is not there."""
    stage.compose()
    stage.window.asking.run_settings()
    dialog = stage.dialog()
    stage.wait("who may read along", lambda: dialog.loggers.boxes["mlflow"].isEnabled())
    problem = "mlflow is not installed in /home/anna/scenes/env/bin/python; install it there"
    dialog.loggers._show((Logger("tensorboard", True), Logger("mlflow", False, problem)))
    dialog.loggers.boxes["mlflow"].setChecked(True)
    yield


@scene("message")
def message(stage: Stage) -> Iterator[None]:
    """An error in one line, its details unfolded."""
    stage.compose()
    stage.session.complain(
        "the experiment folder cannot be written: permission denied: s3://bucket/experiments",
        'Traceback (most recent call last):\n  File "store/locations.py", line 42, in open\nPermissionError: denied',
    )
    stage.window.messages.unfold.setChecked(True)
    yield


@scene("leave")
def leave(stage: Stage) -> Iterator[None]:
    """Closing with a text that is not saved."""
    stage.session.open_source(f"{stage.session.project.root}/{JOB}", 3)
    tab = next(iter(stage.compose().sources.values()))
    stage.wait("the file", lambda: isinstance(tab.view, CodeEdit))
    tab.view.insertPlainText("# more\n")
    stage.window.asking.unsaved([tab])
    stage.dialog()
    yield

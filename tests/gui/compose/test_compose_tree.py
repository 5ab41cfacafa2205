import msgspec
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu

from niceml_engine.values import Choice, Composed, ConfigTree, Job, Option, Problem, Project
from niceml_gui import palette
from niceml_gui.workspaces.compose.tree.entries import EntryDelegate
from niceml_gui.workspaces.compose.tree.model import ENTRY, TreeFilter
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane

PARAMS = "ops/train/train_params/trainparams_default"


def rows(model, parent=None):
    parent = parent if parent is not None else QModelIndex()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        yield index.data(ENTRY).path
        yield from rows(model, index)


def test_the_model_keeps_to_qts_rules(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, fatal) for model in (pane.model, pane.filter)]
    pane.edit.setText("dataset")
    session.composed_changed.emit()
    session.project_changed.emit()
    assert len(testers) == 2
    assert "shared/datasets/dataset_cls_test" in list(rows(pane.model))


def test_groups_come_before_options_and_jobs_last(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    found = list(rows(pane.filter))
    top = [path for path in found if "/" not in path]
    assert top == ["ops", "shared", "jobs"]
    assert found.index("ops/train/train_params") < found.index("ops/train/op_train_base")


def test_options_are_sorted_by_the_numbers_in_their_names(session, qtbot):
    names = ("file_1", "file_10", "file_108", "file_2", "file_2b", "file_02")
    tree = ConfigTree(tuple(Option(f"part_{group}", name, "") for group in (10, 9) for name in names), ())
    session.project = msgspec.structs.replace(session.project, tree=tree)
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    wanted = ["file_1", "file_02", "file_2", "file_2b", "file_10", "file_108"]
    found = list(rows(pane.model))
    assert found == [
        f"{path}" for group in (9, 10) for path in (f"part_{group}", *(f"part_{group}/{n}" for n in wanted))
    ]


def test_the_filter_keeps_ancestors(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    pane.edit.setText("train params smoke")
    assert list(rows(pane.filter)) == [
        "ops",
        "ops/train",
        "ops/train/train_params",
        "ops/train/train_params/trainparams_smoke",
    ]
    pane.edit.clear()
    assert PARAMS in list(rows(pane.filter))


def test_a_key_in_the_filter_looks_into_unfolded_groups_only(session, qtbot, monkeypatch):
    options = [Option(f"g{group}", f"o{name}", f"/g{group}/o{name}.yaml") for group in range(40) for name in range(50)]
    session.project = msgspec.structs.replace(session.project, tree=ConfigTree(tuple(options), ()))
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    pane.show()
    qtbot.waitExposed(pane)
    asked = []
    fits = TreeFilter.filterAcceptsRow
    monkeypatch.setattr(TreeFilter, "filterAcceptsRow", lambda *what: asked.append(what) or fits(*what))
    pane.edit.setText("o")
    pane.view.viewport().repaint()
    assert pane.filter.found == 2000
    assert len(asked) <= 40
    assert pane.hint.text() == "2,000 fit, too many to unfold: type more."
    pane.edit.setText("g17 o3")
    assert list(rows(pane.filter)) == ["g17", "g17/o3", *(f"g17/o3{digit}" for digit in range(10))]
    assert pane.hint.text() == ""


def test_a_filter_that_fits_nothing_says_so(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    pane.edit.setText("zebra")
    assert "Esc" in pane.hint.text()
    qtbot.keyClick(pane.edit, Qt.Key.Key_Escape)
    assert pane.hint.text() == ""


def test_the_filter_moves_no_selection(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    pane.show()
    session.set_focus(node=PARAMS)
    qtbot.keyClicks(pane.edit, "callbacks")
    assert session.focus.node == PARAMS
    group = pane.filter.mapFromSource(pane.model.index_of("ops/train/callbacks"))
    pane.view.setCurrentIndex(group)
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_Escape)
    assert pane.edit.text() == ""
    assert pane.view.currentIndex().data(ENTRY).path == "ops/train/callbacks"
    assert session.focus.node == PARAMS


def test_use_is_counted(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    used = {path: pane.model.index_of(path).data(ENTRY).used for path in rows(pane.model)}
    assert used["shared/datasets/dataset_cls_test"] == 5
    assert used[PARAMS] == 1
    assert used["ops/train/train_params/trainparams_long"] == 0
    assert "at ops.train.config.data_train" in pane.model.index_of("shared/datasets/dataset_cls_test").data(
        Qt.ItemDataRole.ToolTipRole
    )


def test_choosing_from_the_tree(session, qtbot, monkeypatch):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    chosen = []
    monkeypatch.setattr(session, "choose", lambda choice, name: chosen.append((choice.package, name)))
    entry = pane.model.index_of("ops/train/train_params/trainparams_long").data(ENTRY)
    menu = pane.menu_for(entry)
    menu.actions()[0].trigger()
    assert chosen == [("ops.train.config.train_params", "trainparams_long")]
    several = pane.menu_for(pane.model.index_of("shared/datasets/dataset_cls_handwritten").data(ENTRY))
    places = [action.text() for action in several.findChildren(QMenu)[0].actions()]
    assert places == [
        "ops.train.config.data_train",
        "ops.train.config.data_validation",
        "ops.prediction.config.datasets.test",
    ]


def test_enter_switches_to_an_option_or_opens_a_job(session, qtbot, monkeypatch):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    done = []
    monkeypatch.setattr(session, "choose", lambda choice, name: done.append(name))
    monkeypatch.setattr(session, "open_job", done.append)
    for path in ("ops/train/train_params/trainparams_smoke", "jobs/job_data/job_data_generation"):
        index = pane.filter.mapFromSource(pane.model.index_of(path))
        pane.view.setCurrentIndex(index)
        qtbot.keyClick(pane.view, Qt.Key.Key_Return)
    job = pane.model.index_of("jobs/job_data/job_data_generation").data(ENTRY).item
    assert isinstance(job, Job)
    assert done == ["trainparams_smoke", job.file]


def refuse(session, **known):
    error = Problem("error", "missing", "there is no such option")
    session.show(Composed(session.selection, error=error, **known))


def used(pane, path):
    return pane.model.index_of(path).data(ENTRY).used


def test_a_job_that_no_longer_composes_keeps_its_marks_and_says_that_they_are_old(
    session, composed, qtbot, monkeypatch
):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    refuse(session)
    assert used(pane, "shared/datasets/dataset_cls_test") == 5
    assert "Out of date" in pane.hint.text()
    chosen = []
    monkeypatch.setattr(session, "choose", lambda choice, name: chosen.append(name))
    pane.menu_for(pane.model.index_of("ops/train/train_params/trainparams_long").data(ENTRY)).actions()[0].trigger()
    assert chosen == ["trainparams_long"]
    session.show(composed)
    assert pane.hint.text() == ""


def test_a_job_that_never_composed_is_marked_by_what_could_be_read(session, qtbot):
    choices = session.composed.choices
    refuse(session, choices=choices[1:2])
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    assert used(pane, "ops/train/op_train_cls_binary") == 1
    assert used(pane, "shared/datasets/dataset_cls_test") == 0
    assert "what could be read" in pane.hint.text()


def test_what_the_job_uses_is_unfolded(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    index = pane.filter.mapFromSource(pane.model.index_of("ops/train/train_params"))
    assert pane.view.isExpanded(index)
    pane.view.collapse(index)
    session.show(session.composed)
    assert not pane.view.isExpanded(index)


def test_what_the_job_comes_to_use_or_must_choose_from_is_unfolded(session, qtbot):
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    whole = session.composed
    session.show(msgspec.structs.replace(whole, edges=(), nodes=whole.nodes[:1], choices=()))
    pane.view.collapseAll()
    params = pane.filter.mapFromSource(pane.model.index_of("ops/train/train_params"))
    asked = msgspec.structs.replace(whole.choices[0], group="ops/train/train_params", chosen=(), missing=True)
    session.show(msgspec.structs.replace(session.composed, choices=(asked,)))
    assert pane.view.isExpanded(params)
    assert not pane.view.isExpanded(pane.filter.mapFromSource(pane.model.index_of("ops/train/callbacks")))
    session.show(whole)
    assert pane.view.isExpanded(pane.filter.mapFromSource(pane.model.index_of("ops/train/callbacks")))


def test_an_option_that_exists_only_in_python_says_so_and_opens_there(session, qtbot):
    option = Option("ops/train", "op_train_typed", "/project/store.py", "Typed.", python="TrainConfig", line=12)
    tree = session.project.tree
    session.project = msgspec.structs.replace(
        session.project, tree=msgspec.structs.replace(tree, options=(*tree.options, option))
    )
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    index = pane.model.index_of("ops/train/op_train_typed")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "Typed.\nonly in Python: TrainConfig\n/project/store.py"
    assert EntryDelegate._pill(index.data(ENTRY)) == "Python"
    assert index.data(ENTRY).line == 12


def test_an_option_says_where_it_comes_from_and_what_it_hides(session, qtbot):
    own = Option("db", "lite", "/p/conf/db/lite.yaml", source="/p/conf", hides=("/p/shared/db/lite.yaml",))
    other = Option("db", "big", "/p/shared/db/big.yaml", source="/p/shared")
    alike = Option("db", "wide", "/p/lib/mine/conf/db/wide.yaml", source="/p/lib/mine/conf")
    session.project = Project("/p", "p", ("/p/conf", "/p/shared"), ConfigTree((own, other, alike), ()))
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    pills = [EntryDelegate._pill(pane.model.index_of(f"db/{name}").data(ENTRY)) for name in ("lite", "big", "wide")]
    assert pills == ["hides 1", "shared", "mine/conf"]


def test_folders_of_configs_that_are_called_alike_are_told_apart(session, qtbot):
    folders = ("/p/configs", "/p/apps/a/conf", "/p/apps/c/conf", "/p/more/c/conf")
    options = [Option("db", f"o{n}", f"{folder}/db/o{n}.yaml", source=folder) for n, folder in enumerate(folders)]
    options[1] = msgspec.structs.replace(options[1], apart=("/p/apps/c/conf/db/o1.yaml",))
    session.project = Project("/p", "p", folders, ConfigTree(tuple(options), ()))
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    indexes = [pane.model.index_of(f"db/o{n}") for n in range(4)]
    pills = [EntryDelegate._pill(index.data(ENTRY)) for index in indexes]
    assert pills == ["", "a/conf", "apps/c/conf", "more/c/conf"]
    assert "other jobs have /p/apps/c/conf/db/o1.yaml instead" in indexes[1].data(Qt.ItemDataRole.ToolTipRole)


def test_hydras_own_groups_are_the_last_and_stay_folded(session, qtbot, monkeypatch):
    file = "/lib/site-packages/hydra/conf/hydra/job_logging/none.yaml"
    brought = (
        Option("hydra/job_logging", "none", file, source="pkg://hydra.conf", provider="hydra-core"),
        Option("hydra/launcher", "basic", "/lib/basic.py", python="BasicLauncherConf", line=7, provider="hydra-core"),
        Option("hydra/launcher", "joblib", "/lib/joblib.py", python="Joblib", provider="hydra-joblib-launcher"),
    )
    session.project = msgspec.structs.replace(
        session.project, tree=msgspec.structs.replace(session.project.tree, hydra=brought)
    )
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    launcher = Choice("hydra/launcher", "hydra/launcher", "hydra.launcher", ("basic",), (), "hydra/config")
    session.show(msgspec.structs.replace(session.composed, hydra=(launcher,)))
    found = [path for path in rows(pane.filter) if "/" not in path]
    assert found == ["ops", "shared", "jobs", "hydra"]
    assert not any(pane.view.isExpanded(pane._proxy(path)) for path in ("hydra", "hydra/launcher"))
    used = {
        path: pane.model.index_of(f"hydra/{path}").data(ENTRY).used for path in ("launcher/basic", "launcher/joblib")
    }
    assert used == {"launcher/basic": 1, "launcher/joblib": 0}
    pane.edit.setText("launcher")
    assert list(rows(pane.filter)) == ["hydra", "hydra/launcher", "hydra/launcher/basic", "hydra/launcher/joblib"]
    pane.edit.clear()
    assert ("basic", "hydra/launcher") in [(entry.title, entry.hint) for entry in palette.file_entries(session)]

    joblib, logging = (
        pane.model.index_of(path).data(ENTRY) for path in ("hydra/launcher/joblib", "hydra/job_logging/none")
    )
    assert EntryDelegate._pill(joblib) == "hydra-joblib-launcher"
    assert "brought by hydra-core, pkg://hydra.conf" in pane.model._tip(logging)
    chosen, opened = [], []
    monkeypatch.setattr(session, "choose", lambda choice, name: chosen.append((choice.key, name)))
    session.source_requested.connect(lambda file, line: opened.append((file, line)))
    menu = pane.menu_for(joblib)
    texts = [action.text() for action in menu.actions()]
    assert not any(word in text for text in texts for word in ("Compose alone", "Rename", "Delete", "Duplicate"))
    next(action for action in menu.actions() if action.text() == "Choose for hydra.launcher").trigger()
    assert chosen == [("hydra/launcher", "joblib")]
    pane.view.doubleClicked.emit(pane._proxy("hydra/launcher/basic"))
    assert opened == [("/lib/basic.py", 7)]
    told = []
    session.message.connect(lambda message: told.append(message.text))
    pane.files.delete(logging)
    assert told == ["What comes with Hydra cannot be deleted here; choose a file"]

"""Options of groups that no defaults list of the job names: they are added by an override, wherever Hydra takes one."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.setting import Setting
from niceml_engine.descriptions import Described, Description
from niceml_engine.protocol.forms import Describe
from niceml_engine.values import Choice, Leaf, Option, Origin, Selection
from niceml_gui import overrides as grammar
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane
from niceml_gui.workspaces.compose.tree.model import ENTRY, MIME
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane
from niceml_gui.workspaces.compose.usage import ways_for, ways_to_give
from tests.engine.config.reference import assert_same, write
from tests.gui.compose.described import TRAIN, row, with_leaf

FILES = {
    "conf/config.yaml": "x: 1\n",
    "conf/db/pg.yaml": "port: 1\n",
    "conf/db/my sql.yaml": "port: 2\n",
    "conf/experiment/wide.yaml": "# @package _global_\nx: 2\n",
    "conf/server/far/one.yaml": "n: 1\n",
    "conf/a group/o.yaml": "n: 1\n",
}


def test_what_adds_an_option_composes_as_hydra_does_it(tmp_path: Path) -> None:
    project = open_project(write(tmp_path, FILES))
    composer, job = Composer(Setting(tmp_path)), tmp_path / "conf/config.yaml"
    composed = composer.compose(Selection(str(job)))
    added = {
        option.id: ways_for(option, composed.choices, composed)[1] for option in project.tree.options if option.group
    }
    assert added == {
        "a group/o": "",
        "db/my sql": "+db='my sql'",
        "db/pg": "+db=pg",
        "experiment/wide": "+experiment=wide",
        "server/far/one": "+server/far=one",
    }
    for override in filter(None, added.values()):
        assert_same(composer, job, [override])
        assert composer.compose(Selection(str(job), (override,))).error is None


@pytest.mark.parametrize(("base", "way"), [("conf/train", "+db=pg"), ("conf", "+db=pg")])
def test_groups_are_relative_to_a_job_below_the_top_of_its_source(tmp_path: Path, base: str, way: str) -> None:
    files = {"conf/train/config.yaml": "x: 1\n", "conf/train/db/pg.yaml": "port: 1\n", "conf/server/s.yaml": "n: 1\n"}
    project = open_project(write(tmp_path, files))
    composer, job = Composer(Setting(tmp_path, config_dir=tmp_path / base)), tmp_path / "conf/train/config.yaml"
    composed = composer.compose(Selection(str(job)))
    options = {Path(option.file).parent.name: option for option in project.tree.options}
    added = {name: ways_for(option, composed.choices, composed)[1] for name, option in options.items()}
    assert (added["db"], added["server"]) == (way, "")
    assert_same(composer, job, [way])


def test_an_option_of_a_folder_on_the_search_path_from_which_nothing_is_included_is_added_too(tmp_path: Path) -> None:
    text = "defaults: [_self_]\nhydra:\n  searchpath: [file://more]\nnet: ???\n"
    files = {"conf/config.yaml": text, "more/net/wide.yaml": "n: 1\n", "more/db/pg.yaml": "n: 1\n"}
    project = open_project(write(tmp_path, files))
    composer, job = Composer(Setting(tmp_path, working_dir=tmp_path)), tmp_path / "conf/config.yaml"
    composed = composer.compose(Selection(str(job)))
    assert composed.bases == (f"{tmp_path}/conf/", f"{tmp_path}/more/")
    added = {option.id: ways_for(option, composed.choices, composed)[1] for option in project.tree.options}
    assert added == {"config": "", "db/pg": "+db=pg", "net/wide": "+net=wide"}
    assert list(ways_to_give("net", project.tree, composed)) == ["+net=wide"]
    assert composer.compose(Selection(str(job), ("+net=wide", "+db=pg"))).error is None


def test_another_option_takes_the_place_of_one_that_was_added() -> None:
    assert grammar.with_value(("a=1", "+db=pg"), "+db", "mysql") == ("a=1", "+db=mysql")
    assert grammar.with_value((), "+db", "mysql") == ("+db=mysql",)
    assert grammar.with_value(("db=pg",), "+db", "mysql") == ("db=mysql",)


def test_an_option_can_be_added_although_a_config_of_its_group_is_included_by_name(tmp_path: Path) -> None:
    files = FILES | {"conf/config.yaml": "defaults: [db/pg, server@far: s, _self_]\n", "conf/server/s.yaml": "n: 1\n"}
    project = open_project(write(tmp_path, files))
    composer, job = Composer(Setting(tmp_path)), tmp_path / "conf/config.yaml"
    composed = composer.compose(Selection(str(job)))
    added = {option.id: ways_for(option, composed.choices, composed)[1] for option in project.tree.options}
    assert (added["db/my sql"], added["server/s"]) == ("+db='my sql'", "")  # a job's place is taken first
    assert_same(composer, job, [added["db/my sql"]])


def test_a_missing_value_is_given_by_the_options_of_the_group_that_is_called_like_its_key(tmp_path: Path) -> None:
    text = "defaults: [server@other: s, kind: k, _self_]\ndb: ???\nserver: ???\nkind: ???\nx: ???\napp:\n  db: ???\n"
    files = {"config.yaml": text, "db/pg.yaml": "n: 1\n", "db/far/two.yaml": "n: 2\n", "dbs/no.yaml": "n: 3\n"}
    files |= {"server/s.yaml": "n: 4\n", "kind/k.yaml": "# @package _global_\nm: 5\n", "app/db/lite.yaml": "n: 6\n"}
    project = open_project(write(tmp_path, {f"conf/{name}": text for name, text in files.items()}))
    composer, job = Composer(Setting(tmp_path)), tmp_path / "conf/config.yaml"
    composed = composer.compose(Selection(str(job)))
    missing = [leaf.key for leaf in composed.leaves if leaf.value == "???"]
    ways = {key: set(ways_to_give(key, project.tree, composed)) for key in missing}
    assert ways == {
        "db": {"+db=pg", "+db/far=two"},
        "server": {"+server=s"},  # what is chosen for another package is another choice
        "kind": set(),  # a choice of that name is there, and leaves the value open
        "app.db": {"+app/db=lite"},
        "x": set(),
    }
    for override in (one for several in ways.values() for one in several):
        assert_same(composer, job, [override])


def test_an_option_below_a_group_is_chosen_by_its_way_from_there_too(tmp_path: Path) -> None:
    files = {"config.yaml": "defaults: [solver: default, part/kind@k: a, _self_]\n", "solver/default.yaml": "n: 1\n"}
    files |= {"solver/music/default.yaml": "n: 2\n", "part/kind/a.yaml": "n: 3\n", "part/kind/of/b.yaml": "n: 4\n"}
    files["solver/music/base.yaml"] = "defaults: [music/default, _self_]\nm: 1\n"
    project = open_project(write(tmp_path, {f"conf/{name}": text for name, text in files.items()}))
    composer, job = Composer(Setting(tmp_path)), tmp_path / "conf/config.yaml"
    composed = composer.compose(Selection(str(job)))
    options = {option.id: option for option in project.tree.options}

    def ways(name):
        places, added = ways_for(options[name], composed.choices, composed)
        return [f"{choice.key}={option}" for choice, option in places], added

    assert ways("solver/music/base") == (["solver=music/base"], "+solver/music=base")
    assert ways("part/kind/of/b") == (["part/kind@k=of/b"], "+part/kind/of=b")
    assert ways("solver/default") == (["solver=default"], "")
    for override in ("solver=music/base", "part/kind@k=of/b"):
        assert_same(composer, job, [override])
        chosen = composer.compose(Selection(str(job), (override,)))
        assert chosen.error is None
        changed = next(choice for choice in chosen.choices if choice.key == override.partition("=")[0])
        assert override.partition("=")[2] in changed.options  # from then on its picker has it


def with_option(session):
    """Gives the sample project an option of a group that its job does not name."""
    option = Option("extra/sub", "one", f"{session.composed.bases[0]}extra/sub/one.yaml")
    known = session.project.tree
    more = msgspec.structs.replace(known, options=(*known.options, option))
    session.project = msgspec.structs.replace(session.project, tree=more)
    return option


def dragged(option):
    data = QMimeData()
    data.setData(MIME, option.id.encode())
    return data


def test_the_menu_of_the_tree_and_a_drop_on_the_overrides_add_an_option(session, qtbot) -> None:
    option = with_option(session)
    tree, pane = ConfigTreePane(session), OverridesPane(session)
    qtbot.addWidget(tree)
    qtbot.addWidget(pane)
    before = session.selection.overrides
    way = "+extra/sub=one"
    menu = tree.menu_for(tree.model.index_of(option.id).data(ENTRY))
    next(action for action in menu.actions() if action.text() == f"Add to this job, {way}").trigger()
    assert session.selection.overrides == (*before, way)
    session.undo.undo()
    assert session.selection.overrides == before
    pane.edit.insertFromMimeData(dragged(option))
    assert session.selection.overrides == (*before, way)
    assert session.undo.undoText() == f"Add {option.name} of {option.group}"


def test_a_card_says_that_the_job_gets_what_is_dropped_and_fits_nowhere(session, pane) -> None:
    option = with_option(session)
    card, data, point = pane.cards["train"], dragged(option), QPoint(5, 5)
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    before, said = session.selection.overrides, (card.head.note, card.head.tint)
    assert said[1] == "warning"
    QApplication.sendEvent(card, QDragEnterEvent(point, *how))
    assert (card.property("drop"), card.head.note, card.head.tint) == ("fits", "adds it to the job", "muted")
    move = QDragMoveEvent(point, *how)
    QApplication.sendEvent(card, move)
    assert move.isAccepted()
    QApplication.sendEvent(card, QDropEvent(QPointF(point), *how))
    assert session.selection.overrides == (*before, "+extra/sub=one")
    assert (card.head.note, card.head.tint) == said
    session.undo.undo()
    assert session.selection.overrides == before


def test_a_missing_value_called_like_a_group_is_given_by_one_of_its_options(session, pane, answers, qtbot) -> None:
    option = with_option(session)
    rule = Described(unnamed=True)
    answers[Describe] = Description({"extra": rule}, {})
    with_leaf(session, Leaf("extra", "???", Origin("x", "/x.yaml", 3), reason="a value must be given here"))
    qtbot.waitUntil(lambda: row(pane, "extra").row.rule == rule)
    field = row(pane, "extra").control
    assert field.isReadOnly()
    assert field.property("invalid") == "true"
    assert "extra= chooses an option of that group" in field.toolTip()
    assert field.side.accessibleName() == "Choose an option of extra"
    before = session.selection.overrides
    field.side.click()
    (entry,) = pane.chooser.offered
    assert (entry.title, entry.hint) == (f"sub/{option.name}", "+extra/sub=one")
    entry.chosen()
    assert session.selection.overrides == (*before, "+extra/sub=one")
    session.undo.undo()
    assert session.selection.overrides == before


def test_an_option_that_was_added_is_changed_reset_and_taken_out_at_its_picker(session, pane) -> None:
    choice = Choice("+extra", "extra", "extra", ("one",), ("one", "two"), "x", "/x.yaml", changed=True, nothing=True)
    plain, before = session.composed, session.selection.overrides

    def chosen():
        session.add_option("+extra=one")
        session.show(msgspec.structs.replace(plain, selection=session.selection, choices=(*plain.choices, choice)))
        return pane.row_of("", "extra/one")

    shown = chosen()
    assert shown.control.property("changed") == "true"
    shown.reset.click()
    assert (session.selection.overrides, session.undo.undoText()) == (before, "Reset extra")
    shown = chosen()
    shown.control.picked.emit("two")
    assert session.selection.overrides == (*before, "+extra=two")
    shown.control.picked.emit(None)
    assert session.selection.overrides == before


def test_a_value_called_like_a_group_is_not_changed_by_a_choice_of_that_group(session, pane, answers, qtbot) -> None:
    rule = Described(unnamed=True)
    answers[Describe] = Description({"extra": rule}, {})
    session.set_overrides((*session.selection.overrides, "extra=two"), "Choose two for extra")
    leaf = Leaf("extra", "plain", Origin("x", "/x.yaml", 3), resolved="plain")
    more = (*session.composed.leaves, leaf)
    session.show(msgspec.structs.replace(session.composed, selection=session.selection, leaves=more))
    qtbot.waitUntil(lambda: row(pane, "extra").row.rule == rule)
    shown = row(pane, "extra")
    assert shown.control.property("changed") != "true"
    assert shown.reset is None or shown.reset.isHidden()
    assert "changed" not in pane.cards["config"].head.note


def test_where_an_option_can_be_chosen_and_added_it_is_asked(session, pane, qtbot) -> None:
    known, root = session.project.tree, session.composed.bases[0]
    option = Option("ops/train/extra", "one", f"{root}ops/train/extra/one.yaml")
    session.project = msgspec.structs.replace(
        session.project, tree=msgspec.structs.replace(known, options=(*known.options, option))
    )
    tree, before = ConfigTreePane(session), session.selection.overrides
    qtbot.addWidget(tree)
    choice, add = f"ops/train@{TRAIN}=extra/one", "+ops/train/extra=one"
    texts = [f"Choose for ops/train, {choice}", f"Add to this job, {add}"]

    def offered(menu):
        return {action.text(): action for action in menu.actions()}

    menu = tree.menu_for(tree.model.index_of(option.id).data(ENTRY))
    assert list(offered(menu))[:2] == texts
    offered(menu)[texts[0]].trigger()
    assert session.selection.overrides == (*before, choice)
    session.undo.undo()
    card, data, point = pane.cards["train"], dragged(option), QPoint(5, 5)
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(card, QDragEnterEvent(point, *how))
    assert card.head.note == "takes it"
    QApplication.sendEvent(card, QDropEvent(QPointF(point), *how))
    menu = QApplication.activePopupWidget()
    assert list(offered(menu)) == texts
    offered(menu)[texts[1]].trigger()
    menu.close()
    assert session.selection.overrides == (*before, add)

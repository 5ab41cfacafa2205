import msgspec
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from PySide6.QtCore import QMimeData, QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMenu

from niceml_engine.descriptions import Candidate, Fitting, Name
from niceml_engine.protocol.forms import Fit, Names
from niceml_engine.values import Choice
from niceml_gui.address import Address
from niceml_gui.drafts import Drafts
from niceml_gui.overrides import change
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane, rebased
from niceml_gui.workspaces.compose.text.editing.classes import Classes
from niceml_gui.workspaces.compose.text.editing.suggestions import Suggestion
from niceml_gui.workspaces.compose.text.editing.surroundings import Place
from niceml_gui.workspaces.compose.tree.model import MIME
from tests.gallery.contrast import told_by_qt, weak

EPOCHS = "ops.train.config.train_params.epochs"


def test_examples_from_this_very_config_fill_the_empty_part_of_the_overrides(session, qtbot):
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.resize(600, 400)
    pane.show()
    written = [shown.full_text() for shown in pane.examples.findChildren(ElidedLabel)]
    assert written[:2] == [f"{EPOCHS}=10", "ops/train@ops.train.config=op_train_base"]
    for text in written:
        if not text.startswith("#"):
            OverridesParser.create().parse_override(text)
    pane.edit.setPlainText("a=1\n" * 9)
    assert not pane.examples.isVisible()
    pane.give_up()
    assert pane.examples.isVisible()
    pane.resize(600, 120)
    assert not pane.examples.isVisible()


@pytest.fixture
def light():
    theme().set_dark(False)
    yield
    theme().set_dark(True)


def test_the_placeholder_can_be_read_where_one_types(session, qtbot, light):
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.edit.setPlainText("")
    pane.show()
    pane.activateWindow()
    pane.edit.setFocus()
    qtbot.waitUntil(pane.edit.hasFocus)
    assert any("Hydra's grammar" in text for _, _, text in told_by_qt(pane))
    assert list(weak(pane)) == []
    pane.edit.insertPlainText("a")
    assert len(pane.edit.extraSelections()) == 1  # the line of the cursor
    pane.edit.textCursor().deletePreviousChar()
    assert list(weak(pane)) == []
    pane.edit.clearFocus()
    pane.close()


def test_classes_are_asked_for_once_and_offered_to_who_still_waits(session, qtbot, monkeypatch):
    asked, answered = [], []
    monkeypatch.setattr(session.engine, "ask", lambda request, then, *_: asked.append((request, then)))
    classes = Classes(session, lambda: answered.append(True), session)
    model = Place(("model",))
    assert classes.offered(model, "my.") == classes.offered(model, "my.") == ()
    ((request, then),) = asked
    assert request == Fit(session.last_good.selection, "model")
    then(Fitting(candidates=(Candidate("my.Mlp", "Layers."),)))
    assert answered == [True]
    assert classes.offered(model, "my.") == (Suggestion("my.Mlp", "Layers."),)
    session.composed_changed.emit()
    assert classes.offered(model, "my.") == ()  # code may have changed as well


def test_where_nothing_composed_fits_the_text_around_is_asked_then_the_package_that_is_typed(
    session, qtbot, monkeypatch
):
    asked = []
    monkeypatch.setattr(session.engine, "ask", lambda request, then, failed, _: asked.append((request, then, failed)))
    classes = Classes(session, lambda: None, session)
    place = Place(("new.top",), "my.Plate", "top")
    assert classes.offered(place, "my.C") == ()
    asked[-1][1](Fitting(reason="nothing is known"))
    assert classes.offered(place, "my.C") == ()
    assert asked[-1][0] == Names("my.Plate", "top")
    asked[-1][1]((Name("my.Square"),))
    assert classes.offered(place, "my.S") == (Suggestion("my.Square"),)
    assert classes.offered(place, "my.C") == ()  # which nothing that fits goes on with
    assert asked[-1][0] == Names(package="my")
    asked[-1][1]((Name("my.colors", module=True), Name("my.Circle", "Round.")))
    assert classes.offered(place, "my.C") == (
        Suggestion("my.colors", "a module", "."),
        Suggestion("my.Circle", "Round."),
    )
    assert classes.offered(Place(), "") == ()
    assert asked[-1][0] == Names()
    asked[-1][2](None)  # what cannot be told is not asked again
    assert "niceml_engine.learning.models.SmallCnn" in [one.text for one in classes.offered(Place(), "")]
    assert len(asked) == 4


def test_what_is_typed_and_not_applied_is_there_again_after_a_crash(session, qtbot):
    session.kept.turn_to(Address("/project"))
    job, applied = session.selection.job, f"{EPOCHS}=10"
    typed = f"{applied}\n# longer\na.b=4"
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.edit.setPlainText(typed)
    qtbot.waitUntil(lambda: session.kept.drafts.typed == {job: typed})
    assert session.selection.overrides == (applied,)
    session.kept.turn_to(None)  # as with the end of the process
    session.kept.turn_to(Address("/project"))
    assert session.kept.drafts == Drafts("", {}, {}, {job: typed})
    again = OverridesPane(session)
    qtbot.addWidget(again)
    assert (again.edit.toPlainText(), again.unapplied) == (typed, True)
    told = " ".join(session.kept.told(0, lambda file: "the_job"))
    assert told.endswith("not saved yet: overrides of the_job that are typed and not applied")
    session.set_value("new.key", "1")  # an edit elsewhere takes nothing away
    assert again.overrides == (applied, "+new.key=1", "a.b=4")
    again.apply()
    assert session.selection.overrides == (applied, "+new.key=1", "a.b=4")
    assert session.kept.drafts.typed == {}


def test_each_job_has_its_own_text_and_giving_up_forgets_it(session, qtbot):
    session.kept.turn_to(Address("/project"))
    job, applied = session.selection.job, session.selection.overrides
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.edit.setPlainText("a=1")
    qtbot.waitUntil(lambda: session.kept.drafts.typed == {job: "a=1"})
    session.open_job("/project/configs/other.yaml")
    assert (pane.overrides, pane.unapplied) == ((), False)
    session.undo.undo()
    assert (pane.overrides, pane.unapplied) == (("a=1",), True)
    pane.give_up()
    assert pane.overrides == applied
    assert session.kept.drafts.typed == {}


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("", "a.b.epochs=4", "Set b.epochs to 4"),
        ("a.b.epochs=4", "a.b.epochs=5", "Set b.epochs to 5"),
        ("a.b.epochs=4", "", "Reset b.epochs"),
        ("", "+new=1", "Add new: 1"),
        ("", "~a.b.epochs", "Remove b.epochs"),
        ("", "ops/train@ops.train.config=base", "Choose base for ops/train"),
        ("ops/train@x=base", "", "Reset ops/train"),
        ("a=1", "a=2\nb=1\n~c", "Set a to 2 and 2 more"),
        ("a=1\nb=2", "b=2\na=1", "Reorder overrides"),
        ("", f"a={'x' * 30}", f"Set a to {'x' * 23}…"),
        ("", "ops.x.credentials.name=hush", "Set credentials.name to ••••••"),
        ("", "+db.password=hush", "Add db.password: ••••••"),
    ],
)
def test_a_step_of_the_pane_says_what_it_changes(before, after, name):
    assert change(tuple(before.splitlines()), tuple(after.splitlines())) == name


def test_what_was_typed_stands_among_other_overrides_than_it_was_begun_upon():
    assert rebased("a=1\n# note\nc=3", ("a=1", "b=2"), ("a=5", "b=2", "d=4")) == "a=5\nd=4\n# note\nc=3"
    assert rebased("a=1\nb=2", ("a=1",), ("a=1", "b=2")) == "a=1\nb=2"


def test_where_an_option_that_is_put_in_is_meant_is_asked_at_the_cursor(session, qtbot):
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.resize(600, 300)
    pane.show()
    pane.edit.setPlainText("a=1\nb=2\nc=3")
    pane.go_to("c=3")
    QCursor.setPos(pane.mapToGlobal(QPoint(590, 290)))
    group = "ops/train"
    places = tuple(
        Choice(f"{group}@{package}", group, package, (), ("op_train_cls_binary_mlp",), "job", "/job.yaml", 3)
        for package in ("one", "two")
    )
    session.composed = msgspec.structs.replace(session.composed, choices=places)
    data = QMimeData()
    data.setData(MIME, b"ops/train/op_train_cls_binary_mlp")
    pane.edit.insertFromMimeData(data)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    cursor = pane.edit.cursorRect()
    assert menu.pos() == pane.edit.viewport().mapToGlobal(QPoint(cursor.left(), cursor.bottom() + 1))
    menu.close()

"""Files changed in the window, with the service that people use."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from niceml_engine.visible import without_marks
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.line_ends import plain_text, with_ends
from niceml_gui.workspaces.compose.text.editing.reading import reading
from niceml_gui.workspaces.compose.text.source_tab import LONGEST, SourceTab
from tests.gui.conftest import JOB

Open = Callable[[], SourceTab]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "configs" / "jobs" / "a.yaml"


@pytest.fixture
def opened(real: Session, file: Path, qtbot: QtBot) -> Open:
    def make() -> SourceTab:
        tab = SourceTab(real, str(file))
        qtbot.addWidget(tab)
        tab.resize(700, 400)
        tab.show()
        qtbot.waitUntil(lambda: tab.view is not None)
        return tab

    return make


def edit_of(tab: SourceTab) -> CodeEdit:
    assert isinstance(tab.view, CodeEdit)
    return tab.view


def change(tab: SourceTab, old: str, new: str) -> None:
    edit = edit_of(tab)
    edit.replace_text(edit.toPlainText().replace(old, new))


def test_a_changed_text_has_a_dot_is_saved_and_composed(opened: Open, real: Session, file: Path, qtbot: QtBot) -> None:
    tab = opened()
    assert tab.windowTitle() == "a.yaml"
    change(tab, "epochs: 3", "epochs: 9")
    assert tab.windowTitle() == "● a.yaml"
    assert file.read_text() == JOB
    with qtbot.waitSignal(real.files.written, timeout=10_000):
        qtbot.keyClick(edit_of(tab), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert file.read_text() == JOB.replace("epochs: 3", "epochs: 9")
    assert tab.windowTitle() == "a.yaml"
    assert real.undo.undoText() == "Edit a.yaml"
    qtbot.waitUntil(lambda: {leaf.key: leaf.value for leaf in real.composed.leaves}["epochs"] == 9, timeout=10_000)
    real.undo.undo()
    qtbot.waitUntil(lambda: tab.text == JOB, timeout=10_000)
    assert file.read_text() == JOB
    assert not tab.unsaved


def test_a_line_that_is_drawn_from_right_to_left_is_read_out_in_its_order(opened: Open, file: Path) -> None:
    text = "a: 1\nמפתח: ערך\nb: 2\n"
    file.write_text(text, encoding="utf-8")
    tab = opened()
    edit_of(tab).go_to(1)
    assert tab.note.full_text() == "reads \u2068מפתח\u2069 → \u2068ערך\u2069"
    edit_of(tab).insertPlainText("x")  # what is left of the cursor in the text, wherever that is drawn
    assert tab.text == text.replace("מ", "xמ")
    edit_of(tab).undo()
    edit_of(tab).go_to(2)
    assert (tab.note.full_text(), tab.text) == ("", text)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("מפתח: ערך", "מפתח → ערך"),
        ("  - מפתח: 12  # הערה", "מפתח → 12"),
        ("'מפתח': \"ערך\"", "'מפתח' → \"ערך\""),
        ("مفتاح: [قيمة, 1]", "مفتاح → [قيمة, 1]"),
        ("מפתח: abc", ""),
        ("key: ערך", ""),
        ("מפתח a: ערך", ""),
        ("מפתח:", ""),
        ("# מפתח: ערך", ""),
        ("- ערך", ""),
        ("", ""),
    ],
)
def test_a_line_is_read_out_where_key_and_value_run_into_one_piece(line: str, read: str) -> None:
    assert without_marks(reading(line)) == read


def test_unsaved_text_is_there_again_after_a_crash(opened: Open, real: Session, file: Path, qtbot: QtBot) -> None:
    tab = opened()
    change(tab, "epochs: 3", "epochs: 9")
    qtbot.waitUntil(lambda: real.kept.drafts.texts.get(str(file)) is not None)
    again = opened()
    assert again.unsaved
    assert "epochs: 9" in again.text
    again.revert()
    assert again.text == JOB
    assert not again.unsaved
    assert real.kept.drafts.texts.get(str(file)) is None
    edit_of(again).undo()
    assert "epochs: 9" in again.text


def test_changes_on_disk_elsewhere_in_the_file_are_merged(
    opened: Open, real: Session, file: Path, qtbot: QtBot
) -> None:
    tab = opened()
    change(tab, "# a job", "# the job")
    file.write_text(JOB.replace("epochs: 3", "epochs: 7"))
    with qtbot.waitSignal(real.files.written, timeout=10_000):
        tab.save()
    both = JOB.replace("epochs: 3", "epochs: 7").replace("# a job", "# the job")
    assert file.read_text() == both
    assert tab.text == both


@pytest.mark.parametrize("mine", [True, False])
def test_changes_of_the_same_lines_are_asked_about(opened: Open, file: Path, qtbot: QtBot, mine: bool) -> None:
    tab = opened()
    change(tab, "epochs: 3", "epochs: 9")
    file.write_text(JOB.replace("epochs: 3", "epochs: 7"))
    tab.save()
    tab.view.go_to(0)
    qtbot.waitUntil(tab.conflict.isVisible, timeout=10_000)
    assert "epochs" in JOB.splitlines()[tab.view.line]
    assert "epochs: 7" in file.read_text()
    (tab.conflict.keep if mine else tab.conflict.take).click()
    qtbot.waitUntil(lambda: not tab.unsaved, timeout=10_000)
    wanted = "epochs: 9" if mine else "epochs: 7"
    assert wanted in tab.text
    assert wanted in file.read_text()
    assert not tab.conflict.isVisible()


def test_what_is_wrong_with_the_text_is_marked_while_it_is_typed(opened: Open, qtbot: QtBot) -> None:
    tab = opened()
    change(tab, "epochs: 3", "epochs: [3")
    qtbot.waitUntil(lambda: bool(edit_of(tab).marks), timeout=10_000)
    ((line, (severity, _)),) = edit_of(tab).marks.items()
    assert severity == "error"
    assert line >= JOB.split("\n").index("epochs: 3  # how long")
    assert tab.wrong.isVisible()
    assert tab.wrong.text().startswith(f"line {line + 1}: ")
    edit_of(tab).undo()
    qtbot.waitUntil(lambda: not edit_of(tab).marks, timeout=10_000)
    assert not tab.wrong.isVisible()


def test_a_text_that_is_too_large_is_only_shown(opened: Open, file: Path) -> None:
    file.write_text(f"long: {'x' * LONGEST}\n")
    tab = opened()
    assert isinstance(tab.view, CodeView)
    assert "too large" in tab.note.text()
    assert not tab.unsaved


@pytest.mark.parametrize(
    "content",
    [
        JOB.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + JOB.replace("\n", "\r\n").encode(),
        JOB.replace("\n", "\r\n", 1).encode(),
        (JOB + "name: a\u00a0b\u2028c\u3000d\r\nlast: 1").encode(),
    ],
    ids=["CRLF", "BOM and CRLF", "both", "odd spaces"],
)
def test_line_ends_and_odd_spaces_stay_as_they_are(opened: Open, file: Path, qtbot: QtBot, content: bytes) -> None:
    file.write_bytes(content)
    tab = opened()
    assert not tab.unsaved
    edit = edit_of(tab)
    cursor = edit.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    cursor.insertText("\nmine: 2" if content.endswith(b"1") else "mine: 2\n")
    assert tab.unsaved
    file.write_bytes(content.replace(b"# a job", b"# the job"))  # which is merged
    tab.save()
    qtbot.waitUntil(lambda: not tab.unsaved, timeout=10_000)
    assert not tab.conflict.isVisible()
    written = file.read_bytes()
    assert written.startswith(content.partition(b"a job")[0] + b"the job")
    assert [part.strip() for part in written.partition(b"mine")[1:]] == [b"mine", b": 2"]
    assert written.partition(b"mine")[0].strip() == content.replace(b"# a job", b"# the job").strip()


@given(st.text(st.sampled_from("ab \t\n\r\u00a0\u2028\u2029é")), st.text(st.sampled_from("ab\n")), st.integers(0, 40))
def test_any_text_comes_out_of_the_editor_as_it_went_in(qapp: object, text: str, more: str, place: int) -> None:
    document = QTextDocument(text)
    document.setPlainText(text)
    assert with_ends(plain_text(document), text) == text
    cursor = QTextCursor(document)
    cursor.setPosition(min(place, max(document.characterCount() - 1, 0)))
    cursor.insertText(more)
    changed = with_ends(plain_text(document), text)
    assert re.sub(r"\r\n|[\r\u2029]", "\n", changed) == plain_text(document)

"""Back and forward through what was selected and opened."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from niceml_gui.trail import Place
from niceml_gui.values import Focus


@pytest.fixture
def trail(session):
    session.trail.clear()
    return session.trail


def test_back_and_forward_go_through_keys_and_files(session, trail, qtbot):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file, line)))
    job = session.selection.job
    session.set_focus(key="train.epochs")
    session.open_source("/a.yaml", 3)
    session.set_focus(key="train.sizes")
    assert trail.places == (
        Place(job, Focus("train.epochs")),
        Place(job, file="/a.yaml", line=3),
        Place(job, Focus("train.sizes")),
    )
    trail.back()
    assert opened[-1] == ("/a.yaml", 3)
    trail.back()
    assert session.focus.key == "train.epochs"
    assert not trail.can_go_back
    trail.forward()
    trail.forward()
    assert session.focus.key == "train.sizes"
    assert not trail.can_go_forward
    trail.back()
    session.open_source("/b.yaml")
    assert [place.file for place in trail.places] == ["", "/a.yaml", "/b.yaml"]


def test_keys_that_are_only_passed_are_not_kept(session, trail, qtbot):
    for key in "abc":
        session.set_focus(key=key)
    assert [place.focus.key for place in trail.places] == ["c"]
    qtbot.waitUntil(lambda: not trail._passing.isActive())
    session.set_focus(key="d")
    assert [place.focus.key for place in trail.places] == ["c", "d"]


def test_a_place_of_another_job_opens_it(session, trail, settle):
    first, other = session.selection.job, session.project.tree.jobs[1].file
    session.set_focus(key="train.epochs")
    session.open_source("/a.yaml", 3)
    session.open_job(other)
    session.open_source("/b.yaml", 1)
    settle(session)
    trail.back()
    assert session.selection.job == first
    settle(session)


def test_alt_and_the_arrows_walk_the_trail(window, session, qtbot):
    session.trail.clear()
    assert not window.commands.enabled("go.back")
    session.set_focus(key="train.epochs")
    session.open_source(session.selection.job, 2)
    assert window.commands.action("go.back").isEnabled()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert session.trail.can_go_forward
    compose = window.pages.currentWidget()
    assert compose.in_front(compose.drawing)


def test_the_palette_offers_what_the_workspace_can_do(window):
    names = {command.id for command in window.commands.all()}
    assert {"graph.svg", "graph.merge", "compose.fold", "go.back"} <= names

"""Every state that the window can be in, looked through for what should not be there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from niceml_gui.theme import theme
from tests.gallery.audit import cut_off, nameless, unseen_focus
from tests.gallery.contrast import weak
from tests.gallery.projects import EPOCHS, FAILING, build, past, run_program, train
from tests.gallery.scenes import all_scenes
from tests.gallery.stage import LARGE, SMALL, Stage

PATIENCE_S = 5.0
Look = Callable[[Stage], Iterable[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects for all scenes, the first with runs, one of which failed."""
    made = build(tmp_path_factory.mktemp("projects"))
    past(made)
    short = (f"{EPOCHS}=1", EPOCHS.replace("epochs", "steps_per_epoch=5"))
    train(made, short, (*FAILING, *short))
    run_program(made)
    return made


@pytest.fixture
def stage(clean: None, folder: Path, qapp: QApplication) -> Iterator[Stage]:
    made = Stage(folder)
    yield made
    made.close()


def found(stage: Stage, look: Look) -> list[str]:
    """What is wrong in any scene that takes no time to play."""
    wrong: list[str] = []
    for project, scenes in groupby(all_scenes(), key=lambda one: one.project):
        stage.open(project)
        for scene in scenes:
            if not scene.slow:
                for _ in scene.play(stage):
                    stage.settle()
                    wrong += (f"{scene.name}: {one}" for one in lasting(stage, look))
                stage.clear()
    return wrong


def lasting(stage: Stage, look: Look) -> list[str]:
    """What is wrong and stays so; what is still being laid out may be for a moment."""
    wrong: list[str] = []

    def nothing() -> bool:
        wrong[:] = dict.fromkeys(look(stage))
        return not wrong

    with contextlib.suppress(TimeoutError):
        stage.wait("nothing wrong", nothing, PATIENCE_S)
    return wrong


def in_both_sizes(stage: Stage) -> Iterator[str]:
    for size in (SMALL, LARGE):
        stage.resize(size)
        for top in stage.shown():
            yield from nameless(top)
            yield from cut_off(top)
    yield from unseen_focus(stage.shown()[-1])


@pytest.mark.timeout(600)
def test_nothing_is_nameless_or_cut_off_and_focus_is_seen(stage: Stage) -> None:
    assert "\n".join(found(stage, in_both_sizes)) == ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_all_that_is_read_stands_out(stage: Stage, dark: bool) -> None:
    theme().set_dark(dark)
    stage.resize(LARGE)
    assert "\n".join(found(stage, lambda stage: weak(stage.front()))) == ""

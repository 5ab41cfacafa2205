"""What the window is shown in: each scene brings it into one state, which the next one need not know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.gallery.projects import DIGITS
from tests.gallery.stage import Stage

Play = Callable[[Stage], Iterator[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A state of the window.

    Attributes:
        name: Of its pictures.
        play: Brings the stage into the state, yields, and takes back what `Stage.clear` does not.
        project: Which one is open; empty for none.
        run: Whether the project must hold runs.
        slow: Whether it takes long to play, because something is trained.
    """

    name: str
    play: Play
    project: str
    run: bool
    slow: bool


SCENES: list[Scene] = []


def scene(name: str, *, project: str = DIGITS, run: bool = False, slow: bool = False) -> Callable[[Play], Play]:
    """Makes a function that yields once a scene."""

    def add(play: Play) -> Play:
        SCENES.append(Scene(name, play, project, run, slow))
        return play

    return add


def all_scenes() -> list[Scene]:
    """Every scene, those of a project together."""
    from tests.gallery import scenes_compare, scenes_compose, scenes_others, scenes_remote  # noqa: F401  they add theirs

    order = list(dict.fromkeys(one.project for one in SCENES))
    return sorted(SCENES, key=lambda one: order.index(one.project))

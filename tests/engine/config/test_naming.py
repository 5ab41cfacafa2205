"""What a `_target_` in a text may go on with, whatever is composed; nothing of the project is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.code.naming import names
from niceml_engine.config.projects.project import Setting
from niceml_engine.descriptions import Name

SHAPES = '''
import json
from dataclasses import dataclass
from shop.paint import Red

raise RuntimeError("this module must never run")


class Shape: ...


class Circle(Shape):
    """A circle."""


class _Hidden(Shape): ...


@dataclass
class Plate:
    top: Shape
    rest: list[Shape]
    size: int = 3


def total(values): ...
'''


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    monkeypatch.setattr("niceml_engine.config.code.fitting.SECONDS", 120.0)
    monkeypatch.setattr("niceml_engine.config.code.naming.SECONDS", 120.0)
    package = tmp_path / "shop"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("from shop.shapes import Circle\n")
    (package / "shapes.py").write_text(SHAPES)
    (package / "paint.py").write_text("class Red: ...\n")
    (package / "_secret.py").touch()
    (package / "broken.py").write_text("class Half(:\n")
    (package / "deep" / "__init__.py").touch()
    return Setting(tmp_path)


def test_what_an_argument_asks_for_is_named(setting: Setting) -> None:
    found = names(setting, "shop.shapes.Plate", "top", "", items=False)
    assert found == (Name("shop.shapes.Circle", "A circle."), Name("shop.shapes.Shape"))
    assert names(setting, "shop.shapes.Plate", "rest", "", items=True) == found
    assert names(setting, "shop.shapes.Plate", "size", "", items=False) == ()
    assert names(setting, "shop.shapes.Nothing", "top", "", items=False) == ()


def test_a_package_tells_its_modules_and_what_it_passes_on(setting: Setting) -> None:
    assert names(setting, "", "", "shop", items=False) == (
        *(Name(f"shop.{name}", module=True) for name in ("broken", "deep", "paint", "shapes")),
        Name("shop.Circle", "A circle."),
    )
    inside = [one.name for one in names(setting, "", "", "shop.shapes", items=False)]
    assert inside == [f"shop.shapes.{name}" for name in ("Shape", "Circle", "Plate", "total")]


@pytest.mark.parametrize(
    "package", ["shop.nothing", "nothing", "shop.broken", "shop.shapes.Circle", "a..b", "sys", "."]
)
def test_of_what_cannot_be_read_nothing_is_told(setting: Setting, package: str) -> None:
    assert names(setting, "", "", package, items=False) == ()


def test_an_installed_package_that_loads_lazily_is_read_by_its_modules(setting: Setting) -> None:
    found = {one.name for one in names(setting, "", "", "sklearn.linear_model", items=False)}
    assert "sklearn.linear_model.LinearRegression" in found


def test_without_a_name_the_projects_own_code_is_told(setting: Setting) -> None:
    found = [one.name for one in names(setting, "", "", "", items=False)]
    assert {"shop.shapes.Circle", "shop.shapes.total", "shop.paint.Red"} <= {*found}
    assert "shop.shapes._Hidden" not in found

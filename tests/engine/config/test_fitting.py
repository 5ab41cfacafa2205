"""What may stand as a `_target_` is found in source text, with what choosing it changes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from niceml_engine.config.code.fitting import fitting, taking
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.descriptions import Candidate, Fitting
from niceml_engine.values import Selection
from tests.engine.projects import CONFIGS, TRAIN, copy_project

CODE = '''
from abc import ABC, abstractmethod
from dataclasses import dataclass
import tensorflow as tf

raise RuntimeError("this module must never run")


class Shape(ABC):
    @abstractmethod
    def area(self): ...


class Round(Shape, ABC):
    """Has no corners."""


@dataclass
class Circle(Round):
    """A circle."""

    radius: float
    color: str = "red"

    def area(self): ...


class _Hidden(Circle): ...


class Net(tf.keras.Model):
    def __init__(self, units=3): ...


def total(values, weight=1): ...


def mean(values): ...


def other(text): ...
'''
MORE = '''
from shop.shapes import Circle as Base


class Dot(Base):
    """Hardly there."""

    def __init__(self, color: str, size: int): ...
'''
JOB = """\
shape: {_target_: shop.shapes.Circle, radius: 2, color: blue}
net: {_target_: shop.shapes.Net, units: 5}
sum: {_target_: shop.shapes.total, _partial_: true}
plain: {a: 1}
list:
  - {_target_: shop.shapes.Circle, radius: 1}
"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found must not hang on how busy the machine is."""
    monkeypatch.setattr("niceml_engine.config.code.fitting.SECONDS", 120.0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "shapes.py").write_text(CODE)
    (package / "more.py").write_text(MORE)
    (package / "test_more.py").write_text(MORE.replace("Dot", "Tested"))
    (tmp_path / "job.yaml").write_text(JOB)
    return tmp_path


def fits(project: Path, key: str, *overrides: str) -> Fitting:
    return fit(Composer(Setting(project)), Selection(str(project / "job.yaml"), overrides), key)


def fit(composer: Composer, selection: Selection, key: str) -> Fitting:
    return fitting(composer.compose, composer.setting, selection, key)


def by_name(found: Fitting) -> dict[str, Candidate]:
    return {one.target: one for one in found.candidates}


def test_classes_that_share_the_base_fit_and_say_what_falls_away(project: Path) -> None:
    found = by_name(fits(project, "shape"))
    assert list(found) == ["shop.shapes.Circle", "shop.more.Dot"], "neither abstract, hidden nor test classes"
    dot = found["shop.more.Dot"]
    assert (dot.doc, dot.own, Path(dot.file).name) == ("Hardly there.", True, "more.py")
    assert (dot.dropped, dot.needed) == (("radius",), ("size",))
    assert dot.overrides == ("shape._target_=shop.more.Dot", "~shape.radius", "+shape.size=???")
    assert found["shop.shapes.Circle"].overrides == ()


def test_of_a_class_that_is_named_it_is_told_what_it_changes_whether_it_fits_or_not(project: Path) -> None:
    composer, job = Composer(Setting(project)), str(project / "job.yaml")

    def take(target: str, *overrides: str) -> Candidate:
        (one,) = taking(composer.compose, composer.setting, Selection(job, overrides), "shape", target).candidates
        return one

    named = by_name(fits(project, "shape"))["shop.more.Dot"]
    for overrides in ((), ("shape._target_=shop.more.Dot",), named.overrides):
        one = take("shop.more.Dot", *overrides)
        assert (one.dropped, one.needed, one.overrides) == (named.dropped, named.needed, named.overrides)
    assert take("shop.shapes.Circle", *named.overrides).overrides == ()
    unknown = take("nowhere.Thing", *named.overrides)
    assert (unknown.dropped, unknown.overrides) == ((), ("shape._target_=nowhere.Thing",))


def test_classes_below_src_are_named_as_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / ".niceml").mkdir()
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "shapes.py").write_text(CODE)
    (package / "more.py").write_text(MORE)
    (tmp_path / "job.yaml").write_text(JOB)
    composer = Composer(Setting(tmp_path, python_path=(tmp_path, tmp_path / "src")))
    found = fit(composer, Selection(str(tmp_path / "job.yaml")), "shape")
    assert list(by_name(found)) == ["shop.shapes.Circle", "shop.more.Dot"]


def test_choosing_composes_and_choosing_back_leaves_nothing(project: Path) -> None:
    composer, job = Composer(Setting(project)), str(project / "job.yaml")
    before = ("plain.a=2", "shape.radius=5", "+shape.extra=1")
    there = by_name(fits(project, "shape", *before))["shop.more.Dot"].overrides
    assert there == ("plain.a=2", "shape._target_=shop.more.Dot", "~shape.radius", "+shape.size=???")
    shape = {"_target_": "shop.more.Dot", "color": "blue", "size": "???"}
    assert OmegaConf.to_container(composer.config(Selection(job, there)).shape) == shape
    back = by_name(fits(project, "shape", *there))["shop.shapes.Circle"]
    assert (back.overrides, back.dropped) == (("plain.a=2",), ())
    assert composer.config(Selection(job, back.overrides)).shape.radius == 2


def test_a_lazily_loaded_base_is_said_and_the_projects_own_still_fit(project: Path) -> None:
    found = fits(project, "net")
    assert list(by_name(found)) == ["shop.shapes.Net"]
    assert "tensorflow.keras.Model cannot be told by reading" in found.reason


def test_functions_fit_that_need_the_same_arguments(project: Path) -> None:
    assert list(by_name(fits(project, "sum"))) == ["shop.shapes.mean", "shop.shapes.total"]


def test_what_stands_in_a_list_is_changed_where_it_stands(project: Path) -> None:
    dot = by_name(fits(project, "list[0]"))["shop.more.Dot"]
    assert dot.overrides == ("list.0._target_=shop.more.Dot", "~list.0.radius", "+list.0.color=???", "+list.0.size=???")
    again = by_name(fits(project, "list[0]", *dot.overrides))["shop.more.Dot"]
    assert again.overrides == dot.overrides, "what was chosen before is no part of the choice"


def test_where_nothing_can_be_chosen_it_says_why(project: Path) -> None:
    assert "cannot name it" in fits(project, "a[0]b").reason
    assert "neither a declaration" in fits(project, "plain").reason
    assert "does not compose" in fits(project, "shape", "nothing=1").reason


def test_declared_fields_say_what_fits_in_the_project_and_in_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where the program is installed: from its checkout, no folder on the path of imports is the checkout.
    monkeypatch.setattr(sys, "path", [one for one in sys.path if Path(one).resolve() != CONFIGS.parent])
    root = copy_project(tmp_path)
    (root / "my").mkdir()
    (root / "my" / "net.py").write_text(
        "from niceml_engine.learning.models import SmallCnn\nclass Net(SmallCnn): ...\n"
    )
    loaded = set(sys.modules)
    composer, train = Composer(Setting(root)), Selection(str(root / TRAIN))
    model = fit(composer, train, "ops.train.config.model")
    assert model.expects == ("keras.models.Model", "niceml_engine.learning.models.Classifier")
    first = [one.target.rpartition(".") for one in model.candidates[:4]]
    assert [(package, name) for package, _, name in first] == [
        ("my.net", "Net"),
        *(("niceml_engine.learning.models", name) for name in ("Mlp", "MobileNetV2", "SmallCnn")),
    ]
    assert by_name(model)["niceml_engine.learning.models.Mlp"].dropped == ("filters",)
    assert "keras.models.Sequential" in by_name(model)
    optimizers = by_name(fit(composer, train, "ops.train.config.learner.optimizer"))
    assert {"keras.optimizers.SGD", "keras.optimizers.AdamW"} <= set(optimizers), "named in a docstring"
    augmentation = fit(composer, train, "ops.train.config.data_validation.augmentation").candidates[0]
    chosen = composer.config(Selection(train.job, augmentation.overrides)).ops.train.config.data_validation
    assert chosen.augmentation == {"_target_": "niceml_engine.data.pipeline.Augmentation"}
    tests = by_name(fit(composer, train, "ops.exptests.config.tests.model"))
    assert "niceml_engine.learning.exptests.FilesExist" in tests, "what can be called beside it"
    assert not {"keras", "tensorflow", "my"} & (set(sys.modules) - loaded)

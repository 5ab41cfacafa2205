"""Signatures are read from source; nothing is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from niceml_engine.config.code.signatures import Parameter, Signature, Unknown
from niceml_engine.config.code.targets import missing, signature

CODE = '''
import functools
from abc import ABC
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

raise RuntimeError("this module must never run")


class Base(ABC):
    def __init__(self, width: int, *sizes: int, depth: int | None = None, **more) -> None:
        """Makes one."""

    @classmethod
    def small(cls, factor: float = 0.5): ...

    @staticmethod
    def plain(a, /, b): ...


class Child(Base):
    """A child."""


class Empty: ...


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.5
    tags: list[str] = field(default_factory=list)
    count: ClassVar[int] = 0
    hidden: int = field(default=3, init=False)


@dataclass(kw_only=True)
class Pixel(Point):
    color: str


class Pair(NamedTuple):
    left: int
    right: str = "r"


def guess(one, two=2): ...


def wrapped_somehow(function): ...


@wrapped_somehow
def odd(one): ...


half = functools.partial(guess, two=3)
Renamed = Child
'''


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, ...]:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "code.py").write_text(CODE)
    (package / "__init__.py").write_text("from .code import Child as Offered, guess\nfrom shop.stars import *\n")
    (package / "stars.py").write_text("from .code import Empty\nfrom .loop import ring\n")
    (package / "loop.py").write_text("from .stars import ring\n")
    (package / "lazy.py").write_text("def __getattr__(name):\n    return 1\n")
    (package / "broken.py").write_text("def f(:\n")
    return (tmp_path,)


def names(found: Signature | Unknown | None) -> list[str]:
    assert isinstance(found, Signature), found
    return [parameter.name for parameter in found.parameters]


def test_parameters_carry_kind_default_and_annotation(project: tuple[Path, ...]) -> None:
    found = signature("shop.code.Base", project)
    assert isinstance(found, Signature)
    assert found.parameters == (
        Parameter("width", "any", None, "int"),
        Parameter("sizes", "args", "()", "int"),
        Parameter("depth", "keyword", "None", "int | None"),
        Parameter("more", "kwargs", "{}", ""),
    )
    assert [parameter.required for parameter in found.parameters] == [True, False, False, False]
    assert found.accepts("anything")
    assert (Path(found.file).name, found.doc) == ("code.py", "Makes one.")


def test_names_are_followed_to_where_they_are_defined(project: tuple[Path, ...]) -> None:
    for target in ("shop.Offered", "shop.code.Renamed", "shop.code.Child"):
        found = signature(target, project)
        assert names(found)[0] == "width"
        assert isinstance(found, Signature)
        assert (found.name, found.target, found.doc) == ("shop.code.Child", target, "A child.")
    assert names(signature("shop.Empty", project)) == []
    assert names(signature("shop.guess", project)) == ["one", "two"]
    assert names(signature("shop.code.Child.small", project)) == ["factor"]
    assert names(signature("shop.code.Base.plain", project)) == ["a", "b"]


def test_a_name_that_a_module_does_not_offer_to_a_star_is_not_looked_for_in_it(tmp_path: Path) -> None:
    package = tmp_path / "pk"
    (package / "train").mkdir(parents=True)
    (package / "__init__.py").write_text("from pk.units import *\nfrom pk.more import *\n")
    (package / "units.py").write_text('__all__ = ["convert"]\n\n\ndef convert(x):\n    return globals()[x]\n')
    (package / "more.py").write_text('__all__ = ["a"]\n__all__.extend(["b"])\n\n\ndef a(x): ...\ndef b(y): ...\n')
    (package / "train" / "__init__.py").write_text("from .nets import *\nfrom .schedule import *\n")
    (package / "train" / "nets.py").write_text("class Net:\n    def __init__(self, width: int = 3): ...\n")
    (package / "train" / "schedule.py").write_text("x = 1\n")
    assert names(signature("pk.train.Net", (tmp_path,))) == ["width"]
    assert names(signature("pk.convert", (tmp_path,))) == ["x"]
    assert names(signature("pk.b", (tmp_path,))) == ["y"], "what is added to the list may be anything"
    assert signature("pk.c", (tmp_path,)) is None


def test_made_constructors_are_read_from_their_fields(project: tuple[Path, ...]) -> None:
    assert names(signature("shop.code.Point", project)) == ["x", "y", "tags"]
    pixel = signature("shop.code.Pixel", project)
    assert names(pixel) == ["x", "y", "tags", "color"]
    assert isinstance(pixel, Signature)
    assert pixel.parameters[-1] == Parameter("color", "keyword", None, "str")
    assert names(signature("shop.code.Pair", project)) == ["left", "right"]


@pytest.mark.parametrize(
    "target",
    ["shop.lazy.Thing", "shop.code.half", "shop.code.odd", "shop.broken.f", "shop.ring", "math.sqrt", "builtins.dict"],
)
def test_where_reading_cannot_tell_it_says_so(target: str, project: tuple[Path, ...]) -> None:
    assert isinstance(signature(target, project), Unknown)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere.Thing", "no module `nowhere`"),
        ("shop.code.Chidl", "did you mean `Child`"),
        ("shop.code", "is a module"),
        ("shop.code.Base.smal", "did you mean `small`"),
        ("shop..x", "no dotted name"),
    ],
)
def test_what_does_not_exist_is_named(target: str, words: str, project: tuple[Path, ...]) -> None:
    assert signature(target, project) is None
    assert words in missing(target, project)


def test_installed_packages_are_read_without_importing_them() -> None:
    program = (
        "import sys; from niceml_engine.config.code.targets import signature as s;"
        "found = s('keras.layers.Dense');"
        "print(found.name, found.parameters[0].name, type(s('tensorflow.keras.layers.Dense')).__name__);"
        "print(sorted({'keras', 'tensorflow', 'dagster'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["keras.src.layers.core.dense.Dense units Unknown", "[]"]


def test_packages_without_init_are_read_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "plain" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "plain" / "deep" / "er" / "code.py").write_text("from ..near import Base\nclass C(Base): ...\n")
    (tmp_path / "plain" / "deep" / "near.py").write_text("class Base:\n    def __init__(self, width): ...\n")
    found = signature("plain.deep.er.code.C", (tmp_path,))
    assert names(found) == ["width"]
    assert isinstance(found, Signature)
    assert found.name == "plain.deep.er.code.C"
    assert "plain.deep.er.cod" in missing("plain.deep.er.cod", (tmp_path,))


def test_a_changed_file_is_read_again(project: tuple[Path, ...]) -> None:
    file = project[0] / "shop" / "mine.py"
    file.write_text("def f(a): ...\n")
    assert names(signature("shop.mine.f", project)) == ["a"]
    file.write_text("def f(a, b): ...\n")
    assert names(signature("shop.mine.f", project)) == ["a", "b"]

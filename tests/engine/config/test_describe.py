"""What is known of values is read from declarations, signatures and docstrings; nothing is imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from niceml_engine.config.code.bounds import Bounds
from niceml_engine.config.code.describe import describe
from niceml_engine.config.code.documented import argument_docs, stated_bounds
from niceml_engine.config.code.targets import Reader
from niceml_engine.config.code.wanted import wanted
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.descriptions import Described, Description
from niceml_engine.values import Composed, Selection
from tests.engine.config.reference import write
from tests.engine.projects import TRAIN, compose, copy_project

CODE = '''
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

from annotated_types import Ge, Interval
from .other import Size as Big, Speed

raise RuntimeError("this module must never run")

Mode = Literal["fast", "good"]


class Color(Enum):
    RED = 1
    BLUE = 2


class Loud(StrEnum):
    LOW = auto()
    HIGH = "high!"


@dataclass
class Inner:
    depth: Annotated[int, Ge(2)] = 3


@dataclass
class Shop:
    """A shop.

    Attributes:
        name: What it says above the door.
        share: Part of the town, 0 to 1.
        inner: A room.
    """

    name: str
    share: float = 0.5
    mode: Mode = "fast"
    color: Color = Color.RED
    loud: Optional[Loud] = None
    size: Big = "s"
    count: Annotated[int, Interval(gt=0, le=9)] = 1
    folder: Path | None = None
    rooms: dict[str, Inner] | None = None
    room: Inner | None = None
    inner: Inner | None = None
    "Its only room."
    sizes: tuple[int, ...] = ()
    either: int | float = 1
    anything: Any = None


def numpy_style(rate, mode="a", plain=1):
    """Does it.

    Parameters
    ----------
    rate : int or None, default=5
        Must be > 0.
    mode : {"a", "b"}, default="a"
        How.
    """


def sphinx_style(rate):
    """Does it.

    :param rate: Calls a second, at least 2.
    :type rate: int
    """
'''

JOB = """\
shop:
  _target_: shop.code.Shop
  name: "here"
  share: 0.25
  mode: good
  color: BLUE
  loud: null
  size: m
  count: 4
  folder: ./data
  rooms:
    cellar: {depth: 4}
  inner: {depth: 2}
  room: null
  sizes: [1, 2]
  either: 2
  anything: 7
numpy: {_target_: shop.code.numpy_style, _partial_: true, rate: 7, mode: b, plain: 3}
sphinx: {_target_: shop.code.sphinx_style, rate: 5}
rooms:
  - {_target_: shop.code.Inner, depth: 9}
gone: {_target_: nowhere.Thing, x: 1}
out: https://example.org/x
text: "two\\nlines"
password: hunter2
found: ${shop.share}
wanted: ???
big: 1e-3
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "data").mkdir()
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "code.py").write_text(CODE)
    (package / "other.py").write_text('from typing import Literal\nSize = Literal["s", "m"]\nSpeed = int\n')
    (tmp_path / "job.yaml").write_text(JOB)
    return tmp_path


def composed(project: Path) -> Composed:
    return Composer(Setting(project)).compose(Selection(str(project / "job.yaml")))


@pytest.fixture
def known(project: Path) -> Description:
    return describe(composed(project), Setting(project))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("name", Described("text", "text", doc="What it says above the door.")),
        ("share", Described("float", "float 0…1", least=0, most=1, default="0.5", doc="Part of the town, 0 to 1.")),
        ("mode", Described("text", "fast | good", choices=("fast", "good"), default="'fast'")),
        ("color", Described("text", "RED | BLUE", choices=("RED", "BLUE"), default="Color.RED")),
        ("loud", Described("text", "low | high!", nullable=True, choices=("low", "high!"), default="None")),
        ("size", Described("text", "s | m", choices=("s", "m"), default="'s'")),
        ("count", Described("int", "int 1…9", least=1, most=9, default="1")),
        ("folder", Described("path", "path", nullable=True, default="None", exists=True)),
        ("rooms.cellar.depth", Described("int", "int ≥ 2", least=2, default="3")),
        ("room", Described(type="Inner", nullable=True, default="None", classes=("shop.code.Inner",))),
        ("inner.depth", Described("int", "int ≥ 2", least=2, default="3")),
        ("sizes", Described("list", "list[int]", items="int", default="()")),
        ("either", Described("float", "float", default="1")),
        ("anything", Described("float", "int", nullable=True, default="None")),
    ],
)
def test_arguments_are_known_by_their_annotation_and_docstring(
    known: Description, key: str, expected: Described
) -> None:
    found = known.values[f"shop.{key}"]
    owner = "Inner" if key.endswith("depth") else "Shop"
    assert found.owner == f"shop.code.{owner}"
    assert (
        Described(**{name: getattr(found, name) for name in expected.__struct_fields__ if name != "owner"}) == expected
    )


def test_the_styles_of_docstrings_tell_types_bounds_and_choices(known: Description) -> None:
    rate, mode, plain = (known.values[f"numpy.{name}"] for name in ("rate", "mode", "plain"))
    assert (rate.kind, rate.nullable, rate.least, rate.least_open, rate.doc) == ("int", True, 0, True, "Must be > 0.")
    assert (mode.choices, mode.doc) == (("a", "b"), "How.")
    assert (plain.kind, plain.type) == ("float", "int"), "an unannotated 3 may become 3.5"
    assert (known.values["sphinx.rate"].type, known.values["sphinx.rate"].least) == ("int ≥ 2", 2)


def test_values_without_a_target_are_known_by_themselves(known: Description) -> None:
    kinds = {key: known.values[key].kind for key in ("out", "text", "found", "big", "gone.x", "wanted")}
    assert kinds == {
        "out": "url", "text": "lines", "found": "float", "big": "float", "gone.x": "float", "wanted": "any"
    }  # fmt: skip
    assert known.values["password"].secret
    assert known.values["numpy._partial_"].kind == "bool"
    assert known.values["rooms[0].depth"].least == 2


def test_a_target_is_known_by_signature_docstring_and_what_else_it_takes(known: Description) -> None:
    shop, inner = known.targets["shop"], known.targets["rooms[0]"]
    assert (shop.doc, Path(shop.file).name, shop.absent) == ("A shop.", "code.py", ())
    assert shop.signature.startswith("Shop(name: str, share: float=0.5, mode: Mode='fast'")
    assert inner.signature == "Inner(depth: Annotated[int, Ge(2)]=3)"
    assert [one.name for one in known.targets["sphinx"].absent] == []
    assert "no module `nowhere`" in known.targets["gone"].reason


def test_arguments_that_are_not_given_can_be_added(project: Path) -> None:
    (project / "job.yaml").write_text("shop: {_target_: shop.code.Shop}\n")
    absent = describe(composed(project), Setting(project)).targets["shop"].absent
    assert [(one.name, one.type, one.default) for one in absent][:2] == [
        ("name", "text", None),
        ("share", "float", "0.5"),
    ]
    assert next(one.doc for one in absent if one.name == "inner") == "Its only room."


def test_a_changed_source_is_read_again(project: Path) -> None:
    before = describe(composed(project), Setting(project)).values["shop.count"].most
    (project / "shop" / "code.py").write_text(CODE.replace("le=9", "le=90"))
    assert (before, describe(composed(project), Setting(project)).values["shop.count"].most) == (9, 90)


def test_the_sample_job_is_known_by_its_declared_fields_and_its_code(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    loaded = set(sys.modules)
    known = describe(compose(root, TRAIN), Setting(root))
    train = {key.removeprefix("ops.train.config."): value for key, value in known.values.items()}
    assert train["train_params.epochs"].type == "int ≥ 1"
    assert train["train_params.epochs"].owner == "op train"
    assert train["model.dropout"].type == "float 0…1"
    assert train["model.output"].choices == ("sigmoid", "softmax")
    assert train["learner.optimizer.learning_rate"].doc.startswith("A float")
    assert not {"keras", "tensorflow", "sklearn"} & (set(sys.modules) - loaded)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("Float between 0 and 1. Fraction of the units.", Bounds(0, 1)),
        ("Part that is dropped, 0 to 1.", Bounds(0, 1)),
        ("Positive integer, dimensionality of the output.", Bounds(1)),
        ("Non-negative float.", Bounds(0)),
        ("in [0, 1)", Bounds(0, 1, most_open=True)),
        ("in the range (0, inf)", Bounds(0, least_open=True)),
        ("`>= 1`", Bounds(1)),
        ("At most 5.", Bounds(most=5)),
        ("Must be ≤ 5.", Bounds(most=5)),
        ("at least 1, or -1 for all", Bounds()),
        ("Rotates by 3 to 5 degrees", Bounds()),
        ("at least 50% of them", Bounds()),
        ("A number.", Bounds()),
    ],
)
def test_bounds_are_taken_from_plain_words_only(text: str, bounds: Bounds) -> None:
    assert stated_bounds(text) == bounds


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("PositiveInt", ("int", (1, None), ())),
        ("conint(ge=2, lt=5)", ("int", (2, 4), ())),
        ("Annotated[float, Field(gt=0)]", ("float", (0, None), ())),
        ("Literal['a'] | int", ("any", (None, None), ())),
        ("Literal['a', None] | Literal[3]", ("any", (None, None), ("a", 3))),
        ("Union[int, str]", ("any", (None, None), ())),
        ("'int | None'", ("int", (None, None), ())),
        ("Mapping[str, list[int]]", ("mapping", (None, None), ())),
        ("tuple[int, str]", ("list", (None, None), ())),
        ("HttpUrl", ("url", (None, None), ())),
        ("os.PathLike[str]", ("path", (None, None), ())),
        ("Callable[[int], str]", ("any", (None, None), ())),
        ("not an annotation", ("any", (None, None), ())),
    ],
)
def test_annotations_say_how_a_value_is_edited(annotation: str, expected: tuple[object, ...]) -> None:
    found = wanted(annotation, "", Reader(()))
    assert (found.kind, (found.bounds.least, found.bounds.most), found.choices) == expected


def test_choices_with_something_else_beside_them_do_not_close_a_field() -> None:
    text = 'F.\n\nParameters\n----------\nm : {"sqrt", "log2"}, int or float\n    Features.\n'
    assert wanted(argument_docs([text])["m"].type, "", Reader(())).choices == ()


def test_a_value_whose_key_is_that_of_a_group_is_set_by_no_override(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "db: ???\nrate: 1\nsub:\n  db: ???\nserver: {n: 1}\n"})
    write(tmp_path, {"db/pg.yaml": "port: 1\n", "server/s.yaml": "n: 2\n"})
    composer = Composer(Setting(tmp_path))
    composed = composer.compose(Selection(str(tmp_path / "job.yaml")))
    values = describe(composed, composer.setting).values
    assert {key for key, one in values.items() if one.unnamed} == {"db"}
    for key in ("rate", "sub.db", "server.n"):
        assert composer.compose(Selection(composed.selection.job, (f"{key}=9",))).error is None


def test_what_no_override_can_name_is_said(tmp_path: Path) -> None:
    text = 'a.b: 1\na: {b: 2, "c d": 3, e-f: 4, 7: 5}\n"g h": {i: 6, j: [{k: 1}]}\n模型: 7\n$l: 8\n'
    (tmp_path / "job.yaml").write_text(text)
    composer = Composer(Setting(tmp_path))
    composed = composer.compose(Selection(str(tmp_path / "job.yaml")))
    values = describe(composed, composer.setting).values
    unnamed = {key for key, one in values.items() if one.unnamed}
    assert unnamed == {"a.b", "a.c d", "a.7", "g h.i", "g h.j", "g h.j[0].k", "模型"}
    for key in values.keys() - unnamed:
        override = Selection(composed.selection.job, (f"{key}=9",))
        assert composer.compose(override).error is None, key

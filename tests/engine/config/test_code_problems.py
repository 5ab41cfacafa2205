"""What the project's code settles counts in what is told: packages, arguments, types and values that it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Selection
from tests.engine.config.broken import SHOP, found, look
from tests.engine.config.reference import write


def test_a_package_of_which_nothing_is_here_may_be_installed_where_the_project_runs(tmp_path: Path) -> None:
    targets = (
        "nowhere.Thing",
        "space.more.Thing",
        "some_lib.nets.Net",
        "space.other.Thing",
        "stated_lib.Net",
        "some_lib.x",
    )
    text = "".join(f"k{number}:\n  _target_: {target}\n" for number, target in enumerate(targets))
    code = "def f():\n    from some_lib.nets import Net\nimport space.more\n"
    write(tmp_path, {**SHOP, "shop.py": code, "space/own/a.py": "", "job.yaml": text})
    (tmp_path / "requirements.txt").write_text("stated-lib>=3\n")
    problems = look(tmp_path)
    assert found(problems) == [
        ("error", "unknown-target", "k3._target_", "job.yaml", 8),
        ("warning", "unknown-target", "k0._target_", "job.yaml", 2),
        ("warning", "unknown-target", "k1._target_", "job.yaml", 4),
        ("warning", "unknown-target", "k2._target_", "job.yaml", 6),
        ("warning", "unknown-target", "k4._target_", "job.yaml", 10),
    ]
    assert "`some_lib` is not installed here, and 2 targets need it" in problems[3].message
    assert problems[3].details.splitlines() == ["k2._target_", "k5._target_"]
    write(tmp_path, {".niceml/project.yaml": "python: env/bin/python\n"})
    assert {one.severity for one in look(tmp_path)} == {"error"}, "whoever names an interpreter has said where to look"


def test_a_slip_in_the_name_of_an_own_package_names_that(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "b:\n  _target_: shopp.make\n  width: 1\n"})
    (problem,) = look(tmp_path)
    assert "`shopp` is not installed here, and a target needs it; did you mean `shop`?" in problem.message


def test_a_declared_job_runs_here_so_that_a_package_that_is_not_here_is_an_error(tmp_path: Path) -> None:
    job = "jobs/job_train/job.yaml"
    write(tmp_path, {**SHOP, "shop.py": "import nowhere\n", job: "b:\n  _target_: nowhere.Thing\n"})
    setting = Setting(tmp_path, config_dir=tmp_path)
    problems = check(Composer(setting).compose(Selection(str(tmp_path / job))), setting)
    assert ("error", "unknown-target") in {(one.severity, one.code) for one in problems}


def test_an_argument_that_code_may_take_out_is_a_warning_and_a_misspelled_one_an_error(tmp_path: Path) -> None:
    code = "def make(width): ...\n\ndef main(config):\n    config.pop('scale'); config.widht\n    scale.depth()\n"
    job = "_target_: shop.make\nwidth: 1\nscale: 2\nwidht: 3\ndepth: 4\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": job})
    assert found(look(tmp_path)) == [
        ("error", "unexpected-argument", "widht", "job.yaml", 4),
        ("error", "unexpected-argument", "depth", "job.yaml", 5),
        ("warning", "unexpected-argument", "scale", "job.yaml", 3),
    ]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("", "warning"),
        ("instantiate(config.net, width=len('a'))", "info"),
        ("hydra.utils.instantiate(config.net, (1, 2), lr=1)", "info"),
        ("instantiate(config.net, depth=2, *more, **given)", "warning"),
    ],
)
def test_an_argument_that_code_passes_when_it_instantiates_is_a_note(tmp_path: Path, code: str, severity: str) -> None:
    job = "net:\n  _target_: shop.make\n"
    write(tmp_path, {**SHOP, "shop.py": f"def make(width, *, depth=1): ...\n\n{code}\n", "job.yaml": job})
    assert found(look(tmp_path)) == [(severity, "missing-argument", "net._target_", "job.yaml", 2)]


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("group=group, name=name", True),
        ('group="net", name=name', True),
        ('group="net", name=f"{name}_x"', True),
        ('group="other", name=name', False),
        ("name=name", False),
        ('group="net", name="known"', False),
    ],
)
def test_a_config_that_code_may_store_under_a_computed_name_is_said_to_be_perhaps_there(
    tmp_path: Path, store: str, told: bool
) -> None:
    head = "from hydra.core.config_store import ConfigStore\n\n"
    code = f"{head}def add(group, name, node):\n    ConfigStore.instance().store({store}, node=node)\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": "defaults: [net: cnn]\n"})
    (problem,) = [one for one in look(tmp_path) if one.severity == "error"]
    assert problem.code == "missing-option"
    assert ("unless shop.py:4 stores it, which only running the project's code tells" in problem.message) is told


def test_a_type_that_python_does_not_look_at_is_a_warning(tmp_path: Path) -> None:
    code = "def make(flags: dict[str, bool], sizes: list[int], rank: int, many: list[int], rate: int = 0.5): ...\n"
    job = "_target_: shop.make\nflags:\n  b: true\n  a: b\nsizes: 3\nrank: null\nmany:\n- 1\n- x\nrate: 1.5\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": job})
    assert found(look(tmp_path)) == [  # not of `rate`, whose own default tells that its annotation is wrong
        ("warning", "wrong-type", "flags.a", "job.yaml", 4),
        ("warning", "wrong-type", "sizes", "job.yaml", 5),
        ("warning", "wrong-type", "rank", "job.yaml", 6),
        ("warning", "wrong-type", "many[1]", "job.yaml", 9),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "cfg.net.shape = [3, 4]\n",
        'cfg["net"]["shape"] = [3, 4]\n',
        "def make(shape, cfg):\n    cfg.shape = shape\n    return instantiate(cfg)\n",
        "instantiate(cfg.net, shape=[3, 4])\n",
        "hydra.utils.call(cfg.net, seed=1, shape=[3, 4])\n",
        'OmegaConf.update(cfg, "net.shape", [3, 4])\n',
    ],
)
def test_a_value_that_must_be_given_is_a_warning_where_the_projects_code_gives_it(tmp_path: Path, text: str) -> None:
    files = {**SHOP, "job.yaml": "net:\n  shape: ???\n  rate: ???\n", "own.py": text}
    write(tmp_path, files)
    shape, rate = sorted(look(tmp_path), key=lambda one: one.line)
    assert (shape.severity, shape.code, rate.severity) == ("warning", "missing-value", "error")
    assert shape.message.endswith("unless the project's code, which sets one of that name, gives it")
    write(tmp_path, {**files, "own.py": "class Net:\n    def __init__(self, shape):\n        self.shape = shape\n"})
    assert {one.severity for one in look(tmp_path)} == {"error"}

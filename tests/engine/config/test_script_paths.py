"""Where a script's config is, worked out from its text: through constants, functions and other modules."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.scripts import read_code, read_script
from niceml_engine.service.code_watch import CodeWatch
from niceml_engine.values import Program
from tests.engine.config.reference import write

BOMB = "raise SystemExit('this file must never be run')\n"
TREE = {
    "settings/launch.yaml": "defaults: [db: a, _self_]\n",
    "settings/db/a.yaml": "port: 1\n",
    "pyproject.toml": "",
    "pkg/__init__.py": BOMB,
    "pkg/cfgs/launch.yaml": "a: 1\n",
    "src/__init__.py": f"{BOMB}from src.places import _PROJECT_ROOT, Places\n",
    "src/places.py": f"{BOMB}from pathlib import Path\n_PROJECT_ROOT = Path(__file__).parents[1]\n"
    "class Places:\n    CONF = _PROJECT_ROOT / 'settings'\n",
    "scripts/paths.py": f"{BOMB}import os\nfrom src import _PROJECT_ROOT as ROOT\n"
    "def root():\n    '''The root.'''\n    return ROOT\nNAME = 'launch'\n",
    "scripts/loop.py": f"{BOMB}from scripts.loop import A as A\nB = B\nfrom scripts.pool import C\n",
    "scripts/pool.py": f"{BOMB}from scripts.loop import C\n",
}
CFG = "CFG = Path(__file__).parent.parent / 'settings' / 'launch.yaml'\n"


def script(before: str, path: str, name: str = "'launch'") -> str:
    return f"{BOMB}import hydra, os\nfrom pathlib import Path\n{before}\n" + (
        f"@hydra.main(version_base=None, config_path={path}, config_name={name})\ndef main(cfg): ...\n"
    )


def opened(root: Path, text: str) -> Program:
    """The program of `scripts/run.py`, as its project knows it."""
    write(root, TREE | {"scripts/run.py": text})
    return next(one for one in Layout.read(root).programs if one.file.endswith("run.py"))


@pytest.mark.parametrize(
    ("before", "path", "name"),
    [
        (CFG, "str(CFG.parent)", "CFG.stem"),
        (CFG, "str(CFG.parent)", "CFG.name"),
        ("HERE = os.path.dirname(__file__)", "os.path.join(HERE, os.pardir, 'settings')", "'launch'"),
        ("from os.path import join, pardir", "join(__file__, pardir, pardir, 'settings')", "'launch'"),
        ("class C:\n    D = '../settings'\n    N: str = 'launch'", "C.D", "C.N"),
        ("from scripts.paths import ROOT, NAME", "str(ROOT / 'settings')", "NAME"),
        ("from .paths import ROOT", "str(ROOT / 'settings')", "'launch'"),
        ("from . import paths", "str(paths.ROOT / 'settings')", "paths.NAME"),
        ("from paths import ROOT", "f'{ROOT}/settings'", "'launch'"),
        ("import scripts.paths as p", "str(p.ROOT / 'settings')", "p.NAME"),
        ("import scripts.paths", "str(scripts.paths.root() / 'settings')", "scripts.paths.NAME"),
        ("from scripts.paths import root", "str(root() / 'settings')", "'launch'"),
        ("from src import _PROJECT_ROOT", "str(_PROJECT_ROOT / 'settings')", "'launch'"),
        ("from src import Places", "str(Places.CONF)", "'launch'"),
        ("def root(): return Path(__file__).parent.parent", "str(root() / 'settings')", "'launch'"),
        ("root = lambda: Path(__file__).parent.parent", "str(root() / 'settings')", "'launch'"),
        ("", "os.path.join(os.getcwd(), 'settings')", "'launch'"),
        ("", "str(Path.cwd() / 'settings')", "'launch'"),
        ("", "os.path.abspath('settings')", "'launch'"),
        ("", "str(Path('settings').resolve())", "'launch'"),
        ("", "os.environ.get('D', '../settings')", "os.getenv('CFG', 'launch')"),
        ("", "os.environ.get('D', default='../settings')", "os.getenv('CFG') or 'launch'"),
        ("import pkg", "os.path.dirname(pkg.__file__) + '/../settings'", "'launch'"),
        ("", "__file__.rsplit('/', 1)[0] + '/../settings'", "'conf.launch'.split('.')[-1]"),
        ("", "os.path.split(__file__)[0] + '/../settings'", "os.path.splitext('launch.yaml')[0]"),
        ("import pyprojroot", "str(pyprojroot.here() / 'settings')", "'launch'"),
        ("from pyprojroot import here", "str(here('settings'))", "'launch'"),
    ],
)
def test_the_folder_of_a_script_is_worked_out_from_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, path: str, name: str
) -> None:
    monkeypatch.setenv("D", "/elsewhere")  # what is set here is not what is set where the project runs
    program = opened(tmp_path, script(before, path, name))
    assert (program.problem, program.job) == ("", str(tmp_path / "settings/launch.yaml"))


@pytest.mark.parametrize(
    "path",
    [
        "str(files('pkg').joinpath('cfgs'))",
        "str(files('pkg') / 'cfgs')",
        "str(resources.files(pkg) / 'cfgs')",
    ],
)
def test_the_files_of_a_package_of_the_project_are_found(tmp_path: Path, path: str) -> None:
    before = "from importlib.resources import files\nfrom importlib import resources\nimport pkg"
    assert opened(tmp_path, script(before, path)).job == str(tmp_path / "pkg/cfgs/launch.yaml")


@pytest.mark.parametrize(
    ("before", "path"),
    [
        ("", "os.path.join(os.getcwd(), 'nowhere')"),
        ("", "os.environ.get('D')"),
        ("from importlib.resources import files", "str(files('os') / 'cfgs')"),
        ("from importlib.resources import files", "str(files('../settings'))"),
        ("from scripts.loop import A", "A"),
        ("from scripts.loop import B", "B"),
        ("from scripts.loop import C", "C"),
        ("from scripts.nowhere import D", "D"),
        ("from scripts.paths import nothing", "nothing"),
        ("import numpy", "numpy.__file__ + numpy.pi"),
        ("from ..... import D", "D"),
        ("from . import *", "D"),
        ("import rootutils\nR = rootutils.find_root(R)", "R"),
        ("".join(f"X{n} = X{n + 1} + X{n + 1}\n" for n in range(18)) + "X18 = 'x'", "X0"),
        ("", "__file__.rsplit('/', 99999999999999999999)[99999999999999999999]"),
        ("", "str(Path(__file__).parents[99999999999999999999]) + x"),
        ("def f(): return f()", "f()"),
        ("def f(a): return 'settings'", "f(1)"),
    ],
)
def test_what_the_text_does_not_tell_is_said_to_be_so(tmp_path: Path, before: str, path: str) -> None:
    write(tmp_path, TREE | {"scripts/run.py": script(before, path)})
    (program,) = read_script(str(tmp_path / "scripts/run.py"), str(tmp_path)).programs
    assert "its config folder is only known when it runs" in program.problem


@pytest.mark.parametrize("path", ["os.path.join(os.getcwd(), 'settings')", "str(Path.cwd() / 'settings')"])
def test_a_script_that_lies_alone_is_opened_with_the_folder_that_it_means(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"settings/launch.yaml": "a: 1\n", "scripts/run.py": script("", path)})
    project = open_project(tmp_path / "scripts/run.py")
    assert (project.root, project.job) == (str(tmp_path), str(tmp_path / "settings/launch.yaml"))


def test_a_change_of_a_module_is_seen_in_the_scripts_that_take_texts_from_it(tmp_path: Path) -> None:
    write(tmp_path, {"paths.py": "D = 'one'\n", "run.py": script("from paths import D", "D")})
    assert read_script(str(tmp_path / "run.py")).programs[0].config_dir == str(tmp_path / "one")
    write(tmp_path, {"paths.py": "D = 'other'\n"})
    for _ in range(2):
        assert read_script(str(tmp_path / "run.py")).programs[0].config_dir == str(tmp_path / "other")


def test_a_module_that_says_where_configs_are_is_watched(tmp_path: Path) -> None:
    write(tmp_path, TREE | {"scripts/run.py": script("from scripts.paths import NAME", "'../settings'", "NAME")})
    watch = CodeWatch(Layout.read(tmp_path))
    assert watch.changed() == ()
    write(tmp_path, {"scripts/paths.py": "NAME = 'other'\n", "src/places.py": "X = 1\n"})
    assert watch.changed() == (str(tmp_path / "scripts/paths.py"),)  # nothing was taken from the other


@pytest.mark.parametrize(
    ("before", "base"),
    [
        ("import functools\nentry = functools.partial(hydra.main, version_base='1.2')", "1.2"),
        ("from functools import partial\nentry = partial(hydra.main, version_base='1.2', job=None)", "1.2"),
        ("from functools import partial\nentry = partial(partial(hydra.main, version_base='1.2'))", "1.2"),
        ("from functools import partial\nentry = partial(hydra.main)", "1.1"),
        ("entry = hydra.main", "1.1"),
        ("main = hydra.main\nentry = main", "1.1"),
        ("entry = entry", "1.1"),
    ],
)
@pytest.mark.parametrize("words", ["config_path='settings', config_name='launch'", "'settings', 'launch'"])
def test_another_name_for_what_starts_hydra_is_followed(tmp_path: Path, before: str, base: str, words: str) -> None:
    text = f"import hydra\n{before}\n@entry({words})\ndef main(cfg): ...\n"
    write(tmp_path, {"run.py": text})
    programs = read_script(str(tmp_path / "run.py")).programs
    if before == "entry = entry" and "=" not in words:
        assert not programs  # nothing tells what it is
        return
    (program,) = programs
    assert (program.config_dir, program.config_name) == (str(tmp_path / "settings"), "launch")
    assert (program.version_base, program.unversioned) == (base, base == "1.1")
    assert program.line == text.count("\n") - 1


WORDS = st.sampled_from(
    [
        "Path", "Path(__file__)", "Path.cwd()", "os.getcwd()", "os.pardir", "os.environ.get('A', X)", "X", "Y", "C.D",
        "f()", "f", "P", "paths.ROOT", "paths.f()", "files('paths')", "files(paths)", "here()", "paths.__file__",
        "__file__", "'settings'", "'/'", "'\\0'", "''", "None", "1", "-1", "entry", "hydra.main", "10**99",
        "rootutils.find_root(X)", "*X", "**X", "lambda: X", "lambda a: a", "{'config_path': X}", "[X]",
    ]
)  # fmt: skip
ENDS = st.sampled_from(
    [
        ".parent", ".parents[1]", ".parents[-1]", ".stem", ".name", "()", "[0]", "[-1]", "[9]", ".rsplit('/', 1)",
        ".rsplit('/', 1)[0]", ".split('')", ".split(X)[0]", ".joinpath(X)", ".resolve()", " / 'settings'", " + X",
        " or X", ".D", ".__file__", ".absolute()",
    ]
)  # fmt: skip
ODD = st.builds(lambda word, ends: word + "".join(ends), WORDS, st.lists(ENDS, max_size=4))
LINES = st.sampled_from(
    [
        "X = {}", "Y = {}", "P: str = {}", "class C:\n    D = {}", "def f(): return {}", "def f(*a): return {}",
        "entry = functools.partial({})", "entry = functools.partial(hydra.main, {})", "entry = {}",
        "from paths import X", "from .paths import *", "from . import paths as Y", "import paths.f as f",
        "@entry({})\ndef g(): ...", "@hydra.main({})\ndef g(): ...", "hydra.main(config_path={0}, config_name={0})",
        "hydra.initialize({})", "hydra.compose({})", "cs.store(name={0}, node={0})",
    ]
)  # fmt: skip
STATEMENTS = st.lists(st.builds(lambda line, odd: line.format(odd), LINES, ODD), max_size=8)
HEAD = (
    "import functools, hydra, os, paths, rootutils\nfrom importlib.resources import files\nfrom pathlib import Path\n"
    "from pyprojroot import here\n"
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=STATEMENTS, paths=STATEMENTS)
def test_odd_code_is_read_without_a_crash(run: list[str], paths: list[str]) -> None:
    with TemporaryDirectory() as folder:
        root = write(Path(folder), {"settings/launch.yaml": "a: 1\n"})
        write(root, {"paths.py": HEAD + "\n".join(paths), "run.py": HEAD + "\n".join(run)})
        for program in read_code(root).programs:
            assert program.config_dir == "" or os.path.isabs(program.config_dir)
        read_script(str(root / "run.py"))

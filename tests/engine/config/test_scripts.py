"""What the text of Python files says about Hydra; none of them is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.projects import scripts
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.scripts import read_code, read_script
from niceml_engine.errors import ProjectError
from niceml_engine.values import Program
from tests.engine.config.reference import write

BOMB = "raise SystemExit('this file must never be run')\n"


def programs(tmp_path: Path, text: str, name: str = "app/train.py") -> tuple[Program, ...]:
    write(tmp_path, {name: BOMB + text})
    return read_script(str(tmp_path / name)).programs


H = "import hydra\n"


@pytest.mark.parametrize(
    ("text", "folder", "name", "base"),
    [
        (H + "@hydra.main(version_base='1.3', config_path='../conf', config_name='a.yaml')\n", "conf", "a", "1.3"),
        ("import hydra as h\n@h.main('conf', 'a', None)\n", "app/conf", "a", None),
        ("from hydra import main as go\n@go(config_path='.', config_name='sub/a')\n", "app", "sub/a", "1.1"),
        (H + "@hydra.main()\n", "app", "", "1.1"),
        (H + "@hydra.main(version_base='1.2', config_name='a')\n", "", "a", "1.2"),
        (H + "@hydra.main(None, config_name='a')\n", "", "a", "1.1"),
        (H + "B = '1.2'\nN: str = 'a' + 'b'\n@hydra.main(f'{B}x', N, version_base=B)\n", "app/1.2x", "ab", "1.2"),
        (
            "import os, hydra\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
            "@hydra.main(config_path=os.path.join(HERE, 'conf'), config_name='a')\n",
            "app/conf",
            "a",
            "1.1",
        ),
        (
            "from pathlib import Path\nimport hydra\nROOT = Path(__file__).resolve().parents[1]\n"
            "@hydra.main(config_path=str(ROOT / 'conf'), config_name='a')\n",
            "conf",
            "a",
            "1.1",
        ),
        (
            H + "P = {'config_path': 'conf', 'config_name': 'a'}\n@hydra.main(**P, version_base='1.3')\n",
            "app/conf",
            "a",
            "1.3",
        ),
        (H + "P = dict(config_name='a')\n@hydra.main('conf', **P)\n", "app/conf", "a", "1.1"),
        (H + "@hydra.main(config_path='conf/sub/a.yaml')\n", "app/conf/sub", "a", "1.1"),
        (H + "@hydra.main(config_path='..\\\\conf', config_name='a', version_base=None)\n", "conf", "a", None),
        (
            "import hydra, rootutils\nROOT = rootutils.setup_root(__file__, indicator=['.root', '.git'])\n"
            "@hydra.main(config_path=str(ROOT / 'conf'), config_name='a', version_base='1.2')\n",
            "conf",
            "a",
            "1.2",
        ),
        (
            "from nemo.core.config import hydra_runner\n@hydra_runner(config_path='conf', config_name='a')\n",
            "app/conf",
            "a",
            "1.1",
        ),
    ],
)
def test_a_program_says_where_its_primary_is(tmp_path: Path, text: str, folder: str, name: str, base: str) -> None:
    write(tmp_path, {".root": ""})
    (program,) = programs(tmp_path, text + "def main(cfg): ...\n")
    assert (program.config_dir, program.config_name) == (str(tmp_path / folder) if folder else "", name)
    assert (program.version_base, program.kind, program.problem) == (base, "main", "")
    assert program.line == text.count("\n") + 1


def test_a_program_may_be_wrapped_without_a_decorator(tmp_path: Path) -> None:
    (program,) = programs(tmp_path, "import hydra\ndef f(cfg): ...\nhydra.main('conf', 'a')(f)()\n")
    assert program.config_name == "a"


def test_a_task_of_hydra_zen_is_a_program(tmp_path: Path) -> None:
    text = "from hydra_zen import zen\nzen(print).hydra_main(config_name='a', version_base='1.3', config_path='c')\n"
    (program,) = programs(tmp_path, text)
    assert (program.kind, program.config_name, program.version_base) == ("main", "a", "1.3")
    assert program.config_dir == str(tmp_path / "app/c")


def test_a_package_as_config_path_stays_a_package(tmp_path: Path) -> None:
    (program,) = programs(tmp_path, "import hydra\n@hydra.main('pkg://lib.conf', 'a')\ndef f(cfg): ...\n")
    assert program.config_dir == "pkg://lib.conf"


def test_code_that_composes_for_itself_is_found_too(tmp_path: Path) -> None:
    text = """\
from hydra import compose, initialize, initialize_config_dir, initialize_config_module
def one():
    with initialize(version_base="1.2", config_path="conf"):
        return compose(config_name="a"), compose("b")
def two():
    initialize_config_dir("/etc/conf")
    compose("c")
def three():
    with initialize_config_module("lib.conf", version_base=None):
        compose(config_name="d")
"""
    found = [(p.config_dir, p.config_name, p.version_base, p.kind) for p in programs(tmp_path, text)]
    conf = str(tmp_path / "app/conf")
    assert found == [
        (conf, "a", "1.2", "compose"),
        (conf, "b", "1.2", "compose"),
        ("/etc/conf", "c", "1.1", "compose"),
        ("pkg://lib.conf", "d", None, "compose"),
    ]


@pytest.mark.parametrize("path", ["os.environ['CONF']", "*args", "**words", "find()", "root / name"])
def test_what_only_running_would_tell_is_said_to_be_so(tmp_path: Path, path: str) -> None:
    (program,) = programs(tmp_path, f"import hydra\n@hydra.main({path}, config_name='a')\ndef f(cfg): ...\n")
    assert "only known when it runs" in program.problem
    assert "\n" not in program.problem


def test_configs_that_exist_only_in_python_are_options(tmp_path: Path) -> None:
    text = """\
from dataclasses import dataclass
from hydra.core.config_store import ConfigStore as Store
@dataclass
class MySql:
    \"\"\"A database.

    More of it.
    \"\"\"
    port: int = 3306
store = Store.instance()
store.store(name="config", node=dict(a=1))
store.store(group="db/sql", name="mysql.yaml", node=MySql)
Store.instance().store("pg", MySql(port=1), "db")
store.store(name=made_up(), node=MySql)
shop.store(name="no_config", node=1)
def register(cs): cs.store(name="by_parameter", node=MySql)
"""
    write(tmp_path, {"app.py": BOMB + text})
    found = read_code(tmp_path).stores
    assert [(o.id, o.python, o.line, o.help) for o in found] == [
        ("config", "dict(a=1)", 12, ""),
        ("db/sql/mysql", "MySql", 13, "A database."),
        ("db/pg", "MySql(port=1)", 14, ""),
        ("by_parameter", "MySql", 17, "A database."),
    ]


def test_configs_of_hydra_zen_are_options(tmp_path: Path) -> None:
    text = """\
import hydra_zen
from hydra_zen import ZenStore, builds, store
model_store = store(group="model")
large = model_store(package="_global_")
model_store(builds(dict), name="small")
large(builds(dict, a=1), name="large")
own = ZenStore("mine", overwrite_ok=True)
own(dict(a=1), name="own")
hydra_zen.store(Plain)
@store(group="made", name="here")
class Made:
    \"\"\"Made here.\"\"\"
shop(dict(a=1), name="none")
"""
    write(tmp_path, {"app.py": BOMB + text})
    found = [(one.id, one.python, one.line, one.help) for one in read_code(tmp_path).stores]
    assert found == [
        ("model/small", "builds(dict)", 6, ""),
        ("model/large", "builds(dict, a=1)", 7, ""),
        ("own", "dict(a=1)", 9, ""),
        ("Plain", "Plain", 10, ""),
        ("made/here", "Made", 11, "Made here."),
    ]


def test_files_that_python_cannot_read_are_named_and_stop_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"broken.py": "import hydra\n@hydra.main(\n", "deep.py": "import hydra\nx = " + "(" * 5000})
    (tmp_path / "binary.py").write_bytes(b"hydra \xff\xfe\0")
    (tmp_path / "latin.py").write_bytes(
        "# -*- coding: latin-1 -*-\nimport hydra\n# é\n@hydra.main('conf', 'été')\ndef f(c): ...\n".encode("latin-1")
    )
    code = read_code(tmp_path)
    assert [program.config_name for program in code.programs] == ["été"]
    assert {Path(p.file).name: p.line for p in code.problems}.keys() == {"broken.py", "deep.py", "binary.py"}
    assert next(p.line for p in code.problems if p.file.endswith("broken.py")) == 2
    assert all("\n" not in problem.message for problem in code.problems)


def test_a_program_whose_config_a_plugin_brings_says_what_to_open_instead(tmp_path: Path) -> None:
    text = "import hydra\n@hydra.main(version_base=None, config_path=None, config_name='brought')\ndef f(c): ...\n"
    (tmp_path / "app.py").write_text(text)
    with pytest.raises(ProjectError, match="no code here stores `brought`; where a plugin of Hydra brings that config"):
        open_project(tmp_path / "app.py")


def test_tests_and_environments_are_left_out(tmp_path: Path) -> None:
    text = "import hydra\n@hydra.main('conf', 'a')\ndef f(cfg): ...\n"
    names = [
        "a/b/deep.py",
        "tests/x.py",
        "test_x.py",
        "train.py",
        "venv/lib/x.py",
        ".hidden/x.py",
        "site-packages/x.py",
    ]
    write(tmp_path, dict.fromkeys(names, text) | {"venv/pyvenv.cfg": ""})
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/b/here").symlink_to(tmp_path / "a")
    found = [str(Path(program.file).relative_to(tmp_path)) for program in read_code(tmp_path).programs]
    assert found == ["train.py", "a/b/deep.py"]


def test_so_many_files_are_read_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "MAX_FILES", 3)
    text = "import hydra\n@hydra.main('conf', 'a')\ndef f(cfg): ...\n"
    write(tmp_path, {f"{number}.py": text for number in range(5)})
    code = read_code(tmp_path)
    assert len(code.programs) == 3
    assert [problem.code for problem in code.problems] == ["many-scripts"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    first = programs(tmp_path, "import hydra\n@hydra.main('conf', 'a')\ndef f(cfg): ...\n")
    second = programs(tmp_path, "import hydra\n@hydra.main('conf', 'other')\ndef f(cfg): ...\n")
    assert [program.config_name for program in (*first, *second)] == ["a", "other"]

"""Any project opens: what its layout and its scripts suggest, and what its file says instead."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import find_root, open_project, read_layout
from niceml_engine.errors import ProjectError
from niceml_engine.values import Project, ProjectSetting, Selection
from tests.engine.config.reference import ask_hydra, write

BOMB = "raise SystemExit('this file must never be run')\n"


def script(**words: str | None) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in words.items())
    return f"{BOMB}import hydra\n@hydra.main({given})\ndef main(cfg): ...\n"


TEMPLATE = {
    "configs/train.yaml": "defaults:\n  - model: small\n  - _self_\nseed: 1\n",
    "configs/eval.yaml": "defaults:\n  - model: small\n",
    "configs/model/small.yaml": "size: 1\n",
    "src/net/train.py": script(version_base="1.3", config_path="../../configs", config_name="train.yaml"),
    "src/net/eval.py": script(version_base="1.3", config_path="../../configs", config_name="eval"),
    "src/net/__init__.py": "",
    ".git/HEAD": "",
}


def settings(project: Project) -> dict[str, ProjectSetting]:
    return {setting.name: setting for setting in project.settings}


def test_the_folder_of_a_template_offers_what_its_scripts_start(tmp_path: Path) -> None:
    project = open_project(write(tmp_path, TEMPLATE))
    assert project.config_dirs == (str(tmp_path / "configs"),)
    assert [(job.id, Path(job.script).name) for job in project.tree.jobs] == [
        ("eval", "eval.py"),
        ("train", "train.py"),
    ]
    assert project.job == str(tmp_path / "configs/train.yaml")
    found = settings(project)
    assert (found["version_base"].values, found["version_base"].source) == (("1.3",), "guessed")
    assert found["version_base"].file == str(tmp_path / "src/net/train.py")
    assert found["version_base"].line == 3
    assert (found["config_dirs"].values, found["config_dirs"].source) == (("configs",), "guessed")
    assert found["python_path"].values == ("src", ".")
    assert (found["ops_path"].values, found["ops_path"].source) == (("ops.{op}.config",), "default")


def test_a_script_opens_with_its_primary_under_its_version(tmp_path: Path) -> None:
    write(tmp_path, TEMPLATE)
    layout = read_layout(tmp_path / "src/net/eval.py")
    project = open_project(tmp_path / "src/net/eval.py")
    assert (project.root, project.job) == (str(tmp_path), str(tmp_path / "configs/eval.yaml"))
    assert layout.setting.of(project.job).version_base == "1.3"


def test_the_root_of_a_lone_script_holds_its_configs(tmp_path: Path) -> None:
    write(tmp_path, {name: text for name, text in TEMPLATE.items() if name != ".git/HEAD"})
    assert find_root(tmp_path / "src/net/train.py") == tmp_path
    assert open_project(tmp_path / "src/net/train.py").config_dirs == (str(tmp_path / "configs"),)


@pytest.mark.parametrize(("base", "warned"), [("1.1", ["app.py:3"]), ("1.3", []), ("1.4", []), (None, [])])
def test_a_program_is_told_what_hydra_warns_it_of(tmp_path: Path, base: str | None, warned: list[str]) -> None:
    files = {"app.py": script(version_base=base, config_path="conf", config_name="main"), "conf/main.yaml": "a: 1\n"}
    layout = read_layout(write(tmp_path, files))
    composed = Composer(layout.setting).compose(Selection(str(tmp_path / "conf/main.yaml")))
    assert (composed.yaml, composed.error) == ("a: 1\n", None)
    told = [problem for problem in composed.problems if 'set version_base="1.3"' in problem.message]
    assert [f"{Path(problem.file).name}:{problem.line}" for problem in told] == warned


@pytest.mark.parametrize("base", ["1.1", "1.3", None])
def test_a_job_composes_as_its_program_does_it(tmp_path: Path, base: str | None) -> None:
    files = {
        "app.py": script(version_base=base, config_path="conf", config_name="sub/main"),
        "conf/sub/main.yaml": "defaults:\n  - /db: a\n  - inner: x\ndb: {name: mine}\n",
        "conf/db/a.yaml": "name: a\n",
        "conf/sub/inner/x.yaml": "y: 1\n",
    }
    layout = read_layout(write(tmp_path, files))
    job = tmp_path / "conf/sub/main.yaml"
    ours = Composer(layout.setting).config(Selection(str(job), ("sub.inner.y=${sub.db.name}",)))
    theirs = ask_hydra(job, ["sub.inner.y=${sub.db.name}"], tmp_path, version_base=base, config_dir=tmp_path / "conf")
    assert theirs.config is not None, theirs.error
    assert ours == theirs.config
    assert list(ours) == list(theirs.config)


def test_programs_that_differ_each_keep_their_version(tmp_path: Path) -> None:
    files = {
        "old.py": script(config_path="conf", config_name="old"),
        "new.py": script(config_path="conf", config_name="new", version_base=None),
        "conf/old.yaml": "x: 1\n",
        "conf/new.yaml": "x: 1\n",
        "conf/other.yaml": "x: 1\n",
    }
    layout = read_layout(write(tmp_path, files))
    bases = {
        name: layout.setting.of(str(tmp_path / f"conf/{name}.yaml")).version_base for name in ("old", "new", "other")
    }
    assert bases == {"old": "1.1", "new": None, "other": "1.1"}
    assert layout.version_base.source == "default"


def test_what_a_person_says_wins_over_guesses(tmp_path: Path) -> None:
    said = (
        "primary: configs/eval.yaml\nconfig_dirs: [more]\nversion_base: null\npython_path: [lib]\nworking_dir: more\n"
    )
    write(tmp_path, TEMPLATE | {".niceml/project.yaml": said + "python: env/bin/python\nops_path: steps.{op}\n"})
    write(tmp_path, {"more/x.yaml": "x: 1\n", "lib/y.py": ""})
    project = open_project(tmp_path)
    assert project.job == str(tmp_path / "configs/eval.yaml")
    assert project.config_dirs == (str(tmp_path / "more"),)
    assert project.python == str(tmp_path / "env/bin/python")
    assert project.ops_path == "steps.{op}"
    setting = read_layout(tmp_path).setting
    assert setting.of(project.job).version_base is None
    assert (setting.python_path, setting.working_dir) == ((tmp_path / "lib",), tmp_path / "more")
    found = settings(project)
    unsaid = {"code_location", "log_to", "full_disk"}
    assert {name for name, one in found.items() if one.source == "set"} == set(found) - unsaid
    assert (found["version_base"].values, found["version_base"].line) == (("null",), 3)


def test_a_file_that_is_wrong_stops_the_opening_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, TEMPLATE | {".niceml/project.yaml": "\nversion_base: 9\n"})
    with pytest.raises(ProjectError) as caught:
        open_project(tmp_path)
    assert (caught.value.line, caught.value.key) == (2, "version_base")


def test_a_package_that_names_configs_is_found_on_the_guessed_python_path(tmp_path: Path) -> None:
    files = {
        "python/lib/__init__.py": "",
        "python/lib/conf/__init__.py": "",
        "python/lib/conf/db/a.yaml": "x: 1\n",
        "conf/job.yaml": "hydra:\n  searchpath:\n    - pkg://lib.conf\ndefaults:\n  - db: a\n",
    }
    layout = read_layout(write(tmp_path, files))
    assert str(tmp_path / "python") in map(str, layout.python_path)
    composed = Composer(layout.setting).compose(Selection(str(tmp_path / "conf/job.yaml")))
    assert composed.error is None
    assert [leaf.key for leaf in composed.leaves] == ["db.x"]


@pytest.mark.parametrize("opened", ["", "conf/job.yaml", "run.py"])
def test_it_is_found_whatever_was_opened(tmp_path: Path, opened: str) -> None:
    files = {
        "python/lib/__init__.py": "",
        "python/lib/conf/db/a.yaml": "x: 1\n",
        "conf/job.yaml": "hydra:\n  searchpath: [file://elsewhere, 'pkg://lib.conf']\ndefaults:\n  - db: a\n",
        "run.py": script(config_path="conf", config_name="job"),
    }
    layout = read_layout(write(tmp_path, files) / opened)
    assert layout.python_path == (tmp_path, tmp_path / "python")
    assert layout.program_path == (tmp_path / "python",)
    composed = Composer(layout.setting).compose(Selection(str(tmp_path / "conf/job.yaml")))
    assert composed.error is None


def test_a_script_may_look_into_a_package(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/conf/__init__.py": "",
        "lib/conf/main.yaml": "x: 1\n",
        "run.py": script(config_path="pkg://lib.conf", config_name="main"),
        "lost.py": script(config_path="pkg://nowhere.conf", config_name="main"),
    }
    project = open_project(write(tmp_path, files))
    assert project.job == str(tmp_path / "lib/conf/main.yaml")
    problems = {Path(program.file).name: program.problem for program in project.programs}
    assert problems["run.py"] == ""
    assert "no package nowhere.conf" in problems["lost.py"]


def test_configs_beside_a_script_are_found_and_environments_are_not(tmp_path: Path) -> None:
    files = {
        "app.py": script(config_path=".", config_name="main", version_base="1.2"),
        "main.yaml": "defaults:\n  - db: a\n",
        "db/a.yaml": "x: 1\n",
        "venv/pyvenv.cfg": "",
        "venv/lib/data.yaml": "x: 1\n",
    }
    project = open_project(write(tmp_path, files))
    assert project.config_dirs == (str(tmp_path),)
    assert [option.id for option in project.tree.options] == ["db/a", "main"]


def test_groups_without_a_primary_offer_what_includes_others(tmp_path: Path) -> None:
    write(tmp_path, {"conf/exp/one.yaml": "defaults:\n  - /db: a\n", "conf/db/a.yaml": "x: 1\n"})
    assert [job.id for job in open_project(tmp_path).tree.jobs] == ["exp/one"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("print('hello')\n", 0, "does not start Hydra"),
        ("import hydra\n@hydra.main(\n", 2, "Python cannot read"),
        ("import hydra\n@hydra.main('conf', 'nope')\ndef f(c): ...\n", 2, "no config nope in conf"),
        ("import hydra\n@hydra.main('conf')\ndef f(c): ...\n", 2, "names no config"),
        ("import hydra\n@hydra.main(where(), 'b')\ndef f(c): ...\n", 2, "only known when it runs"),
    ],
)
def test_a_script_that_cannot_be_opened_says_why(tmp_path: Path, text: str, line: int, words: str) -> None:
    write(tmp_path, {"app.py": text, "conf/a.yaml": "x: 1\n"})
    with pytest.raises(ProjectError, match=words) as caught:
        open_project(tmp_path / "app.py")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "app.py"), line)


def test_broken_scripts_stop_no_folder_from_opening(tmp_path: Path) -> None:
    project = open_project(write(tmp_path, TEMPLATE | {"broken.py": "import hydra\n("}))
    assert [(problem.file, problem.line) for problem in project.problems] == [(str(tmp_path / "broken.py"), 2)]


def test_options_that_exist_only_in_python_are_offered_as_such(tmp_path: Path) -> None:
    store = "from hydra.core.config_store import ConfigStore\ncs = ConfigStore.instance()\n"
    store += "cs.store(group='model', name='big', node=Big)\ncs.store(group='model', name='small', node=Small)\n"
    project = open_project(write(tmp_path, TEMPLATE | {"src/net/conf.py": BOMB + store}))
    options = {option.id: option for option in project.tree.options}
    assert (options["model/big"].python, options["model/big"].line) == ("Big", 4)
    assert options["model/small"].python == ""
    assert list(options) == sorted(options)


@pytest.mark.parametrize("starts", [False, True])
def test_a_primary_in_a_sub_folder_composes_by_its_path_as_from_the_folder_of_its_project(
    tmp_path: Path, starts: bool
) -> None:
    files = {"setup/db/mysql.yaml": "port: 1\n", "setup/jobs/one.yaml": "defaults:\n  - /db: mysql\n", ".git/HEAD": ""}
    if starts:
        files |= {"setup/jobs/two.yaml": "a: 1\n"}
        files |= {"main.py": script(version_base="1.3", config_path="setup", config_name="jobs/two")}
    else:
        files = {name.replace("setup", "conf"): text for name, text in files.items()}
    write(tmp_path, files)
    job = next(tmp_path.glob("*/jobs/one.yaml"))
    layout = read_layout(job)
    assert layout.config_dirs == (job.parent.parent,)
    composed = Composer(layout.setting).compose(Selection(str(job)))
    assert composed.error is None
    assert composed.yaml == "jobs:\n  db:\n    port: 1\n"


@pytest.mark.parametrize("started", [None, "config", "exp/b"])
@pytest.mark.parametrize("own", [False, True])
def test_what_lies_below_the_folder_of_a_program_is_a_name_in_it(
    tmp_path: Path, started: str | None, own: bool
) -> None:
    """As `--config-name exp/a` makes it, although a group of the same name lies beside it; unless it says otherwise."""
    searched = "hydra: {searchpath: [file://conf]}\n" if own else ""
    files = {
        ".git/HEAD": "",
        "main.py": script(version_base="1.3", config_path="conf", config_name=started),
        "conf/config.yaml": "a: 1\n",
        "conf/exp/a.yaml": f"defaults: [db: mysql, _self_]\nx: 1\n{searched}",
        "conf/exp/b.yaml": "x: 2\n",
        "conf/exp/db/mysql.yaml": "n: beside\n",
        "conf/db/mysql.yaml": "n: top\n",
    }
    write(tmp_path, files)
    job = tmp_path / "conf/exp/a.yaml"
    composed = Composer(read_layout(job).setting).compose(Selection(str(job)))
    assert composed.error is None
    inner = "db:\n  'n': beside\nx: 1\n"
    assert composed.yaml == (inner if own else "exp:\n" + textwrap.indent(inner, "  "))

"""Opening a project: its root, its configs, its environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from niceml_engine.config.projects.project import find_root, open_project
from niceml_engine.config.projects.scan import scan
from niceml_engine.errors import ProjectError
from tests.engine.config.reference import write

JOB = "defaults:\n  - db: a\nhydra:\n  searchpath:\n    - file://configs\n"
TREE = {
    "configs/jobs/job_train/one.yaml": "# trains one\n" + JOB,
    "configs/jobs/job_other/two.yaml": JOB,
    "configs/db/a.yaml": "# @package db\n# the first\n# of two\n\n# not this\nx: 1\n",
    "configs/db/b.yaml": "x: 2\n",
    "configs/.hidden/c.yaml": "x: 3\n",
    "other/notes.yaml": "x: 4\n",
}


def test_the_root_is_where_the_search_path_exists(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    (tmp_path / "configs/.git").mkdir()
    assert find_root(tmp_path / "configs/jobs/job_train/one.yaml") == tmp_path
    assert find_root(tmp_path / "configs/jobs") == tmp_path
    (tmp_path / "configs/.niceml").mkdir()
    assert find_root(tmp_path / "configs/jobs") == tmp_path / "configs"


def test_without_a_search_path_the_root_is_gits_else_the_files_folder(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/job.yaml": "x: 1\n"})
    assert find_root(tmp_path / "a/b/job.yaml") == tmp_path / "a/b"
    (tmp_path / ".git").mkdir()
    assert find_root(tmp_path / "a/b/job.yaml") == tmp_path


def test_the_root_of_a_lone_config_is_where_its_folder_of_configs_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"mine/conf/model/cnn.yaml": "x: 1\n", "other/notes.txt": ""})
    config = tmp_path / "mine/conf/model/cnn.yaml"
    assert find_root(config) == find_root(config, tmp_path / "other") == tmp_path / "mine"
    assert open_project(config).config_dirs == (str(tmp_path / "mine/conf"),)
    monkeypatch.setenv("HOME", str(tmp_path / "mine"))  # nobody's home is a project
    assert find_root(config) == tmp_path / "mine/conf/model"


def test_the_root_of_what_lies_in_a_package_is_what_holds_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path, {"src/lib/__init__.py": "", "src/lib/sub/__init__.py": "", "src/lib/sub/configs/base.yaml": "x: 1\n"}
    )
    config = tmp_path / "src/lib/sub/configs/base.yaml"
    script = tmp_path / "src/lib/sub/run.py"
    script.write_text("import hydra\n@hydra.main(config_path='configs', config_name='base')\ndef main(cfg): ...\n")
    assert find_root(config) == find_root(script) == tmp_path / "src"
    with monkeypatch.context() as patch:
        patch.setenv("HOME", str(tmp_path / "src"))
        assert find_root(config) == find_root(script) == tmp_path / "src/lib/sub"
    for mark in ("setup.cfg", "pyproject.toml"):
        (tmp_path / mark).write_text("")
        assert find_root(config) == find_root(tmp_path / "src/lib") == tmp_path
        (tmp_path / mark).unlink()


def test_a_config_of_no_project_belongs_to_where_the_person_stands(tmp_path: Path) -> None:
    write(tmp_path, {"copied/CLB-1-id_aaaa/run/config.yaml": "x: 1\n", "mine/sub/notes.txt": ""})
    config = tmp_path / "copied/CLB-1-id_aaaa/run/config.yaml"
    assert find_root(config, tmp_path / "mine/sub") == tmp_path / "mine/sub"
    (tmp_path / "mine/.niceml").mkdir()
    assert find_root(config, tmp_path / "mine/sub") == tmp_path / "mine"
    (tmp_path / "copied/.niceml").mkdir()
    assert find_root(config, tmp_path / "mine/sub") == tmp_path / "copied"


@pytest.mark.parametrize("path", ["", "configs", "configs/jobs/job_train/one.yaml"])
def test_a_project_opens_from_its_folder_its_configs_or_a_job(tmp_path: Path, path: str) -> None:
    write(tmp_path, TREE)
    project = open_project(tmp_path / path)
    assert project.root == str(tmp_path)
    assert project.config_dirs == (str(tmp_path / "configs"),)
    assert project.job == str(tmp_path / "configs/jobs/job_train/one.yaml")
    assert [(job.id, job.dagster_job) for job in project.tree.jobs] == [
        ("jobs/job_other/two", ""),
        ("jobs/job_train/one", "job_train"),
    ]
    assert [option.id for option in project.tree.options] == [
        "db/a",
        "db/b",
        "jobs/job_other/two",
        "jobs/job_train/one",
    ]
    assert project.tree.options[0].help == "the first of two"


def test_where_there_are_no_jobs_the_configs_at_the_top_can_be_opened(tmp_path: Path) -> None:
    write(tmp_path, {"conf/config.yaml": "defaults:\n  - db: a\n", "conf/db/a.yaml": "x: 1\n"})
    project = open_project(tmp_path)
    assert [job.id for job in project.tree.jobs] == ["config"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing", None, "no such folder"),
        ("missing.yaml", None, "no such file"),
        ("binary.yaml", bytes(range(256)), "binary"),
        ("broken.yaml", b"a: 1\nb: [\n", "invalid YAML"),
        ("list.yaml", b"- 1\n", "no job"),
        ("readme.txt", b"hello", "YAML file"),
    ],
)
def test_what_cannot_be_opened_is_told_clearly(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ProjectError, match=words) as caught:
        open_project(tmp_path / name)
    assert caught.value.file == str(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_folder_without_configs_is_told_clearly(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(ProjectError, match="holds no configs"):
        open_project(tmp_path / "photos")


def test_a_folder_that_contains_itself_is_walked_once(tmp_path: Path) -> None:
    write(tmp_path, {"configs/db/a.yaml": "x: 1\n"})
    (tmp_path / "configs/db/loop").symlink_to(tmp_path / "configs")
    assert [option.id for option in open_project(tmp_path).tree.options] == ["db/a"]


def test_options_whose_header_puts_them_at_the_top_are_known(tmp_path: Path) -> None:
    texts = {"a": "# @package _global_\n# all of it\nx: 1\n", "b": "# @package db\nx: 1\n", "c": "x: 1\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    found = scan([tmp_path]).options
    assert [(one.name, one.help, one.is_global) for one in found] == [
        ("a", "all of it", True),
        ("b", "", False),
        ("c", "", False),
    ]


def test_folders_of_different_programs_hide_nothing_of_each_other(tmp_path: Path) -> None:
    script = "import hydra\n@hydra.main(config_path='conf', config_name='config', version_base='1.3')\ndef m(c): ...\n"
    search = "hydra:\n  searchpath: [pkg://lib.shelf, file://apps/d/conf]\n"
    root = write(
        tmp_path,
        {
            **{f"apps/{app}/main.py": script for app in "acd"},
            "apps/a/conf/config.yaml": "a: 1\n",
            "apps/a/conf/db/one.yaml": "a: 1\n",
            "apps/c/conf/config.yaml": f"a: 1\n{search}",
            "apps/c/conf/db/one.yaml": "a: 1\n",
            "apps/c/conf/db/two.yaml": "a: 1\n",
            "apps/d/conf/config.yaml": "a: 1\n",
            "apps/d/conf/db/two.yaml": "a: 1\n",
            "lib/__init__.py": "",
            "lib/shelf/__init__.py": "",
            "lib/shelf/db/two.yaml": "a: 2\n",
            "lib/shelf/db/one.yaml": "a: 2\n",
        },
    )
    options = {one.id: one for one in open_project(root).tree.options}
    told = {
        name: tuple(tuple(os.path.relpath(file, root) for file in files) for files in (one.hides, one.apart))
        for name, one in options.items()
    }
    assert told == {
        "config": ((), ("apps/c/conf/config.yaml", "apps/d/conf/config.yaml")),
        "db/one": ((), ("apps/c/conf/db/one.yaml", "lib/shelf/db/one.yaml")),
        "db/two": (("apps/d/conf/db/two.yaml", "lib/shelf/db/two.yaml"), ()),
    }

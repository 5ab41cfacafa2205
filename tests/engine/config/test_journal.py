"""Several programs write the same files, and one is killed in the middle: nothing is lost, and no half is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine import places
from niceml_engine.config.projects.project_file import KEYS, load
from niceml_engine.config.text.changes import take_back, write_changes
from niceml_engine.config.text.disk import Swap
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.files import FileChange
from niceml_engine.service.handlers import Handlers
from niceml_engine.values import Project
from tests.engine.config.reference import write

KILLED = """
import os, signal, sys
from niceml_engine.config.text.changes import write_changes
from niceml_engine.config.text.disk import Swap
from niceml_engine.protocol.files import FileChange
do, count = Swap.do, iter(range(9))
def dying(swap):
    if next(count) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    do(swap)
Swap.do = dying
root = sys.argv[1]
write_changes([
    FileChange(f"{root}/a.yaml", "a: 1\\n", "a: 2\\n"),
    FileChange(f"{root}/b.yaml", "b: 1\\n", None),
    FileChange(f"{root}/new/c.yaml", None, "c: 1\\n"),
])
"""
WRITER = """
import sys
from niceml_engine.config.text.changes import write_changes, text_of
from niceml_engine.protocol.files import FileChange
file, key = sys.argv[1:]
for number in range(1, 21):
    written = write_changes([FileChange(file, before := text_of(file), before.replace(
        f"{key}: {number - 1}\\n", f"{key}: {number}\\n"))])
    assert not written.conflicts
"""
SETTER = """
import sys
from pathlib import Path
from niceml_engine.config.projects.project_file import change
root, name, *texts = sys.argv[1:]
for number in range(10):
    change(Path(root), name, ())
    change(Path(root), name, tuple(texts))
"""


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("NICEML_STATE_DIR", str(folder))
    places.state_dir.cache_clear()
    yield folder
    places.state_dir.cache_clear()


def start(code: str, *words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)])


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_change_that_was_killed_in_the_middle_is_taken_back(tmp_path: Path, state: Path, done: int) -> None:
    root = write(tmp_path, {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "new/kept.yaml": "x: 1\n"})
    assert start(KILLED, root, done).wait() == -signal.SIGKILL
    assert list((state / "writing").glob("*.json"))
    assert take_back() == tuple(str(root / name) for name in ("a.yaml", "b.yaml")[:done])
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) == [
        "a.yaml",
        "b.yaml",
        "new/kept.yaml",
    ]
    assert (root / "a.yaml").read_text() == "a: 1\n"
    assert (root / "b.yaml").read_text() == "b: 1\n"
    assert not list((state / "writing").glob("*.json"))
    assert take_back() == ()


def test_what_somebody_has_mended_meanwhile_stays(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    start(KILLED, root, 2).wait()
    (root / "a.yaml").write_text("a: 3\n")
    assert take_back() == (str(root / "b.yaml"),)
    assert (root / "a.yaml").read_text() == "a: 3\n"


def test_who_opens_the_project_next_is_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", ".niceml/project.yaml": ""})
    start(KILLED, root, 2).wait()
    handlers, environment = Handlers(lambda _: None), dict(os.environ)
    project = handlers.handle(OpenProject(str(root)))
    handlers.close()
    os.environ.update(environment)
    assert isinstance(project, Project)
    assert [(one.code, Path(one.file).name) for one in project.problems] == [
        ("taken-back", "a.yaml"),
        ("taken-back", "b.yaml"),
    ]


def test_programs_that_write_the_same_file_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    between = "".join(f"between{number}: x\n" for number in range(4))
    keys = ("one", "two", "three", "four")
    file.write_text(between.join(f"{key}: 0\n{between}".replace("between", f"{key}_") for key in keys))
    writers = [start(WRITER, file, key) for key in keys]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert [file.read_text().count(f"{key}: 20\n") for key in keys] == [1] * 4
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_programs_that_change_the_settings_of_a_project_at_once_lose_none(tmp_path: Path) -> None:
    write(tmp_path, {"conf/job.yaml": "a: 1\n", ".niceml/project.yaml": "# mine\nversion_base: '1.2'\n"})
    said = {"primary": "conf/job.yaml", "config_dirs": "conf", "working_dir": "conf", "ops_path": "steps.{op}"}
    setters = [start(SETTER, tmp_path, name, text) for name, text in said.items()]
    assert [setter.wait() for setter in setters] == [0] * 4
    found = load(tmp_path)
    assert {name: found.text(name) for name in KEYS if name in found.texts} == {**said, "version_base": "1.2"}
    assert (tmp_path / ".niceml/project.yaml").read_text().startswith("# mine\n")


def test_without_a_folder_of_ones_own_files_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NICEML_STATE_DIR", str(tmp_path / "file" / "state"))
    places.state_dir.cache_clear()
    written = write_changes([FileChange(str(tmp_path / "a.yaml"), None, "a: 1\n")])
    assert written.changes
    assert (tmp_path / "a.yaml").read_text() == "a: 1\n"
    assert Swap.prepare(tmp_path / "a.yaml", None).temporary == ""

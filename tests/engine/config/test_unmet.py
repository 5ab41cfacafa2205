"""What a project's file names and the machine does not have."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from niceml_engine.config.checking.every_run import check_every
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.environment import environment
from niceml_engine.config.projects.project import open_project, read_layout
from niceml_engine.values import Problem, Selection
from tests.engine.config.reference import write

NEWEST = ".".join(version("hydra-core").split(".")[:2])
WRONG = {
    "python: nope": ("error", "python", "there is no interpreter nope; make it, or name another"),
    "code_location: mine.nope": (
        "warning",
        "code_location",
        "there is no module mine.nope; make it, or name with `python_path` where it lies",
    ),
    'version_base: "9.9"': (
        "warning",
        "version_base",
        f'Hydra {version("hydra-core")} knows no 9.9 and composes as under {NEWEST}; write "{NEWEST}", or null',
    ),
}
RIGHT = ("python: python3", "code_location: mine.defs", "code_location: mine", "code_location: json.decoder")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    script = "import hydra\n@hydra.main('conf', 'job', version_base='1.3')\ndef main(cfg): ...\n"
    return write(tmp_path, {"conf/job.yaml": "a: 1\n", "train.py": script, "src/mine/defs.py": "", ".git/x": ""})


def told(root: Path, text: str) -> list[tuple[Problem, ...]]:
    """What the environment and a check say of a project's file that says something in its second line."""
    write(root, {".niceml/project.yaml": f"# mine\n{text}\npython_path: [src]\n"})
    checked = check_every(Composer(read_layout(root).setting), Selection(str(root / "conf/job.yaml")))
    return [environment(open_project(root), {"PATH": str(Path(sys.executable).parent)}).problems, checked]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_not_there_is_told_with_its_place(root: Path, text: str) -> None:
    severity, key, message = WRONG[text]
    for problems in told(root, text):
        (problem,) = problems
        assert (problem.severity, problem.key, problem.message) == (severity, key, message)
        assert (problem.file, problem.line) == (str(root / ".niceml/project.yaml"), 2)


@pytest.mark.parametrize("text", [*RIGHT, f'version_base: "{NEWEST}"', "version_base: null"])
def test_what_is_there_is_not_mentioned(root: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert told(root, text) == [(), ()]

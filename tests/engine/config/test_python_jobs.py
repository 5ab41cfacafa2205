"""A job that only Python makes is no file: it is said what cannot be saved of it, and what can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.core.config_store import ConfigStore

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.sweeping import plan_saving
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.exporting.export import export
from niceml_engine.config.projects.project import open_project, primary_of, read_layout
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import ExportFormat
from niceml_engine.protocol.files import FilePlan, SaveTo
from niceml_engine.values import Selection
from tests.engine.config.reference import write

NAME = "made_by_a_test"
FORMS = "export it as yaml, overrides or command"
NO_FILE = "the job is made in Python, so that it cannot be saved as a job file"


def script(folder: str | None) -> str:
    return f"""\
import hydra
from hydra.core.config_store import ConfigStore
ConfigStore.instance().store(name="{NAME}", node=dict(name="x"))
@hydra.main(version_base=None, config_path={folder!r}, config_name="{NAME}")
def main(cfg): ...
"""


@pytest.fixture(autouse=True)
def stored() -> Iterator[None]:
    """The config, as if the project's interpreter had run the script."""
    store = ConfigStore.instance()
    node = {"defaults": ["_self_", {"opt": "adam"}], "name": "x"}
    store.store(name=NAME, node=node)
    store.store(name="adam", group="opt", node={"lr": 1, "made": True})
    yield
    del store.repo[f"{NAME}.yaml"], store.repo["opt"]["adam.yaml"]
    if not store.repo["opt"]:
        del store.repo["opt"]


def project(root: Path, *, files: bool) -> Path:
    """A project with a folder of configs, or without; its option `adam` is a file in that, else made in Python."""
    write(root, {"pyproject.toml": "", "main.py": script("conf" if files else None)})
    if files:
        write(root, {"conf/opt/adam.yaml": "lr: 1\n", "conf/opt/sgd.yaml": "lr: 2\n"})
    return root


def plan(root: Path, overrides: tuple[str, ...], to: SaveTo, target: str = "") -> FilePlan:
    layout = read_layout(root / "main.py")
    assert primary_of(layout) == str(root / "main.py")
    tree = Tree.of(open_project(root / "main.py"), layout.setting)
    return plan_saving(Composer(layout.setting), tree, Selection(primary_of(layout), overrides), to, target)


@pytest.mark.parametrize("overrides", [(), ("name=y",), ("name=y,z",)])
@pytest.mark.parametrize("to", ["job", "new-job", "plain-job"])
@pytest.mark.parametrize("files", [True, False])
def test_it_is_not_saved_as_a_job_file(tmp_path: Path, overrides: tuple[str, ...], to: SaveTo, files: bool) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(project(tmp_path, files=files), overrides, to, "other")
    also = "save a preset, or " if files else ""
    assert (caught.value.message, caught.value.file) == (f"{NO_FILE}; {also}{FORMS}", str(tmp_path / "main.py"))


@pytest.mark.parametrize("file", ["", "there.yaml"])
@pytest.mark.parametrize("overrides", [(), ("name=y",)])
def test_it_is_not_exported_as_a_job_file(tmp_path: Path, overrides: tuple[str, ...], file: str) -> None:
    root = project(tmp_path, files=False)
    composer = Composer(read_layout(root / "main.py").setting)
    with pytest.raises(ConfigError) as caught:
        export(composer, Selection(str(root / "main.py"), overrides), "job", file and str(tmp_path / file))
    assert caught.value.message == f"{NO_FILE}; {FORMS}"


@pytest.mark.parametrize("to", ["yaml", "overrides", "command"])
def test_it_is_exported_in_the_forms_that_are_named(tmp_path: Path, to: ExportFormat) -> None:
    root = project(tmp_path, files=False)
    composer = Composer(read_layout(root / "main.py").setting)
    exported = export(composer, Selection(str(root / "main.py"), ("name=y",)), to)
    assert "name=y" in exported.text


def test_its_presets_are_saved_where_it_finds_them(tmp_path: Path) -> None:
    found = plan(project(tmp_path, files=True), ("name=y", "opt=sgd"), "preset", "mine")
    (change,) = found.changes
    assert change.file == str(tmp_path / "conf/experiment/mine.yaml")
    assert "name: y" in (change.after or "")
    with pytest.raises(ConfigError, match="looks for no configs in files, so that it could take no preset; export it"):
        plan(project(tmp_path / "other", files=False), ("name=y",), "preset", "mine")


def test_of_its_sources_files_are_written_and_what_python_sets_stays(tmp_path: Path) -> None:
    root = project(tmp_path, files=True)
    found = plan(root, ("name=y", "opt.lr=5"), "sources")
    assert [(change.file, change.after) for change in found.changes] == [(str(root / "conf/opt/adam.yaml"), "lr: 5\n")]
    assert [(one.override, one.reason) for one in found.kept] == [("name=y", "the job is made in Python")]
    assert found.selection.overrides == ("name=y",)
    with pytest.raises(ConfigError, match=f"the job is made in Python, where these values are set; {FORMS}"):
        plan(root, ("name=y",), "sources")

"""A folder with a job and what it uses composes to the same wherever it lies."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.config.compose import Composer
from niceml_engine.config.exporting.export import export, write
from niceml_engine.config.projects.project import read_layout
from niceml_engine.errors import ConfigError
from niceml_engine.values import Selection

ROOT = Path(__file__).parents[3]
JOB = "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"


def call(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def laid_out(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def names(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def readme_command(folder: Path) -> list[str]:
    (line,) = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("    ")]
    words = shlex.split(line)
    assert words[:2] == ["niceml-engine", "run"]
    return words[2:]


def test_the_folder_composes_to_the_same_from_wherever_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "project" / "configs")
    words = ("ops/train@ops.train.config=op_train_cls_binary_mlp", "globals.exp_name='a # b'")
    job = tmp_path / "project" / JOB
    whole = call("compose", job, *words)
    said = call("export", job, *words, "--to", "folder", "-o", tmp_path / "made")
    shutil.rmtree(tmp_path / "project")
    shutil.move(tmp_path / "made", tmp_path / "else" / "where")
    monkeypatch.chdir(tmp_path / "else" / "where")
    assert call("compose", *readme_command(Path.cwd())) == whole
    assert f"# digest {said.split()[-1]}" in call("export", *readme_command(Path.cwd()))
    found = names(Path.cwd())
    assert "--trust" not in Path("README.md").read_text()
    assert {"README.md", ".niceml/project.yaml", JOB, "configs/ops/train/op_train_cls_binary_mlp.yaml"} <= found
    unused = "configs/ops/train/op_train_cls_binary.yaml"
    assert (ROOT / unused).is_file()
    assert unused not in found


def test_what_is_not_changed_is_byte_for_byte_the_same(tmp_path: Path) -> None:
    files = {"conf/job.yaml": "defaults:\r\n- db: big # why\r\n- _self_\r\n", "conf/db/big.yaml": "\ufeffsize:   2\r\n"}
    laid_out(tmp_path / "project", {".niceml/project.yaml": "", **files})
    call("export", tmp_path / "project/conf/job.yaml", "--to", "folder", "-o", tmp_path / "made")
    for name, text in files.items():
        assert (tmp_path / "made" / name).read_bytes() == text.encode()


#: Projects in which more than the files decides what composes: their files, the job, words of the command, overrides.
SHAPES: dict[str, tuple[dict[str, str], str, tuple[str, ...], tuple[str, ...]]] = {
    "a package": (
        {
            "src/mine/__init__.py": "",
            "src/mine/conf/__init__.py": "",
            "src/mine/conf/db/far.yaml": "size: 3\n",
            "conf/job.yaml": "hydra:\n  searchpath: ['pkg://mine.conf']\ndefaults:\n  - db: far\n  - _self_\n",
        },
        "conf/job.yaml",
        (),
        (),
    ),
    "a working folder and a version": (
        {
            ".niceml/project.yaml": "working_dir: inner\nversion_base: '1.3'\n",
            "inner/more/db/far.yaml": "size: 3\n",
            "conf/job.yaml": "hydra:\n  searchpath: ['file://more']\ndefaults:\n  - db: far\n",
        },
        "conf/job.yaml",
        (),
        (),
    ),
    "a primary in a folder of its own": (
        {"conf/db/far.yaml": "size: 3\n", "conf/jobs/job.yaml": "defaults:\n  - /db: far\n  - _self_\nname: one\n"},
        "jobs/job",
        ("--config-dir", "conf"),
        (),
    ),
    "an override that no file can hold": (
        {"conf/db/far.yaml": "size: 3\nhost: x\n", "conf/job.yaml": "defaults:\n  - db: far\n  - _self_\n"},
        "conf/job.yaml",
        (),
        ("~db.host",),
    ),
    "a group of Hydra's own": (
        {
            "conf/hydra/job_logging/quiet.yaml": "version: 1\n",
            "conf/job.yaml": "defaults:\n  - override hydra/job_logging: quiet\n  - _self_\nname: one\n",
        },
        "conf/job.yaml",
        (),
        (),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_decides_besides_files_goes_along(shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, job, words, overrides = SHAPES[shape]
    laid_out(tmp_path / "project", {".niceml/project.yaml": "", **files})
    monkeypatch.chdir(tmp_path / "project")
    whole = call("compose", job, *words, "--", *overrides)
    call("export", job, *words, "--to", "folder", "-o", tmp_path / "made", "--", *overrides)
    assert names(tmp_path / "made") >= set(files) - {".niceml/project.yaml"}
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "made")
    assert call("compose", *readme_command(tmp_path / "made")) == whole


def test_a_package_that_is_installed_nowhere_cannot_be_left_out(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    job = "hydra:\n  searchpath: ['pkg://shop.conf']\ndefaults:\n  - db: far\n  - _self_\n"
    laid_out(library, {"shop/conf/__init__.py": "", "shop/conf/db/far.yaml": "size: 3\n"})
    laid_out(tmp_path / "project", {"conf/job.yaml": job, ".niceml/project.yaml": f"python_path: [{library}]\n"})
    composer = Composer(read_layout(tmp_path / "project").setting)
    with pytest.raises(ConfigError, match="does not compose in a folder of its own"):
        # A folder cannot say where another machine has it; only where it is installed for good it is found.
        export(composer, Selection(str(tmp_path / "project/conf/job.yaml")), "folder")


def test_a_file_that_no_folder_can_bring_along_is_named(tmp_path: Path) -> None:
    for where, said in (("project/more", "absolute path"), ("other", "outside of the project")):
        far = tmp_path / where / "db" / "far.yaml"
        job = f"hydra:\n  searchpath: ['file://{tmp_path / where}']\ndefaults:\n  - db: far\n  - _self_\n"
        laid_out(tmp_path, {str(far): "size: 3\n", "project/conf/job.yaml": job, "project/.niceml/project.yaml": ""})
        composer = Composer(read_layout(tmp_path / "project").setting)
        with pytest.raises(ConfigError, match=said) as caught:
            export(composer, Selection(str(tmp_path / "project/conf/job.yaml")), "folder")
        assert caught.value.file == str(far)


# ------------------------------------------------------------------------------------------- configs in Python

STORE = """\
from hydra.core.config_store import ConfigStore
from .schemas import Net
from pk.parts import sizes
store = ConfigStore.instance()
store.store(group="net", name="big", node=Net(sizes.BIG))
store.store(group="hydra/help", name="mine", node={"app_name": "pk"})
"""
MADE = {
    "src/pk/__init__.py": "",
    "src/pk/store.py": STORE,
    "src/pk/schemas.py": "import dataclasses\n@dataclasses.dataclass\nclass Net:\n    size: int = 1\n",
    "src/pk/parts/sizes.py": "import helpers\nBIG = helpers.double(4)\n",
    "src/pk/unused.py": "raise RuntimeError\n",
    "src/helpers/__init__.py": "def double(number): return number * 2\n",
    "conf/job.yaml": "defaults: [net: big, override hydra/help: mine, _self_]\nname: a\n",
    ".niceml/project.yaml": "version_base: '1.3'\n",
}
MAIN = """\
import hydra
from hydra.core.config_store import ConfigStore
import told
ConfigStore.instance().store(name="config", node=told.CONFIG)
@hydra.main(version_base=None, config_path=None, config_name="config")
def main(cfg): ...
"""


def run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NICEML_STATE_DIR": str(folder.parent / "state")}
    command = [sys.executable, "-m", "niceml_engine", *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("files", "job", "overrides", "brought"),
    [
        (
            MADE,
            "conf/job.yaml",
            ("net.size=5",),
            {"src/pk/store.py", "src/pk/schemas.py", "src/pk/parts/sizes.py", "src/helpers/__init__.py"},
        ),
        (
            {"app.py": MAIN, "told.py": "CONFIG = {'port': 1}\n", "other.py": "", ".git/HEAD": ""},
            "app.py",
            ("port=2",),
            {"app.py", "told.py"},
        ),
    ],
)
def test_configs_that_python_makes_come_as_that_code_and_what_it_imports(
    tmp_path: Path, files: dict[str, str], job: str, overrides: tuple[str, ...], brought: set[str]
) -> None:
    project, made = tmp_path / "project", tmp_path / "made"
    laid_out(project, files)
    whole = run(project, "compose", job, "--trust", *overrides)
    assert whole.returncode == 0, whole.stderr
    exported = run(project, "export", job, "--to", "folder", "-o", made, "--", *overrides)
    assert exported.returncode == 0, exported.stderr
    python = {name for name in names(made) if name.endswith(".py")}
    assert python == brought | {name for name in files if name == "src/pk/__init__.py"}
    shutil.rmtree(project)
    again = run(made, "compose", "--trust", *readme_command(made))
    assert again.stdout == whole.stdout


def test_what_code_that_makes_configs_lacks_in_a_folder_is_told(tmp_path: Path) -> None:
    project = tmp_path / "project"
    far = {"schemas.py": MADE["src/pk/schemas.py"]}
    code = STORE.replace("from .schemas", "from schemas").replace("from pk.parts import sizes\n", "")
    laid_out(project, {"conf/job.yaml": "defaults: [net: big]\n", "store.py": code.replace("sizes.BIG", "3")})
    laid_out(tmp_path / "far", far)
    laid_out(project, {".niceml/project.yaml": "python_path: [., ../far]\nversion_base: '1.3'\n"})
    words = ("export", "conf/job.yaml", "--to", "folder", "-o", tmp_path / "made")
    refused = run(project, *words, "--trust")
    assert refused.returncode == 2
    assert f"{tmp_path / 'far/schemas.py'}: the job uses this file, which lies outside of the project" in refused.stderr

    reading = "import pathlib\nsize = int((pathlib.Path(__file__).parent / 'size.txt').read_text())\n"
    code = reading + code.replace("from schemas import Net\n", "").replace("Net(sizes.BIG)", "{'size': size}")
    laid_out(project, {"store.py": code, "size.txt": "3"})
    refused = run(project, *words)
    assert refused.returncode == 2
    assert "does not compose in a folder of its own" in refused.stderr
    assert "store cannot be imported: FileNotFoundError" in refused.stderr
    assert not (tmp_path / "made").exists()


def test_code_that_nobody_trusts_is_not_run_for_a_folder(tmp_path: Path) -> None:
    code = "from hydra.core.config_store import ConfigStore\nraise RuntimeError\n"
    code += "ConfigStore.instance().store(name='job', node={'a': 1})\n"
    laid_out(tmp_path, {".niceml/keep": "", "app.py": code, "conf/job.yaml": "a: 2\n"})
    job = tmp_path / "conf/job.yaml"
    composer = Composer(read_layout(job).setting)
    assert composer.compose(Selection(str(job))).error is None  # without the schema that Hydra 1.1 would take
    with pytest.raises(ConfigError, match="Python code makes the config `job`; trust the project") as caught:
        export(composer, Selection(str(job)), "folder", str(tmp_path / "out"))
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "app.py"), 3)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    laid_out(tmp_path, {"conf/job.yaml": "a: 1\n", "full/mine.txt": "mine"})
    composer = Composer(read_layout(tmp_path / "conf/job.yaml").setting)
    with pytest.raises(ConfigError, match="not empty"):
        write(export(composer, Selection(str(tmp_path / "conf/job.yaml")), "folder", str(tmp_path / "full")))
    assert names(tmp_path / "full") == {"mine.txt"}


SCRIPT = """\
import hydra
import told
@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg):
    hydra.utils.instantiate(cfg.parts)
    print('told', told.of(hydra.utils.instantiate(cfg.net)))
if __name__ == "__main__":
    main()
"""


def test_the_job_of_a_script_comes_with_the_script_and_the_code_that_it_names(tmp_path: Path) -> None:
    project, made = tmp_path / "project", tmp_path / "made"
    files = {
        "train.py": SCRIPT,
        "told.py": "def of(net): return net.size\n",
        "unused.py": "raise RuntimeError\n",
        "parts.py": "class Part:\n    def __init__(self, inner): ...\n",
        "deep.py": "class Deep: ...\n",
        "aside.py": "class Aside: ...\n",
        "conf/config.yaml": "hydra: {searchpath: ['pkg://mine.conf']}\ndefaults: [net: big, _self_]\n"
        "named: aside.Aside\n"
        "parts: [{_target_: parts.Part, _args_: [[{_target_: deep.Deep}, {_target_: '${named}'}]]}]\n",
        "lib/mine/__init__.py": "",
        "lib/mine/nets.py": "from mine.sizes import Sized\nclass Net(Sized): ...\n",
        "lib/mine/sizes.py": "class Sized:\n    def __init__(self, size): self.size = size\n",
        "lib/mine/conf/__init__.py": "",
        "lib/mine/conf/net/big.yaml": "_target_: mine.nets.Net\nsize: 3\n",
        ".niceml/project.yaml": "python_path: [lib]\n",
    }
    laid_out(project, files)
    exported = run(project, "export", "train.py", "--to", "folder", "-o", made, "--", "net.size=4")
    assert exported.returncode == 0, exported.stderr
    assert names(made) == {*files, "README.md"} - {"unused.py"}
    readme = (made / "README.md").read_text()
    assert "The first start asks whether you trust what it would run: `train.py`, `mine.nets.Net`" in readme
    shutil.rmtree(project)
    asked = run(made, "run", *readme_command(made))
    assert (asked.returncode, "would run train.py" in asked.stderr) == (2, True)
    ran = run(made, "run", "--trust", *readme_command(made))
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert "told 4" in ran.stdout + ran.stderr + "".join(log.read_text() for log in made.rglob("*.log"))


def test_a_package_that_comes_along_for_its_configs_brings_the_code_that_the_job_names(tmp_path: Path) -> None:
    project, made = tmp_path / "project", tmp_path / "made"
    files = {
        "conf/job.yaml": "hydra: {searchpath: ['pkg://mine.conf']}\ndefaults: [net: big, _self_]\n",
        "lib/mine/__init__.py": "",
        "lib/mine/nets.py": "class Net:\n    def __init__(self, size): ...\n",
        "lib/mine/conf/__init__.py": "",
        "lib/mine/conf/net/big.yaml": "_target_: mine.nets.Net\nsize: 3\n",
        ".niceml/project.yaml": "python_path: [lib]\n",
    }
    laid_out(project, {**files, "lib/mine/unused.py": ""})
    assert run(project, "export", "conf/job.yaml", "--to", "folder", "-o", made).returncode == 0
    assert names(made) == {*files, "README.md"}
    assert "would run: `mine.nets.Net`. `--trust` behind `run`" in (made / "README.md").read_text()
    shutil.rmtree(project)
    checked = run(made, "check", *readme_command(made))
    assert "does not exist" not in checked.stdout + checked.stderr


@pytest.mark.parametrize("job", ["mine/configs/base.yaml", "mine/run.py"])
def test_a_package_without_a_git_root_comes_as_a_package_so_that_it_can_be_imported(tmp_path: Path, job: str) -> None:
    project, made = tmp_path / "project", tmp_path / "made"
    script = SCRIPT.replace('config_path="conf", config_name="config"', 'config_path="configs", config_name="base"')
    files = {
        "mine/__init__.py": "",
        "mine/run.py": script.replace("import told", "from mine import told"),
        "mine/told.py": "def of(net): return net.size\n",
        "mine/nets.py": "class Net:\n    def __init__(self, size): self.size = size\n",
        "mine/configs/base.yaml": "parts: []\nnet: {_target_: mine.nets.Net, size: 3}\n",
    }
    laid_out(project, files)
    exported = run(project, "export", job, "--to", "folder", "-o", made)
    assert exported.returncode == 0, exported.stderr
    assert names(made) == {*files, "README.md", ".niceml/project.yaml"}
    shutil.rmtree(project)
    ran = run(made, "run", "--trust", *readme_command(made))
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert "told 3" in ran.stdout + ran.stderr + "".join(log.read_text() for log in made.rglob("*.log"))

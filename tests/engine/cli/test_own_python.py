"""Commands on a project whose configs Python code makes: in the project's own interpreter, with trust."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.runs.trust import set_trust
from tests.engine.config.reference import write

APP = """\
from dataclasses import dataclass
import hydra
from hydra.core.config_store import ConfigStore
@dataclass
class Config:
    port: int = 3306
print("not part of the config")
ConfigStore.instance().store(name="config", node=Config)
@hydra.main(version_base=None, config_path=None, config_name="config")
def main(cfg): ...
"""
TRUST = "import sys; from niceml_engine.runs.trust import set_trust; set_trust(sys.argv[1], True)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path / "project", {"app.py": APP, ".git/HEAD": "", "conf/plain.yaml": "x: 1\n"})


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NICEML_STATE_DIR": str(project.parent / "state")}
    return subprocess.run([sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True)


def compose(project: Path, job: str) -> subprocess.CompletedProcess[str]:
    return run(project, "-m", "niceml_engine", "compose", job)


def trust(project: Path) -> None:
    assert run(project, "-c", TRUST, str(project)).returncode == 0


def wrapper(project: Path, *, bare: bool = False) -> None:
    file = project / "env/python"
    file.parent.mkdir()
    flags = "-I -S " if bare else ""
    file.write_text(f'#!/bin/sh\ntouch "{project}/used"\nexec {sys.executable} {flags}"$@"\n', "utf-8")
    file.chmod(0o755)
    write(project, {".niceml/project.yaml": "python: env/python\n"})


def test_without_trust_nothing_is_run(project: Path) -> None:
    result = compose(project, "app.py")
    assert result.returncode == 2
    assert result.stderr.startswith("error: `config` exists only in Python, at app.py:8; trust the project")


def test_with_trust_the_config_is_composed_and_nothing_else_is_printed(project: Path) -> None:
    trust(project)
    result = compose(project, "app.py")
    assert (result.returncode, result.stdout) == (0, "port: 3306\n"), result.stderr


def test_trust_is_given_with_the_command_that_needs_it(project: Path) -> None:
    result = run(project, "-m", "niceml_engine", "compose", "app.py", "--trust")
    assert (result.returncode, result.stdout) == (0, "port: 3306\n"), result.stderr
    assert compose(project, "app.py").returncode == 0  # and stays


def test_a_command_goes_on_in_the_interpreter_that_the_project_names(project: Path) -> None:
    wrapper(project)
    trust(project)
    result = compose(project, "app.py")
    assert (result.returncode, result.stdout) == (0, "port: 3306\n"), result.stderr
    assert (project / "used").exists()


def test_an_interpreter_that_lacks_niceml_is_named_and_yaml_still_composes(project: Path) -> None:
    wrapper(project, bare=True)
    trust(project)
    result = compose(project, "conf/plain.yaml")
    assert (result.returncode, result.stdout) == (0, "x: 1\n")
    assert result.stderr.startswith("warning: configs in Python are left out: ")
    assert "has no niceml; install it there" in result.stderr
    assert len(result.stderr.splitlines()) == 1


LAUNCHER = """\
from hydra.core.config_store import ConfigStore
ConfigStore.instance().store(group="hydra/launcher", name="far", node={"nodes": 2}, provider="far")
"""


def test_what_a_plugin_of_the_projects_interpreter_makes_counts_with_trust(project: Path) -> None:
    site = project / "env/lib/python3/site-packages"
    wrapper(project)
    write(site, {"hydra_plugins/far.py": LAUNCHER})
    (project / "env/bin").mkdir()
    script = (project / "env/python").rename(project / "env/bin/python")
    script.write_text(script.read_text().replace("exec", f"export PYTHONPATH={site}:$PYTHONPATH\nexec"), "utf-8")
    write(project, {".niceml/project.yaml": "python: env/bin/python\n"})
    write(project, {"conf/far.yaml": "defaults: [override hydra/launcher: far, _self_]\nx: ${hydra:launcher.nodes}\n"})
    refused = compose(project, "conf/far.yaml")
    assert refused.returncode == 2
    assert "`hydra/launcher: far` is made by Python code, at " in refused.stderr
    assert "trust the project (--trust" in refused.stderr
    assert not (project / "used").exists()
    trust(project)
    result = compose(project, "conf/far.yaml")
    assert (result.returncode, result.stdout) == (0, "x: ${hydra:launcher.nodes}\n"), result.stderr
    checked = run(project, "-m", "niceml_engine", "check", "conf/far.yaml", "x=1")
    assert checked.returncode == 0, checked.stdout
    assert "missing-plugin" not in checked.stdout


def test_a_trusted_projects_own_resolvers_count_in_the_terminal(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "res.py": "from omegaconf import OmegaConf\nOmegaConf.register_new_resolver('mine', lambda x: x + x)\n",
            "conf/job.yaml": "a: ${mine:ab}\n",
            ".niceml/project.yaml": "",
        },
    )
    job = str(tmp_path / "conf/job.yaml")
    refused = CliRunner().invoke(app, ["compose", job, "--resolve"])
    assert refused.exit_code == 2
    assert "the resolver `mine` is not known here" in refused.stderr
    assert "res.py:2 registers it" in CliRunner().invoke(app, ["check", job]).output
    set_trust(tmp_path, True)
    assert CliRunner().invoke(app, ["compose", job, "--resolve"]).output == "a: abab\n"
    assert "by code of the project" in CliRunner().invoke(app, ["explain", job, "a"]).output
    assert CliRunner().invoke(app, ["check", job]).output == "no problems\n"

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from niceml_engine.learning.experiment import git_version, new_folder, op_configs


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_commit_branch_and_uncommitted_changes_are_kept(tmp_path: Path) -> None:
    git(tmp_path, "init", "-b", "trunk")
    (tmp_path / "net.py").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    state, changes = git_version(tmp_path)
    assert (len(state["commit"]), state["branch"], state["uncommitted"], changes) == (40, "trunk", False, "")
    (tmp_path / "net.py").write_text("two\n")
    state, changes = git_version(tmp_path)
    assert state["uncommitted"]
    assert "+two" in changes


def test_no_repository_and_no_git_are_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = ({"commit": "", "branch": "", "uncommitted": False}, "")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_version(tmp_path) == nothing
    monkeypatch.setenv("PATH", "")
    assert git_version(tmp_path) == nothing


def test_folder_is_named_after_prefix_time_and_short_id(tmp_path: Path) -> None:
    own = OmegaConf.create({"prefix": "CLB", "location": {"uri": str(tmp_path), "credentials": {"key": None}}})
    names = [new_folder(own, info).name for info in ({"short_id": "k3x9"}, {"short_id": "id_k3x9"}, {})]
    assert all(name.startswith("CLB-20") for name in names)
    assert all(name.endswith("-id_k3x9") for name in names[:2])
    assert len(names[2]) == len(names[0])
    assert not any(tmp_path.iterdir())


def test_op_configs_are_unresolved_and_without_credentials() -> None:
    location = {"uri": "${oc.env:WHERE}", "credentials": {"secret": "x"}}
    config = OmegaConf.create({"ops": {"a": {"config": {"location": location, "list": [location]}}, "b": {}}})
    texts = op_configs(config)
    assert texts["a"] == "location:\n  uri: ${oc.env:WHERE}\nlist:\n- uri: ${oc.env:WHERE}\n"
    assert list(texts) == ["a", "b"]

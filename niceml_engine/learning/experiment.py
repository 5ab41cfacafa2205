"""The op `experiment`: a new folder that says what is run, with which code."""

from __future__ import annotations

import os
import random
import string
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from niceml_engine.config.composed.digest import digest
from niceml_engine.errors import OpError, StoreError
from niceml_engine.events import Artifact
from niceml_engine.jobs.context import OpContext
from niceml_engine.ops_path import ops_in
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import OPS_PATH

INFO = "experiment_info.yaml"
PACKAGES = ("tensorflow", "keras", "scikit-learn", "numpy", "dagster", "hydra-core", "niceml")
GIT_SECONDS = 20  #: a repository on a dead network drive must not stop a training
_PLAIN = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")  #: settings that may name commands


def new_folder(own: Any, run_info: Mapping[str, Any]) -> ExperimentFolder:
    """Names a new experiment `<prefix>-<timestamp>-id_<short id>`; nothing is written yet.

    Args:
        own: The op's config (`DictConfig`).
        run_info: What the worker knows of the run; its `short_id` is taken if it has one.

    Raises:
        StoreError: The location cannot be opened.
    """
    from omegaconf import OmegaConf

    location: Any = OmegaConf.to_container(own.location, resolve=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    short = run_info.get("short_id") or "".join(random.choices(string.ascii_lowercase + string.digits, k=4))
    return ExperimentFolder(Location.of(location) / f"{own.prefix}-{stamp}-id_{str(short).removeprefix('id_')}")


def run(context: OpContext) -> None:
    """Makes the experiment folder.

    Raises:
        StoreError: The location cannot be written.
    """
    folder = context.experiment
    if folder is None:
        raise OpError("the config has no experiment location", key="ops.experiment.config.location")
    info = experiment_info(context, folder)
    try:
        folder.write(INFO, yaml.safe_dump(info, sort_keys=False))
    except StoreError as error:
        raise StoreError(error.message, key="globals.experiment_location.uri", details=error.details) from error
    context.emit(Artifact(kind="experiment", path=folder.uri))
    context.log(f"experiment {folder.uri}")
    _write_configs(context, folder, info)
    if context.own.get("git_version", True):
        state, changes = git_version(Path.cwd())
        folder.write("git_version.yaml", yaml.safe_dump(state, sort_keys=False))
        if changes:
            folder.write("git_uncommitted.diff", changes)


def go_on(context: OpContext) -> None:
    """Notes in an experiment that another run does some of its ops once more.

    Raises:
        StoreError: It is gone, or cannot be written.
    """
    folder = context.experiment
    if folder is None or not folder.exists(INFO):
        raise StoreError(f"there is no experiment at {folder.uri if folder else 'the given place'} any more")
    run = context.run_info
    before = yaml.safe_load(folder.read(INFO))
    info = before | {
        "run_id": run.get("id", ""),
        "earlier_runs": [*before.get("earlier_runs", ()), before.get("run_id", "")],
        "status": "running",
        "message": "",
        "digest": run.get("digest", ""),
        "job": run.get("job", ""),
        "overrides": list(run.get("overrides", ())),
    }
    folder.write(INFO, yaml.safe_dump(info, sort_keys=False))
    context.emit(Artifact(kind="experiment", path=folder.uri))
    context.log(f"goes on with experiment {folder.uri}")
    _write_configs(context, folder, info)


def _write_configs(context: OpContext, folder: ExperimentFolder, info: Mapping[str, Any]) -> None:
    from omegaconf import OmegaConf

    selection = {"job": info["job"], "overrides": info["overrides"]}
    folder.write("run/selection.yaml", yaml.safe_dump(selection, sort_keys=False))
    folder.write("run/config.yaml", OmegaConf.to_yaml(context.config))
    for op, text in op_configs(context.config, context.ops_path).items():
        folder.write(f"configs/ops/{op}.yaml", text)


def experiment_info(context: OpContext, folder: ExperimentFolder) -> dict[str, Any]:
    """What `experiment_info.yaml` says at the start of a run."""
    from omegaconf import OmegaConf

    own, run = context.own, context.run_info
    now = datetime.now(UTC)
    data: Any = OmegaConf.to_container(context.config, resolve=False)
    return {
        "name": own.name,
        "folder": folder.name,
        "prefix": own.prefix,
        "short_id": folder.name.rsplit("-id_", 1)[-1],
        "run_id": run.get("id", ""),
        "created": now.timestamp(),
        "created_at": now.isoformat(timespec="seconds"),
        "status": "running",
        "message": "",
        "digest": run.get("digest") or digest(data),
        "job": run.get("job", ""),
        "overrides": list(run.get("overrides", ())),
        "dagster_job": run.get("dagster_job", ""),
        "packages": _versions(),
    }


def write_end(folder: ExperimentFolder, status: str, message: str) -> None:
    """Says in `experiment_info.yaml` how the run ended.

    Args:
        folder: The experiment; one that was never written is left alone.
        status: As in `values.RunStatus`.
        message: Why, if it did not end well.

    Raises:
        StoreError: The location cannot be written.
    """
    if folder.exists(INFO):
        info = yaml.safe_load(folder.read(INFO))
        folder.write(INFO, yaml.safe_dump(info | {"status": status, "message": message}, sort_keys=False))


def op_configs(config: Any, ops_path: str = OPS_PATH) -> dict[str, str]:
    """The unresolved config of each op as YAML, without anything called `credentials`.

    Args:
        config: The composed config.
        ops_path: Where the configs of ops lie in it.
    """
    from omegaconf import OmegaConf

    from niceml_engine.jobs.composed import op_config

    texts = {}
    for op in ops_in(OmegaConf.to_container(config, resolve=False), ops_path):
        own = op_config(config, op, ops_path)
        data: Any = OmegaConf.to_container(own, resolve=False) if OmegaConf.is_config(own) else {}
        texts[op] = yaml.safe_dump(_without_credentials(data), sort_keys=False, allow_unicode=True)
    return texts


def git_version(folder: Path) -> tuple[dict[str, Any], str]:
    """The commit that a folder is at.

    Returns:
        What `git_version.yaml` says, and the uncommitted changes as a patch; both say nothing where there is no git.
    """
    commit = _git(folder, "rev-parse", "HEAD").strip()
    if not commit:
        return {"commit": "", "branch": "", "uncommitted": False}, ""
    changes = _git(folder, "diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD").strip()
    return {"commit": commit, "branch": branch, "uncommitted": bool(changes)}, changes


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *_PLAIN, *arguments],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _without_credentials(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_credentials(value) for key, value in data.items() if key != "credentials"}
    if isinstance(data, list):
        return [_without_credentials(value) for value in data]
    return data


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found

"""Making the folders of new runs, which are thereby in the queue."""

from __future__ import annotations

import time
from pathlib import Path
from secrets import choice
from typing import Any

import msgspec

from niceml_engine import secrets
from niceml_engine.errors import RunError, os_reason
from niceml_engine.leaves import kept
from niceml_engine.places import own_folder
from niceml_engine.runs.files import write_atomically
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.variables import variables_of
from niceml_engine.values import OPS_PATH, Composed, Continuation, RunSettings, RunSpec, Trial

ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"


def create_run(
    root: str | Path,
    composed: Composed,
    dagster_job: str,
    settings: RunSettings,
    group: str = "",
    *,
    python_path: tuple[str, ...] = (),
    modules: tuple[str, ...] = (),
    ops_path: str = OPS_PATH,
    trial: Trial | None = None,
    continues: Continuation | None = None,
    script: str = "",
    parent: Path | None = None,
) -> RunFolder:
    """Makes the folder of a new run; among the runs of the project it is thereby in the queue.

    Args:
        root: The project.
        composed: What is to be run.
        dagster_job: By which job.
        settings: How.
        group: What the runs of one sweep share.
        python_path: Folders of the project in which its packages lie, besides the root.
        modules: Modules of the project that the worker imports first.
        ops_path: Where the configs of ops lie.
        trial: What is only tried.
        continues: Which ops run upon what, if not all of them.
        script: The Hydra program that is started instead of ops of ours.
        parent: Where the folder is made; else among the runs of the project.

    Raises:
        RunError: The folder cannot be written.
    """
    spec = RunSpec(
        id="",
        root=str(root),
        selection=composed.selection,
        dagster_job=dagster_job,
        config=composed.yaml,
        digest=composed.digest,
        created=0.0,
        settings=settings,
        origins=origins(root, composed),
        group=group,
        python_path=python_path,
        modules=modules,
        ops_path=ops_path,
        trial=trial,
        continues=continues,
        script=script,
        leaves=leaves_of(composed),
        variables=variables_of(composed.yaml),
    )
    return _write_run(spec, parent or runs_folder(root))


def new_group(title: str) -> str:
    """What the runs of a new sweep share: its title and a stamp."""
    return f"{title} {_stamp()}"


def copy_run(spec: RunSpec) -> RunFolder:
    """Makes the folder of a new run of what another one was told, under an id of its own.

    Raises:
        RunError: The folder cannot be written.
    """
    return _write_run(spec, runs_folder(spec.root))


def _write_run(spec: RunSpec, parent: Path) -> RunFolder:
    now = time.time()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{int(now * 1000) % 1000:03d}"
    folder = RunFolder(parent / f"{stamp}-{_stamp()}")
    try:
        if parent == runs_folder(spec.root):
            own_folder(spec.root)
        folder.path.mkdir(parents=True)
        spec = msgspec.structs.replace(spec, id=folder.id, created=now)
        write_atomically(folder.path / "spec.json", msgspec.json.encode(spec))
    except OSError as error:
        raise RunError(f"cannot write {folder.path}: {os_reason(error)}", details=repr(error)) from error
    return folder


def _stamp() -> str:
    return "".join(choice(ALPHABET) for _ in range(4))


def origins(root: str | Path, composed: Composed) -> dict[str, str]:
    """Where each leaf was set, relative to the project where it can be."""
    found = {}
    for leaf in composed.leaves:
        if leaf.origin.file:
            path = Path(leaf.origin.file)
            shown = path.relative_to(root) if path.is_relative_to(root) else path
            found[leaf.key] = f"{shown.as_posix()}:{leaf.origin.line}"
    return found


def leaves_of(composed: Composed) -> dict[str, Any]:
    """What a config holds, resolved as far as it can be; long values are cut short, secrets masked."""
    found = ((leaf, leaf.value if leaf.reason or leaf.secret else leaf.resolved) for leaf in composed.leaves)
    return {leaf.key: kept(secrets.mask(value) if leaf.secret else value)[0] for leaf, value in found}

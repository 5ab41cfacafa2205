"""Which projects a person lets run their code: asked once, remembered by path, in the person's own folder.

Nothing in a project can answer for it. The bundled project is trusted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from filelock import FileLock

from niceml_engine.errors import NicemlError, RunError, TrustError, os_reason
from niceml_engine.places import sample_project, state_dir
from niceml_engine.protocol.trust import Foreign
from niceml_engine.runs.files import write_atomically
from niceml_engine.store.location import Location
from niceml_engine.values import RunSpec


class _Remembered(msgspec.Struct, frozen=True):
    projects: tuple[str, ...] = ()


def is_trusted(root: str | Path) -> bool:
    """Whether a project may run its code."""
    path = _path(root)
    sample = sample_project()
    return path in _read().projects or (sample is not None and path == _path(sample))


def set_trust(root: str | Path, trusted: bool) -> None:
    """Remembers that a project may run its code, or that it may no more.

    Raises:
        RunError: The person's own folder cannot be written.
    """
    file, path = _file(), _path(root)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")):
            others = tuple(other for other in _read().projects if other != path)
            projects = (*others, path) if trusted else others
            write_atomically(file, msgspec.json.format(msgspec.json.encode(_Remembered(projects))))
    except OSError as error:
        raise RunError(f"cannot write {file}: {os_reason(error)}", details=repr(error)) from error


def need_trust(
    root: str | Path, config: str = "", origins: Mapping[str, str] | None = None, python: str = "", script: str = ""
) -> None:
    """Refuses to start what a person has not been asked about.

    Args:
        root: The project.
        config: What is to be started, composed and unresolved.
        origins: `file:line` of its leaves.
        python: The interpreter that will run it; empty: ours.
        script: The program that is started with it, if one is.

    Raises:
        TrustError: Code would run that is not ours, and the project is not trusted.
    """
    if is_trusted(root):
        return
    from niceml_engine.config.code.foreign import place_of, summary

    found = would_run(root, config, origins, python, script)
    if found:
        home = Path(root)
        lines = [f"{one.kind:<13}  {one.name}  {one.source or place_of(one, home)}".rstrip() for one in found]
        message = f"this project is not trusted yet, and would run {summary(found, home)}; --trust allows it"
        raise TrustError(message, file=str(root), details="\n".join(lines))


def need_reach(root: str | Path, location: Location) -> Location:
    """Refuses to look into a place that is no folder of this machine, as long as a project is not trusted.

    The place, its options and the variables of `.env` are the project's word: they decide who is sent the person's own
    keys, and which command or code a library runs to get some.

    Raises:
        TrustError: The project is not trusted.
    """
    if location.is_local or is_trusted(root):
        return location
    how = "it is looked into once this project is trusted (--trust, or File → Trust)"
    message = f"{location.uri} is no folder here; {how}"
    raise TrustError(message, file=str(root), details=f"{'location':<13}  {location.uri}")


def would_run(
    root: str | Path, config: str = "", origins: Mapping[str, str] | None = None, python: str = "", script: str = ""
) -> tuple[Foreign, ...]:
    """What a start would run that is not ours; see `need_trust`."""
    # Reads Python sources, which a trusted project need not wait for.
    from niceml_engine.config.code.foreign import foreign
    from niceml_engine.config.projects.scripts import read_script

    found = foreign(Path(root), config, origins)
    if script:
        line = next((program.line for program in read_script(script).programs), 1)
        found = (Foreign("program", os.path.relpath(script, root), script, line), *found)
    if python and not any(one.kind == "interpreter" for one in found):
        return (*found, Foreign("interpreter", python))
    return found


def may_run(root: str | Path, spec: RunSpec) -> bool:
    """Whether the worker of a run may be started; the run may have come with the project's folder."""
    if is_trusted(root):
        return True
    if _path(spec.root) != _path(root):
        return False
    try:
        need_trust(root, spec.config, spec.origins, spec.settings.python, spec.script)
    except NicemlError:
        return False
    return True


def _path(root: str | Path) -> str:
    return os.path.realpath(root)


def _file() -> Path:
    return state_dir() / "trusted.json"


def _read() -> _Remembered:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(_file().read_bytes(), type=_Remembered)
    return _Remembered()

"""A job and only the files that it uses, laid out as in the project, so that it composes wherever the folder lies.

Includes stay as they are written. What the project's layout would suggest is said in `.niceml/project.yaml`, and
configs of installed packages stay in their packages. The script that a job runs as comes along with the code that it
imports and that the job names. Configs that Python code makes come as that code, with what of
the project it imports. The folder is composed at another place before anybody gets it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from niceml_engine.config.code.foreign import foreign
from niceml_engine.config.code.imported import files_of, imported
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.structured import ADVICE, is_made
from niceml_engine.config.composed.render import dump
from niceml_engine.config.editing.save import save_into_job
from niceml_engine.config.projects.project import interpreter, read_layout
from niceml_engine.config.projects.project_file import NAME
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.disk import read_file
from niceml_engine.errors import ConfigError, NicemlError
from niceml_engine.protocol.configs import ExportedFile
from niceml_engine.values import OPS_PATH, Composed, Selection

README = "README.md"
_PACKAGE = "__init__.py"
_PATIENCE = 120  #: seconds in which code that makes configs must have done so
_YAML = (".yaml", ".yml")
_NAMED = 3  #: things that only run with trust are named


def folder_of(composer: Composer, composed: Composed) -> tuple[ExportedFile, ...]:
    """The files of the folder, its README first.

    Overrides are written into the job file; those that it cannot hold stand in the README's command.

    Args:
        composer: Of the project.
        composed: What its selection composed to.

    Raises:
        ConfigError: A file that it uses lies elsewhere, or the folder would compose to something else.
    """
    selection = composed.selection
    setting = _around(composer.setting, selection.job)
    job = _name(selection.job, setting.root)
    text, left = _job(composer, selection)
    used = [file for file in Composer(setting).files_of(selection) if not _installed(file, setting.root)]
    python = imported(_makers(setting, composed), (*setting.python_path, setting.root))
    packages = tuple(_packages(used, setting.root))
    code = _code(setting, composed, packages)
    names = {_name(file, setting.root): file for file in (*used, *python, *code, *packages)}
    files = {name: read_file(file).text for name, file in sorted(names.items())}
    files[job] = text
    files[str(NAME)] = _project(setting, job, list(files), interpreter(setting.root) if python or code else "")
    primary, _ = setting.primary(selection.job)
    config_dir = _name(primary or setting.root, setting.root)
    command = _command(job, config_dir, left)
    made = tuple(ExportedFile(name, text) for name, text in files.items())
    asks = _try(made, Selection(job, left), config_dir, composed.digest)
    listed = [name for name in files if name != str(NAME)]
    readme = _readme(job, command, composed.digest, listed, asks, code=bool(code))
    made = (ExportedFile(README, readme), *made)
    if python:
        _try_code(made, shlex.split(command)[2:], composed.yaml)
    return made


def _makers(setting: Setting, composed: Composed) -> tuple[str, ...]:
    """The Python files that make configs of a job, the job's own first if it is one.

    Raises:
        ConfigError: Nobody has let them make any.
    """
    schemas = setting.of(composed.selection.job).version_base in ("1.1", "1.1.0")  # upon which files are merged
    stores = {one.id: one for one in setting.stores}
    used = [node for node in composed.nodes if not node.missing and (schemas or not node.file.endswith(_YAML))]
    ids = [node.id for node in used]
    ids += [f"{choice.group}/{name}" for choice in composed.hydra for name in choice.chosen]
    found = [composed.selection.job] if composed.selection.job.endswith(".py") else []
    for made in (stores[id] for id in ids if id in stores):
        if not is_made(made):
            message = f"Python code makes the config `{made.id}`; {ADVICE}"
            raise ConfigError(message, file=made.file, line=made.line)
        found.append(made.file)
    if any(not node.file and node.id not in stores for node in used):  # its name is only known when the code runs
        found += [one.file for one in setting.stores]
    return tuple(dict.fromkeys(found))


def _code(setting: Setting, composed: Composed, packages: Iterable[str]) -> tuple[str, ...]:
    """The script that a job runs as, and the code of the project that it imports or that the job names as `_target_`.

    Of a job without a script, only what it names in packages that come along anyway: a part of one would hide the rest.
    """
    program = setting.program(composed.selection.job)
    script = setting.root / program.file if program is not None and program.kind == "main" else None
    beside = (script.parent,) if script is not None else ()
    folders = (*beside, *setting.python_path, setting.root)
    targets = {target for leaf in composed.leaves for target in _targets(leaf.key, leaf.resolved)}
    named = [found for target in sorted(targets) if (found := files_of(target, folders))]
    brought = set(packages)
    wanted = [file for found in named if script is not None or brought.intersection(found) for file in found]
    code = imported((*([str(script)] if script is not None else ()), *wanted), folders)
    return tuple(one for one in code if Path(one).is_relative_to(setting.root) and not _installed(one, setting.root))


def _targets(key: str, value: Any) -> Iterator[str]:
    """What is named as `_target_` by a value, and anywhere in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _targets(str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets("", inner)
    elif key.rpartition(".")[2] == "_target_":
        yield str(value)


def write_folder(files: Iterable[ExportedFile], folder: Path) -> None:
    """Writes the files into a folder that is new or empty.

    Raises:
        ConfigError: It is neither.
        OSError: It cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError("the folder is not empty; name a new one", file=str(folder))
    for file in files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode())


def _around(setting: Setting, job: str) -> Setting:
    """The setting, with the job's own folder for root where it does not lie in the project that composes it."""
    if Path(job).is_relative_to(setting.root):
        return setting
    return replace(setting, root=Path(job).parent, working_dir=setting.working_dir or setting.root)


def _job(composer: Composer, selection: Selection) -> tuple[str, tuple[str, ...]]:
    """The job file's text with the overrides written in, and the overrides that it cannot hold."""
    own = read_file(selection.job).text
    if not selection.overrides or selection.job.endswith(".py"):
        return own, selection.overrides
    try:
        plan = save_into_job(composer, selection)
    except ConfigError:  # none of them can be written
        return own, selection.overrides
    changed = next((change.after for change in plan.changes if change.file == selection.job), None)
    return own if changed is None else changed, plan.selection.overrides


def _name(file: str | Path, root: Path) -> str:
    if not Path(file).is_relative_to(root):
        raise ConfigError(
            "the job uses this file, which lies outside of the project, so that no folder can hold both; "
            "export it as yaml",
            file=str(file),
        )
    return os.path.relpath(file, root)


def _installed(file: str, root: Path) -> bool:
    """Whether a file belongs to a package that is installed, and not to the project."""
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    libraries |= {entry for entry in sys.path if entry and not Path(entry).is_relative_to(root)}
    path = Path(file)
    inside = path.is_relative_to(root) and "site-packages" not in path.parts
    return not inside and ("site-packages" in path.parts or any(path.is_relative_to(one) for one in libraries))


def _packages(files: list[str], root: Path) -> Iterator[str]:
    """What makes the folders of files Python packages, as `pkg://` wants them."""
    folders = {parent for file in files for parent in Path(file).parents if parent.is_relative_to(root)}
    for folder in sorted(folders):
        if (folder / _PACKAGE).is_file():
            yield str(folder / _PACKAGE)


def _project(setting: Setting, job: str, names: list[str], python: str) -> str:
    """The project's file of the folder: nothing is left to be guessed that decides what composes."""
    said: dict[str, Any] = {"primary": job, "version_base": setting.of(str(setting.root / job)).version_base}

    def holds(folder: Path) -> bool:
        return folder.is_relative_to(setting.root) and any((setting.root / n).is_relative_to(folder) for n in names)

    if setting.working_dir is not None and holds(setting.working_dir):
        said["working_dir"] = os.path.relpath(setting.working_dir, setting.root)
    paths = [os.path.relpath(path, setting.root) for path in setting.python_path if holds(path)]
    if paths:
        said["python_path"] = paths
    if python:
        said["python"] = python
    if setting.ops_path != OPS_PATH:
        said["ops_path"] = setting.ops_path
    return f"# what this job composes under\n{dump(said)}"


def _command(job: str, config_dir: str, overrides: tuple[str, ...]) -> str:
    words = ["niceml-engine", "run"]
    if config_dir != (os.path.dirname(job) or os.curdir) and not job.endswith(".py"):
        words += ["--config-dir", config_dir]
        job = os.path.splitext(os.path.relpath(job, config_dir))[0]
    return shlex.join([*words, job, *(("--", *overrides) if overrides else ())])


def _readme(job: str, command: str, digest: str, names: list[str], asks: tuple[str, ...], *, code: bool) -> str:
    listed = "".join(f"- `{name}`\n" for name in names)
    also = "\nData, and code that is only named while it runs, are not among them.\n" if code else ""
    named = ", ".join(f"`{name}`" for name in asks[:_NAMED]) + (
        f" and {len(asks) - _NAMED} more" * (len(asks) > _NAMED)
    )
    trust = f"The first start asks whether you trust what it would run: {named}. `--trust` behind `run` says so.\n\n"
    return (
        f"# {Path(job).stem}\n\nIn this folder, the job is run by\n\n    {command}\n\n"
        f"and composes to the digest `{digest}`.\n\n{trust if asks else ''}The files that it uses:\n\n{listed}{also}"
    )


def _try(files: tuple[ExportedFile, ...], selection: Selection, config_dir: str, digest: str) -> tuple[str, ...]:
    """Composes the folder where nothing else of the project is near; tells what of it only runs with trust.

    Raises:
        ConfigError: It composes to something else, or still uses a file of the project.
    """
    with tempfile.TemporaryDirectory(prefix="niceml-") as name:
        there = Path(os.path.realpath(name)) / "export"
        write_folder(files, there)
        job = there / selection.job
        try:
            composer = Composer(replace(read_layout(job).setting, config_dir=there / config_dir))
            composed = composer.compose(Selection(str(job), selection.overrides))
            if composed.error is not None:
                raise ConfigError.of(composed.error)
            used = composer.files_of(Selection(str(job), selection.overrides))
        except NicemlError as error:
            message = f"the job does not compose in a folder of its own: {error.message}; export it as yaml"
            raise ConfigError(message, line=error.line, key=error.key, details=error.details) from error
        for file in used:
            if not Path(file).is_relative_to(there) and not _installed(file, there):
                message = "the job finds this file by an absolute path, so no folder can bring it along"
                raise ConfigError(f"{message}; export it as yaml", file=file)
        if composed.digest != digest:
            raise ConfigError("the job composes to something else in a folder of its own; export it as yaml")
        program = composer.setting.program(str(job))
        script = program.file if program is not None and program.kind == "main" and not composed.dagster_job else ""
        asks = [os.path.relpath(script, there)] if script else []
        return tuple(dict.fromkeys([*asks, *(one.name for one in foreign(there, composed.yaml))]))


def _try_code(files: tuple[ExportedFile, ...], words: list[str], text: str) -> None:
    """Composes the folder as its command would, in a process that has run nothing yet.

    Raises:
        ConfigError: Its Python code cannot be run there, or makes something else.
    """
    with tempfile.TemporaryDirectory(prefix="niceml-") as name:
        there = Path(os.path.realpath(name)) / "export"
        write_folder(files, there)
        environment = {**os.environ, "NICEML_STATE_DIR": str(there.parent / "state")}  # who trusted the code did so
        command = [sys.executable, "-P", "-m", "niceml_engine", "compose", "--trust", *words]
        try:
            done = subprocess.run(
                command, cwd=there, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as error:
            message = f"the job does not compose in a folder of its own within {_PATIENCE} s; export it as yaml"
            raise ConfigError(message) from error
    if done.returncode == 0 and done.stdout == text:
        return
    said = done.stderr.strip()
    first = next((line for line in said.splitlines() if line.startswith(("warning: ", "error: "))), said[:200])
    reason = first.partition(": ")[2].replace(f"{there}/", "") or "it composes to something else"
    message = f"the job does not compose in a folder of its own: {reason}; export it as yaml"
    raise ConfigError(message, details=said)

"""A selection in other forms. All but `resolved` are unresolved, hold no secret, and compose to the same digest."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import replace
from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import compose_first
from niceml_engine.config.composed.digest import digest
from niceml_engine.config.editing.save import composes_at, made_in_python, save_into_job
from niceml_engine.config.exporting.annotated import OVER, annotated
from niceml_engine.config.exporting.folder import folder_of, write_folder
from niceml_engine.config.projects.project import Setting, find_root, read_layout
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError, os_reason
from niceml_engine.parts import find
from niceml_engine.protocol.configs import Exported, ExportFormat
from niceml_engine.secrets import is_secret, mask_text
from niceml_engine.values import Composed, Selection


def export(composer: Composer, selection: Selection, to: ExportFormat, file: str = "") -> Exported:
    """Makes the text of an export; writing it is up to the caller.

    Args:
        composer: Of the project.
        selection: What to export.
        to: `yaml`: the composed config, a job file that needs no other; `annotated`: the same, with a comment on
            each value that says who set it; `resolved`: for reading, secrets masked; `run-config`: what
            `dagster job execute -c` takes; `overrides`: one on each line, or a comment that there are none;
            `command`: for a POSIX shell; `job`: the job file with the overrides written in; `folder`: that file and
            all that it uses.
        file: Where it will be written, if known: a job file must compose to the same there.

    Raises:
        ConfigError: The selection does not compose, or this form cannot hold it.
    """
    # Only these two can hold several values of one key.
    swept = to in ("overrides", "command")
    composed = compose_first(composer, selection) if swept else composer.compose(selection)
    if composed.error is not None:
        raise ConfigError.of(composed.error)
    if to == "folder":
        files = folder_of(composer, composed)
        return Exported(files[0].text, file, composed.digest, files)
    text = _text(composer, composed, to)
    if to == "job" and file:
        text = _at_home(composer.setting.of(selection.job), Path(file).absolute(), text, composed.digest)
    return Exported(text, file, composed.digest)


def write(exported: Exported) -> None:
    """Writes an export to its file, or folder.

    Raises:
        ConfigError: It cannot be written there, and why.
    """
    file = Path(exported.file)
    if not file.parent.exists():
        raise ConfigError("there is no such folder to write into; make it first, or choose another", file=exported.file)
    try:
        if exported.files:
            write_folder(exported.files, file)
        else:
            file.write_text(exported.text, "utf-8", newline="")
    except OSError as error:
        reason = os_reason(error, "no file can be made there; choose another folder")
        raise ConfigError(f"the export cannot be written: {reason}", file=exported.file) from error


def _text(composer: Composer, composed: Composed, to: ExportFormat) -> str:
    selection = composed.selection
    if to == "annotated":
        return f"{_head(composer, composed)}# beside each value: who set it{OVER}whom that overrode\n" + annotated(
            composed, composer.setting.root
        )
    if to == "resolved":
        return f"{_head(composer, composed)}# resolved, for reading: secrets are masked\n{composed.resolved_yaml}"
    if to == "overrides":
        if broken := next((override for override in selection.overrides if "\n" in override), ""):
            raise ConfigError(f"{broken!r} holds a line break, so it does not fit on a line; export as yaml or command")
        lines = selection.overrides or (f"# {Path(selection.job).name} has no overrides",)
        return "".join(f"{line}\n" for line in lines)
    if to == "command":
        return _command(composer.setting, selection, several=composed.runs > 1) + "\n"
    if to == "job" and selection.job.endswith(".py"):
        raise made_in_python(selection.job)
    if to == "job":
        plan = save_into_job(composer, selection)
        if plan.selection.overrides:
            left = ", ".join(plan.selection.overrides)
            why = _merged_later(composer, plan.selection)
            raise ConfigError(f"a job file cannot hold {left}{why}; export it as yaml, overrides or command")
        return next((change.after or "" for change in plan.changes), read_file(selection.job).text)
    if digest(parse(composed.yaml).data or {}) != composed.digest:
        raise ConfigError("this config cannot be written as one YAML file; export it as overrides or command")
    if to == "yaml":
        return _head(composer, composed) + composed.yaml
    head = _head(composer, composed)
    return head + "config: |\n" + "".join(f"  {line}" for line in composed.yaml.splitlines(keepends=True))


def _merged_later(composer: Composer, selection: Selection) -> str:
    """Why a job file cannot hold the values of overrides, where what it includes is merged over its own values."""
    composed = composer.compose(Selection(selection.job))
    for override in selection.overrides:
        leaf = find({one.key: one for one in composed.leaves}, override.lstrip("+~").partition("=")[0])
        if leaf is not None and leaf.origin.file not in ("", selection.job):
            place = f"{os.path.relpath(leaf.origin.file, composer.setting.root)}:{leaf.origin.line}"
            return f": {place} sets {leaf.key} and is merged after it, as its `_self_` does not come last"
    return ""


def _at_home(setting: Setting, file: Path, text: str, digest: str) -> str:
    """The text as it composes to the same where it will stand: outside of the project, its search path is absolute."""
    root = find_root(next(folder for folder in file.parents if folder.is_dir()))
    there = replace(setting, root=root)
    for candidate in (text, _anchored(text, setting.working_dir or setting.root)):
        if composes_at(there, file, candidate) == digest:
            return candidate
    raise ConfigError(
        "the job file would not find there what it includes; write it into the folder of the job that it comes "
        "from, or export it as yaml",
        file=str(file),
    )


def _anchored(text: str, folder: Path) -> str:
    hydra = (parse(text).data or {}).get("hydra")
    entries = hydra.get("searchpath") if isinstance(hydra, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        path = str(entry).removeprefix("file://")
        if path != str(entry) and not os.path.isabs(path):
            text = edit.set_value(text, ("hydra", "searchpath", number), f"file://{folder / path}")
    return text


def _head(composer: Composer, composed: Composed) -> str:
    job = Path(composed.selection.job)
    root = composer.setting.root
    origin = job.relative_to(root) if job.is_relative_to(root) else Path(job.name)
    changed = "".join(f"#   {_harmless(override)}\n" for override in composed.selection.overrides)
    return f"# composed from {origin}\n{changed}# digest {composed.digest}\n"


def _harmless(override: str) -> str:
    """An override on one line, without the value of a secret."""
    text = " ".join(override.split())
    name = re.sub(r"^[~+]+", "", text.partition("=")[0])
    return mask_text(text) if is_secret(tuple(re.split(r"[./@]", name))) else text


def _command(setting: Setting, selection: Selection, *, several: bool) -> str:
    words = ["niceml-engine", "run", *(["--multirun"] if several else [])]
    job = selection.job
    if setting.config_dir is not None and Path(job).is_relative_to(setting.config_dir):
        job = os.path.splitext(os.path.relpath(job, setting.config_dir))[0]
        words += ["--config-dir", str(setting.config_dir)]
    own = read_layout(setting.root).setting
    if setting.of(selection.job).version_base != own.of(selection.job).version_base:
        words += ["--version-base", setting.of(selection.job).version_base or "null"]
    if setting.working_dir is not None and setting.working_dir != own.working_dir:
        words += ["--working-dir", str(setting.working_dir)]
    for folder in setting.python_path if setting.python_path != own.python_path else ():
        words += ["--python-path", str(folder)]
    words.append(job)
    if selection.overrides:
        words += ["--", *selection.overrides]
    return shlex.join(words)

"""What a project runs in: its interpreter, its `.env`, and the variables that its configs read."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from niceml_engine import secrets
from niceml_engine.config.projects import scan
from niceml_engine.config.projects.env_file import NAME, env_lines, env_problems, read_env
from niceml_engine.config.projects.project_file import place
from niceml_engine.config.projects.unmet import unmet
from niceml_engine.config.text.files import Signature, YamlFile, parse, signature
from niceml_engine.config.text.limits import MAX_BYTES
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.project import Environment, Variable, VariableUse
from niceml_engine.values import Project

Source = Literal["shell", ".env", ""]
_READ = re.compile(r"\$\{\s*(?:oc\.)?env\s*:\s*([A-Za-z_]\w*)\s*([,}])")
_IN_URL = re.compile(r"(?<=://)([^:/@\s]*):([^@/\s]+)(?=@)")


def environment(project: Project, shell: Mapping[str, str]) -> Environment:
    """Finds out what a project runs in; every config is looked into, none is composed.

    Args:
        project: The project.
        shell: The environment without the project's `.env`.

    Raises:
        ProjectError: `.env` cannot be read.
    """
    root = Path(project.root)
    own, lines = read_env(root, shell), env_lines(root)
    uses: dict[str, list[VariableUse]] = {name: [] for name in own}
    secret = {name for name in own if secrets.is_secret_variable(name)}
    for name, use in _uses(project):
        uses.setdefault(name, []).append(use)
        inside = Path(os.path.relpath(use.file, root)).parts
        if secrets.is_secret_variable(name) or secrets.is_secret((*inside, *use.key.split("."))):
            secret.add(name)
    variables = []
    for name in sorted(uses):
        value = shell.get(name, own.get(name))
        source: Source = "shell" if name in shell else ".env" if name in own else ""
        shown = None if value is None else secrets.mask(value) if name in secret else _IN_URL.sub(_masked, value)
        variables.append(Variable(name, shown, source, lines.get(name, 0), name in secret, tuple(uses[name])))
    python = shutil.which(project.python, path=shell.get("PATH")) if project.python else sys.executable
    folders = next((one.values for one in project.settings if one.name == "python_path"), ())
    problems = unmet(root, tuple(place(root, text) for text in folders), shell.get("PATH"))
    env_file, problems = root / NAME, (*problems, *env_problems(root))
    return Environment(python or project.python, str(env_file), env_file.is_file(), tuple(variables), problems)


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}:{secrets.MASK}"


def _uses(project: Project) -> Iterator[tuple[str, VariableUse]]:
    folders = [Path(folder) for folder in project.config_dirs]
    jobs = (job.file for job in project.tree.jobs if not any(Path(job.file).is_relative_to(f) for f in folders))
    for file in dict.fromkeys((*(file for folder in folders for file in scan.yaml_files(folder)), *jobs)):
        state = signature(file)
        if state is not None:
            yield from _uses_of(file, state)


@lru_cache(maxsize=20_000)
def _uses_of(file: str, state: Signature) -> tuple[tuple[str, VariableUse], ...]:
    """The uses in a file, read once per state."""
    try:
        with open(file, "rb") as handle:
            data = handle.read(MAX_BYTES)
    except OSError:
        return ()
    if b"env" not in data:
        return ()
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return tuple(_uses_in(file, text))


def _uses_in(file: str, text: str) -> Iterator[tuple[str, VariableUse]]:
    parsed: YamlFile | None = None
    for match in _READ.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        if _is_comment(text[start : match.start()]):
            continue
        if parsed is None:
            try:
                parsed = parse(text, file)
            except ConfigError:  # its variables are still worth knowing
                parsed = YamlFile(file, text, None, {}, (), (0, 0, 0))
        line = text.count("\n", 0, match.start()) + 1
        default = _until_brace(text, match.end()) if match[2] == "," else None
        yield match[1], VariableUse(file, line, _key(parsed, line), default)


def _is_comment(before: str) -> bool:
    """Whether what follows on a line is a comment: behind a `#` that stands in no quotes."""
    unquoted = re.sub(r"\"[^\"]*\"|'[^']*'", "", before)
    return re.search(r"(^|\s)#", unquoted) is not None and not re.search(r"[\"'].*#", unquoted)


def _until_brace(text: str, start: int) -> str:
    depth = 0
    for index in range(start, min(len(text), start + 4096)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth < 0:
            return text[start:index].strip()
    return text[start:].partition("\n")[0].strip()


def _key(parsed: YamlFile, line: int) -> str:
    """The innermost key that a line belongs to."""
    above = [(mark.line, path) for path, mark in parsed.marks.items() if mark.line <= line]
    return ".".join(max(above, key=lambda one: (one[0], len(one[1])))[1]) if above else ""

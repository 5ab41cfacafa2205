"""What Hydra warns of while it composes, as problems with the place that each is of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from niceml_engine.config.composed.graph import is_node, stem
from niceml_engine.config.projects.project_file import NAME
from niceml_engine.config.text.disk import read_file
from niceml_engine.errors import ConfigError
from niceml_engine.values import Node, Problem

_NOT_THERE = re.compile(r"provider=(?P<provider>.*), path=(?P<path>.*) is not available\.$")


def warnings_of(texts: Iterable[str], nodes: tuple[Node, ...], file: str = "", line: int = 0) -> list[Problem]:
    """What Hydra warns of, each as a line, with the file that it names.

    Args:
        texts: What Hydra said.
        nodes: The configs, one of which it may name.
        file: Where what it warns of stands, if it names none.
        line: The line there.
    """
    found = []
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if (missing := _NOT_THERE.match(text.strip())) is not None:
            found.append(_not_there(missing["path"], nodes, text))
            continue
        said = " ".join(line for line in lines if not line.startswith("See http")).partition(" See http")[0]
        named = re.match(r"In '?([^':]+)'?: ", said)
        config = next((node.file for node in nodes if named and is_node(node.id, stem(named[1]))), "")
        place = (config, 1) if config else (file, line)
        found.append(Problem("warning", "hydra", said or text, *place, details=text.strip()))
    return found


def _not_there(path: str, nodes: Iterable[Node], said: str) -> Problem:
    """An entry of a search path that leads nowhere."""
    package = "/" not in path and "\\" not in path
    what = f"there is no package {path}" if package else f"there is no folder {path}"
    do = f"name where it lies with `python_path` in {NAME}" if package else f"mend it, or name `working_dir` in {NAME}"
    file, line = next(((node.file, line) for node in nodes if (line := _line_of(path, node.file))), ("", 0))
    return Problem("warning", "hydra", f"the search path leads nowhere: {what}; {do}", file, line, details=said.strip())


def _line_of(path: str, file: str) -> int:
    """The line of a file that has a search path's entry, from 1; 0: none."""
    try:
        lines = read_file(file).text.splitlines() if file else []
    except ConfigError:
        return 0
    entry = re.compile(rf"(pkg|file)://{re.escape(path)}(?![\w./])")
    return next((number for number, line in enumerate(lines, 1) if entry.search(line)), 0)

"""What the environment gave the config of a run, kept with it: whatever does its config again has the same values."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from niceml_engine.secrets import is_secret, is_secret_variable

_READ = re.compile(r"\$\{oc\.env:\s*([A-Za-z_]\w*)")


def variables_of(config: str) -> dict[str, str | None]:
    """What the variables hold here that a config reads; `None` for one that is not set.

    What names or feeds a secret is left out: that stays in the environment.

    Args:
        config: Unresolved, as YAML.
    """
    if "${oc.env:" not in config:
        return {}
    read, hidden = set[str](), set[str]()
    for path, text in _texts(yaml.safe_load(config)):
        names = _READ.findall(text)
        read.update(names)
        hidden.update(name for name in names if is_secret(path) or is_secret_variable(name))
    return {name: os.environ.get(name) for name in sorted(read - hidden)}


def in_words(variables: Mapping[str, str | None]) -> str:
    """The variables that are set, as a shell takes them: `BATCH_SIZE=8 TRAINING_EPOCHS=2`; empty if none is.

    A digest names a config as it is written; beside it, this tells runs apart of which it is the same.

    Args:
        variables: As `variables_of` gives them.
    """
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items() if value is not None)


def set_variables(variables: Mapping[str, str | None], but: Collection[str] = ()) -> None:
    """Sets variables as they were, and unsets those that were not set.

    Args:
        variables: As `variables_of` gives them.
        but: Names that stay as they are.
    """
    for name, value in variables.items():
        if name in but:
            continue
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def variables_set(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Has variables as they were, for as long as something is done with them.

    Args:
        variables: As `variables_of` gives them.
    """
    before = {name: os.environ.get(name) for name in variables}
    set_variables(variables)
    try:
        yield
    finally:
        set_variables(before)


def _texts(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        for key, item in node.items():
            yield from _texts(item, (*path, str(key)))
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item, path)
    elif isinstance(node, str):
        yield path, node

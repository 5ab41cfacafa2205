"""The resolvers that a project's own Python files register, found in their text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from niceml_engine.config.code.own_code import own_modules
from niceml_engine.config.projects.pytext import source_text
from niceml_engine.config.projects.setting import Setting

_REGISTERED = re.compile(r"\bregister_(?:new_)?resolver\(\s*(?:name\s*=\s*)?(?:[\"']([^\"']+)[\"'])?")
_USED = re.compile(r"\$\{\s*([A-Za-z_][\w.]*)\s*:")
_KNOWN = re.compile(r"(oc|niceml)\.|hydra$")


def resolvers_in(file: str) -> Iterator[tuple[str, int]]:
    """Name and line of each resolver that a Python file registers; the name is empty where only running tells it."""
    try:
        text = source_text(file, "replace")
    except OSError:
        return
    for match in _REGISTERED.finditer(text) if "resolver(" in text else ():
        yield match[1] or "", text.count("\n", 0, match.start()) + 1


def registering(config: str, setting: Setting) -> dict[str, str]:
    """The modules of a project that register what a config resolves with, and their files; a worker imports them first.

    Args:
        config: Composed, unresolved YAML.
        setting: Knows where the project's modules lie.
    """
    used = {name for name in _USED.findall(config) if not _KNOWN.match(name)}
    if not used:
        return {}
    found = own_modules(setting)
    return {module: file for module, file in found if used & {name for name, _ in resolvers_in(file)}}

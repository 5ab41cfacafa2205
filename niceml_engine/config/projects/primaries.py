"""Which configs are primaries where no place and no program's text says so: what their own texts suggest.

Hydra composes any file by its path, and nothing in a file says what it is for. What tells a job from an option is what
both hold: a primary puts a whole config together, an option is one part of it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from niceml_engine.config.text.files import Signature, signature
from niceml_engine.config.text.literals import load
from niceml_engine.errors import ConfigError
from niceml_engine.values import Option

MOST = 2_000  #: configs that are looked into at most
_READ = 64 * 1024  #: bytes of a config in which its defaults list is looked for
_DEFAULTS = re.compile(r"^defaults:.*?(?=^[^\s#\-\]}]|\Z)", re.MULTILINE | re.DOTALL)
_HYDRA = re.compile(r"^hydra:", re.MULTILINE)
_SECTIONS = 2  #: so many make a whole config: of a model, of data; an option is one of these


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a config tells of its part.

    Attributes:
        includes: It has a defaults list.
        groups: Of which groups besides its own it chooses options, as paths from the root.
        presets: Its defaults list chooses nothing, and overrides what another one does.
        sections: How many mappings it holds at its top.
        sets_hydra: It says how Hydra itself runs, in a section `hydra` or by an override of a group in there.
    """

    includes: bool = False
    groups: frozenset[str] = frozenset()
    presets: bool = False
    sections: int = 0
    sets_hydra: bool = False


def likely(options: Iterable[Option]) -> list[Option]:
    """The primaries among configs of which none lies at the top or below `jobs/`.

    Where any of them chooses options of groups, primaries are those that include others, without those whose group is
    chosen from. Else they are those that say how Hydra runs, which no part of a config does; else the configs of
    folders in which most are whole ones, with several sections, or put at the top by their header. A folder of
    components is a group; in a root of nothing but groups there is no primary.
    """
    looked = list(islice(options, MOST))
    shapes = {option.id: shape_of(option) for option in looked}
    named = _named(shapes.values())
    if named:
        including = [one for one in looked if shapes[one.id].includes and not shapes[one.id].presets]
        return [one for one in including if one.group not in named] or including
    if running := [one for one in looked if shapes[one.id].sets_hydra and not shapes[one.id].presets]:
        return running
    all_of = Counter(one.group for one in looked)
    whole = Counter(one.group for one in looked if one.is_global or shapes[one.id].sections >= _SECTIONS)
    found = [one for one in looked if 2 * whole[one.group] > all_of[one.group] and not shapes[one.id].presets]
    return [one for one in found if shapes[one.id].includes] or found


def started_by_name(root: str, options: Iterable[Option]) -> list[Option]:
    """The primaries in the sub-folders of a root that a program composes by names that come from elsewhere.

    Such a name may be any config's, and few are meant. In a sub-folder, a config that is composed alone has to say
    that it stands at the top, else all of it ends up below the name of the folder; or it includes others to make a
    whole. So do presets and options, too: hence nothing is offered where a config at the root's top chooses options of
    groups, since what lies below is what it chooses from; and none that only overrides, or lies in a group that any
    of them chooses from.

    Args:
        root: The folder in which the program composes.
        options: The configs of the project.
    """
    below = [one for one in options if one.file.startswith(root.rstrip(os.sep) + os.sep)]
    looked = list(islice(below, MOST))
    groups = {one.id: os.path.relpath(os.path.dirname(one.file), root).replace(os.sep, "/") for one in looked}
    shapes = {one.id: shape_of(one, groups[one.id]) for one in looked}
    if any(groups[one.id] == "." and shapes[one.id].groups for one in looked):
        return []
    named = _named(shapes.values())
    return [
        one
        for one in looked
        if groups[one.id] not in ("", ".", *named)
        and not shapes[one.id].presets
        and (one.is_global or shapes[one.id].groups)
    ]


def shape_of(option: Option, group: str | None = None) -> Shape:
    """What the text of a config tells; asked again, it is only read if it has changed.

    Args:
        option: The config.
        group: Its group, where it is not looked at from the root of the project's configs.
    """
    state = signature(option.file)
    return _read(option.file, option.group if group is None else group, state) if state is not None else Shape()


def _named(shapes: Iterable[Shape]) -> frozenset[str]:
    return frozenset[str]().union(*(shape.groups for shape in shapes))


@lru_cache(maxsize=2 * MOST)
def _read(file: str, group: str, state: Signature) -> Shape:
    try:
        with open(file, "rb") as handle:
            text = handle.read(_READ).decode("utf-8-sig", errors="replace")
    except OSError:
        return Shape()
    whole = Shape(sections=_sections(text), sets_hydra=_HYDRA.search(text) is not None)
    block = _DEFAULTS.search(text)
    if block is None:
        return whole
    whole = replace(whole, includes=True)
    try:
        data = load(block[0])
    except ConfigError:  # it includes others, whichever
        return whole
    listed = data.get("defaults") if isinstance(data, dict) else None
    entries = [_entry(one, "" if group == "." else group) for one in (listed if isinstance(listed, list) else ())]
    chosen = frozenset(chosen for chosen, overrides in entries if not overrides) - {group, ""}
    own = frozenset(one for one in chosen if one.split("/")[0] != "hydra")
    overridden = {one for one, overrides in entries if overrides}
    of_hydra = {one for one in overridden if one.split("/")[0] == "hydra"}
    return replace(
        whole,
        groups=own,
        presets=bool(overridden - of_hydra) and not chosen,
        sets_hydra=whole.sets_hydra or bool(of_hydra),
    )


def _sections(text: str) -> int:
    """How many mappings a text holds at its top, roughly: keys with a brace behind them, or an indented line below."""
    found, opens = 0, False
    for line in text.splitlines():
        inside = line.lstrip()
        if not inside or inside[0] == "#":
            continue
        if line[0] in " \t":
            found += opens and inside[0] != "-"
            opens = False
        else:
            key, colon, value = line.partition(":")
            words = value.partition(" #")[0].split()
            found += key != "defaults" and bool(words) and words[0][0] == "{"
            opens = key != "defaults" and bool(colon) and all(word[0] in "&!" for word in words)
    return found


def _entry(entry: Any, group: str) -> tuple[str, bool]:
    """The group that an entry of a defaults list chooses from, and whether it overrides a choice."""
    key = next((str(key) for key in entry if key != "optional"), "") if isinstance(entry, Mapping) else str(entry)
    *words, path = key.split() or [""]
    path = path.partition("@")[0]
    if not isinstance(entry, Mapping):
        path = path.rpartition("/")[0] or ("/" if path.startswith("/") else "")
    chosen = path if path.startswith(("/", "hydra/")) else f"{group}/{path}"  # Hydra's own stand at no other place
    return os.path.normpath(chosen).replace(os.sep, "/").strip("/").removeprefix("./").strip("."), "override" in words

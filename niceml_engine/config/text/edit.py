"""Edits of config files by splicing: only the characters of the edited value change.

Every edit is verified before its text is returned: read again, it must hold exactly the old data with that one
change. Paths are tuples of keys and list indices, `("ops", "train", "config", "epochs")`.
"""

from __future__ import annotations

from typing import Any

from niceml_engine.config.text import splice
from niceml_engine.config.text.lines import line_start, newline
from niceml_engine.config.text.literals import entry, item_lines, load, same
from niceml_engine.config.text.spans import Mapping, Path, read_spans
from niceml_engine.errors import ConfigError, NicemlError

BOM = "\ufeff"


def set_value(text: str, path: Path, value: Any) -> str:
    """Sets a value, replacing what stands there or adding the key with the parents it lacks.

    Args:
        text: YAML.
        path: Where; the index after a list's last item adds one.
        value: Any plain value; a mapping set over a mapping changes only what differs.

    Raises:
        ConfigError: The place is no mapping, or the edit would change something else (a value that others share).
    """
    return _verified(text, path, splice.put, _put, value)


def delete_value(text: str, path: Path) -> str:
    """Deletes a key or a list item together with its own lines.

    Raises:
        ConfigError: It is not there, or the edit would change something else.
    """
    return _verified(text, path, splice.drop, _drop, None)


def insert_item(text: str, path: Path, value: Any) -> str:
    """Inserts an item into a list, so that it stands at the index that the path ends with.

    Raises:
        ConfigError: There is no such list, or the edit would change something else.
    """
    return _verified(text, path, splice.insert, _squeeze, value)


def rename_key(text: str, path: Path, name: str) -> str:
    """Gives a key of a mapping another name; its value and its place among the others stay.

    Raises:
        ConfigError: There is no such key, the new one is there already, or the edit would change something else.
    """
    return _verified(text, path, splice.relabel, _relabel, name)


def defaults(text: str) -> list[Any]:
    """The entries of a file's defaults list; empty if it has none."""
    data = load(text)
    found = data.get("defaults") if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def set_default(text: str, index: int, option: str | list[str] | None) -> str:
    """Chooses another option at an entry of the defaults list, in the spelling that the entry has.

    Args:
        text: YAML.
        index: Which entry.
        option: Option name, with or without `.yaml`; a list for a list of options; `None` for none.

    Raises:
        ConfigError: There is no such entry.
    """
    entries = defaults(text)
    if not 0 <= index < len(entries):
        raise ConfigError(f"the defaults list has no entry {index}", key="defaults")
    old = entries[index]
    path: Path = ("defaults", index)
    if isinstance(old, dict):
        (name,) = old
        old, path = old[name], (*path, name)
    suffixed = str(old[0] if isinstance(old, list) and old else old).endswith(".yaml")
    return set_value(text, path, _spelled(option, suffixed))


def add_default(text: str, new: str | dict[str, Any]) -> str:
    """Adds an entry to the defaults list: before a closing `_self_`, else at the end.

    Plain entries go before the first `override` entry, as Hydra wants it. A file without a defaults list gets one
    that ends with `_self_`.
    """
    entries = defaults(text)
    if not entries:
        return _new_defaults(text, new)
    index = len(entries) - 1 if entries[-1] == "_self_" else len(entries)
    if not is_override(new):
        index = next((at for at, old in enumerate(entries[:index]) if is_override(old)), index)
    return insert_item(text, ("defaults", index), new)


def remove_default(text: str, index: int) -> str:
    """Removes an entry of the defaults list."""
    return delete_value(text, ("defaults", index))


def is_override(entry_: Any) -> bool:
    """Whether an entry of a defaults list overrides another one's choice."""
    return isinstance(entry_, dict) and any(str(name).startswith("override ") for name in entry_)


# ------------------------------------------------------------------------------------------------- verified splicing


def _verified(text: str, path: Path, edit: Any, change: Any, value: Any) -> str:
    mark, source = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    where = ".".join(map(str, path))
    try:
        read_spans(source)
        wanted = change(_copy(load(source)), path, value)
        after: str = edit(source, path, value)
        found = load(after)
    except NicemlError as error:
        raise ConfigError(error.message, line=error.line, key=error.key or where, details=error.details) from error
    if not same(found if found is not None else {}, wanted):
        reason = "it is shared through an anchor or a merge key, or written in a way that cannot be spliced"
        raise ConfigError(f"this value cannot be edited on its own: {reason}; edit the file by hand", key=where)
    return mark + after


def _copy(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _copy(item) for name, item in data.items()}
    return [_copy(item) for item in data] if isinstance(data, list) else data


def _put(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    part = splice.real_key(data, path[0])
    if isinstance(data, list):
        if not isinstance(part, int) or not 0 <= part <= len(data):
            raise ConfigError(f"a list of {len(data)} items has no place {part!r}")
        held = data[part] if part < len(data) else None
        return [*data[:part], _put(held, path[1:], value), *data[part + 1 :]]
    if data is not None and not isinstance(data, dict):
        raise ConfigError(f"{data!r} stands where a mapping is needed to hold `{part}`; change that value first")
    data = data or {}
    return {**data, part: _put(data.get(part), path[1:], value)}


def _drop(data: Any, path: Path, _: None = None) -> Any:
    part = splice.real_key(data, path[0])
    if isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
        rest = [] if len(path) == 1 else [_drop(data[part], path[1:])]
        return [*data[:part], *rest, *data[part + 1 :]]
    if not isinstance(data, dict) or part not in data:
        raise ConfigError(f"there is no `{part}` in this file to delete")
    if len(path) == 1:
        return {name: item for name, item in data.items() if name != part}
    return {**data, part: _drop(data[part], path[1:])}


def _squeeze(data: Any, path: Path, value: Any) -> Any:
    part = splice.real_key(data, path[0])
    if len(path) > 1 and isinstance(data, dict | list):
        try:
            inner = _squeeze(data[part], path[1:], value)
        except (KeyError, IndexError, TypeError) as error:
            raise ConfigError(f"there is no list `{part}` in this file") from error
        return {**data, part: inner} if isinstance(data, dict) else [*data[:part], inner, *data[part + 1 :]]
    if not isinstance(data, list) or not isinstance(part, int) or not 0 <= part <= len(data):
        raise ConfigError(f"there is no list with a place {part!r} in this file")
    return [*data[:part], value, *data[part:]]


def _relabel(data: Any, path: Path, name: str) -> Any:
    part = splice.real_key(data, path[0])
    if isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data) and len(path) > 1:
        return [*data[:part], _relabel(data[part], path[1:], name), *data[part + 1 :]]
    if not isinstance(data, dict) or part not in data:
        raise ConfigError(f"there is no `{part}` in this file to rename")
    if len(path) > 1:
        return {**data, part: _relabel(data[part], path[1:], name)}
    if name in data and name != part:
        raise ConfigError(f"there is a `{name}` beside it already; choose another name")
    return {name if key == part else key: value for key, value in data.items()}


def _spelled(option: str | list[str] | None, suffixed: bool) -> Any:
    if isinstance(option, list):
        return [_spelled(name, suffixed) for name in option]
    if option is None or not suffixed or option.endswith(".yaml"):
        return option
    return f"{option}.yaml"


def _new_defaults(text: str, new: str | dict[str, Any]) -> str:
    mark, source = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    root = read_spans(source)
    lines = entry("defaults", [new, "_self_"], 0, 2)
    if isinstance(new, str):
        lines = ["defaults:", *item_lines(new, 2, 2), *item_lines("_self_", 2, 2)]
    ending = newline(source)
    if root is None:  # nothing, or comments alone
        before = source if not source or source.endswith(ending) else source + ending
        return mark + before + ending.join([*lines, ""])
    if not isinstance(root, Mapping) or not root.pairs or root.flow or "defaults" in (load(source) or {}):
        return set_value(text, ("defaults",), [new, "_self_"])
    at = line_start(source, root.pairs[0][0].start)
    after = source[:at] + ending.join(lines) + ending * 2 + source[at:]
    if not same(load(after), {"defaults": [new, "_self_"], **load(source)}):
        raise ConfigError("a defaults list cannot be added here; write it by hand", key="defaults")
    return mark + after

"""What fixes make of the text of a config: each changes one thing, and leaves all else as it is byte for byte."""

from __future__ import annotations

import re
from typing import Any

import yaml

from niceml_engine.config.composed.graph import stem
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import parse
from niceml_engine.config.text.literals import load, same
from niceml_engine.config.text.spans import Mapping, Scalar, Sequence, Span, read_spans
from niceml_engine.config.text.words import with_quotes
from niceml_engine.errors import ConfigError

Path_ = tuple[str | int, ...]


def with_self(text: str, *, first: bool = False) -> str:
    """Puts `_self_` at the head or at the end of a defaults list; what overrides stays behind it."""
    entries = edit.defaults(text)
    end = next((at for at, one in enumerate(entries) if edit.is_override(one)), len(entries))
    return edit.insert_item(text, ("defaults", 0 if first else end), "_self_")


def with_interpolations_quoted(text: str) -> str:
    """Puts interpolations into quotes where they stand within brackets."""

    def failed(text: str) -> yaml.YAMLError | None:
        try:
            yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            return error
        return None

    return with_quotes(text, failed)


def without_group(text: str) -> str:
    """Takes out a `# @package _group_` line: this is what Hydra takes anyway."""
    return re.sub(r"^[ \t]*#[ \t]*@package[ \t]+_group_[ \t]*(?:\r?\n|\Z)", "", text, count=1, flags=re.MULTILINE)


def with_override(text: str, group: str) -> str:
    """Writes `override` before an entry of the defaults list and, as Hydra wants it, puts the entry at the end.

    Raises:
        ConfigError: The entry cannot be edited.
    """
    entries = edit.defaults(text)
    index = next((at for at, one in enumerate(entries) if isinstance(one, dict) and group in one), -1)
    if index < 0:
        raise ConfigError("the entry is written in a way that cannot be edited", key="defaults")
    name = f"override {group}"
    if all(edit.is_override(one) or one == "_self_" for one in entries[index + 1 :]):
        return renamed(text, ("defaults", index, group), name)
    without = edit.remove_default(text, index)
    return edit.insert_item(without, ("defaults", len(entries) - 1), {name: entries[index][group]})


def with_package(text: str, header: str, meant: str) -> str:
    """Writes another package into the line that names it."""
    line = re.compile(rf"^({edit.BOM}?[ \t]*#[ \t]*@package[ \t]+){re.escape(header)}(?=\s|\Z)", re.MULTILINE)
    return line.sub(lambda found: found[1] + meant, text, count=1)


def with_optional(text: str, key: str, line: int) -> str:
    """Writes `optional` before the group of an entry that has it as a key of its own.

    Raises:
        ConfigError: The entry cannot be edited.
    """
    lines = parse(text.removeprefix(edit.BOM)).entries
    for index, one in enumerate(edit.defaults(text)):
        if lines[index] == line and isinstance(one, dict) and "optional" in one and key in one:
            without = edit.delete_value(text, ("defaults", index, "optional"))
            said = "optional" in key.split()[:-1]
            return (
                without
                if said or not one["optional"]
                else edit.rename_key(without, ("defaults", index, key), f"optional {key}")
            )
    raise ConfigError("the entry is written in a way that cannot be edited", key="defaults")


def renamed(text: str, path: Path_, name: str) -> str:
    """Gives a key another name.

    Raises:
        ConfigError: It cannot be spliced, or other places share it.
    """
    mark, source = (edit.BOM, text[1:]) if text.startswith(edit.BOM) else ("", text)
    node: Span | None = read_spans(source)
    for part in path[:-1]:
        node = _inside(node, part)
    old = _key_span(node, path[-1])
    if old is None or (isinstance(node, Mapping) and _key_span(node, name)):
        raise ConfigError("the key cannot be renamed here; edit the file by hand")
    after = source[: old.start] + name + source[old.end :]
    if not same(load(after), _with_key(load(source), path, name)):
        raise ConfigError("the key is shared through an anchor; edit the file by hand")
    return mark + after


def _inside(node: Span | None, part: str | int) -> Span | None:
    if isinstance(node, Sequence) and isinstance(part, int):
        return node.items[part] if part < len(node.items) else None
    pairs = node.pairs if isinstance(node, Mapping) else ()
    return next((value for key, value in pairs if isinstance(key, Scalar) and key.value == part), None)


def _key_span(node: Span | None, name: str | int) -> Scalar | None:
    keys = [key for key, _ in node.pairs] if isinstance(node, Mapping) else []
    return next((key for key in keys if isinstance(key, Scalar) and key.value == name), None)


def _with_key(data: Any, path: Path_, name: str) -> Any:
    if isinstance(data, list):
        return [_with_key(item, path[1:], name) if at == path[0] else item for at, item in enumerate(data)]
    if len(path) == 1:
        return {name if key == path[0] else key: value for key, value in data.items()}
    return {key: _with_key(value, path[1:], name) if key == path[0] else value for key, value in data.items()}


def with_option(text: str, line: int, wrong: str, right: str) -> str:
    """Replaces an option that an entry of the defaults list names, alone or in a list.

    Raises:
        ConfigError: Which entry of the line is meant cannot be told.
    """
    lines = parse(text.removeprefix(edit.BOM).replace("\r\n", "\n")).entries
    entries = [(index, one) for index, one in enumerate(edit.defaults(text)) if lines[index] == line]
    fitting = [(index, one) for index, one in entries if any(stem(name).endswith(wrong) for name in _named(one))]
    if len(fitting) != 1:
        raise ConfigError("which entry of this line is meant cannot be told; edit the file by hand", key="defaults")
    index, entry = fitting[0]
    named = next(iter(entry.values())) if isinstance(entry, dict) else entry
    if isinstance(named, list):
        return edit.set_default(
            text, index, [right if str(one).removesuffix(".yaml") == wrong else one for one in named]
        )
    if isinstance(entry, str):
        return edit.set_default(text, index, entry.removesuffix(".yaml").removesuffix(wrong) + right)
    return edit.set_default(text, index, right)


def _named(entry: Any) -> list[str]:
    """The options that an entry of a defaults list names."""
    named = next(iter(entry.values())) if isinstance(entry, dict) else entry
    return [str(one) for one in (named if isinstance(named, list) else [named])]

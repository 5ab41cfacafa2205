"""The splices behind `niceml_engine.config.text.edit`: where a text is cut, and what is put in between.

Nothing here checks the outcome; `edit` reads every result again before it leaves the house.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from niceml_engine.config.text.literals import entry, inline, item_lines, key, load, same, scalar
from niceml_engine.config.text.spans import Alias, Mapping, Path, Scalar, Sequence, Span, body, read_spans
from niceml_engine.errors import ConfigError

Element = tuple[int, int, int]  #: start, end and tail of a key with its value, or of a dash with its item


def real_key(data: Any, part: str | int) -> Any:
    """The key of a mapping that a path names: `1` may be a number or a text."""
    if isinstance(data, dict) and part not in data:
        return next((name for name in data if str(name) == str(part)), part)
    return part


def _names(name: Scalar, part: Any) -> bool:
    """Whether a key is the one of a path; what is no text may be written in more than one way: `true`, `0x1F`."""
    if name.value == str(part):
        return True
    return not isinstance(part, str) and name.plain and same(load(name.value), part)


def _child(span: Span, part: str | int) -> tuple[int, Span] | None:
    if isinstance(span, Mapping):
        for index, (name, value) in enumerate(span.pairs):
            if isinstance(name, Scalar) and _names(name, part):
                return index, value
    if isinstance(span, Sequence) and isinstance(part, int) and 0 <= part < len(span.items):
        return part, span.items[part]
    return None


def _walk(root: Span, path: Path) -> tuple[list[Span], list[int]]:
    """The spans from the root down as far as the path exists, and the places at which they stand."""
    spans, places = [root], []
    for part in path:
        found = _child(spans[-1], part)
        if found is None:
            break
        places.append(found[0])
        spans.append(found[1])
    return spans, places


def _elements(text: str, span: Mapping | Sequence) -> list[Element]:
    if isinstance(span, Mapping):
        ends = [(max(name.end, value.end), max(name.tail, value.tail)) for name, value in span.pairs]
        return [(name.start, *end) for (name, _), end in zip(span.pairs, ends, strict=True)]
    if span.flow:
        return [(item.start, item.end, item.tail) for item in span.items]
    return [(_dash(text, item.start), item.end, item.tail) for item in span.items]


def _dash(text: str, start: int) -> int:
    index = len(text[:start].rstrip()) - 1
    if index < 0 or text[index] != "-":
        raise ConfigError("the list's dashes and comments stand in a way that cannot be spliced; edit it by hand")
    return index


def line_start(text: str, index: int) -> int:
    """Index at which the line of a character starts."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _line_end(text: str, index: int) -> int:
    """Index after the line break that ends the line; the text's length where there is none."""
    if index and text[index - 1] in "\r\n":
        return index
    match = re.compile(r"\r\n|\n|\r").search(text, index)
    return match.end() if match else len(text)


def _first_on_line(text: str, index: int) -> bool:
    return not text[line_start(text, index) : index].strip()


def _column(text: str, index: int) -> int:
    return index - line_start(text, index)


def _step(text: str, span: Span | None) -> int:
    """How deep the file indents a mapping inside a mapping; 2 where it does not say."""
    todo = [span]
    while todo:
        here = todo.pop(0)
        if isinstance(here, Mapping) and not here.flow:
            for name, value in here.pairs:
                if isinstance(value, Mapping) and not value.flow:
                    return max(1, _column(text, value.pairs[0][0].start) - _column(text, name.start))
                todo.append(value)
        elif isinstance(here, Sequence):
            todo += here.items
    return 2


# ------------------------------------------------------------------------------------------------- splicing


def put(text: str, path: Path, value: Any) -> str:
    """Sets a value; see `edit.set_value`."""
    root = read_spans(text)
    if root is None or (isinstance(root, Scalar) and not root.value):
        return _append(text, entry(path[0], _nested(path[1:], value), 0, 2))
    spans, places = _walk(root, path)
    here, rest = spans[-1], path[len(places) :]
    flow = any(span.flow for span in spans[:-1])
    if not rest:
        if isinstance(here, Mapping) and isinstance(value, dict) and value:
            return _adapt(text, path, value)
        return _replace(text, spans, value, flow=flow)
    new = _nested(rest[1:], value)
    if isinstance(here, Mapping | Sequence):
        return _add(text, here, len(_elements(text, here)), rest[0], new, _step(text, root), flow)
    if isinstance(here, Scalar):
        return _replace(text, spans, {rest[0]: new}, flow=flow, step=_step(text, root))
    raise _shared(text, here)


def _shared(text: str, span: Span) -> ConfigError:
    """Why nothing can be changed inside of an alias alone."""
    name = span.anchor if isinstance(span, Alias) else ""
    line = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if event.start_mark.index >= span.start:
            break
        if getattr(event, "anchor", None) == name and not isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1
    where = f" in line {line}" if line else ""
    return ConfigError(
        f"the alias `*{name}` stands there for what `&{name}` says{where}; change that, or write the values out instead"
    )


def _nested(path: Path, value: Any) -> Any:
    for part in reversed(path):
        value = {part: value}
    return value


def _adapt(text: str, path: Path, value: dict[Any, Any]) -> str:
    data = load(text)
    for part in path:
        data = data[real_key(data, part)]
    for name, item in value.items():
        if name not in data or not same(data[name], item):
            text = put(text, (*path, name), item)
    for name in data:
        if name not in value:
            text = drop(text, (*path, name))
    return text


def _replace(text: str, spans: list[Span], value: Any, *, flow: bool, step: int = 2) -> str:
    span, parent = spans[-1], spans[-2]
    start, anchor = body(span, text)
    if isinstance(span, Mapping | Sequence) and not span.flow and _first_on_line(text, start):
        if isinstance(value, list) and value and isinstance(span, Sequence):
            lines = [line for item in value for line in item_lines(item, _column(text, start), step)]
            return text[:start] + newline(text).join(lines).lstrip(" ") + text[span.end :]
        at = text.index(anchor, span.start) + len(anchor) if anchor else _mark(text, span, parent)
        written = inline(value) if isinstance(value, dict | list) else scalar(value)
        first = line_start(text, start)
        return text[:at] + " " + written + text[at:first] + text[_line_end(text, span.tail) :]
    if start == span.end and isinstance(value, dict) and value and not flow and isinstance(parent, Mapping):
        column = _column(text, _name(parent, span).start)
        lines = [line for item in value.items() for line in entry(*item, column + step, step)]
        return _below(text, start, lines)
    style = span.style if isinstance(span, Scalar) and span.style in ("'", '"') else ""
    written = inline(value) if isinstance(value, dict | list) else scalar(value, flow=flow, style=style)
    if start == span.end:
        colon = isinstance(parent, Mapping) and ":" not in text[_name(parent, span).end : start]
        written = (": " if colon else " ") + written
    head = (anchor + " " if anchor else "") if start > span.start else ""
    return text[: span.start] + head + written.lstrip(" " if head else "") + text[span.end :]


def _name(parent: Mapping, span: Span) -> Span:
    return next(name for name, value in parent.pairs if value is span)


def _mark(text: str, span: Span, parent: Span) -> int:
    """Index after the colon or dash that a value hangs on."""
    if isinstance(parent, Mapping):
        return text.index(":", _name(parent, span).end) + 1
    return _dash(text, span.start) + 1


def insert(text: str, path: Path, value: Any) -> str:
    """Inserts a list item; see `edit.insert_item`."""
    root = read_spans(text)
    spans, _ = _walk(root, path[:-1]) if root else ([], [])
    index = path[-1]
    if len(spans) != len(path) or not isinstance(spans[-1], Sequence) or not isinstance(index, int):
        raise ConfigError("the list is shared through an anchor; edit the place that it points to")
    flow = any(span.flow for span in spans)
    return _add(text, spans[-1], index, index, value, _step(text, root), flow)


def _add(
    text: str, span: Mapping | Sequence, index: int, name: str | int, value: Any, step: int, inside_flow: bool
) -> str:
    elements = _elements(text, span)
    if span.flow or inside_flow:
        written = inline(value) if isinstance(span, Sequence) else f"{key(name, flow=True)}: {inline(value)}"
        if not elements:
            at = body(span, text)[0] + 1
            return text[:at] + written + text[at:]
        if index:
            at = elements[index - 1][1]
            return text[:at] + ", " + written + text[at:]
        return text[: elements[0][0]] + written + ", " + text[elements[0][0] :]
    column = _column(text, elements[0][0])
    lines = item_lines(value, column, step) if isinstance(span, Sequence) else entry(name, value, column, step)
    if index:
        return _below(text, elements[index - 1][2], lines)
    if not _first_on_line(text, elements[0][0]):
        raise ConfigError("nothing can be put before a list's first item here; edit it by hand")
    at = line_start(text, elements[0][0])
    return text[:at] + newline(text).join(lines) + newline(text) + text[at:]


def _below(text: str, index: int, lines: list[str]) -> str:
    end, at = newline(text), _line_end(text, index)
    if text[at - 1] not in "\r\n":
        return text + end + end.join(lines)
    return text[:at] + end.join(lines) + end + text[at:]


def _append(text: str, lines: list[str]) -> str:
    end = newline(text)
    gap = end if text and text[-1] not in "\r\n" else ""
    return text + gap + end.join(lines) + end


def relabel(text: str, path: Path, name: str) -> str:
    """Renames a key; see `edit.rename_key`."""
    root = read_spans(text)
    spans, places = _walk(root, path) if root else ([], [])
    if len(places) != len(path) or not isinstance(spans[-2], Mapping):
        raise ConfigError("the key comes from an anchor or a merge key; edit the place that it points to")
    old = spans[-2].pairs[places[-1]][0]
    start, _ = body(old, text)
    style = old.style if old.style in ("'", '"') else ""
    return text[:start] + key(name, flow=any(span.flow for span in spans[:-1]), style=style) + text[old.end :]


def newline(text: str) -> str:
    """The line break that a text uses."""
    match = re.search(r"\r\n|\n|\r", text)
    return match[0] if match else "\n"


def drop(text: str, path: Path, _: None = None) -> str:
    """Deletes a key or an item; see `edit.delete_value`."""
    root = read_spans(text)
    spans, places = _walk(root, path) if root else ([], [])
    if len(places) != len(path):
        if spans and isinstance(spans[-1], Alias):
            raise _shared(text, spans[-1])
        raise ConfigError("the value comes from an anchor or a merge key; edit the place that it points to")
    parent, index = spans[-2], places[-1]
    assert isinstance(parent, Mapping | Sequence)
    elements = _elements(text, parent)
    start, end, tail = elements[index]
    if len(elements) == 1 and len(spans) > 2:
        empty: Any = {} if isinstance(parent, Mapping) else []
        return _replace(text, spans[:-1], empty, flow=any(span.flow for span in spans[:-2]))
    if not parent.flow and _first_on_line(text, start):
        return text[: line_start(text, start)] + text[_line_end(text, tail) :]
    if index + 1 < len(elements):
        return text[:start] + text[elements[index + 1][0] :]
    return text[: elements[index - 1][1] if index else start] + text[end:]

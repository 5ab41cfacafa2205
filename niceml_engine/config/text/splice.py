"""The splices behind `niceml_engine.config.text.edit`: where a text is cut, and what is put in between.

Nothing here checks the outcome; `edit` reads every result again before it leaves the house.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import yaml

from niceml_engine.config.text.lines import column, first_on_line, line_end, line_start, newline
from niceml_engine.config.text.lists import arranged, sources
from niceml_engine.config.text.literals import entry, inline, key, load, same, scalar
from niceml_engine.config.text.spans import (
    Alias,
    Element,
    Mapping,
    Path,
    Scalar,
    Sequence,
    Span,
    body,
    dash,
    elements,
    read_spans,
)
from niceml_engine.errors import ConfigError


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


def _step(text: str, span: Span | None) -> int:
    """How deep the file indents a mapping inside a mapping; 2 where it does not say."""
    todo = [span]
    while todo:
        here = todo.pop(0)
        if isinstance(here, Mapping) and not here.flow:
            for name, value in here.pairs:
                if isinstance(value, Mapping) and not value.flow:
                    return max(1, column(text, value.pairs[0][0].start) - column(text, name.start))
                todo.append(value)
        elif isinstance(here, Sequence):
            todo += here.items
    return 2


# ------------------------------------------------------------------------------------------------- splicing


def put(text: str, path: Path, value: Any, step: int = 0) -> str:
    """Sets a value; see `edit.set_value`. How deep the file indents is found out where it is not given."""
    root = read_spans(text)
    if root is None or (isinstance(root, Scalar) and not root.value):
        return _append(text, entry(path[0], _nested(path[1:], value), 0, 2))
    step = step or _step(text, root)
    spans, places = _walk(root, path)
    here, rest = spans[-1], path[len(places) :]
    flow = any(span.flow for span in spans[:-1])
    if not rest:
        if isinstance(here, Mapping) and isinstance(value, dict) and value:
            return _adapt(text, path, value, step)
        if isinstance(here, Sequence) and here.items and isinstance(value, list) and value:
            return _rewrite(text, path, spans, value, step)
        return _replace(text, spans, value, flow=flow)
    new = _nested(rest[1:], value)
    if isinstance(here, Sequence):
        count = len(here.items)
        return arranged(text, here, [*[None] * count, new], (*range(count), None), step)
    if isinstance(here, Mapping):
        return _add(text, here, rest[0], new, step, flow)
    if isinstance(here, Scalar):
        return _replace(text, spans, {rest[0]: new}, flow=flow, step=step)
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


def _held(text: str, path: Path) -> Any:
    data = load(text)
    for part in path:
        data = data[real_key(data, part)]
    return data


def _adapt(text: str, path: Path, value: dict[Any, Any], step: int) -> str:
    data = _held(text, path)
    for name, item in value.items():
        if name not in data or not same(data[name], item):
            text = put(text, (*path, name), item, step)
    for name in data:
        if name not in value:
            text = drop(text, (*path, name))
    return text


def _rewrite(text: str, path: Path, spans: list[Span], value: list[Any], step: int) -> str:
    """Writes a list over another one; items that stay are not touched."""
    here, old = spans[-1], _held(text, path)
    assert isinstance(here, Sequence)
    found = sources(old, value)
    untied = tuple(None if one is None or _tied(text, here.items[one]) else one for one in found)
    for kept in dict.fromkeys((found, untied)):  # what anchors and aliases share may not change, or not stay, alone
        with suppress(ConfigError):
            after = _changed(text, path, spans, old, [*zip(kept, value, strict=True)], step)
            now = _walk(read_spans(after) or here, path)[0][-1]
            if isinstance(now, Sequence) and same(_held(after := arranged(after, now, value, kept, step), path), value):
                return after
    return _replace(text, spans, value, flow=here.flow)


def _tied(text: str, span: Span) -> bool:
    """Whether an anchor or an alias stands in a value."""
    inside = span.items if isinstance(span, Sequence) else ()
    if isinstance(span, Mapping):
        inside = tuple(one for pair in span.pairs for one in pair)
    return isinstance(span, Alias) or bool(body(span, text)[1]) or any(_tied(text, one) for one in inside)


def _changed(
    text: str, path: Path, spans: list[Span], old: list[Any], new: list[tuple[int | None, Any]], step: int
) -> str:
    """Changes items of a list in their places, the last one first, so that what stands before keeps its index."""
    here = spans[-1]
    assert isinstance(here, Sequence)
    flow = any(span.flow for span in spans)
    places = elements(text, here)
    changed = {source: item for source, item in new if source is not None and not same(old[source], item)}
    for source in sorted(changed, reverse=True):
        span, item = here.items[source], changed[source]
        if not isinstance(span, Mapping | Sequence):
            text = _replace(text, [*spans, span], item, flow=flow)
        elif _tied(text, span):
            text = put(text, (*path, source), item, step)
        else:
            text = _alone(text, here, places[source], item, step)
    return text


def _alone(text: str, span: Sequence, place: Element, item: Any, step: int) -> str:
    """Changes an item as if it were all of the text, so that long lists do not cost a reading of all for each."""
    start, end, tail = place
    if span.flow:
        after = put(f"[{text[start:end]}]", (0,), item, step)
        return text[:start] + after[1:-1] + text[end:]
    indent, end = column(text, start), line_end(text, tail)
    gap = "" if text[end - 1] in "\r\n" else newline(text)
    after = put(" " * indent + text[start:end] + gap, (0,), item, step)
    return text[:start] + after[indent : len(after) - len(gap)] + text[end:]


def _replace(text: str, spans: list[Span], value: Any, *, flow: bool, step: int = 2) -> str:
    span, parent = spans[-1], spans[-2]
    start, anchor = body(span, text)
    if isinstance(span, Mapping | Sequence) and not span.flow and first_on_line(text, start):
        at = text.index(anchor, span.start) + len(anchor) if anchor else _mark(text, span, parent)
        written = inline(value) if isinstance(value, dict | list) else scalar(value)
        first = line_start(text, start)
        return text[:at] + " " + written + text[at:first] + text[line_end(text, span.tail) :]
    if start == span.end and isinstance(value, dict) and value and not flow and isinstance(parent, Mapping):
        indent = column(text, _name(parent, span).start) + step
        lines = [line for item in value.items() for line in entry(*item, indent, step)]
        return _below(text, start, lines)
    style = span.style if isinstance(span, Scalar) and span.style in ("'", '"') else ""
    written = inline(value) if isinstance(value, dict | list) else scalar(value, flow=flow, style=style)
    if start == span.end:
        colon = isinstance(parent, Mapping) and ":" not in text[_name(parent, span).end : start]
        written = (": " if colon else " ") + written
    head = (anchor + " " if anchor else "") if start > span.start else ""
    end = span.end
    if isinstance(span, Mapping | Sequence) and not span.flow and line_end(text, start) < end:  # more than one line
        end = len(text[: line_end(text, span.tail)].rstrip("\r\n"))  # the last comment is that of what goes
    return text[: span.start] + head + written.lstrip(" " if head else "") + text[end:]


def _name(parent: Mapping, span: Span) -> Span:
    return next(name for name, value in parent.pairs if value is span)


def _mark(text: str, span: Span, parent: Span) -> int:
    """Index after the colon or dash that a value hangs on."""
    if isinstance(parent, Mapping):
        return text.index(":", _name(parent, span).end) + 1
    return dash(text, span.start) + 1


def insert(text: str, path: Path, value: Any) -> str:
    """Inserts a list item; see `edit.insert_item`."""
    root = read_spans(text)
    spans, _ = _walk(root, path[:-1]) if root else ([], [])
    index = path[-1]
    if len(spans) != len(path) or not isinstance(spans[-1], Sequence) or not isinstance(index, int):
        raise ConfigError("the list is shared through an anchor; edit the place that it points to")
    count = len(spans[-1].items)
    items, found = [None] * count, list[int | None](range(count))
    items.insert(index, value)
    found.insert(index, None)
    return arranged(text, spans[-1], items, tuple(found), _step(text, root))


def _add(text: str, span: Mapping, name: str | int, value: Any, step: int, inside_flow: bool) -> str:
    places = elements(text, span)
    if span.flow or inside_flow:
        written = f"{key(name, flow=True)}: {inline(value)}"
        if not places:
            at = body(span, text)[0] + 1
            return text[:at] + written + text[at:]
        at = places[-1][1]
        return text[:at] + ", " + written + text[at:]
    return _below(text, places[-1][2], entry(name, value, column(text, places[0][0]), step))


def _below(text: str, index: int, lines: list[str]) -> str:
    end, at = newline(text), line_end(text, index)
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
    parts = elements(text, parent)
    start, end, tail = parts[index]
    if len(parts) == 1 and len(spans) > 2:
        empty: Any = {} if isinstance(parent, Mapping) else []
        return _replace(text, spans[:-1], empty, flow=any(span.flow for span in spans[:-2]))
    if not parent.flow and first_on_line(text, start):
        return text[: line_start(text, start)] + text[line_end(text, tail) :]
    if index + 1 < len(parts):
        return text[:start] + text[parts[index + 1][0] :]
    return text[: parts[index - 1][1] if index else start] + text[end:]

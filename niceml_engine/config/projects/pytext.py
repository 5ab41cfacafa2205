"""Working out texts and paths in Python source without running it: constants, joins, and what hangs on `__file__`."""

from __future__ import annotations

import ast
import errno
import os
from dataclasses import dataclass
from typing import Final

MAX_SOURCE = 4 * 1024 * 1024
"""Bytes of a Python file that is read; a larger one is data, or generated."""
UNKNOWN: Final = object()
"""What only running the code would tell."""
Text = object  #: a text, `None`, or `UNKNOWN`
_DEEPEST = 20
_JOINS = frozenset({"os.path.join", "pathlib.Path", "pathlib.PurePath", "joinpath"})
_SAME = frozenset({"str", "os.fspath", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser"})
_ROOT_MARKS = (".project-root", "setup.cfg", "setup.py", ".git", "pyproject.toml")
_METHODS = frozenset({"resolve", "absolute", "as_posix", "expanduser"})


def source_text(file: str, errors: str = "strict") -> str:
    """The text of a Python file.

    Args:
        file: The file.
        errors: What becomes of bytes that are no UTF-8, as for `bytes.decode`.

    Raises:
        OSError: It cannot be read, or is larger than anybody writes.
        UnicodeDecodeError: It is no UTF-8.
    """
    with open(file, "rb") as handle:
        data = handle.read(MAX_SOURCE + 1)
    if len(data) > MAX_SOURCE:
        raise OSError(errno.EFBIG, f"larger than {MAX_SOURCE >> 20} MB", file)
    return data.decode("utf-8", errors)


@dataclass(frozen=True)
class Names:
    """What the names of a module stand for.

    Attributes:
        file: The module's file.
        imports: Dotted names by the names that they were imported as.
        values: What was assigned to a name, anywhere in the module; of several assignments the first.
    """

    file: str
    imports: dict[str, str]
    values: dict[str, ast.expr]

    @classmethod
    def of(cls, tree: ast.Module, file: str) -> Names:
        """Reads imports and assignments."""
        imports: dict[str, str] = {}
        values: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    imports[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    imports[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        values.setdefault(target.id, node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                values.setdefault(node.target.id, node.value)
        return cls(file, imports, values)

    def dotted(self, node: ast.expr) -> str:
        """The full name of what an expression names, `hydra.main`; empty for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def expression(self, call: ast.Call, order: tuple[str, ...], name: str) -> ast.expr | None:
        """The argument of a call, by keyword or position; `None` where it is not given."""
        place = order.index(name)
        found = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
        for given in filter(None, map(self._spread, call.keywords)):
            found = given.get(name, found)
        if found is None and place < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
            found = call.args[place]
        return found

    def argument(self, call: ast.Call, order: tuple[str, ...], name: str, default: Text = None) -> Text:
        """The text of an argument; where it may come out of `*args` or `**kwargs`, it is unknown."""
        found = self.expression(call, order, name)
        if found is not None:
            return self.text(found)
        hidden = any(keyword.arg is None and self._spread(keyword) is None for keyword in call.keywords)
        hidden = hidden or any(isinstance(argument, ast.Starred) for argument in call.args)
        return UNKNOWN if hidden else default

    def _spread(self, keyword: ast.keyword) -> dict[str, ast.expr] | None:
        """What `**NAME` gives, where the name stands for a dictionary that is written out."""
        if keyword.arg is not None:
            return None
        node = keyword.value
        if isinstance(node, ast.Name):
            node = self.values.get(node.id, node)
        if isinstance(node, ast.Call) and self.dotted(node.func) == "dict" and not node.args:
            pairs: list[tuple[ast.expr | None, ast.expr]] = [
                (ast.Constant(one.arg), one.value) for one in node.keywords
            ]
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        else:
            return None
        known = {key.value: value for key, value in pairs if isinstance(key, ast.Constant) and key.value is not None}
        return {str(key): value for key, value in known.items()} if len(known) == len(pairs) else None

    def text(self, node: ast.expr, depth: int = 0) -> Text:
        """What an expression comes to."""
        if depth > _DEEPEST:
            return UNKNOWN
        match node:
            case ast.Constant(value=str() | None):
                return node.value
            case ast.Name(id="__file__"):
                return self.file
            case ast.Name(id=name) if name in self.values:
                return self.text(self.values[name], depth + 1)
            case ast.JoinedStr(values=parts):
                return self._joined([self.text(part, depth + 1) for part in parts])
            case ast.FormattedValue(value=value, format_spec=None):
                return self.text(value, depth + 1)
            case ast.BinOp(left=left, op=ast.Add() | ast.Div() as op, right=right):
                texts = [self.text(left, depth + 1), self.text(right, depth + 1)]
                return self._path(texts) if isinstance(op, ast.Div) else self._joined(texts)
            case ast.Attribute(value=value, attr="parent"):
                return self._up(self.text(value, depth + 1), 1)
            case ast.Subscript(
                value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int() as count)
            ):
                return self._up(self.text(value, depth + 1), count + 1)
            case ast.Call():
                return self._call(node, depth)
        return UNKNOWN

    def _call(self, call: ast.Call, depth: int) -> Text:
        name = self.dotted(call.func)
        texts = [self.text(argument, depth + 1) for argument in call.args]
        if name in _JOINS:
            return self._path(texts)
        if name in _SAME and len(texts) == 1:
            return self._path(texts)
        if name == "os.path.dirname" and len(texts) == 1:
            return self._up(texts[0], 1)
        if name.endswith(("rootutils.setup_root", "rootutils.find_root")):
            return self._marked(call)
        if isinstance(call.func, ast.Attribute):
            owner = self.text(call.func.value, depth + 1)
            if call.func.attr in _METHODS:
                return self._path([owner])
            if call.func.attr == "joinpath":
                return self._path([owner, *texts])
        return UNKNOWN

    def _marked(self, call: ast.Call) -> Text:
        """The nearest folder that holds one of some files, as `rootutils` finds it."""
        start = self.argument(call, ("search_from", "indicator"), "search_from")
        given = self.expression(call, ("search_from", "indicator"), "indicator")
        listed = given.elts if isinstance(given, ast.List | ast.Tuple) else [given] if given is not None else []
        marks = [self.text(one) for one in listed] or list(_ROOT_MARKS)
        folder = start if isinstance(start, str) else ""
        while folder not in ("", "/"):
            if any(isinstance(mark, str) and os.path.exists(os.path.join(folder, mark)) for mark in marks):
                return folder
            folder = os.path.dirname(folder)
        return UNKNOWN

    @staticmethod
    def _joined(texts: list[Text]) -> Text:
        known = [text for text in texts if isinstance(text, str)]
        return "".join(known) if len(known) == len(texts) else UNKNOWN

    @staticmethod
    def _path(texts: list[Text]) -> Text:
        known = [text for text in texts if isinstance(text, str)]
        return os.path.normpath(os.path.join(*known)) if known and len(known) == len(texts) else UNKNOWN

    @staticmethod
    def _up(text: Text, count: int) -> Text:
        for _ in range(count):
            text = os.path.dirname(text) if isinstance(text, str) else UNKNOWN
        return text

"""Working out texts and paths in Python source without running it: constants, joins, and what hangs on `__file__`.

Constants, classes and functions of one line count, also those of the project's other modules; of the environment, what
counts where nothing is set. What is asked for is bounded: no code, however odd, is followed for long.
"""

from __future__ import annotations

import ast
import errno
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from niceml_engine.config.projects.modules import Scope, folders_above, module_file, package_folder, read_scope
from niceml_engine.config.text.files import Signature, signature

MAX_SOURCE = 4 * 1024 * 1024
"""Bytes of a Python file that is read; a larger one is data, or generated."""
UNKNOWN: Final = object()
"""What only running the code would tell."""
Text = object  #: a text, `None`, or `UNKNOWN`
_DEEPEST = 20
_MOST_STEPS = 2_000  #: expressions that are looked at for one text
_MOST_MODULES = 16  #: other modules that are read for one module
_LONGEST = 64 * 1024  #: a text that is longer is neither a name nor a path
_HOPS = 3  #: imports that are followed from one module to the next
_JOINS = frozenset({"os.path.join", "pathlib.Path", "pathlib.PurePath", "joinpath"})
_SAME = frozenset({"str", "os.fspath", "os.path.normpath", "os.path.expanduser"})
_ABSOLUTE = frozenset({"os.path.abspath", "os.path.realpath"})
_STANDING = frozenset({"os.getcwd", "pathlib.Path.cwd", "pyprojroot.here", "pyprojroot.here.here"})
_VARIABLES = frozenset({"os.getenv", "os.environ.get"})
_PACKAGES = frozenset({"importlib.resources.files", "importlib_resources.files"})
_WORDS = {
    f"{module}.{name}": text
    for module in ("os", "os.path")
    for name, text in (("pardir", ".."), ("curdir", "."), ("sep", "/"))
}
_ROOT_MARKS = (".project-root", "setup.cfg", "setup.py", ".git", "pyproject.toml")
_METHODS = frozenset({"as_posix", "expanduser"})
_ABSOLUTE_METHODS = frozenset({"resolve", "absolute"})
_SPLITS = {"os.path.split": os.path.split, "os.path.splitext": os.path.splitext}


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


@dataclass
class Looked:
    """What was looked at to work out texts.

    Attributes:
        modules: Other modules that were read, and their states; `None` for one that was none.
        steps: Expressions that were looked at for the present text.
    """

    modules: dict[str, Signature | None] = field(default_factory=dict)
    steps: int = 0


@dataclass(frozen=True)
class Names(Scope):
    """What the names of a module stand for, and what its expressions come to.

    Attributes:
        root: The project's root; empty where nobody knows it.
        standing: The folder in which the code is taken to run; empty where nothing tells.
        looked: What was looked at, also in other modules.
        hops: Imports that led here.
    """

    root: str = ""
    standing: str = ""
    looked: Looked = field(default_factory=Looked)
    hops: int = 0

    @classmethod
    def of(cls, tree: ast.Module, file: str, root: str = "") -> Names:
        """Reads imports and assignments."""
        scope = Scope.of(tree, file)
        return cls(file, scope.imports, scope.values, root)

    def expression(self, call: ast.Call, order: tuple[str, ...], name: str) -> ast.expr | None:
        """The argument of a call, by keyword or position; `None` where it is not given."""
        place = order.index(name)
        found = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
        for given in filter(None, map(self._spread, call.keywords)):
            found = given.get(name, found)
        if found is None and place < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
            found = call.args[place]
        return found

    def argument(self, call: ast.Call, order: tuple[str, ...], name: str, default: Text = None, depth: int = 0) -> Text:
        """The text of an argument; where it may come out of `*args` or `**kwargs`, it is unknown."""
        found = self.expression(call, order, name)
        if found is not None:
            return self.text(found, depth)
        hidden = any(keyword.arg is None and self._spread(keyword) is None for keyword in call.keywords)
        hidden = hidden or any(isinstance(argument, ast.Starred) for argument in call.args)
        return UNKNOWN if hidden else default

    def folder(self, call: ast.Call, order: tuple[str, ...], name: str, default: Text = None) -> Text:
        """The path of a folder, as `argument`; where it hangs on where the code runs, one that is there.

        Programs run in the project's root, as a rule.
        """
        found = self.argument(call, order, name, default)
        if found is not UNKNOWN:
            return found
        above = folders_above(self.file, self.root)
        for standing in reversed(above) if self.root else above:
            there = replace(self, standing=standing).argument(call, order, name, default)
            if isinstance(there, str) and os.path.isdir(os.path.join(os.path.dirname(self.file), there)):
                return there
        return UNKNOWN

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
        self.looked.steps = self.looked.steps + 1 if depth else 0
        if depth > _DEEPEST or self.looked.steps > _MOST_STEPS:
            return UNKNOWN
        match node:
            case ast.Constant(value=str() | None):
                return node.value
            case ast.Name(id="__file__"):
                return self.file
            case ast.Name():
                return self._named(node, depth)
            case ast.JoinedStr(values=parts):
                return _joined([self.text(part, depth + 1) for part in parts])
            case ast.FormattedValue(value=value, format_spec=None):
                return self.text(value, depth + 1)
            case ast.BinOp(left=left, op=ast.Add() | ast.Div() as op, right=right):
                texts = [self.text(left, depth + 1), self.text(right, depth + 1)]
                return _path(texts) if isinstance(op, ast.Div) else _joined(texts)
            case ast.BoolOp(op=ast.Or(), values=[*tried, last]) if all(map(self._is_variable, tried)):
                return self.text(last, depth + 1)
            case ast.Attribute():
                found = self._named(node, depth)
                return self._part(node, depth) if found is UNKNOWN else found
            case ast.Subscript(
                value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int() as count)
            ):
                return _up(self.text(value, depth + 1), count + 1)
            case ast.Subscript(value=ast.Call() as call, slice=index):
                apart, place = self._parts(call, depth), _number(index)
                return apart[place] if place is not None and -len(apart) <= place < len(apart) else UNKNOWN
            case ast.Call():
                return self._call(node, depth)
        return UNKNOWN

    def _named(self, node: ast.Name | ast.Attribute, depth: int, called: str = "") -> Text:
        """What a name, or a name behind a dot, is bound to, in this module or in one that it imports from."""
        first: ast.expr = node
        own = called
        while isinstance(first, ast.Attribute):
            own, first = f".{first.attr}{own}", first.value
        if not isinstance(first, ast.Name):
            return UNKNOWN
        value = self.values.get(first.id + own)
        if value is not None:
            return self.text(value, depth + 1)
        if first.id not in self.imports or first.id in self.values:
            return UNKNOWN
        return self._elsewhere(self.imports[first.id] + own, depth)

    def _elsewhere(self, name: str, depth: int) -> Text:
        """What a dotted name is bound to in another module of the project."""
        if name in _WORDS:
            return _WORDS[name]
        if self.hops == _HOPS or name.partition(".")[0] in sys.stdlib_module_names:
            return UNKNOWN
        file, inner = module_file(name.removesuffix("()"), self.file, self.root)
        if inner == "__file__":
            return file
        known = self.looked.modules
        state = signature(file) if inner and (file in known or len(known) < _MOST_MODULES) else None
        scope = read_scope(file, state) if state is not None else None
        if scope is None or state is None:
            return UNKNOWN
        known[file] = state
        there = replace(self, file=file, imports=scope.imports, values=scope.values, hops=self.hops + 1)
        called = "()" if name.endswith("()") else ""
        return there._named(_expression(inner), depth + 1, called)

    def _part(self, node: ast.Attribute, depth: int) -> Text:
        """A part of a path."""
        if node.attr == "parent":
            return _up(self.text(node.value, depth + 1), 1)
        if node.attr not in ("name", "stem", "suffix"):
            return UNKNOWN
        path = self.text(node.value, depth + 1)
        return getattr(PurePath(path), node.attr) if isinstance(path, str) else UNKNOWN

    def _parts(self, call: ast.Call, depth: int) -> list[Text]:
        """What a call gives that takes a text apart; empty for any other."""
        name = self.dotted(call.func)
        if name in _SPLITS and len(call.args) == 1:
            path = self.text(call.args[0], depth + 1)
            return list(_SPLITS[name](path)) if isinstance(path, str) else []
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in ("split", "rsplit") and call.args):
            return []
        owner, mark = self.text(call.func.value, depth + 1), self.text(call.args[0], depth + 1)
        given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
        most = _number(given[0]) if given else -1
        if not (isinstance(owner, str) and isinstance(mark, str) and mark) or most is None:
            return []
        apart = owner.split if call.func.attr == "split" else owner.rsplit
        return list(apart(mark, max(-1, min(most, len(owner)))))

    def _call(self, call: ast.Call, depth: int) -> Text:
        name = self.dotted(call.func)
        if isinstance(call.func, ast.Name | ast.Attribute) and not call.args and not call.keywords:
            given = self._named(call.func, depth, "()")
            if given is not UNKNOWN:
                return given
        if name in _VARIABLES:
            return self.argument(call, ("key", "default"), "default", UNKNOWN, depth + 1)
        if name in _PACKAGES and len(call.args) == 1:
            return self._package(call.args[0], depth)
        texts = [self.text(argument, depth + 1) for argument in call.args]
        if name in _STANDING:
            return _path([self.standing or UNKNOWN, *texts])
        if name in _JOINS:
            return _path(texts)
        if name in _SAME and len(texts) == 1:
            return _path(texts)
        if name in _ABSOLUTE and len(texts) == 1:
            return self._absolute(texts[0])
        if name == "os.path.dirname" and len(texts) == 1:
            return _up(texts[0], 1)
        if name == "os.path.basename" and len(texts) == 1:
            return os.path.basename(texts[0]) if isinstance(texts[0], str) else UNKNOWN
        if name.endswith(("rootutils.setup_root", "rootutils.find_root")):
            return self._marked(call, depth)
        if isinstance(call.func, ast.Attribute):
            owner = self.text(call.func.value, depth + 1)
            if call.func.attr in _METHODS:
                return _path([owner])
            if call.func.attr in _ABSOLUTE_METHODS:
                return self._absolute(owner)
            if call.func.attr == "joinpath":
                return _path([owner, *texts])
        return UNKNOWN

    def _absolute(self, text: Text) -> Text:
        """A path from the top; one that is not from there hangs on where the code runs."""
        known = isinstance(text, str) and os.path.isabs(text)
        return _path([text] if known else [self.standing or UNKNOWN, text])

    def _package(self, named: ast.expr, depth: int) -> Text:
        """The folder of a package of the project, by its name or by itself."""
        text = self.text(named, depth + 1)
        dotted = self.dotted(named) if text is UNKNOWN else text
        return (package_folder(dotted, self.file, self.root) if isinstance(dotted, str) else "") or UNKNOWN

    def _is_variable(self, node: ast.expr) -> bool:
        """Whether an expression is a variable of the environment that may be set to nothing."""
        return isinstance(node, ast.Call) and self.dotted(node.func) in _VARIABLES and len(node.args) == 1

    def _marked(self, call: ast.Call, depth: int) -> Text:
        """The nearest folder that holds one of some files, as `rootutils` finds it."""
        start = self.argument(call, ("search_from", "indicator"), "search_from", depth=depth + 1)
        given = self.expression(call, ("search_from", "indicator"), "indicator")
        listed = given.elts if isinstance(given, ast.List | ast.Tuple) else [given] if given is not None else []
        marks = [self.text(one, depth + 1) for one in listed] or list(_ROOT_MARKS)
        folder = start if isinstance(start, str) and os.path.isabs(start) else ""
        while folder not in ("", "/"):
            if any(isinstance(mark, str) and os.path.exists(os.path.join(folder, mark)) for mark in marks):
                return folder
            folder = os.path.dirname(folder)
        return UNKNOWN


def _joined(texts: list[Text]) -> Text:
    known = [text for text in texts if isinstance(text, str)]
    return "".join(known) if len(known) == len(texts) and sum(map(len, known)) <= _LONGEST else UNKNOWN


def _path(texts: list[Text]) -> Text:
    known = [text for text in texts if isinstance(text, str)]
    if not known or len(known) < len(texts) or sum(map(len, known)) > _LONGEST:
        return UNKNOWN
    return os.path.normpath(os.path.join(*known))


def _up(text: Text, count: int) -> Text:
    for _ in range(min(count, _LONGEST)):
        text = os.path.dirname(text) if isinstance(text, str) else UNKNOWN
    return text


def _number(node: ast.expr) -> int | None:
    """A whole number that is written out."""
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    return None


def _expression(name: str) -> ast.Name | ast.Attribute:
    """The expression that a dotted name is."""
    first, *rest = name.split(".")
    node: ast.Name | ast.Attribute = ast.Name(first)
    for part in rest:
        node = ast.Attribute(node, part)
    return node

"""What an annotation asks for: how a value is edited, within which bounds, among which choices.

Names in an annotation are followed through the sources to enumerations, aliases and classes; where that ends at
something that only running would tell, the answer is that anything goes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Any

import griffe

from niceml_engine.config.code.bounds import NAMED, UNBOUNDED, Bounds, of_limits, of_metadata
from niceml_engine.config.code.signatures import Unknown
from niceml_engine.config.code.targets import Module, Reader
from niceml_engine.descriptions import ValueKind

_KINDS: dict[str, ValueKind] = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "complex": "float",
    "str": "text",
    "PathLike": "path",
    "Path": "path",
    "PurePath": "path",
    "FilePath": "path",
    "DirectoryPath": "path",
    "NewPath": "path",
    "AnyUrl": "url",
    "HttpUrl": "url",
    "AnyHttpUrl": "url",
}
_LISTS = {
    "list",
    "List",
    "Sequence",
    "MutableSequence",
    "Iterable",
    "Collection",
    "set",
    "Set",
    "frozenset",
    "FrozenSet",
}
_TUPLES = {"tuple", "Tuple"}
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"}
_OPEN = {"Any", "object", "Incomplete"}
_THROUGH = {"Final", "InitVar", "ClassVar", "Required", "NotRequired", "ReadOnly"}
_NUMBERS = {"conint": "int", "confloat": "float"}
_ENUMS = {"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"}
_BY_VALUE = {"StrEnum", "IntEnum", "IntFlag", "str", "int"}
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be given.

    Attributes:
        kind: How it is edited; `any` where nothing is known.
        words: The type as a person reads it.
        nullable: Whether `null` may be given.
        bounds: Of a number.
        choices: The only values there are, if they can be told.
        known: Names and values of an enumeration, which code may turn into a member; empty where it may take others.
        item: Annotation of a list's items or a mapping's values.
        classes: Dotted names of the classes of which objects are asked for.
        scope: The module in which `item` means something.
    """

    kind: ValueKind = "any"
    words: str = ""
    nullable: bool = False
    bounds: Bounds = UNBOUNDED
    choices: tuple[Any, ...] = ()
    known: frozenset[str] = frozenset()
    item: str = ""
    classes: tuple[str, ...] = ()
    scope: str = ""


def wanted(annotation: str, scope: str, reader: Reader) -> Wanted:
    """Reads an annotation.

    Args:
        annotation: Source text, or a dotted name.
        scope: The module in which its names mean something; empty: they are full names.
        reader: Follows names.
    """
    try:
        return _Annotation(scope, reader, 0).read(ast.parse(annotation.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return Wanted()


@dataclass(frozen=True, slots=True)
class _Annotation:
    scope: str
    reader: Reader
    depth: int

    def read(self, node: ast.expr) -> Wanted:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.read(ast.parse(node.value.strip(), mode="eval").body)
            return Wanted(nullable=True) if node.value is None else Wanted()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return _any_of([self.read(node.left), self.read(node.right)])
        if isinstance(node, ast.Subscript):
            return self._generic(_last(node.value), node)
        if isinstance(node, ast.Call) and _last(node.func) in _NUMBERS:
            return _number(_NUMBERS[_last(node.func)], of_metadata([node]))
        return self._named(node)

    def _generic(self, name: str, node: ast.Subscript) -> Wanted:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Optional":
            return replace(self.read(parts[0]), nullable=True)
        if name == "Union":
            return _any_of([self.read(part) for part in parts])
        if name == "Literal":
            return _choice(tuple(ast.literal_eval(part) for part in parts))
        if name == "Annotated":
            inner, limits = self.read(parts[0]), of_metadata(parts[1:])
            return _number(inner.kind, limits, inner) if limits and inner.kind in ("int", "float") else inner
        if name in _THROUGH:
            return self.read(parts[0])
        if name in _LISTS or name in _TUPLES:
            same = {ast.unparse(part) for part in parts if ast.unparse(part) not in ("...", "Ellipsis")}
            return self._holding("list", parts[0] if len(same) == 1 else None)
        if name in _MAPPINGS:
            return self._holding("mapping", parts[-1])
        if name in ("type", "Type"):
            return Wanted()
        return self._named(node.value)

    def _holding(self, kind: ValueKind, item: ast.expr | None) -> Wanted:
        name = "list" if kind == "list" else "dict[str, "
        inner = self.read(item).words if item is not None else ""
        words = f"list[{inner}]" if kind == "list" and inner else f"{name}{inner}]" if inner else kind
        return Wanted(kind, words, item=ast.unparse(item) if item is not None else "", scope=self.scope)

    def _named(self, node: ast.expr) -> Wanted:
        name = _last(node)
        if name in NAMED:
            return _number(*NAMED[name])
        if name in _KINDS:
            return Wanted(_KINDS[name], "text" if name == "str" else _KINDS[name])
        if name in ("None", "NoneType"):
            return Wanted(nullable=True)
        if name in _LISTS or name in _TUPLES or name in _MAPPINGS:
            kind: ValueKind = "mapping" if name in _MAPPINGS else "list"
            return Wanted(kind, kind)
        if name in _OPEN or not isinstance(node, ast.Name | ast.Attribute) or self.depth > _DEPTH:
            return Wanted()
        return self._defined(ast.unparse(node))

    def _defined(self, name: str) -> Wanted:
        path = f"{self.scope}.{name}" if self.scope else name
        found = self.reader.look(path)
        if isinstance(found, griffe.Class):
            return _enumeration(found, self.reader) or Wanted(words=name.rpartition(".")[2], classes=(found.path,))
        if isinstance(found, Unknown):
            alias = self._alias(name)
            if alias is not None:
                return alias
            return Wanted(words=name.rpartition(".")[2], classes=(self._full(name),))
        return Wanted()

    def _alias(self, name: str) -> Wanted | None:
        """What an alias such as `Mode = Literal["a", "b"]` stands for."""
        module = self.reader.look(self.scope) if self.scope else None
        if not isinstance(module, Module) or module.tree is None:
            return None
        first, _, rest = name.partition(".")
        own = module.tree.members.get(first)
        if isinstance(own, griffe.Alias):
            path = f"{own.target_path}.{rest}" if rest else own.target_path
            scope, _, last = path.rpartition(".")
            return _Annotation(scope, self.reader, self.depth + 1)._alias(last)
        if isinstance(own, griffe.Attribute) and own.value is not None and not rest:
            inner = _Annotation(self.scope, self.reader, self.depth + 1)
            return inner.read(ast.parse(str(own.value), mode="eval").body)
        return None

    def _full(self, name: str) -> str:
        """The dotted name behind a name that cannot be followed to its end."""
        module = self.reader.look(self.scope) if self.scope else None
        first, _, rest = name.partition(".")
        own = module.tree.members.get(first) if isinstance(module, Module) and module.tree else None
        head = own.target_path if isinstance(own, griffe.Alias) else first
        return f"{head}.{rest}" if rest else head


def _any_of(parts: list[Wanted]) -> Wanted:
    nullable = any(part.nullable for part in parts)
    real = [part for part in parts if part.words or part.kind != "any" or not part.nullable]
    words = " | ".join(dict.fromkeys(part.words for part in real if part.words))
    if len(real) == 1:
        return replace(real[0], nullable=nullable)
    if real and all(part.choices for part in real):
        return replace(_choice(tuple(one for part in real for one in part.choices)), nullable=nullable)
    classes = tuple(dict.fromkeys(name for part in real for name in part.classes))
    kinds = {part.kind for part in real}
    open_ended = any(part.choices for part in real) or "any" in kinds
    if kinds == {"int", "float"} and not open_ended:
        return Wanted("float", "float", nullable)
    if kinds == {"text", "path"} and not open_ended:
        return Wanted("path", "path", nullable)
    kind = kinds.pop() if len(kinds) == 1 and not open_ended else "any"
    return Wanted(kind, words if all(part.words for part in real) else "", nullable, classes=classes)


def _choice(values: tuple[Any, ...]) -> Wanted:
    offered = tuple(dict.fromkeys(one for one in values if one is not None))
    kinds = {type(one) for one in offered}
    kind: ValueKind = "text" if kinds == {str} else "int" if kinds == {int} else "any"
    words = " | ".join(str(one) for one in offered)
    return Wanted(kind, words, None in values, choices=offered)


def _number(kind: str, limits: dict[str, float], inner: Wanted | None = None) -> Wanted:
    bounds = of_limits(limits, kind == "int")
    return replace(inner or Wanted(_KINDS[kind], kind), bounds=bounds)


def _enumeration(found: griffe.Class, reader: Reader) -> Wanted | None:
    """The choices of an enumeration: values where these are texts or numbers themselves, else names."""
    bases: set[str] = set()
    try:
        for owner in reader.lineage(found):
            if isinstance(owner, Unknown):
                break
            bases |= {re.sub(r"\[.*", "", str(base)).rpartition(".")[2] for base in owner.bases}
    except (SyntaxError, UnicodeDecodeError, OSError):
        return None
    if not bases & _ENUMS:
        return None
    by_value = bool(bases & _BY_VALUE)
    offered: list[Any] = []
    known: set[str] = set()
    for name, member in found.members.items():
        if not isinstance(member, griffe.Attribute) or name.startswith("_") or member.value is None:
            continue
        try:
            value = ast.literal_eval(str(member.value))
        except (ValueError, SyntaxError):
            value = name.lower() if "StrEnum" in bases else None
        if by_value and value is None:
            return None
        offered.append(value if by_value else name)
        known |= {name, str(value)}
    if not offered:
        return None
    return replace(_choice(tuple(offered)), known=frozenset() if "_missing_" in found.members else frozenset(known))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

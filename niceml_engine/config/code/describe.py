"""What is known of each value of a composed config without running anything.

It is read from three places: the declaration of the op's field, the signature and docstring of the `_target_` that
takes the value, and the value itself. What none of them says is left open, never guessed.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from niceml_engine.config.code.bounds import UNBOUNDED, Bounds
from niceml_engine.config.code.documented import ArgumentDoc, argument_docs, stated_bounds, summary
from niceml_engine.config.code.own_code import own_modules, search_path
from niceml_engine.config.code.signatures import Missing, Parameter, Signature, Unknown
from niceml_engine.config.code.targets import Reader
from niceml_engine.config.code.wanted import Wanted, wanted
from niceml_engine.config.compose.world import is_writable
from niceml_engine.config.projects.project import Setting
from niceml_engine.config.text.files import parse
from niceml_engine.descriptions import Argument, Described, Description, Target, ValueKind
from niceml_engine.jobs.declaration import OPS
from niceml_engine.ops_path import op_key
from niceml_engine.parts import find, holds_parts
from niceml_engine.values import Composed, FieldSpec, Leaf

_PATH_NAME = re.compile(r"(^|_)(path|file|filename|dir|directory|folder|root|checkpoint|ckpt|uri|url)$")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LONG_SIGNATURE = 400
_CLOSED = {"kwargs", "args"}
_MANY = 100  #: items from which on a list holds data, not objects that anybody sets up


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value is given, and what is said there of it.

    Attributes:
        annotation: Source text, or the dotted name of a declared field.
        scope: The module in which the annotation's names mean something.
        default: Source text.
        doc: Its description.
        owner: Who takes it.
        bounds: Declared bounds, beside those of the annotation.
    """

    annotation: str = ""
    scope: str = ""
    default: str | None = None
    doc: str = ""
    owner: str = ""
    bounds: Bounds = UNBOUNDED


_NO_SLOT = Slot()
_SPECIAL: dict[str, Slot] = {
    "_target_": Slot("str", doc="What is called to make the object: the dotted name of a class or function."),
    "_partial_": Slot("bool", default="False", doc="Make a function that still takes arguments, instead of calling."),
    "_recursive_": Slot("bool", default="True", doc="Make the objects inside the arguments first."),
    "_convert_": Slot(
        "Literal['none', 'partial', 'object', 'all']", doc="Which containers of the config become plain ones."
    ),
    "_args_": Slot("list", doc="Arguments that are given by place."),
}


@lru_cache(maxsize=1 << 14)
def _has_name(name: str, inside: bool) -> bool:
    """Whether an override can name a key, at the top of a config or inside of it."""
    if "." in name or "[" in name:
        return False
    return _PLAIN_NAME.fullmatch(name) is not None or is_writable(f"x.{name}" if inside else name)


def describe(composed: Composed, setting: Setting, data: dict[Any, Any] | None = None) -> Description:
    """Describes each leaf and each `_target_`.

    Args:
        composed: A config that composes; one that does not has nothing to describe.
        setting: Its project.
        data: Its plain data, if that is at hand.
    """
    walk = Walk(composed, setting, data)
    values: dict[str, Described] = {}
    targets: dict[str, Target] = {}
    for key, node, slot in walk.nodes():
        if isinstance(node, dict) and "_target_" in node:
            targets[key] = walk.target(key, node)
        if not (isinstance(node, dict) and node):
            values[key] = walk.described(key, node, slot)
    return Description(values, targets)


class Walk:
    """Walks through a composed config, with what is said of each place.

    Args:
        composed: The config.
        setting: Its project.
        data: Its plain data, if that is at hand.
    """

    def __init__(self, composed: Composed, setting: Setting, data: dict[Any, Any] | None = None) -> None:
        self.reader = Reader(search_path(setting))
        self._folder = setting.working_dir or setting.root
        self._data = parse(composed.yaml).data or {} if data is None else data
        self._leaves = {leaf.key: leaf for leaf in composed.leaves}
        # A config that no job of ours fits may have ops of another meaning.
        self._ops = {op_key(one.name, setting.ops_path): one for one in OPS} if composed.dagster_job else {}
        self._schemas = _schemas(composed, setting)
        self._read: dict[tuple[str, str], Wanted] = {}
        self._signatures: dict[str, Signature | Unknown] = {}
        self._unnamed: set[str] = set()
        self._bases = composed.bases

    def nodes(self) -> list[tuple[str, Any, Slot]]:
        """Every mapping, list and scalar, the outer before the inner; of short lists that hold any, their items too."""
        found: list[tuple[str, Any, Slot]] = []
        self._collect("", self._data, _NO_SLOT, found, named=True)
        return found

    def _is_group(self, key: str) -> bool:
        """Whether Hydra would take an override of a key at the top for the choice of an option."""
        return bool(key) and "." not in key and any(os.path.isdir(base + key) for base in self._bases)

    def _collect(self, key: str, node: Any, slot: Slot, found: list[tuple[str, Any, Slot]], *, named: bool) -> None:
        if key:
            found.append((key, node, slot))
        if not named or (isinstance(node, str | int | float | list | None) and self._is_group(key)):
            self._unnamed.add(key)
        if isinstance(node, dict):
            inside = self._inside(key, node, slot)
            for name, value in node.items():
                below = f"{key}.{name}" if key else str(name)
                has_name = isinstance(name, str) and _has_name(name, bool(key))  # of `7: x` the key is no text
                self._collect(below, value, inside(str(name)), found, named=named and has_name)
        elif isinstance(node, list) and len(node) < _MANY and holds_parts(node):
            want = self.want(slot)
            item = replace(slot, annotation=want.item, scope=want.scope, default=None)
            for number, value in enumerate(node):
                self._collect(f"{key}[{number}]", value, item, found, named=named)

    def want(self, slot: Slot) -> Wanted:
        """What the annotation of a place asks for."""
        known = (slot.annotation, slot.scope)
        if known not in self._read:
            self._read[known] = wanted(*known, self.reader) if slot.annotation else Wanted()
        return self._read[known]

    def signature(self, target: str) -> Signature | Unknown:
        """How a target is called, or why that cannot be told."""
        if target not in self._signatures:
            found = self.reader.signature(target)
            self._signatures[target] = Unknown(found.message) if isinstance(found, Missing) else found
        return self._signatures[target]

    def _inside(self, key: str, node: dict[Any, Any], slot: Slot) -> Callable[[str], Slot]:
        """What is said of the values of a mapping, by their name in it."""
        if "_target_" in node:
            target = self.resolved(f"{key}._target_" if key else "_target_", node["_target_"])
            return self._arguments(target) if isinstance(target, str) else _nothing
        if key in self._schemas:
            return self._arguments(self._schemas[key])
        fields = self._declared(key)
        if fields is not None:
            return fields
        want = self.want(slot)
        if want.kind == "mapping":
            inner = replace(slot, annotation=want.item, scope=want.scope, default=None)
            return lambda name: inner
        return self._arguments(want.classes[0]) if len(want.classes) == 1 else _nothing

    def _arguments(self, target: str) -> Callable[[str], Slot]:
        found = self.signature(target)
        if isinstance(found, Unknown):
            return lambda name: _SPECIAL.get(name, _NO_SLOT)
        docs = argument_docs(found.docs)
        slots = {one.name: _slot(one, docs, found) for one in found.parameters if one.kind not in _CLOSED}
        return lambda name: _SPECIAL.get(name) or slots.get(name, Slot(owner=found.target))

    def _declared(self, key: str) -> Callable[[str], Slot] | None:
        """The declared fields of an op, where a key holds the config of one."""
        spec = self._ops.get(key)
        if spec is None:
            return None
        fields = {one.name: _field(one, spec.name) for one in spec.fields}
        return lambda name: fields.get(name, _NO_SLOT)

    # ------------------------------------------------------------------------------------------- one value

    def described(self, key: str, node: Any, slot: Slot) -> Described:
        """What is known of one value."""
        leaf = find(self._leaves, key)
        value = self.resolved(key, node)
        want = self.want(slot)
        name = key.rpartition(".")[2]
        kind = self._kind(name, value, want, slot)
        bounds = want.bounds or slot.bounds or (stated_bounds(slot.doc) if kind in ("int", "float") else UNBOUNDED)
        if kind not in ("int", "float"):
            bounds = UNBOUNDED
        items = self._items(want, slot) if kind == "list" and want.item else Wanted()
        return Described(
            kind=kind,
            type=_type(kind, want, bounds, value),
            items=items.kind,
            item_classes=items.classes,
            nullable=want.nullable or slot.default == "None",
            least=bounds.least,
            most=bounds.most,
            least_open=bounds.least_open,
            most_open=bounds.most_open,
            choices=want.choices,
            classes=want.classes,
            default=slot.default,
            doc=slot.doc,
            owner=slot.owner,
            exists=self._exists(value, leaf) if kind == "path" else None,
            secret=leaf is not None and leaf.secret,
            unnamed=key in self._unnamed,
        )

    def _items(self, want: Wanted, slot: Slot) -> Wanted:
        return self.want(replace(slot, annotation=want.item, scope=want.scope))

    def resolved(self, key: str, value: Any) -> Any:
        """A value as it will be, as far as that is known."""
        leaf = find(self._leaves, key) if isinstance(value, str) and "${" in value else None
        return leaf.resolved if leaf is not None else value

    def _kind(self, name: str, value: Any, want: Wanted, slot: Slot) -> ValueKind:
        if name == "_target_":
            return "target"
        if want.choices or want.classes:
            return want.kind
        kind = want.kind if want.kind != "any" else self._kind_of(value, slot)
        if kind != "text" or not isinstance(value, str):
            return kind
        if "\n" in value:
            return "lines"
        if _URL.match(value):
            return "url"
        return "path" if _PATH_NAME.search(name) and re.search(r"[/\\]|^[.~]", value) else "text"

    @staticmethod
    def _kind_of(value: Any, slot: Slot) -> ValueKind:
        """How a value is edited whose type nobody tells: where an int stands, any number may."""
        given = value if value is not None and value != "???" else _of_default(slot.default)
        kind = _KIND_OF.get(type(given), "any")
        return "float" if kind == "int" else kind

    def _exists(self, value: Any, leaf: Leaf | None) -> bool | None:
        if not isinstance(value, str) or not value or "${" in value or value == "???":
            return None
        if leaf is not None and (leaf.reason or leaf.secret):
            return None
        try:
            return (self._folder / Path(value).expanduser()).exists()
        except (OSError, ValueError, RuntimeError):
            return None

    # ------------------------------------------------------------------------------------------- one target

    def target(self, key: str, node: dict[Any, Any]) -> Target:
        """What is known of the `_target_` of a mapping."""
        name = self.resolved(f"{key}._target_", node["_target_"])
        if not isinstance(name, str):
            return Target(str(name), reason="a _target_ is a dotted name")
        found = self.signature(name)
        if isinstance(found, Unknown):
            return Target(name, reason=found.reason)
        docs = argument_docs(found.docs)
        given = node.get("_args_")
        taken = len(given) if isinstance(given, list) else 0
        ordered = [one.name for one in found.parameters if one.kind in ("positional", "any")][:taken]
        absent = [
            self._argument(one, _slot(one, docs, found))
            for one in found.parameters
            if one.kind in ("any", "keyword") and one.name not in node and one.name not in ordered
        ]
        shown = signature_text(found)
        return Target(name, shown, summary(found.doc), found.file, found.line, tuple(absent))

    def _argument(self, one: Parameter, slot: Slot) -> Argument:
        return Argument(one.name, self.want(slot).words or one.annotation, one.default, slot.doc)


def signature_text(found: Signature) -> str:
    """A signature in one line: `Adam(learning_rate=0.001, beta_1=0.9, ...)`."""
    text = f"{found.target.rpartition('.')[2]}({', '.join(map(str, found.parameters))})"
    return text if len(text) <= _LONG_SIGNATURE else f"{text[: _LONG_SIGNATURE - 5]} ...)"


_KIND_OF: dict[type, ValueKind] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "text",
    list: "list",
    dict: "mapping",
}


def _nothing(name: str) -> Slot:
    return _NO_SLOT


def _slot(one: Parameter, docs: Mapping[str, ArgumentDoc], found: Signature) -> Slot:
    doc = docs.get(one.name, ArgumentDoc())
    text = one.doc or doc.text
    annotation, scope = one.annotation, one.scope
    if annotation in ("", "Any", "typing.Any"):
        named = re.match(r"(?:An? |The )?`+([A-Za-z_]\w*(?:\.\w+)+)`+", text)
        annotation, scope = (doc.type, scope) if doc.type else (named[1], "") if named else (annotation, scope)
    return Slot(annotation, scope, one.default, text, found.target)


def _of_default(default: str | None) -> Any:
    """The value of a default, where that can be read."""
    try:
        return ast.literal_eval(default or "None")
    except (ValueError, SyntaxError):
        return None


def _schemas(composed: Composed, setting: Setting) -> dict[str, str]:
    """The dotted names of the classes that make configs in Python, by the key at which the config includes each."""
    stored = {one.id: one for one in setting.stores if one.python.isidentifier()}
    places = [("", composed.nodes[0].id)] if composed.nodes else []
    places += [(edge.package, edge.target) for edge in composed.edges]
    found = [("" if package == "_global_" else package, stored[node]) for package, node in places if node in stored]
    modules = {file: name for name, file in own_modules(setting)} if found else {}
    return {key: f"{modules[one.file]}.{one.python}" for key, one in found if one.file in modules}


def _field(one: FieldSpec, op: str) -> Slot:
    default = None if one.required else repr(one.default)
    return Slot(one.expects, "", default, one.description, f"op {op}", Bounds(one.least, one.most))


def _type(kind: ValueKind, want: Wanted, bounds: Bounds, value: Any) -> str:
    if bounds:
        return f"{kind} {bounds.words()}"
    if want.words:
        return want.words
    if kind == "list" and isinstance(value, list):
        names = {type(item).__name__ for item in value}
        return f"list[{names.pop().replace('str', 'text')}]" if len(names) == 1 else "list"
    if isinstance(value, int) and kind == "float" and want.kind == "any":
        return "int"
    return "" if kind == "any" or value is None else kind

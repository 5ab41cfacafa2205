"""What a `_target_` takes, found by reading source: nothing is imported, so no project code runs.

Re-exports are followed to where a name is defined. Where reading is not enough (packages that load lazily, classes
made at run time, compiled modules) the answer is `Unknown`, never a guess.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from pathlib import Path
from pkgutil import iter_modules

import griffe

from niceml_engine.config.code.fields import Field, dataclass_fields, tuple_fields
from niceml_engine.config.code.signatures import KINDS, Missing, Parameter, Signature, Unknown
from niceml_engine.config.projects.packages import spec_of
from niceml_engine.config.projects.pytext import source_text

DYNAMIC = re.compile(r"__getattr__|LazyLoader|lazy_loader|_LazyModule|globals\(\)|setattr\(|sys\.modules\[|exec\(")
TRANSPARENT = {
    "abstractmethod", "asynccontextmanager", "cache", "cached", "classmethod", "contextmanager", "deprecated",
    "deprecated_args", "final", "keras_export", "lru_cache", "no_type_check", "override", "overload", "singledispatch",
    "staticmethod", "tf_export", "validate_params", "wraps", "_deprecate_positional_args", "register",
    "register_keras_serializable", "set_module",
}  # fmt: skip
PLAIN_BASES = {
    "object",
    "builtins.object",
    "abc.ABC",
    "typing.Generic",
    "typing.Protocol",
    "typing_extensions.Protocol",
}
MADE = {"msgspec.Struct", "pydantic.BaseModel", "pydantic.main.BaseModel", "enum.Enum", "typing.TypedDict"}
MAX_HOPS = 40


@dataclass(frozen=True, slots=True)
class Module:
    """A module's source.

    Attributes:
        name: Its dotted name.
        file: Its file.
        tree: What it defines; `None` for a namespace package, which has no source.
        dynamic: Whether it makes names at run time.
        offered: All that `from module import *` takes of it; empty where reading cannot tell.
    """

    name: str
    file: str
    tree: griffe.Module | None
    dynamic: bool
    offered: frozenset[str] = frozenset()


Found = griffe.Object | Module


def signature(target: str, search: tuple[Path, ...] = ()) -> Signature | Unknown | None:
    """Reads how a target is called.

    Args:
        target: Dotted name as in `_target_`.
        search: Folders to look in before the installed packages: the project root and its Python path.

    Returns:
        The signature; `Unknown` where reading cannot tell; `None` where there is no such thing.
    """
    found = Reader(search).signature(target)
    return None if isinstance(found, Missing) else found


def missing(target: str, search: tuple[Path, ...] = ()) -> str:
    """Says in one line why a target does not exist, with the nearest name that does; empty if it may exist."""
    found = Reader(search).signature(target)
    if not isinstance(found, Missing):
        return ""
    name = target.rpartition(".")[2]
    near = difflib.get_close_matches(name, [one for one in found.names if one != name], 1)
    return found.message + (f"; did you mean `{near[0]}`?" if near else "")


class Reader:
    """Follows dotted names through the sources of a project and its environment.

    Args:
        search: Folders to look in before the installed packages.
    """

    def __init__(self, search: tuple[Path, ...]) -> None:
        self._paths = list(dict.fromkeys([*map(str, search), *filter(None, sys.path)]))
        self._hops = 0
        self._asked: set[str] = set()

    def signature(self, target: str) -> Signature | Unknown | Missing:
        """How a target is called; see `signature`."""
        found = self.look(target)
        if isinstance(found, griffe.Class):
            result = self._constructor(found)
        elif isinstance(found, griffe.Function):
            result = self._function(found)
        elif isinstance(found, Module):
            return Missing(f"`{target}` is a module; name a class or a function in it", self._names(found))
        elif isinstance(found, griffe.Object):
            return Unknown("it is made at run time")
        else:
            return found
        return replace(result, target=target) if isinstance(result, Signature) else result

    def look(self, path: str) -> Found | Unknown | Missing:
        """Finds what a dotted name means; a reader may be asked for any number of them."""
        self._hops, self._asked = 0, set()
        try:
            return self.find(path)
        except (SyntaxError, UnicodeDecodeError, OSError, RecursionError) as error:
            return Unknown(f"its source cannot be read ({error})")

    def inside(self, path: str) -> tuple[Module | Unknown | Missing, tuple[str, ...]]:
        """A module or package by its dotted name, and the public modules that lie in it."""
        parts = path.split(".")
        chain = self._chain(parts)
        if len(chain) < len(parts):
            return Missing(f"there is no module `{path}` in the project or its environment"), ()
        folders = chain[-1].submodule_search_locations or ()
        try:
            found = self._module(chain)
        except (SyntaxError, UnicodeDecodeError, OSError, RecursionError) as error:
            found = Unknown(f"its source cannot be read ({error})")
        within = {one.name for one in iter_modules(map(str, folders)) if not one.name.startswith("_")}
        return found, tuple(sorted(within))

    def _chain(self, parts: list[str]) -> list[ModuleSpec]:
        """The packages along a dotted name, and the module in the last of them, as far as there are any."""
        found = spec_of(parts[0], self._paths) if all(parts) else None
        chain: list[ModuleSpec] = []
        while found is not None:
            chain.append(found)
            inner = parts[: len(chain) + 1]
            found = _submodule(found, ".".join(inner)) if len(inner) > len(chain) else None
        return chain

    # ------------------------------------------------------------------------------------------- names

    def find(self, path: str) -> Found | Unknown | Missing:
        """Finds what a dotted name means: submodules first, and what Python prefers, attributes, if that fails."""
        self._hops += 1
        if self._hops > MAX_HOPS:
            return Unknown("its imports run in a circle")
        parts = path.split(".")
        if parts[0] in sys.builtin_module_names or not all(parts):
            return Unknown("it is built into Python") if all(parts) else Missing(f"`{path}` is no dotted name")
        chain = self._chain(parts)
        if not chain:
            return Missing(f"there is no module `{parts[0]}` in the project or its environment")
        result: Found | Unknown | Missing = Missing("")
        for depth in range(len(chain), 0, -1):
            if depth == len(parts):
                continue
            module = self._module(chain[:depth])
            here = module if isinstance(module, Unknown) else self._member(module, parts[depth:])
            if not isinstance(here, Missing):
                return here
            if depth == len(chain):
                result = here
        return self._module(chain) if len(chain) == len(parts) else result

    def _member(self, module: Module, parts: list[str]) -> Found | Unknown | Missing:
        name, rest = parts[0], parts[1:]
        own = module.tree.members.get(name) if module.tree else None
        if own is None:
            for wildcard in self._wildcards(module, name):
                path = f"{wildcard}.{name}"
                if path in self._asked:  # modules may offer each other's names in a circle
                    continue
                self._asked.add(path)
                found = self.find(path)
                if not isinstance(found, Missing):
                    return self._inside(found, rest)
            if module.dynamic:
                return Unknown(f"`{module.name}` loads its names at run time")
            if module.tree is None:
                return Missing(f"there is no module `{module.name}.{name}` in the project or its environment")
            return Missing(f"`{module.name}` has no `{name}`", self._names(module))
        if isinstance(own, griffe.Alias):
            if own.target_path == f"{module.name}.{name}":
                return Missing(f"`{module.name}` has no `{name}`", self._names(module))
            return self.find(".".join([own.target_path, *rest]))
        if isinstance(own, griffe.Attribute):
            dotted = str(own.value)
            if re.fullmatch(r"[A-Za-z_][\w.]*", dotted) and dotted.partition(".")[0] != name:
                return self._member(module, [*dotted.split("."), *rest])
            return Unknown(f"`{name}` is made at run time")
        return self._inside(own, rest)

    def _inside(self, found: Found | Unknown | Missing, rest: list[str]) -> Found | Unknown | Missing:
        if not rest or isinstance(found, Unknown | Missing):
            return found
        if isinstance(found, Module):
            return self.find(".".join([found.name, *rest]))
        if not isinstance(found, griffe.Class):
            return Unknown(f"`{rest[0]}` of `{found.path}` is set at run time")
        names: list[str] = []
        for owner in self.lineage(found):
            if isinstance(owner, Unknown):
                return owner
            inner = owner.members.get(rest[0])
            if isinstance(inner, griffe.Class | griffe.Function):
                return self._inside(inner, rest[1:])
            if inner is not None:
                return Unknown(f"`{rest[0]}` is made at run time")
            names += owner.members
        return Missing(f"`{found.path}` has no `{rest[0]}`", tuple(names))

    def _module(self, chain: list[ModuleSpec]) -> Module | Unknown:
        spec = chain[-1]
        if isinstance(spec.loader, ExtensionFileLoader):
            return Unknown(f"`{spec.name}` is compiled")
        if not spec.origin or not spec.origin.endswith(".py"):
            return (
                Module(spec.name, "", None, False) if spec.submodule_search_locations else Unknown("it has no source")
            )
        parents = tuple((one.name.rpartition(".")[2], one.origin or "") for one in chain[:-1])
        state = Path(spec.origin).stat()
        return _visit(spec.name, spec.origin, parents, state.st_mtime_ns, state.st_size)

    def _names(self, module: Module) -> tuple[str, ...]:
        return tuple(name for name in module.tree.members if not name.endswith("*")) if module.tree else ()

    def _wildcards(self, module: Module, name: str) -> list[str]:
        """The modules from which a module may have a name by `from … import *`, that whose name counts first."""
        members = module.tree.members.values() if module.tree else ()
        stars = [one.target_path for one in members if isinstance(one, griffe.Alias) and one.wildcard]
        return [path for path in (star.removesuffix(".*") for star in reversed(stars)) if self._offers(path, name)]

    def _offers(self, path: str, name: str) -> bool:
        parts = path.split(".")
        chain = self._chain(parts)
        found = self._module(chain) if len(chain) == len(parts) else None
        return not isinstance(found, Module) or not found.offered or name in found.offered

    # ------------------------------------------------------------------------------------------- calls

    def _function(self, function: griffe.Function, *, bound: bool = False) -> Signature | Unknown:
        """The signature of a function, or of a method: bound ones lose their first parameter."""
        for decorator in function.decorators:
            name = _decorator(decorator)
            if name in ("property", "cached_property"):
                return Unknown(f"`{function.name}` is a property")
            if name not in TRANSPARENT and not bound:
                return Unknown(f"`@{name}` may change its arguments")
        names = {_decorator(decorator) for decorator in function.decorators}
        found = [
            Parameter(
                parameter.name,
                KINDS[parameter.kind.value if parameter.kind else "positional or keyword"],
                None if parameter.default is None else str(parameter.default),
                str(parameter.annotation or ""),
                function.module.path,
            )
            for parameter in function.parameters
        ]
        if (bound or "classmethod" in names) and found and found[0].kind in ("any", "positional"):
            found = found[1:]
        doc = _doc(function)
        place = str(function.filepath), function.lineno or 0
        return Signature("", function.path, tuple(found), doc, *place, (doc,) if doc else ())

    def _constructor(self, made: griffe.Class) -> Signature | Unknown:
        owners: list[griffe.Class] = []
        for owner in self.lineage(made):
            if isinstance(owner, Unknown):
                return owner
            owners.append(owner)
            if any(_decorator(one) in ("define", "frozen", "mutable", "attrs", "s") for one in owner.decorators):
                return Unknown("attrs makes its constructor")
            method = owner.members.get("__init__") or owner.members.get("__new__")
            if isinstance(method, griffe.Function):
                called = self._function(method, bound=True)
                return self._of(made, called.parameters, owners) if isinstance(called, Signature) else called
            if _is_dataclass(owner):
                bases = [one for one in self.lineage(owner) if isinstance(one, griffe.Class)]
                fields = dataclass_fields([_place(one) for one in reversed(bases) if _is_dataclass(one)])
                return self._of(made, tuple(_field(one, bases) for one in fields), bases)
            if any(str(base).rpartition(".")[2] == "NamedTuple" for base in owner.bases):
                return self._of(made, tuple(_field(one, [owner]) for one in tuple_fields(*_place(owner))), owners)
        return self._of(made, (), owners)

    def _of(self, made: griffe.Class, parameters: tuple[Parameter, ...], owners: list[griffe.Class]) -> Signature:
        texts = [_doc(one) for owner in owners for one in (owner, owner.members.get("__init__"))]
        doc = _doc(made) or _doc(made.members.get("__init__"))
        place = str(made.filepath), made.lineno or 0
        return Signature("", made.path, parameters, doc, *place, tuple(filter(None, texts)))

    def lineage(self, made: griffe.Class, depth: int = 0) -> Iterator[griffe.Class | Unknown]:
        """A class and its bases, nearest first; ends with `Unknown` where a base cannot be read."""
        if depth > MAX_HOPS:
            yield Unknown("its bases run in a circle")
            return
        yield made
        for base in made.bases:
            path = base if isinstance(base, str) else base.canonical_path
            plain = re.sub(r"\[.*", "", str(path))
            if plain in PLAIN_BASES or plain.rpartition(".")[2] in ("Generic", "Protocol", "NamedTuple"):
                continue
            if plain in MADE:
                yield Unknown(f"`{plain}` makes its constructor")
                return
            found = self.look(plain)
            if not isinstance(found, griffe.Class):
                yield Unknown(f"its base `{plain}` cannot be read")
                return
            if found.path in MADE:
                yield Unknown(f"`{found.path}` makes its constructor")
                return
            yield from self.lineage(found, depth + 1)


def _submodule(parent: ModuleSpec, name: str) -> ModuleSpec | None:
    if not parent.submodule_search_locations:
        return None
    # By its last part: a namespace package asks for its parent's module, and nothing is imported here.
    spec = PathFinder.find_spec(name.rpartition(".")[2], list(parent.submodule_search_locations))
    if spec is not None:
        spec.name = name
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations = list(spec.submodule_search_locations)
    return spec


@lru_cache(maxsize=2048)
def _visit(name: str, file: str, parents: tuple[tuple[str, str], ...], modified: int, size: int) -> Module:
    code = source_text(file)
    above: griffe.Module | None = None
    for parent, origin in parents:  # relative imports are resolved through the parents
        here = griffe.Module(parent, filepath=Path(origin), parent=above)
        above = here
    tree = griffe.visit(name.rpartition(".")[2], filepath=Path(file), code=code, parent=above)
    listed = [one for one in tree.exports or () if isinstance(one, str)]
    whole = len(listed) == len(tree.exports or ()) and "__all__." not in code  # nothing is added that is not read
    return Module(name, file, tree, DYNAMIC.search(code) is not None, frozenset(listed) if whole else frozenset())


def _decorator(decorator: griffe.Decorator) -> str:
    return str(decorator.callable_path).rpartition(".")[2]


def _is_dataclass(made: griffe.Class) -> bool:
    return any(_decorator(decorator) == "dataclass" for decorator in made.decorators)


def _field(read: Field, owners: list[griffe.Class]) -> Parameter:
    """A field of a class as a parameter; the nearest class that has it says what its annotation means."""
    owner = next((one for one in owners if read[0] in one.members), owners[0])
    return Parameter(*read, owner.module.path, _doc(owner.members.get(read[0])))


def _place(made: griffe.Class) -> tuple[str, int]:
    return str(made.filepath), made.lineno or 0


def _doc(found: object) -> str:
    docstring = getattr(found, "docstring", None)
    return docstring.value if docstring else ""

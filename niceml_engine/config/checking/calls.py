"""What is wrong with the `_target_`s of a composed config and with what is given to them, by reading their source."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from niceml_engine.config.checking.fixes import Mender
from niceml_engine.config.code.annotations import fits, misfit, word
from niceml_engine.config.code.own_code import search_path
from niceml_engine.config.code.signatures import RESERVED, Parameter, Signature, Unknown
from niceml_engine.config.code.targets import Reader, missing, signature
from niceml_engine.config.code.uses import Uses
from niceml_engine.config.code.wanted import Wanted, wanted
from niceml_engine.config.compose.wording import similar
from niceml_engine.config.projects.project import Setting, interpreter
from niceml_engine.config.text.files import parse
from niceml_engine.ops_path import op_at
from niceml_engine.parts import find, origins
from niceml_engine.values import Composed, Fix, Leaf, Origin, Problem, Severity

LOADERS = {"hydra.utils.get_class", "hydra.utils.get_method", "hydra.utils.get_object", "hydra.utils.get_static_method"}
CONVERTERS = {"int": "niceml.to_int", "float": "niceml.to_float", "bool": "niceml.to_bool"}
ELSEWHERE = 3  #: keys that hold what an argument may be given
CHOICES = 5  #: choices of an argument, if it has no more


@dataclass
class Calls:
    """Checks what a config would call.

    Attributes:
        composed: The config.
        setting: Its project.
        mender: Finds fixes.
        data: Its plain data.
        code: What the project's code uses.
    """

    composed: Composed
    setting: Setting
    mender: Mender
    data: Any
    code: Uses
    leaves: dict[str, Leaf] = field(init=False)
    search: tuple[Path, ...] = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.leaves = {leaf.key: leaf for leaf in self.composed.leaves}
        self.search = search_path(self.setting)
        self.reader = Reader(self.search)

    def targets(self) -> Iterator[Problem]:
        """Checks every `_target_` and what is given to it."""
        absent: dict[str, list[str]] = {}
        for key, node in _nodes(self.data, ""):
            if "_target_" not in node:
                continue
            place = f"{key}._target_" if key else "_target_"
            target, known = self._value(place, node["_target_"])
            if not known:
                continue
            if not isinstance(target, str) or not target:
                yield self.problem("error", "wrong-type", f"a _target_ is a dotted name, not {word(target)}", place)
                continue
            if package := self._elsewhere(target):
                absent.setdefault(package, []).append(place)
                continue
            yield from self._target(place, target, key, node)
            if target in LOADERS and isinstance(node.get("path"), str) and "${" not in node["path"]:
                yield from self._target(f"{key}.path", node["path"], "", {})
        for package, places in absent.items():
            count = f"{len(places)} targets need it" if len(places) > 1 else "a target needs it"
            message = f"`{package}` is not installed here, and {count}{self._own_name(package)}"
            yield self.problem("warning", "unknown-target", message, places[0], details="\n".join(places))

    def _elsewhere(self, target: str) -> str:
        """The module of a target that is not here, but may be installed where the project runs; empty if it is.

        That may be any package of which nothing is here, as long as nobody has said which interpreter the project runs
        in; of a package that is here in part, what the project's own code needs.
        """
        if self.composed.dagster_job or interpreter(self.setting.root) or signature(target, self.search) is not None:
            return ""
        absent = re.match(r"there is no module `([\w.]+)`", missing(target, self.search))
        if absent is None or ("." in absent[1] and not self.code.needs(absent[1])):
            return ""
        return absent[1]

    def _own_name(self, package: str) -> str:
        """The package of the project that may be meant by one that is not here."""
        own = {name.partition(".")[0] for name, _ in self.code.modules}
        near = difflib.get_close_matches(package, own, 1)
        return f"; did you mean `{near[0]}`?" if near else "; install it, or name the project's interpreter"

    def _target(self, place: str, target: str, key: str, node: dict[Any, Any]) -> Iterator[Problem]:
        found = signature(target, self.search)
        if found is None:
            yield self._unknown(place, target)
        elif isinstance(found, Unknown):
            yield self.problem("info", "cannot-tell", f"{target} cannot be checked by reading: {found.reason}", place)
        elif node:
            yield from self._call(found, place, key, node)

    def _unknown(self, place: str, target: str) -> Problem:
        reason = missing(target, self.search)
        near = re.search(r"did you mean `(\w+)`", reason)
        moved = self.code.defines(target.rpartition(".")[2])
        meant = [f"{target.rpartition('.')[0]}.{near[1]}"] if near else []
        fixes = (fix for name in (*moved, *meant) for fix in self.mender.set_value(place, name))
        message = f"{target} does not exist: {reason}" + (f"; there is {' and '.join(moved)}" if moved else "")
        return self.problem("error", "unknown-target", message, place, fixes=tuple(fixes))

    def _call(self, found: Signature, place: str, key: str, node: dict[Any, Any]) -> Iterator[Problem]:
        given = {str(name): value for name, value in node.items() if name not in RESERVED}
        ordered = [one for one in found.parameters if one.kind in ("positional", "any")]
        arguments = node.get("_args_", [])
        counted = isinstance(arguments, list)
        taken = ordered[: len(arguments)] if counted else ordered
        if counted and len(arguments) > len(ordered) and not any(one.kind == "args" for one in found.parameters):
            message = f"{found.target} takes {len(ordered)} positional arguments, _args_ has {len(arguments)}"
            yield self.problem("error", "unexpected-argument", message, f"{key}._args_" if key else "_args_", found)
        parameters = {one.name: one for one in found.parameters}
        for name, value in given.items():
            where = f"{key}.{name}" if key else name
            if not found.accepts(name):
                near = difflib.get_close_matches(name, parameters.keys() - {name}, 1)
                hint = f"; did you mean {near[0]}?" if near else f"; it takes {_list(found)}"
                if name in parameters:
                    hint = "" if parameters[name].kind == "kwargs" else " by name; give it in _args_"
                renamed = self.mender.rename(where, near[0], value) if near and near[0] not in given else ()
                message = f"{found.target} takes no argument {name}{hint}"
                fixes = (*renamed, *self.mender.remove(where))
                taken_out = not near and not self._is_declared(where) and self.code.reads(name)
                if taken_out:
                    message += "; unless the project's code, which names it, takes it out first"
                severity: Severity = "warning" if taken_out else "error"
                yield self.problem(severity, "unexpected-argument", message, where, found, fixes)
            elif counted and name in {one.name for one in taken}:
                message = f"{found.target} gets {name} twice, in _args_ too"
                yield self.problem("error", "unexpected-argument", message, where, found, self.mender.remove(where))
            elif name in parameters and parameters[name].kind != "kwargs":
                yield from self.typed(parameters[name], value, where, found.target, found)
        if node.get("_partial_", False) is not False or not counted:
            return
        unnamed = 0  # parameters before that take what is given by place alone
        for one in found.parameters:
            if one.required and one.name not in given and one not in taken:
                message = f"{found.target} needs the argument {one.name}" + (
                    f": {one.annotation}" if one.annotation else ""
                )
                # Code outside of declared ops may pass what is missing when it instantiates.
                how: Severity = "error" if self._is_declared(key) else "warning"
                if how == "warning" and self.code.passes(one.name, unnamed):
                    how, message = "info", f"{message}; the project's code passes one when it instantiates"
                unnamed += one.kind != "keyword"
                ways = (self.mender.add(place, one.name, value) for value in self._givable(key, one))
                yield self.problem(how, "missing-argument", message, place, found, tuple(chain.from_iterable(ways)))

    def _givable(self, key: str, parameter: Parameter) -> list[Any]:
        """What a parameter may be given: what a key of its name holds elsewhere, or one of its few choices."""
        same = (
            leaf
            for leaf in self.leaves.values()
            if leaf.key.rpartition(".")[2] == parameter.name and leaf.key.rpartition(".")[0] != key
        )
        fit = (leaf.key for leaf in same if not (leaf.secret or leaf.reason) and self._is_one(leaf.resolved, parameter))
        elsewhere = [f"${{{name}}}" for name in sorted(fit, key=len)[:ELSEWHERE] if "[" not in name]
        choices = wanted(parameter.annotation, parameter.scope, self.reader).choices
        return [*elsewhere, *(choices if len(choices) <= CHOICES else ())]

    def _is_one(self, value: Any, parameter: Parameter) -> bool:
        return value != "???" and (not parameter.annotation or fits(value, parameter.annotation))

    def typed(
        self, parameter: Parameter, value: Any, where: str, owner: str, found: Signature | None
    ) -> Iterator[Problem]:
        """Checks the type of what a parameter is given.

        Args:
            parameter: The parameter.
            value: What it is given, unresolved.
            where: Its key.
            owner: Who takes it, as a person would say it.
            found: How that is called, if it is a class or a function.
        """
        value, known = self._value(where, value)
        annotation = parameter.annotation
        if not known or not annotation or (value is None and parameter.default == "None"):
            return
        if not _is_meant(parameter):
            return
        if isinstance(value, dict) and "_target_" in value:
            return
        asked = wanted(annotation, parameter.scope, self.reader) if isinstance(value, str) else Wanted()
        members = {one.casefold() for one in asked.known}
        if fits(value, annotation) and (not members or str(value).casefold() in members):
            return
        inside, item = misfit(value, annotation)
        wrong = f"; its {inside.lstrip('.')} is {word(item)}" if inside else f", not {word(item)}"
        message = f"{owner} takes {parameter.name} as {annotation}{wrong}"
        if members:
            message += f"; it has {', '.join(map(str, asked.choices))}"
        raw = find(self.leaves, where)
        fixes: tuple[Fix, ...] = ()
        if isinstance(value, str) and (simple := re.match(r"(int|float|bool)\b", annotation)):
            if raw is not None and isinstance(raw.value, str) and "${" in raw.value:
                right = f"${{{CONVERTERS[simple[1]]}:{raw.value}}}"
                message += f"; environment values are text, so write {right}"
                fixes = self.mender.set_value(where, right)
            elif fits(_number(value), annotation):
                fixes = self.mender.set_value(where, _number(value))
        for member in similar(str(value), [str(one) for one in asked.choices], 1) if not inside else ():
            fixes = (*fixes, *self.mender.set_value(where, member))
        if not inside:
            fixes = (*fixes, *self.mender.without_override(where))
            fixes = (*fixes, *(self.mender.remove(where) if not parameter.required else ()))
        # Code outside of declared ops may put something in a value's place, or take what its annotations do not tell;
        # within them, too, Python does not look into containers, and code may know more names for members of an enum.
        inner = isinstance(value, list | dict) and fits(type(value)(), annotation)
        lenient = inner or bool(members) or not self._is_declared(where)
        yield self.problem("warning" if lenient else "error", "wrong-type", message, where + inside, found, fixes)

    def unless_given(self, problem: Problem) -> Problem:
        """A problem; of a value that must be given, a warning where the project's code may give it before it is used.

        A declared op instantiates its config as it is: nobody gives a value there any more.
        """
        if problem.code != "missing-value" or self._is_declared(problem.key):
            return problem
        if not self.code.gives(problem.key.rpartition(".")[2]):
            return problem
        message = f"{problem.message}; unless the project's code, which sets one of that name, gives it"
        return msgspec.structs.replace(problem, severity="warning", message=message)

    def _is_declared(self, key: str) -> bool:
        """Whether a key belongs to a declared op, which instantiates its config as it is."""
        return bool(self.composed.dagster_job) and op_at(key, self.setting.ops_path) != ""

    def _value(self, key: str, value: Any) -> tuple[Any, bool]:
        """A value as it will be, and whether that is known now."""
        if isinstance(value, str) and value == "???":
            return value, False
        if not (isinstance(value, str) and "${" in value):
            return value, True
        leaf = find(self.leaves, key)
        if leaf is None or leaf.reason or leaf.secret:
            return value, False
        return leaf.resolved, True

    def problem(
        self,
        severity: Severity,
        code: str,
        message: str,
        key: str,
        found: Signature | None = None,
        fixes: tuple[Fix, ...] = (),
        details: str = "",
    ) -> Problem:
        """A problem at the place of a key; it tells the signature that says so, if there is one."""
        place = self._origin(key)
        if found is not None:
            details = f"{found.name}({', '.join(map(str, found.parameters))})  {found.file}:{found.line}"
        fix = next((one.adds[0] for one in fixes if len(one.adds) == 1 and not one.edits), "")
        return Problem(severity, code, message, place.file, place.line, key, details, fix, fixes)

    def _origin(self, key: str) -> Origin:
        """The place of a key: its own, or that of what stands nearest."""
        name = key
        while name:
            if name in self.leaves:
                leaf = self.leaves[name]
                return origins(leaf, key[len(name) :])[-1] if isinstance(leaf.value, list) else leaf.origin
            inner = next((leaf for text, leaf in self.leaves.items() if text.startswith(f"{name}.")), None)
            if inner is not None:
                return inner.origin
            name = name[: max(name.rfind("."), name.rfind("["), 0)]
        return Origin("", file=self.composed.selection.job, line=1)


def _is_meant(parameter: Parameter) -> bool:
    """Whether the annotation of a parameter is to be trusted: its own default is of that type."""
    if parameter.default in (None, "None"):
        return True
    try:
        default = ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return True
    return isinstance(default, tuple | set | bytes) or fits(default, parameter.annotation)


def _nodes(data: Any, key: str) -> Iterator[tuple[str, dict[Any, Any]]]:
    if isinstance(data, dict):
        yield key, data
        for name, value in data.items():
            yield from _nodes(value, f"{key}.{name}" if key else str(name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _nodes(value, f"{key}[{index}]")


def _list(found: Signature) -> str:
    names = [one.name for one in found.parameters if one.kind in ("any", "keyword")]
    return ", ".join(names) or "none"


def _number(text: str) -> Any:
    data = parse(f"x: {text}\n").data if re.fullmatch(r"[\w.+-]+", text) else None
    return data["x"] if isinstance(data, dict) else text

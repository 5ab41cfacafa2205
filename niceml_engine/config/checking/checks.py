"""Everything that can be found wrong with a composed config without running it, all at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from niceml_engine.config.checking.by_code import as_code_has_it
from niceml_engine.config.checking.file_checks import check_files, check_overrides, shadowed
from niceml_engine.config.checking.fixes import Mender
from niceml_engine.config.checking.unchosen import as_choices
from niceml_engine.config.code.annotations import fits, misfit, word
from niceml_engine.config.code.own_code import own_modules, search_path
from niceml_engine.config.code.signatures import Parameter, Signature, Unknown
from niceml_engine.config.code.targets import Reader, missing, signature
from niceml_engine.config.code.uses import Uses
from niceml_engine.config.code.wanted import Wanted, wanted
from niceml_engine.config.compose.refusal import similar
from niceml_engine.config.projects.project import Setting, interpreter
from niceml_engine.config.text.files import Files, parse
from niceml_engine.jobs.declaration import JOBS, OPS
from niceml_engine.ops_path import op_at, op_key, ops_in
from niceml_engine.parts import find, origins
from niceml_engine.values import Composed, FieldSpec, Fix, Leaf, Origin, Problem, Severity

_NOTHING = object()
SPECIAL = {"_target_", "_partial_", "_args_", "_convert_", "_recursive_"}
LOADERS = {"hydra.utils.get_class", "hydra.utils.get_method", "hydra.utils.get_object", "hydra.utils.get_static_method"}
CONVERTERS = {"int": "niceml.to_int", "float": "niceml.to_float", "bool": "niceml.to_bool"}
RANK = {"error": 0, "warning": 1, "info": 2}
_NAMED = 3  #: so many places that need a variable are named in one line
OFFERED = 3  #: keys that hold what an argument may be given
FEW = 5  #: choices of an argument, if it has no more


def check(
    composed: Composed, setting: Setting, data: dict[Any, Any] | None = None, files: Files | None = None
) -> tuple[Problem, ...]:
    """Lists all problems of a composed config, errors first.

    Signatures are read from source; nothing of the project is imported.

    Args:
        composed: The composed config; one that Hydra refused keeps the problems that it has.
        setting: Its project.
        data: Its plain data, if that is at hand.
        files: What has been read already.
    """
    mender = Mender(composed, setting.program(composed.selection.job))
    refused = (composed.error,) if composed.error is not None else ()
    meant, of_files = [*check_overrides(composed, mender)], [*check_files(composed, mender, files or Files())]
    told = {one.key for one in meant} | {one.file for one in of_files if one.code == "missing-self"}
    plain = (one for one in (*refused, *composed.problems) if not _is_told(one, told))
    found = [*(_mended(one, mender) for one in plain), *meant, *(_mended(one, mender) for one in of_files)]
    if composed.error is None:
        data = parse(composed.yaml).data or {} if data is None else data
        checker = _Checker(composed, setting, mender, data)
        found = [*checker.unset(found), *checker.targets(), *checker.ops(), *shadowed(composed)]
    unique = dict.fromkeys(as_code_has_it(as_choices(found, composed), setting))
    return tuple(sorted(unique, key=lambda one: (RANK[one.severity], one.file, one.line, one.key)))


def _is_told(problem: Problem, told: set[str]) -> bool:
    """Whether a check says more of what Hydra found: by the key of an override, or by a file without `_self_`."""
    if problem.code == "unknown-key":
        return problem.key in told
    return problem.code == "hydra" and "missing `_self_`" in problem.message and problem.file in told


def _mended(problem: Problem, mender: Mender) -> Problem:
    fixes = mender.of_composition(problem)
    return msgspec.structs.replace(problem, fixes=fixes) if fixes else problem


@dataclass
class _Checker:
    composed: Composed
    setting: Setting
    mender: Mender
    data: Any
    leaves: dict[str, Leaf] = field(init=False)
    search: tuple[Path, ...] = field(init=False)
    code: Uses = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.leaves = {leaf.key: leaf for leaf in self.composed.leaves}
        self.search = search_path(self.setting)
        self.code = Uses(self.setting)
        self.reader = Reader(self.search)

    def unset(self, found: Sequence[Problem]) -> Iterator[Problem]:
        """Problems; of an unset variable all places together, and as a note where the project's code sets it."""
        needing: dict[str, list[Problem]] = {}
        for problem in found:
            variable = re.search(r"variable (\w+)", problem.message) if problem.code == "unset-env" else None
            if variable is None:
                yield problem
            else:
                needing.setdefault(variable[1], []).append(problem)
        for name, places in needing.items():
            yield self._unset(name, sorted(places, key=lambda one: (one.file, one.line)))

    def _unset(self, name: str, places: Sequence[Problem]) -> Problem:
        first, *others = places
        also = tuple(one.key for one in others)
        fixes = (Fix(f"set {name} in .env", variable=name), *(fix for one in places for fix in one.fixes))
        by_code = self.code.sets(name)
        if by_code:
            said = f"the environment variable {name} is not set here; the project's code sets it when it runs"
        else:
            said = first.message.removeprefix(f"{first.key}: ")
        message = f"{first.key}: {said}"
        if others:
            named = ", ".join(one.key for one in places[:_NAMED])
            more = f" and {len(places) - _NAMED} more" if places[_NAMED:] else ""
            message = f"{said}; {len(places)} values need it: {named}{more}"
        lines = (f"{os.path.relpath(one.file, self.setting.root)}:{one.line}  {one.key}" for one in places if one.file)
        return msgspec.structs.replace(
            first,
            severity="info" if by_code else first.severity,
            message=message,
            fixes=fixes,
            also=also,
            details="\n".join(lines) if others else first.details,
        )

    # ------------------------------------------------------------------------------------------- targets

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
                yield self._problem("error", "wrong-type", f"a _target_ is a dotted name, not {word(target)}", place)
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
            yield self._problem("warning", "unknown-target", message, places[0], details="\n".join(places))

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
        own = {name.partition(".")[0] for name, _ in own_modules(self.setting)}
        near = difflib.get_close_matches(package, own, 1)
        return f"; did you mean `{near[0]}`?" if near else "; install it, or name the project's interpreter"

    def _target(self, place: str, target: str, key: str, node: dict[Any, Any]) -> Iterator[Problem]:
        found = signature(target, self.search)
        if found is None:
            yield self._unknown(place, target)
        elif isinstance(found, Unknown):
            yield self._problem("info", "cannot-tell", f"{target} cannot be checked by reading: {found.reason}", place)
        elif node:
            yield from self._call(found, place, key, node)

    def _unknown(self, place: str, target: str) -> Problem:
        reason = missing(target, self.search)
        near = re.search(r"did you mean `(\w+)`", reason)
        moved = self.code.defines(target.rpartition(".")[2])
        meant = [f"{target.rpartition('.')[0]}.{near[1]}"] if near else []
        fixes = (fix for name in (*moved, *meant) for fix in self.mender.set_value(place, name))
        message = f"{target} does not exist: {reason}" + (f"; there is {' and '.join(moved)}" if moved else "")
        return self._problem("error", "unknown-target", message, place, fixes=tuple(fixes))

    def _call(self, found: Signature, place: str, key: str, node: dict[Any, Any]) -> Iterator[Problem]:
        given = {str(name): value for name, value in node.items() if name not in SPECIAL}
        ordered = [one for one in found.parameters if one.kind in ("positional", "any")]
        arguments = node.get("_args_", [])
        counted = isinstance(arguments, list)
        taken = ordered[: len(arguments)] if counted else ordered
        if counted and len(arguments) > len(ordered) and not any(one.kind == "args" for one in found.parameters):
            message = f"{found.target} takes {len(ordered)} positional arguments, _args_ has {len(arguments)}"
            yield self._problem("error", "unexpected-argument", message, f"{key}._args_" if key else "_args_", found)
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
                yield self._problem(severity, "unexpected-argument", message, where, found, fixes)
            elif counted and name in {one.name for one in taken}:
                message = f"{found.target} gets {name} twice, in _args_ too"
                yield self._problem("error", "unexpected-argument", message, where, found, self.mender.remove(where))
            elif name in parameters and parameters[name].kind != "kwargs":
                yield from self._type(parameters[name], value, where, found.target, found)
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
                fixes = tuple(fix for value in self._givable(key, one) for fix in self.mender.add(place, one.name, value))
                yield self._problem(how, "missing-argument", message, place, found, fixes)

    def _givable(self, key: str, parameter: Parameter) -> list[Any]:
        """What a parameter may be given: what a key of its name holds elsewhere, or one of its few choices."""
        same = (
            leaf
            for leaf in self.leaves.values()
            if leaf.key.rpartition(".")[2] == parameter.name and leaf.key.rpartition(".")[0] != key
        )
        fit = (leaf.key for leaf in same if not (leaf.secret or leaf.reason) and self._is_one(leaf.resolved, parameter))
        elsewhere = [f"${{{name}}}" for name in sorted(fit, key=len)[:OFFERED] if "[" not in name]
        choices = wanted(parameter.annotation, parameter.scope, self.reader).choices
        return [*elsewhere, *(choices if len(choices) <= FEW else ())]

    def _is_one(self, value: Any, parameter: Parameter) -> bool:
        return value != "???" and (not parameter.annotation or fits(value, parameter.annotation))

    def _type(
        self, parameter: Parameter, value: Any, where: str, owner: str, found: Signature | None
    ) -> Iterator[Problem]:
        value, known = self._value(where, value)
        annotation = parameter.annotation
        if not known or not annotation or (value is None and parameter.default == "None"):
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
        # Python does not look into containers, and code outside of declared ops may put something in place of `null`.
        lenient = isinstance(value, list | dict) and fits(type(value)(), annotation)
        lenient = lenient or (value is None and not self._is_declared(where))
        lenient = lenient or bool(members)  # code may know more names for the members of an enumeration
        yield self._problem("warning" if lenient else "error", "wrong-type", message, where + inside, found, fixes)

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

    # ------------------------------------------------------------------------------------------- declared ops

    def ops(self) -> Iterator[Problem]:
        """Checks the ops of the job against their declaration."""
        job = next((spec for spec in JOBS if spec.name == self.composed.dagster_job), None)
        path = self.setting.ops_path
        configured = ops_in(self.data, path)
        if job is None or not configured:
            return
        for name in configured:
            if name not in job.ops:
                message = f"{job.name} has no op {name}; its ops are {', '.join(job.ops)}"
                key = op_key(name, path.partition("{op}")[0] + "{op}")
                yield self._problem("warning", "unknown-op", message, key, fixes=self.mender.remove(key))
        for spec in OPS:
            if spec.name not in job.ops:
                continue
            key = op_key(spec.name, path)
            config = _at(self.data, key)
            if config is _NOTHING:
                message = f"{job.name} leaves out the op {spec.name}, which has no config here"
                yield self._problem("warning", "missing-op", message, key)
            elif isinstance(config, dict):
                yield from self._fields(key, config, spec.fields)

    def _fields(self, key: str, config: dict[str, Any], fields: tuple[FieldSpec, ...]) -> Iterator[Problem]:
        known = {one.name: one for one in fields}
        for name, value in config.items():
            if name not in known:
                message = f"the op has no field {name}; {_meant(name, known, 'fields')}"
                fixes = self.mender.remove(f"{key}.{name}")
                yield self._problem("error", "unknown-field", message, f"{key}.{name}", fixes=fixes)
            else:
                yield from self._simple(f"{key}.{name}", known[name], value)
        for one in fields:
            if one.required and one.name not in config:
                message = f"the op needs the field {one.name}: {one.description}"
                yield self._problem("error", "missing-field", message, f"{key}.{one.name}", details=one.example)

    def _simple(self, key: str, declared: FieldSpec, value: Any) -> Iterator[Problem]:
        """Checks a field of a simple type, or a mapping of them, in which `null` leaves an entry out."""
        match = re.fullmatch(r"(dict\[str, )?(int|float|bool|str)\]?", declared.expects)
        if match is None:
            return
        if match[1] and isinstance(value, dict):
            for name, item in value.items():
                if declared.keys and name not in declared.keys:
                    message = (
                        f"{declared.name} has no {name}, which does nothing; {_meant(name, declared.keys, 'keys')}"
                    )
                    fixes = self.mender.remove(f"{key}.{name}")
                    yield self._problem("warning", "unknown-field", message, f"{key}.{name}", fixes=fixes)
                    continue
                one = Parameter(str(name), "any", "None", match[2])
                yield from self._type(one, item, f"{key}.{name}", declared.name, None)
        else:
            default = None if declared.required else "None"
            yield from self._type(
                Parameter(declared.name, "any", default, declared.expects), value, key, "the op", None
            )

    def _problem(
        self,
        severity: Severity,
        code: str,
        message: str,
        key: str,
        found: Signature | None = None,
        fixes: tuple[Fix, ...] = (),
        details: str = "",
    ) -> Problem:
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


def _meant(name: Any, known: Iterable[str], what: str) -> str:
    near = difflib.get_close_matches(str(name), known, 1)
    return f"did you mean {near[0]}?" if near else f"its {what} are {', '.join(known)}"


def _at(data: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(data, dict) or part not in data:
            return _NOTHING
        data = data[part]
    return data


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

"""How Python code starts Hydra, and which configs exist in Python alone: read from the text, never run.

`@hydra.main(config_path=…, config_name=…, version_base=…)`, `hydra.initialize(…)` with `compose(…)`, and what puts
configs into a store are found, whatever their names were imported as. Arguments may be texts, constants of
the module, and paths worked out from `__file__`; what only running the code would tell is said to be so.
"""

from __future__ import annotations

import ast
import os
import re
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import structs

from niceml_engine.config.projects.modules import MAX_BYTES
from niceml_engine.config.projects.pytext import UNKNOWN, Names, Text
from niceml_engine.config.projects.scan import holds, identity, is_text
from niceml_engine.config.projects.stores import Unnamed, stored
from niceml_engine.config.text.files import Signature, signature
from niceml_engine.values import Option, Problem, Program

MAX_FILES = 4_000
"""Python files that are looked into at most, the outermost first."""
MAX_FOLDERS = 8_000
"""Folders that are looked through at most."""
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages", "test", "tests"})
_TEST = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py")
_DEEPEST = 24
_RENAMED = 4  #: times that what starts Hydra may be given another name
_ENDINGS = (".yaml", ".yml")
_SETTLED_NS = 2_000_000_000  #: after which the time of a folder tells whether anything came or went
_UNGIVEN = "1.1"  #: what Hydra assumes of a program that names no `version_base`

_MAIN = ("config_path", "config_name", "version_base")
_STARTS = {
    "hydra.main": _MAIN,
    "hydra.initialize": ("config_path", "job_name", "caller_stack_depth", "version_base"),
    "hydra.initialize_config_dir": ("config_dir", "job_name", "version_base"),
    "hydra.initialize_config_module": ("config_module", "job_name", "version_base"),
}
_COMPOSE = ("config_name", "overrides", "return_hydra_config", "strict")


@dataclass(frozen=True)
class Code:
    """What the Python files of a project say about Hydra.

    Attributes:
        programs: What starts Hydra; `config_dir` may still be a `pkg://` name.
        stores: Options that Python code makes.
        problems: Files that could not be read.
        folders: Folders that hold Python files.
        unnamed: Where Python code makes options whose names only running it tells.
        composed: Configs that code composes by their names where other code has started Hydra.
        others: Other modules from which it is known what that is, and their states.
    """

    programs: tuple[Program, ...] = ()
    stores: tuple[Option, ...] = ()
    problems: tuple[Problem, ...] = ()
    folders: frozenset[str] = frozenset()
    unnamed: tuple[Unnamed, ...] = ()
    composed: tuple[Program, ...] = ()
    others: tuple[tuple[str, Signature | None], ...] = ()


def read_code(root: Path) -> Code:
    """Reads the Python files at and below a folder.

    Tests, environments, hidden folders and links that loop are left out; of more than `MAX_FILES` files only the
    outermost are read.
    """
    files = list(islice(python_files(str(root)), MAX_FILES + 1))
    found = [read_script(file, str(root)) for file in files[:MAX_FILES]]
    problems = [problem for code in found for problem in code.problems]
    if len(files) > MAX_FILES:
        message = f"only the first {MAX_FILES} Python files were looked into; name `primary` in .niceml/project.yaml"
        problems.append(Problem("info", "many-scripts", message))
    programs = sorted((program for code in found for program in code.programs), key=_rank)
    stores: dict[str, Option] = {}
    for option in (option for code in found for option in code.stores):
        stores.setdefault(option.id, option)
    return Code(
        tuple(programs),
        tuple(stores.values()),
        tuple(problems),
        frozenset(map(os.path.dirname, files)),
        composed=tuple(program for code in found for program in code.composed),
        others=tuple(dict.fromkeys(other for code in found for other in code.others)),
    )


def python_files(root: str) -> Iterator[str]:
    """The Python files at and below a folder in which programs and configs are looked for, the outermost first."""
    todo, seen = [(root, 0)], {identity(root)}
    for folder, depth in islice(todo, MAX_FOLDERS):
        listing = _listing(folder)
        if depth and listing.environment:
            continue
        yield from listing.files
        for inner in listing.folders if depth < _DEEPEST else ():
            own = identity(inner)
            if own not in seen:
                seen.add(own)
                todo.append((inner, depth + 1))


def read_script(file: str, root: str = "") -> Code:
    """Reads one Python file; asked again, it is only read if it has changed, or a module that it takes texts from.

    Args:
        file: The file.
        root: The root of its project, if that is known.
    """
    state = signature(file)
    if state is None:
        return Code()
    code = _read(file, state, root, ())
    others = tuple((other, signature(other)) for other, _ in code.others)
    return code if others == code.others else _read(file, state, root, others)


def _rank(program: Program) -> tuple[bool, int, bool, str, int]:
    """Programs come before the code that composes for itself, outer ones before inner ones, and trainings first."""
    training = "train" in os.path.basename(program.file)
    return (program.kind != "main", program.file.count(os.sep), not training, program.file, program.line)


class _Listing(NamedTuple):
    """What lies in a folder: Python files, folders that are looked into, and whether it is an environment."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    environment: bool = False


def _listing(folder: str) -> _Listing:
    """What lies in a folder; asked again, it is only looked into if its time has changed."""
    try:
        changed = os.stat(folder).st_mtime_ns
    except OSError:
        return _Listing()
    # Within a tick of the clock, a second change would not show in the time.
    return _known(folder, changed) if time.time_ns() - changed > _SETTLED_NS else _known.__wrapped__(folder, changed)


@lru_cache(maxsize=2 * MAX_FOLDERS)
def _known(folder: str, changed: int) -> _Listing:
    try:
        with os.scandir(folder) as entries:
            found = sorted((one for one in entries if is_text(one.name)), key=lambda entry: entry.name)
    except OSError:
        return _Listing()
    scripts = (one for one in found if one.name.endswith(".py") and not _TEST.fullmatch(one.name))
    inner = (one for one in found if not one.name.startswith(".") and one.name not in _SKIPPED)
    return _Listing(
        tuple(one.path for one in scripts if holds(one.is_file)),
        tuple(one.path for one in inner if holds(one.is_dir)),
        any(one.name == "pyvenv.cfg" for one in found),
    )


@lru_cache(maxsize=2 * MAX_FILES)
def _read(file: str, state: Signature, root: str, others: tuple[tuple[str, Signature | None], ...]) -> Code:
    try:
        if state[1] > MAX_BYTES:
            return Code()
        with open(file, "rb") as handle:
            data = handle.read()
    except OSError:
        return Code()
    if b"hydra" not in data:
        return Code()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the project's own texts
            tree = ast.parse(data, file)  # bytes: Python's own rules for encodings
    except SyntaxError as error:
        reason = f"Python cannot read this file, so that what it starts is not known: {error.msg}"
        return Code(problems=(Problem("warning", "script", reason, file, error.lineno or 0),))
    except (ValueError, RecursionError, MemoryError) as error:
        reason = f"Python cannot read this file, so that what it starts is not known: {error or type(error).__name__}"
        return Code(problems=(Problem("warning", "script", reason, file),))
    names = Names.of(tree, file, root)
    calls = sorted((node for node in ast.walk(tree) if isinstance(node, ast.Call)), key=_place)
    found = list(stored(tree, calls, names))
    programs = tuple(_programs(calls, names, _decorators(tree)))
    return Code(
        programs,
        tuple(one for one in found if isinstance(one, Option)),
        unnamed=tuple(one for one in found if isinstance(one, Unnamed)),
        composed=() if any(one.kind == "compose" for one in programs) else tuple(_composed(calls, names)),
        others=tuple(names.looked.modules.items()),
    )


def _place(node: ast.Call) -> tuple[int, int]:
    return (node.lineno, node.col_offset)


def _decorators(tree: ast.Module) -> set[int]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {id(decorator) for function in functions for decorator in function.decorator_list}


# ------------------------------------------------------------------------------------------------- programs


def _programs(calls: list[ast.Call], names: Names, decorators: set[int]) -> Iterator[Program]:
    """What starts Hydra; what composes before anything in the module has started it belongs to the first that does.

    A name that only running the code tells is no name: whatever lies in the folder may be meant.
    """
    current: Program | None = None
    named = False
    early: list[ast.Call] = []
    for given in calls:
        called, call = _started_by(given, names)
        keywords = {keyword.arg for keyword in call.keywords}
        wrapped = id(given) in decorators and {"config_path", "config_name"} <= keywords
        if called == "hydra.main" or wrapped or _is_zen(call):
            yield _main(call, names)
            continue
        if called in _STARTS:
            if current is not None and not named:
                yield current
            current, named = _initialize(call, called, names), False
        elif called != "hydra.compose":
            continue
        early.append(call)
        if current is not None:
            for name, line in _names(early, names):
                yield _named(current, name, line)
                named = True
            early.clear()
    if current is not None and not named:
        yield current


def _composed(calls: list[ast.Call], names: Names) -> Iterator[Program]:
    """What a module composes in which nothing starts Hydra."""
    for name, line in _names(calls, names):
        yield _named(Program(names.file, line, "compose"), name, line)


def _names(calls: Iterable[ast.Call], names: Names) -> Iterator[tuple[str, int]]:
    """The configs that some calls compose, as far as their text tells which, and in which line."""
    for call in calls:
        name = names.argument(call, _COMPOSE, "config_name") if _called(call, names) == "hydra.compose" else None
        if isinstance(name, str):
            yield name, call.lineno


def starting(tree: ast.Module, line: int) -> list[ast.Call]:
    """The calls in a line by which a module starts Hydra itself, not through a function of others."""
    names = Names.of(tree, "")
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.lineno == line)
    return [call for call in calls if _started_by(call, names)[0] in _STARTS or _is_zen(call)]


def _called(call: ast.Call, names: Names) -> str:
    return names.dotted(call.func).replace("hydra.experimental.", "hydra.")


def _started_by(call: ast.Call, names: Names) -> tuple[str, ast.Call]:
    """What a call starts, and the call of that: of a `functools.partial` or another name for it, as if written out."""
    for _ in range(_RENAMED):
        made = names.values.get(call.func.id, call.func) if isinstance(call.func, ast.Name) else call.func
        if isinstance(made, ast.Call) and names.dotted(made.func) == "functools.partial" and made.args:
            given = {keyword.arg for keyword in call.keywords} - {None}
            keywords = [*(one for one in made.keywords if one.arg not in given), *call.keywords]
            written = ast.Call(made.args[0], [*made.args[1:], *call.args], keywords)
        elif made is not call.func and names.dotted(made):
            written = ast.Call(made, call.args, call.keywords)
        else:
            break
        call = ast.copy_location(written, call)
    return _called(call, names), call


def _is_zen(call: ast.Call) -> bool:
    """Whether it is `zen(task).hydra_main(…)` of hydra-zen."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "hydra_main" and bool(call.keywords)


def _main(call: ast.Call, names: Names) -> Program:
    base = _version_base(call, _MAIN, names)
    path = names.folder(call, _MAIN, "config_path", default=None if _is_zen(call) else _default_path(base))
    name = names.argument(call, _MAIN, "config_name")
    if name is None and isinstance(path, str) and path.endswith(_ENDINGS):  # as in Hydra 0.11
        path, name = os.path.split(path)
    program = _started(_begun("main", call, _MAIN, base, names), path, names)
    return _named(program, name, call.lineno)


def _initialize(call: ast.Call, called: str, names: Names) -> Program:
    order = _STARTS[called]
    base = _version_base(call, order, names)
    program = _begun("compose", call, order, base, names)
    path = names.folder(call, order, order[0], default=_default_path(base) if order[0] == "config_path" else None)
    if order[0] == "config_module" and isinstance(path, str):
        path = f"pkg://{path}"
    return _started(program, path, names)


def _default_path(base: str | None) -> str | None:
    """Until 1.2, Hydra looked beside the script where no path was given."""
    return "." if base == _UNGIVEN else None


def _version_base(call: ast.Call, order: tuple[str, ...], names: Names) -> str | None:
    found = names.argument(call, order, "version_base", default=_UNGIVEN)
    return _UNGIVEN if found is UNKNOWN else None if found is None else str(found)


def _begun(
    kind: Literal["main", "compose"], call: ast.Call, order: tuple[str, ...], base: str | None, names: Names
) -> Program:
    """A program by the call that starts it, and by what this leaves to Hydra."""
    left = {word for word in order if names.argument(call, order, word, default="") == ""}
    pathless = "config_path" in left and not _is_zen(call)
    unversioned = "version_base" in left
    line = call.lineno
    return Program(names.file, line, kind, version_base=base, start=line, unversioned=unversioned, pathless=pathless)


def _started(program: Program, path: Text, names: Names) -> Program:
    if path is UNKNOWN:
        return _unread(program, "config folder")
    if path is None:
        return program
    where = str(path).replace("\\", "/")  # some write paths for Windows only
    if not where.startswith("pkg://"):
        where = os.path.normpath(os.path.join(os.path.dirname(names.file), where))
    return structs.replace(program, config_dir=where)


def _named(program: Program, name: Text, line: int) -> Program:
    if name is UNKNOWN:
        return _unread(program, "config name")
    text = str(name or "")
    text = text.removesuffix(".yaml").removesuffix(".yml")
    return structs.replace(program, config_name=text, line=line)


def _unread(program: Program, what: str) -> Program:
    why = f"its {what} is only known when it runs; name `primary` and `config_dirs` in .niceml/project.yaml"
    return structs.replace(program, problem=why)

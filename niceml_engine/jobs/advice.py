"""What to try after a failure, and where in the project's own code it came from; loads no Dagster."""

from __future__ import annotations

import difflib
import pkgutil
import re
import signal
import sys
import sysconfig
import traceback
from pathlib import Path

from niceml_engine.errors import NicemlError, ProgramError, os_reason
from niceml_engine.events import Resources

_OURS = str(Path(__file__).resolve().parents[1])
#: Where the code lies that was installed.
FOREIGN = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})

#: What is looked for in `<class>: <first line>` of the innermost exception, in order, and what helps.
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"MemoryError|ResourceExhausted|OutOfMemory|out of memory|OOM when",
        "take a smaller `batch_size`, smaller images or a smaller model, or a device with more memory",
    ),
    (
        r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'",
        "install {name} into the interpreter that runs jobs, or add its folder to `python_path` in "
        ".niceml/project.yaml",
    ),
    (
        r"(Error locating|ImportError|AttributeError: module '[\w.]+' has no attribute)",
        "correct the name; Compose offers the classes that fit where a `_target_` is edited",
    ),
    (
        r"unexpected keyword argument '(?P<name>\w+)'",
        "take `{name}` out of the config, or let the function take it",
    ),
    (r"missing \d+ required .*argument.*: (?P<name>'\w+')", "give {name} a value in the config"),
    (
        r"environment variable '(?P<name>\w+)' not found|Environment variable '(?P<other>\w+)'",
        "set it in the .env beside the project, or name a default: ${{oc.env:{name},default}}",
    ),
    (r"MissingMandatoryValue|InterpolationKeyError|InterpolationResolution", "give it a value in Compose"),
    (
        r"output size would be (zero or )?negative|Negative dimension size",
        "take fewer layers, each of which makes the images smaller, or larger images",
    ),
    (r"must be .*\b(among|one of)\b", "take one of the values that it names"),
    (r"Invalid value for argument|Expected a strictly positive", "correct the value: this one is out of range"),
    (
        r"(?i)shapes? .*(incompatible|mismatch|not equal|must match)|incompatible shapes?|expected .*shape|"
        r"input .*is incompatible with the layer|same shape",
        "let images, `classes`, the model's last layer and the loss fit together; Try in Compose shows the shapes",
    ),
    (
        r"not supported between|unsupported operand|could not convert|invalid literal|must be .*(int|float|str|number)|"
        r"(cannot|can't) be interpreted as",
        "a value is of another type than the code wants: Compose says beside each field what that is",
    ),
    (r"FileNotFoundError|NotADirectoryError", "correct the path, or make the data first"),
    (r"PermissionError", "choose another place, or change its rights"),
    (
        r"NoCredentials|InvalidAccessKey|SignatureDoesNotMatch|Connection\w*Error|ConnectTimeout",
        "look at the address and the credentials of the location, which a .env beside the project may hold",
    ),
    (
        r"JSONDecodeError|ParserError|UnidentifiedImageError|ArrowInvalid",
        "look at the file: it is not what is expected",
    ),
)
#: What Python says of a name that a module has not.
_UNKNOWN = tuple(
    map(
        re.compile,
        (
            r"No module named '(?P<module>[\w.]+)\.(?P<name>\w+)'",
            r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'",
            r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
        ),
    )
)
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_IN_LAYER = re.compile(r"Exception encountered when calling (layer ['\"])?(?P<name>[\w.]+?)(\.call\(\)|['\"])")
_RAISED = re.compile(r"\w+(Error|Exception): (?P<said>.+)")
_SENTENCE = re.compile(r"(?<=\.)\s")
_LONG = 100  #: letters of what Keras says that are told; of more, the first sentence
MUCH = 0.8  #: of a machine's memory that was taken at last: what is killed then was killed for want of it
_PROGRAM = "mend the code, or the value that it was given, and run it again; a program begins from its start"
_ELSE = "try the part alone with Try in Compose; the details below say where it was raised"


def killed(number: int) -> str:
    """How a process ended by a signal."""
    return f"was killed by {signal.Signals(number).name}"


def after_kill(number: int | None, last: Resources | None = None) -> str:
    """What to try where the system ended a process without giving a reason.

    Args:
        number: The signal that ended it; `None`: nobody knows how it ended.
        last: What it took of the machine at last, if that is known.

    Returns:
        Nothing for a signal that no lack of memory sends.
    """
    if number not in (None, signal.SIGKILL):
        return ""
    how = "it was" if number else "it was probably"
    outside = f"{how} killed from outside, by a person, a scheduler or the system, which may limit its memory"
    if last is None:
        down = "" if number else ", or the machine went down"
        return f"{outside}{down}; what it took of the machine is not known: go on or run it again"
    machine = f"{_gigabytes(last.machine_memory)} of {_gigabytes(last.total_memory)}"
    took = f"it took {_gigabytes(last.memory)} at last, when {machine} of the machine were taken"
    if last.machine_memory < MUCH * last.total_memory:
        return f"{outside}; {took}: go on or run it again"
    return (
        f"memory is the usual reason, {took}: free some, or take a smaller batch_size or model, then go on or run it "
        "again"
    )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


def cause_line(error: BaseException) -> str:
    """What an error says in a line: the cause, without what Keras and TensorFlow say around it.

    Keras puts the layer before it, and what the layer was called with behind it; TensorFlow puts a traceback before
    what was raised by the code of a loss or a metric.
    """
    lines = [line.strip() for line in _COLOURS.sub("", str(error)).splitlines() if line.strip()]
    first, *others = lines or [""]
    if first == "in user code:":
        return next((found["said"] for line in others if (found := _RAISED.fullmatch(line))), first)
    layer = _IN_LAYER.match(first)
    if layer is None or not others:
        return first
    said = others[0] if len(others[0]) <= _LONG else _SENTENCE.split(others[0], 1)[0].rstrip(".")
    return f"{layer['name']}: {said}"


def root_of(error: BaseException) -> BaseException:
    """The exception at the bottom of one."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def raised(error: BaseException) -> str:
    """The name of the exception at the bottom of one; nothing where it is our own, which says all in its message."""
    root = root_of(error)
    if isinstance(root, ProgramError):
        return root.raised.partition(":")[0]
    return "" if isinstance(root, NicemlError) else type(root).__name__


def advice_for(error: Exception) -> str:
    """What to try after an error; nothing where its own message says so."""
    root = root_of(error)
    if isinstance(root, ProgramError):
        return root.advice or (_advice_for(root.raised) or _PROGRAM if root.raised else "")
    reason = os_reason(root) if isinstance(root, OSError) else ""
    if isinstance(root, NicemlError) or ("; " in reason and reason in str(error)):  # the message says what to do
        return ""
    return _advice_for(f"{type(root).__name__}: {cause_line(root)}") or _ELSE


def _advice_for(line: str) -> str:
    """What to try after an exception, of which a line tells class and message; nothing where that is not known."""
    if misspelt := _misspelt(line):
        return misspelt
    for pattern, advice in _ADVICE:
        found = re.search(pattern, line)
        if found is not None:
            names = [name for name in found.groupdict().values() if name]
            return advice.format(name=names[0] if names else "")
    return ""


def _misspelt(line: str) -> str:
    """What to try where a module that is there lacks a name; it has been imported to find that out."""
    for pattern in _UNKNOWN:
        found = re.search(pattern, line)
        module = sys.modules.get(found["module"]) if found is not None else None
        if found is None or module is None:
            continue
        inside = (one.name for one in pkgutil.iter_modules(getattr(module, "__path__", ())))
        names = [name for name in {*dir(module), *inside} if not name.startswith("_")]
        near = difflib.get_close_matches(found["name"], sorted(names), 1)
        nearest = f"the nearest to {found['name']} in {found['module']} is {near[0]}" if near else ""
        return f"correct the name; {nearest or 'Compose offers the classes that fit where a `_target_` is edited'}"
    return ""


def code_of(error: BaseException) -> str:
    """`file:line` of the project's own code that an error came out of, relative to the working directory.

    Returns:
        The innermost such place; nothing where none of it lies in the project's code.
    """
    found = ""
    if isinstance(error, ProgramError):
        return error.code
    while True:
        for frame in traceback.extract_tb(error.__traceback__):
            path = str(Path(frame.filename).resolve())
            if not path.startswith((_OURS, *FOREIGN, sys.prefix)) and Path(path).is_file():
                here = Path(path)
                shown = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
                found = f"{shown.as_posix()}:{frame.lineno}"
        if error.__cause__ is None:
            return found
        error = error.__cause__

"""What the commands share: the words that several of them take, errors as one line, exit status."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Protocol, TypeVar

import typer

from niceml_engine.errors import ConfigError, NicemlError, QueryError, os_reason
from niceml_engine.values import Origin
from niceml_engine.visible import visible, without_marks

if TYPE_CHECKING:
    from niceml_engine.query.grammar import Query
    from niceml_engine.query.subjects import Known

BAD_INPUT = 2
STOPPED = 130

Verbose = Annotated[bool, typer.Option("--verbose", help="Show the details of an error.")]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")]


class Shared(Protocol):
    """A set of words that several commands take."""

    @property
    def verbose(self) -> bool:
        """Whether to show the details of an error."""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The words of a command that needs none but its own."""

    verbose: Verbose = False


def is_path(text: str) -> bool:
    """Whether words that may also be a name lead to a place: they are written as a path, or a folder is there.

    `pathlib` drops the `./` and the `/` at the end by which a person says that a path is meant.
    """
    return "://" not in text and (os.sep in text or Path(text).expanduser().is_dir())


W = TypeVar("W", bound=Shared)


def taking(kind: Callable[..., W]) -> Callable[[Callable[Concatenate[W, ...], None]], Callable[..., None]]:
    """Makes a command out of a function: the words of a set are added to the function's own.

    The function gets the set as one value, its first argument. Its errors are shown as `errors` does.

    Args:
        kind: A dataclass whose fields are annotated for Typer.
    """
    shared = inspect.signature(kind, eval_str=True).parameters

    def make(command: Callable[Concatenate[W, ...], None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            words = kind(**{name: given.pop(name) for name in shared})
            with errors(words.verbose):
                command(words, **given)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        required = [one for one in shared.values() if one.default is one.empty]
        others = [one for one in shared.values() if one.default is not one.empty]
        parameters = [one.replace(kind=one.KEYWORD_ONLY) for one in (*required, *own, *others)]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        run.__dict__["__signature__"] = inspect.Signature(parameters)
        return run

    return make


@contextmanager
def errors(verbose: bool = False) -> Iterator[None]:
    """Turns errors into one line on stderr and an exit status.

    Args:
        verbose: Whether to print the details below that line.

    Raises:
        typer.Exit: Whatever went wrong; 2 for bad input, 130 when stopped by the keyboard.
    """
    try:
        yield
    except NicemlError as error:
        print_error(str(error))
        _details(verbose or isinstance(error, QueryError), error.details or traceback.format_exc())
        raise typer.Exit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        print_error("stopped")
        raise typer.Exit(STOPPED) from error
    except BrokenPipeError as error:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error
    except (typer.Exit, typer.Abort):
        raise
    except OSError as error:
        print_error(f"{error.filename}: {os_reason(error)}" if error.filename else os_reason(error))
        _details(verbose, traceback.format_exc())
        raise typer.Exit(BAD_INPUT) from error
    except Exception as error:
        print_error(f"unexpected {type(error).__name__}: {error}; --verbose shows where")
        _details(verbose, traceback.format_exc())
        raise typer.Exit(BAD_INPUT) from error


def query(text: str) -> Query:
    """What is asked for by `--where`.

    Raises:
        QueryError: It makes no sense; the details point at the place.
    """
    from niceml_engine.query.grammar import parse

    try:
        return parse(text)
    except QueryError as error:
        error.details = f"{text}\n{' ' * error.start}{'^' * (error.end - error.start)}"
        error.message = f"--where, character {error.start + 1}: {error.message}"
        raise


def tell_doubts(asked: Query, known: Known) -> None:
    """Says on stderr which names of a query may be meant otherwise."""
    from niceml_engine.query.subjects import doubts

    for doubt in doubts(asked, known):
        print(f"note: {doubt.said}", file=sys.stderr)


def print_error(message: str) -> None:
    """Prints one line on stderr."""
    _print_line("error", message)


def print_warning(message: str) -> None:
    """Prints one line on stderr, of what does not keep a command from its work."""
    _print_line("warning", message)


def _print_line(kind: str, message: str) -> None:
    print(f"{kind}: {without_marks(visible(' '.join(message.split())))}", file=sys.stderr)


def _details(verbose: bool, details: str) -> None:
    if verbose and details:
        print(details.rstrip(), file=sys.stderr)


def shown(file: str) -> str:
    """A path as a person wants to read it: relative where it lies below the current folder."""
    here = os.path.relpath(file) if file else ""
    return file if here.startswith("..") else here


def place(origin: Origin) -> str:
    """Where a value was set, for a line of text."""
    if not origin.file:
        said = f": {origin.text}" if origin.text else ""
        return f"override {origin.line}{said}" if origin.node == "override" else origin.node
    return f"{shown(origin.file)}:{origin.line}" + (f"  @ {origin.package}" if origin.package else "")


def one_of(format: str, known: tuple[str, ...] = ("text", "json")) -> None:
    """Refuses a format that a command does not have.

    Raises:
        ConfigError: It is none of the known ones.
    """
    if format not in known:
        raise ConfigError(f"there is no format {format}; there are {', '.join(known)}")

"""Asking whether a project may run its code, before the first start in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from niceml_engine.cli import common
from niceml_engine.errors import TrustError
from niceml_engine.runs.trust import set_trust

Trusting = Annotated[bool, typer.Option("--trust", help="Let the project run its code, from now on.")]
T = TypeVar("T")


def start(root: Path, trust: bool, begin: Callable[[], T]) -> T:
    """Starts something; where that needs trust that nobody has given yet, the terminal is asked.

    Args:
        root: The project.
        trust: Whether the person gives it with the command.
        begin: What starts it.

    Raises:
        TrustError: There is no terminal to ask.
        typer.Exit: The person said no.
    """
    if trust:
        set_trust(root, True)
    try:
        return begin()
    except TrustError as error:
        if not can_ask():
            raise
        print(f"Nobody has said yet whether {root} may run its code. This would run:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in error.details.splitlines()), file=sys.stderr)
        if not typer.confirm("Trust this project from now on?", err=True):
            print("not started", file=sys.stderr)
            raise typer.Exit(common.BAD_INPUT) from None
    set_trust(root, True)
    return begin()


def can_ask() -> bool:
    """Whether a person sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()

"""`niceml-engine serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    modules: Annotated[
        list[str] | None,
        typer.Option("--import", metavar="MODULE", help="Module that makes configs in Python; repeatable."),
    ] = None,
    python_path: Annotated[
        list[Path] | None,
        typer.Option("--python-path", metavar="DIR", help="Where such modules lie; repeatable."),
    ] = None,
) -> None:
    """Serve a window over stdin and stdout, here or through ssh."""
    from niceml_engine.service.__main__ import main

    main(tuple(modules or ()), tuple(map(str, python_path or ())))

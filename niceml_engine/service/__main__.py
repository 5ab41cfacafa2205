"""`python -m niceml_engine.service`: serves one window over stdin and stdout."""

from __future__ import annotations

import os
import sys


def main(modules: tuple[str, ...] = (), python_path: tuple[str, ...] = ()) -> None:
    """Serves until stdin ends.

    Args:
        modules: Modules of the project to import first, for the configs that they make; then only configs are served.
        python_path: Where these lie.
    """
    # What any library prints must not end up between the frames.
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.platform == "win32":
        import msvcrt

        for stream in (sys.stdin, frames):
            msvcrt.setmode(stream.fileno(), os.O_BINARY)

    # Said before anything is loaded that takes its time.
    from niceml_engine.protocol.greeting import own

    frames.write(own().line)
    frames.flush()

    from functools import partial

    from niceml_engine.service.handlers import Handlers
    from niceml_engine.service.server import Server

    handlers = partial(Handlers, modules=modules, python_path=python_path)
    Server(sys.stdin.buffer, frames, handlers).serve()
    # Threads that wait for a slow bucket must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()

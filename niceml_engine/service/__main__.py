"""`python -m niceml_engine.service`: serves one window over stdin and stdout."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Serves until stdin ends."""
    # What any library prints must not end up between the frames.
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.platform == "win32":
        import msvcrt

        for stream in (sys.stdin, frames):
            msvcrt.setmode(stream.fileno(), os.O_BINARY)

    from niceml_engine.service.server import Server

    Server(sys.stdin.buffer, frames).serve()
    # Threads that wait for a slow bucket must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()

"""`niceml-engine serve`."""

from __future__ import annotations


def serve() -> None:
    """Serve a window over stdin and stdout; also through ssh."""
    from niceml_engine.service.__main__ import main

    main()

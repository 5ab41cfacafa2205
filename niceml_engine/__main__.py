"""`python -m niceml_engine`: the command line, in whatever interpreter runs it."""

from __future__ import annotations

from niceml_engine.cli import main

if __name__ == "__main__":
    main()

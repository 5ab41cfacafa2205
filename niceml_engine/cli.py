"""The command line, `niceml-engine`."""


def main() -> None:
    """Runs the command line."""

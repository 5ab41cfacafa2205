"""The command line, `niceml-engine`: all that the window does, without a screen.

Exit status: 0 success, 1 a run failed, 2 bad input, 130 stopped.
"""

from __future__ import annotations

import typer

from niceml_engine.cli import configs, experiments, queue, runs, serve

app = typer.Typer(
    name="niceml-engine",
    help="Compose Hydra configs, see where every value comes from, and run them as Dagster jobs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (configs.compose, configs.graph, configs.explain, configs.check, configs.export):
    app.command()(command)
app.command()(runs.run)
app.command()(configs.ops)
app.add_typer(queue.app, name="runs", help="List, stop, name or delete runs.")
app.add_typer(experiments.app, name="experiments", help="Find past experiments.")
app.command()(serve.serve)


def main() -> None:
    """Runs the command line."""
    app()

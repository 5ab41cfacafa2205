"""The command line, `niceml-engine`: all that the window does, without a screen.

Exit status: 0 success, 1 a run failed, 2 bad input, 130 stopped.
"""

from __future__ import annotations

import typer

from niceml_engine.cli import compare, configs, experiments, files, project, queue, runs, serve, sweeps, trying

#: `\b` keeps the lines that follow as they are.
COMPOSE_EXAMPLES = """\b
Examples:
  niceml-engine compose configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml
  niceml-engine compose JOB ops/train@ops.train.config=op_train_cls_binary_mlp
  niceml-engine compose JOB --resolve ops.train.config.learning_rate=0.01
"""
EXPORT_EXAMPLES = """\b
Forms:
  yaml        the composed config, a job file that needs no other
  annotated   the same, saying beside each value which file and line set it
  job         the job file with the overrides written in
  folder      that file and all that it uses, to be taken elsewhere
  overrides   one on each line
  command     a line for the shell
  run-config  what `dagster job execute -c` takes
  resolved    for reading only: all values, secrets masked

\b
Examples:
  niceml-engine export JOB -o mine.yaml
  niceml-engine export JOB --to job -o configs/jobs/job_train/mine.yaml globals.exp_name=mine
  niceml-engine export JOB --to folder -o mine
  niceml-engine export JOB --to run-config -o run.yaml
"""
DIFF_EXAMPLES = """\b
Examples:
  niceml-engine diff JOB ops/train@ops.train.config=op_train_cls_binary_mlp      what choosing it would change
  niceml-engine diff JOB --against last                                          what the job's last run had otherwise
  niceml-engine diff JOB --against configs/jobs/job_train/job_train_cls/job_train_cls_softmax.yaml
"""
RUN_EXAMPLES = """\b
Examples:
  niceml-engine run configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml
  niceml-engine run JOB --device gpu:0 ~ops.train.config.callbacks.csv globals.exp_name=short
  niceml-engine run JOB --multirun ops.train.config.learning_rate=1e-3,1e-4
"""
TRY_EXAMPLES = """\b
Examples:
  niceml-engine try configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml       one batch for each op
  niceml-engine try ops/train/op_train_cls_binary_mlp --job JOB                          its objects, within the job
  niceml-engine try ops/train/callbacks/callbacks_base
"""

app = typer.Typer(
    name="niceml-engine",
    help="Compose Hydra configs, see where every value comes from, and run them as Dagster jobs.",
    epilog="Exit status: 0 success, 1 the run failed, 2 bad input, 130 stopped.",
    context_settings={"max_content_width": 120},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(epilog=COMPOSE_EXAMPLES)(configs.compose)
app.command()(configs.graph)
app.command()(configs.explain)
app.command()(configs.check)
app.command(epilog=DIFF_EXAMPLES)(compare.diff)
app.command(epilog=EXPORT_EXAMPLES)(configs.export)
app.command()(files.usages)
app.command()(files.mv)
app.command()(sweeps.expand)
app.command(epilog=RUN_EXAMPLES)(runs.run)
app.command(name="try", epilog=TRY_EXAMPLES)(trying.try_)
app.add_typer(queue.app, name="runs", help="List, stop, name or delete runs.")
app.add_typer(experiments.app, name="experiments", help="Find past experiments.")
app.command()(project.project)
app.command()(configs.ops)
app.command()(serve.serve)


def main() -> None:
    """Runs the command line."""
    app()

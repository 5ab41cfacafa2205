"""Dagster's view of the jobs; made from their declaration, and loaded by workers and by Dagster's own commands.

A run is configured by a job file (what a person wrote), by a composed config, or, as our workers do it, by
`{"config": "<composed config as YAML>"}`, which keeps the order of keys. `job_program` takes
`{"script": "train.py", "overrides": ["key=value"]}`, and knows the composed config only to show it.
"""

# without `from __future__ import annotations`: Dagster reads the annotations of op functions as objects

import json
import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dagster import (
    AssetMaterialization,
    ConfigMapping,
    Definitions,
    DependencyDefinition,
    Field,
    GraphDefinition,
    In,
    InitLoggerContext,
    InitResourceContext,
    JobDefinition,
    Nothing,
    OpDefinition,
    OpExecutionContext,
    Out,
    ResourceDefinition,
    in_process_executor,
    logger,
)
from dagster import op as dagster_op

from niceml_engine.jobs.composed import parse
from niceml_engine.jobs.declaration import JOBS, PROGRAM, op
from niceml_engine.jobs.program import op as program
from niceml_engine.jobs.session import HOOKS, RunSession
from niceml_engine.jobs.standalone import standalone_hooks
from niceml_engine.jobs.stops import is_stop
from niceml_engine.values import JobSpec, OpSpec, Selection

RESOURCE = "session"
QUIET = "quiet"
CONSOLE = "console"


def run_config(given: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the configuration of the one resource out of what a person, or a worker, gave Dagster.

    What our workers run prints what `_console` says; what Dagster's own commands run, what Dagster does.

    Args:
        given: A job file, a composed config, or `{"config": YAML}`. Relative paths mean the working directory.

    Raises:
        ConfigError: The job file does not compose.
    """
    from omegaconf import OmegaConf

    text = given.get("config")
    of_worker = isinstance(text, str) and len(given) == 1
    if of_worker:
        composed = text
    elif "defaults" in given:
        composed = _compose(json.dumps(given))
    else:
        composed = OmegaConf.to_yaml(OmegaConf.create({key: given[key] for key in given if key != "hydra"}))
    session = {"resources": {RESOURCE: {"config": {"yaml": composed}}}}
    return session | {"loggers": {CONSOLE: {}}} if of_worker else session


@lru_cache(maxsize=8)
def _compose(job_file: str) -> str:
    """Composes a job file that lies nowhere; Dagster asks several times for the same."""
    from omegaconf import OmegaConf

    from niceml_engine.config.compose import Composer
    from niceml_engine.config.projects.project import Setting

    with TemporaryDirectory(prefix="niceml-") as folder:
        file = Path(folder) / "job.yaml"
        file.write_text(job_file, encoding="utf-8")
        return OmegaConf.to_yaml(Composer(Setting(root=Path.cwd())).config(Selection(job=str(file))))


def _session(context: InitResourceContext) -> Iterator[RunSession]:
    config = parse(context.resource_config["yaml"])
    hooks = HOOKS.get() or standalone_hooks(config)
    if context.run is not None:
        hooks.on_run(context.run.run_id)
    session = RunSession(config, hooks)
    try:
        yield session
    finally:
        session.close()


@logger({}, description="Prints warnings and errors, but of a run that somebody stops no traceback.")
def _console(_: InitLoggerContext) -> logging.Logger:
    made = logging.Logger("dagster", logging.WARNING)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
    handler.addFilter(lambda record: not is_stop(getattr(record, "dagster_event", None)))
    made.addHandler(handler)
    return made


def _make_op(spec: OpSpec, first: bool) -> OpDefinition:
    @dagster_op(
        name=spec.name,
        description=spec.description,
        ins={} if first else {"after": In(Nothing)},
        out=Out(Nothing),
        required_resource_keys={RESOURCE},
    )
    def run(context: OpExecutionContext) -> None:
        session: RunSession = getattr(context.resources, RESOURCE)
        session.run_op(spec, context.retry_number + 1)

    return run


def _make_job(spec: JobSpec) -> JobDefinition:
    return GraphDefinition(
        name=spec.name,
        node_defs=[_make_op(op(name), first=name == spec.ops[0]) for name in spec.ops],
        dependencies={
            name: {"after": DependencyDefinition(before)} for before, name in zip(spec.ops, spec.ops[1:], strict=False)
        },
    ).to_job(
        description=spec.description,
        logger_defs={CONSOLE: _console},
        resource_defs={RESOURCE: ResourceDefinition(_session, config_schema={"yaml": Field(str)})},
        config=ConfigMapping(config_fn=run_config, config_schema=dict),
        executor_def=in_process_executor,
    )


def program_config(given: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the configuration of `job_program`: `script`, `overrides`, `python` if not ours, `config` if composed."""
    words = {name: given[name] for name in ("script", "overrides", "python") if name in given}
    (name,) = PROGRAM.ops
    session = {"config": {"yaml": given.get("config") or "{}"}}
    return {"resources": {RESOURCE: session}, "ops": {name: {"config": words}}, "loggers": {QUIET: {}}}


@logger({}, description="Prints nothing: the output of a program is the program's; Dagster's record holds the rest.")
def _quiet(_: InitLoggerContext) -> logging.Logger:
    return logging.Logger(QUIET, logging.CRITICAL + 1)


def _make_program_job() -> JobDefinition:
    (name,) = PROGRAM.ops

    @dagster_op(
        name=name,
        description=PROGRAM.description,
        config_schema={
            "script": str,
            "overrides": Field([str], default_value=[]),
            "python": Field(str, default_value=""),
        },
        out=Out(Nothing),
        required_resource_keys={RESOURCE},
    )
    def run(context: OpExecutionContext) -> Iterator[AssetMaterialization]:
        yield from program.run(context, getattr(context.resources, RESOURCE), name)

    return GraphDefinition(name=PROGRAM.name, node_defs=[run]).to_job(
        description=PROGRAM.description,
        logger_defs={QUIET: _quiet},
        resource_defs={RESOURCE: ResourceDefinition(_session, config_schema={"yaml": Field(str)})},
        config=ConfigMapping(config_fn=program_config, config_schema=dict),
        executor_def=in_process_executor,
    )


_JOBS = {spec.name: _make_job(spec) for spec in JOBS}
job_train = _JOBS["job_train"]
job_data_generation = _JOBS["job_data_generation"]
job_program = _make_program_job()
defs = Definitions(jobs=[job_train, job_data_generation, job_program])

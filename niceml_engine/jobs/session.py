"""One run, as its ops share it: the config, the experiment folder, and whom to tell what happens.

Only workers, and Dagster's own commands, load this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from time import perf_counter, time
from typing import Any

import msgspec
from dagster import DagsterExecutionInterruptedError, Failure, RetryRequested
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.errors import OpError, StoreError
from niceml_engine.events import Artifact, Event, Log, OpEnded, OpStarted
from niceml_engine.jobs.advice import advice_for, code_of, raised
from niceml_engine.jobs.composed import explain, masked, op_config, secrets
from niceml_engine.jobs.context import OpContext
from niceml_engine.jobs.declaration import RETRIES, RETRY_DELAY
from niceml_engine.learning.blaming import NOTED, Made
from niceml_engine.ops_path import op_key
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.values import OPS_PATH, OpSpec, RunStatus


@dataclass(frozen=True)
class Hooks:
    """Whom a run reports to.

    Attributes:
        emit: Takes events, from any thread.
        set_op: Told the op that later events belong to; empty between ops.
        on_run: Told Dagster's id of the run, once Dagster has started it.
        run_info: What is known of the run; see `OpContext`.
        ops_path: Where the configs of ops lie in the composed config.
        experiment: The experiment that the run continues; none if it makes one of its own.
        on_end: Told how the run ended, and why if not well, when its last op is done.
        now: The time of day that events are given.
    """

    emit: Callable[[Event], None]
    set_op: Callable[[str], None]
    on_run: Callable[[str], None]
    run_info: Mapping[str, Any] = field(default_factory=dict)
    ops_path: str = OPS_PATH
    experiment: ExperimentFolder | None = None
    on_end: Callable[[RunStatus, str], None] = lambda status, message: None
    now: Callable[[], float] = time


#: Set by `execute`; where Dagster runs a job on its own, there are none.
HOOKS: ContextVar[Hooks | None] = ContextVar("HOOKS", default=None)


class RunSession:
    """What the ops of one run share.

    Args:
        config: Composed, unresolved.
        hooks: Whom to report to.
    """

    def __init__(self, config: DictConfig, hooks: Hooks) -> None:
        self.experiment: ExperimentFolder | None = None
        self.failure: OpEnded | None = None
        self._config = config
        self._hooks = hooks
        self._cache: dict[str, object] = {}
        self._models: set[str] = set()  # that this run has saved
        self._secrets = secrets(config)

    def run_op(self, spec: OpSpec, attempt: int = 1) -> None:
        """Runs an op; one that the config does not have is left out.

        Args:
            spec: Which one.
            attempt: How often it has been begun, this time included.

        Raises:
            Failure: The op failed; the event stream says why.
            RetryRequested: It failed, and is to be begun again.
        """
        own = op_config(self._config, spec.name, self._hooks.ops_path)
        if own is None:
            self._hooks.emit(Log(text=f"{spec.name} is not configured and left out"))
            return
        work, retries, delay = partial(self._call, spec, attempt), 0, 0.0
        if not self._hooks.run_info.get("one_batch"):  # what does not fit does not fit the next time either
            try:
                retries, delay = _number(own, spec.name, RETRIES, int), _number(own, spec.name, RETRY_DELAY, float)
            except (OpError, OmegaConfBaseException) as error:
                work = partial(_fail, error)
        self.run(spec.name, work, attempt, 1 + retries, delay)

    def run(self, name: str, work: Callable[[], None], attempt: int = 1, attempts: int = 1, delay: float = 0.0) -> None:
        """Does what an op does, and tells how it went.

        Args:
            name: The op.
            work: What it does.
            attempt: How often it has been begun, this time included.
            attempts: How often it is begun at most.
            delay: Seconds between two attempts.

        Raises:
            Failure: It failed; the event stream says why.
            RetryRequested: It failed, and is to be begun again.
        """
        self.failure = None  # of an attempt before
        self._hooks.set_op(name)
        self._hooks.emit(OpStarted(attempt=attempt, attempts=attempts))
        start = perf_counter()
        made: list[Made] = []
        context = copy_context()  # phases that an exception leaves open are those of this call alone
        context.run(NOTED.set, made)
        try:
            context.run(work)
        except (KeyboardInterrupt, DagsterExecutionInterruptedError):
            self._end(OpEnded(status="stopped", seconds=perf_counter() - start, message="stopped"))
            raise
        except Exception as error:
            told = explain(error, self._hooks.ops_path, self._config, made)
            message, key, details = map(self._masked, told)
            self._end(
                OpEnded(
                    status="failed",
                    seconds=perf_counter() - start,
                    message=message,
                    key=key,
                    details=details,
                    error=raised(error),
                    code=code_of(error),
                    advice=self._masked(advice_for(error)),
                    again_in=delay if attempt < attempts else None,
                )
            )
            if attempt < attempts:
                self._wait(delay)
                raise RetryRequested(max_retries=attempts - 1) from None
            # without its cause: a traceback may show values that Dagster's database must not hold
            raise Failure(description=f"{name}: {message}") from None
        self._end(OpEnded(status="succeeded", seconds=perf_counter() - start))

    def close(self) -> None:
        """Writes into the experiment how the run ended, and says good-bye to the hooks."""
        status: RunStatus = self.failure.status if self.failure else "succeeded"
        message = self.failure.message if self.failure else ""
        if self.experiment is not None:
            from niceml_engine.learning.experiment import write_end

            try:
                write_end(self.experiment, status, message)
            except StoreError as error:
                self._hooks.emit(Log(text=str(error), level="error"))
        self._hooks.on_end(status, message)

    def _call(self, spec: OpSpec, attempt: int) -> None:
        module, _, name = spec.function.partition(":")
        function: Callable[[OpContext], None] = getattr(import_module(module), name)
        if spec.name == "experiment":
            from niceml_engine.learning.experiment import new_folder

            self.experiment = new_folder(self.context(spec.name).own, self._hooks.run_info)
        elif self.experiment is None and self._hooks.experiment is not None:
            from niceml_engine.learning.experiment import go_on

            self.experiment = self._hooks.experiment
            go_on(self.context(spec.name))
        function(self.context(spec.name, attempt))

    def _wait(self, seconds: float) -> None:
        """Waits before an op is begun again; here rather than in Dagster, where no wish to stop would be heard."""
        try:
            threading.Event().wait(seconds)
        except (KeyboardInterrupt, DagsterExecutionInterruptedError):
            self.failure = OpEnded(status="stopped", seconds=0.0, message="stopped")
            raise

    def context(self, op: str, attempt: int = 1) -> OpContext:
        """What an op gets to see.

        Args:
            op: The op.
            attempt: How often it has been begun, this time included.
        """
        return OpContext(
            op=op,
            config=self._config,
            emit=self._emit,
            experiment=self.experiment,
            cache=self._cache,
            run_info=self._hooks.run_info,
            attempt=attempt,
            saved=frozenset(self._models),
            ops_path=self._hooks.ops_path,
            now=self._hooks.now,
        )

    def _emit(self, event: Event) -> None:
        if isinstance(event, Log):
            event = msgspec.structs.replace(event, text=self._masked(event.text))
        elif isinstance(event, Artifact) and event.kind == "model":
            self._models.add(event.path)
        self._hooks.emit(event)

    def _end(self, ended: OpEnded) -> None:
        if ended.status != "succeeded":
            self.failure = ended
        self._hooks.emit(ended)
        self._hooks.set_op("")

    def _masked(self, text: str) -> str:
        return masked(text, self._secrets)


def _number(own: Any, op: str, name: str, kind: type[int] | type[float]) -> Any:
    """What the config of an op says of beginning it again; 0 if it says nothing.

    Raises:
        OpError: That is no number, or below 0.
        OmegaConfBaseException: It cannot be resolved.
    """
    value = OmegaConf.select(own, name) if isinstance(own, DictConfig) else None
    try:
        number = kind(value or 0)
    except (TypeError, ValueError):
        number = kind(-1)
    if number < 0:
        what = "a whole number" if kind is int else "a number"
        raise OpError(f"`{value}` is not {what} from 0 on", key=f"{op_key(op)}.{name}")
    return number


def _fail(error: Exception) -> None:
    raise error

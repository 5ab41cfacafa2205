"""What an op gets to see of the run it is part of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from niceml_engine.events import Event, Level, Log, Phase, PhaseStarted
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.values import OPS_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omegaconf import DictConfig

_numbers = count(1)
_inside: ContextVar[int] = ContextVar("_inside", default=0)  #: the phase that is open, in this thread


@dataclass(frozen=True)
class OpContext:
    """Handed to every op function.

    Attributes:
        op: The op's name.
        config: The whole composed config, in which interpolations resolve.
        emit: Writes an event into the run's stream; cheap enough to be called after every batch, from any thread.
        now: The time of day that the events of the run are given, for one that is told of later than it happened.
        experiment: The run's experiment folder; `None` for jobs that make none, such as data generation.
        cache: Objects that later ops of the same process may reuse (a loaded model, decoded images), by name.
        run_info: What the worker knows of the run: `id`, `short_id`, `digest`, `job`, `overrides`, `dagster_job`,
            `device`, its `folder`, the `python_path` of the project's packages, the variables that were `replaced` for
            the worker by what they said before, `resumed` where the training goes on from its last checkpoint, and
            `one_batch` where the run only tries whether everything fits.
        attempt: How often the op has been begun, this time included.
        saved: The models that the attempts before this one have saved, by their paths in the experiment.
        ops_path: Where the configs of ops lie in the composed config. Errors may name keys as if it were the usual
            `ops.<op>.config`; they are told as they are.
    """

    op: str
    config: DictConfig
    emit: Callable[[Event], None]
    experiment: ExperimentFolder | None
    cache: dict[str, object]
    run_info: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    saved: Collection[str] = ()
    ops_path: str = OPS_PATH
    now: Callable[[], float] = time

    @property
    def own(self) -> DictConfig:
        """The op's own config."""
        node: DictConfig = self.of(self.op)
        return node

    def of(self, op: str) -> Any:
        """The config of any op; `None` if it has none."""
        from niceml_engine.jobs.composed import op_config

        return op_config(self.config, op, self.ops_path)

    @property
    def one_batch(self) -> bool:
        """Whether one batch is enough, because the run only tries whether everything fits."""
        return bool(self.run_info.get("one_batch"))

    def log(self, text: str, level: Level = "info") -> None:
        """Writes a line into the log."""
        self.emit(Log(text=text, level=level))

    @contextmanager
    def phase(self, name: str, part: object = "") -> Iterator[None]:
        """Tells of a named part of the op when it begins and when it ends; one may lie inside another.

        Args:
            name: What is done; phases of one name are shown in one row.
            part: Which one of several: the number of an epoch, the name of a subset.
        """
        number, inside, began = next(_numbers), _inside.get(), perf_counter()
        self.emit(PhaseStarted(phase=number, name=name, part=str(part), inside=inside))
        token, failed = _inside.set(number), True
        try:
            yield
            failed = False
        finally:
            _inside.reset(token)
            seconds = perf_counter() - began
            self.emit(Phase(name=name, part=str(part), seconds=seconds, phase=number, inside=inside, failed=failed))

"""Composing the sample job."""

from __future__ import annotations

from collections.abc import Callable

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Selection
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample
from tests.benchmarks.timing import timed_in_turn
from tests.engine.config.reference import ask_hydra

RUNS = 30
CHOICES = {
    "ops/train/train_params@ops.train.config.train_params": ("trainparams_long", "trainparams_smoke"),
    "ops/train/callbacks@ops.train.config.callbacks": ("callbacks_early_stopping", "callbacks_base"),
    "shared/datasets@ops.prediction.config.datasets.validation": (
        DATASETS := ("dataset_cls_digits", "dataset_cls_test")
    ),
    "shared/datasets@ops.prediction.config.datasets.test": DATASETS,
    "shared/datasets@ops.prediction.config.datasets.train_eval": DATASETS,
    "shared/datasets@ops.train.config.data_validation": DATASETS,
}
Edit = Callable[[int], tuple[str, ...]]  #: the overrides of a round
HYDRA = "hydra.compose of the same"


def measure(sample: Sample) -> Table:
    """Composes with Hydra alone and with the composer in turn."""
    warm = Composer(Setting(sample.root))
    job = str(sample.job)

    def hydra(*overrides: str) -> None:
        found = ask_hydra(sample.job, overrides, sample.root, with_defaults=False)
        if found.config is None:
            raise SystemExit(found.error)

    def ours(composer: Composer, *overrides: str) -> None:
        found = composer.compose(Selection(job, overrides))
        if found.error is not None:
            raise SystemExit(found.error.message)

    def in_turn(edit: Edit, make: Callable[[], Composer] = lambda: warm) -> tuple[Measured, Measured]:
        return timed_in_turn(lambda number: ours(make(), *edit(number)), lambda number: hydra(*edit(number)), RUNS)

    cold = in_turn(_nothing, lambda: Composer(Setting(sample.root)))
    again, fresh, known, values = in_turn(_nothing), in_turn(_unseen), in_turn(_seen), in_turn(_value)
    return Table(
        "compose: the sample job, 20 includes",
        [
            Row("cold: nothing read before", cold[0], HYDRA, cold[1]),
            Row("the same once more", again[0], HYDRA, again[1]),
            Row("options chosen as never before", fresh[0], HYDRA, fresh[1], 50, faster=3),
            Row("an option chosen again", known[0], HYDRA, known[1], 50, faster=3),
            Row("a value edited", values[0], HYDRA, values[1], 10, faster=10),
        ],
        "in one process, in turn, after two rounds that are not counted; medians. Ours also says where each value "
        "comes from, what includes what, what can be chosen and what is wrong, and resolves all",
    )


def _nothing(number: int) -> tuple[str, ...]:
    return ()


def _unseen(number: int) -> tuple[str, ...]:
    """Another combination of options for each number below 64."""
    return tuple(f"{key}={options[number >> bit & 1]}" for bit, (key, options) in enumerate(CHOICES.items()))


def _seen(number: int) -> tuple[str, ...]:
    key, options = next(iter(CHOICES.items()))
    return (f"{key}={options[number % 2]}",)


def _value(number: int) -> tuple[str, ...]:
    return (f"ops.train.config.learning_rate={number + 1}e-5",)

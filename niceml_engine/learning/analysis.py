"""The op `analysis`: what the predictions of each subset are worth."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from niceml_engine.errors import OpError
from niceml_engine.events import Analysis, Artifact, Progress, parted
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning import curves
from niceml_engine.learning.build import build
from niceml_engine.results import ALL, Confusion, Lines, Result, brief
from niceml_engine.store.models import read_predictor
from niceml_engine.store.predictions import decide

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

EVEN = 0.5  #: from which on the second of two classes is the more probable one


@dataclass(frozen=True)
class ClassificationAnalyzer:
    """Compares true with predicted classes.

    Attributes:
        prefix: Of the columns that hold probabilities; the class follows.
        threshold: With two classes, the probability from which on the second is predicted; `None`: the most probable.
        metrics: Functions of true and predicted labels (N integers each), by the name of what they measure.
    """

    prefix: str = "prd_"
    threshold: float | None = None
    metrics: Mapping[str, Callable[[Any, Any], float]] = field(default_factory=dict)

    def analyse(self, subset: str, table: pd.DataFrame) -> Analysis:
        """Analyses one subset.

        Args:
            subset: Its name.
            table: A row per image: `class` and a probability per class.

        Returns:
            The metrics, the area under the ROC curve (`auc`) among them, `None` where one cannot be computed; the
            confusion matrix, curves and histograms.

        Raises:
            OpError: The table has no probabilities, or some that are no numbers.
        """
        columns = [name for name in table.columns if name.startswith(self.prefix)]
        if len(columns) < 2:
            raise OpError(
                f"the predictions of {subset} have no columns {self.prefix}*; use the prediction handler's prefix",
                key="ops.analysis.config.analyzer.prefix",
            )
        labels = [name.removeprefix(self.prefix) for name in columns]
        probabilities = table[columns].to_numpy(np.float64)
        true = _true(subset, table["class"], labels)
        _check(subset, probabilities)
        predicted = decide(probabilities, self.threshold)
        decides = (EVEN if self.threshold is None else self.threshold) if len(labels) == 2 else None
        roc = curves.roc(true, probabilities, labels, decides)
        results: list[Result] = [
            self._confusion(true, predicted, labels),
            roc,
            curves.precision_recall(true, probabilities, labels, decides),
            curves.scores(true, probabilities, labels, decides),
        ]
        if curves.are_probabilities(probabilities):
            results.append(curves.calibration(true, probabilities, labels))
        measured, nonfinite = parted(
            {name: float(function(true, predicted)) for name, function in self.metrics.items()}
        )
        areas = [one.value for one in roc.curves if one.value is not None and one.label != ALL]
        measured["auc"] = float(np.mean(areas)) if areas else None
        return Analysis(
            subset=subset,
            metrics=measured,
            results=tuple(result for result in results if not isinstance(result, Lines) or result.curves),
            nonfinite=nonfinite,
        )

    def _confusion(self, true: NDArray[Any], predicted: NDArray[Any], labels: list[str]) -> Confusion:
        from sklearn.metrics import confusion_matrix

        counts = confusion_matrix(true, predicted, labels=range(len(labels))).tolist()
        return Confusion(
            labels=tuple(labels), counts=tuple(map(tuple, counts)), prefix=self.prefix, threshold=self.threshold
        )


def run(context: OpContext) -> None:
    """Analyses every predicted subset and writes `analysis/<subset>.json`; the stream gets what a window shows of it.

    Raises:
        NicemlError: There are no predictions.
    """
    import pandas as pd

    folder = context.experiment
    if folder is None:
        raise OpError("analysis needs an experiment folder; put the op `experiment` before it")
    analyzer: ClassificationAnalyzer = build(context.own, "analyzer")
    files = [name for name in folder.files("predictions") if name.endswith(".parquet")]
    if not files:
        raise OpError("there are no predictions to analyse; put the op `prediction` before `analysis`")
    subsets = sorted((name.rsplit("/", 1)[-1].removesuffix(".parquet") for name in files), key=_rank(context))
    model = read_predictor(folder)
    for number, subset in enumerate(subsets):
        table = pd.read_parquet(io.BytesIO(folder.read(f"predictions/{subset}.parquet")))
        with context.phase("analyse", subset):
            result = msgspec.structs.replace(analyzer.analyse(subset, table), model=model)
        name = f"analysis/{subset}.json"
        size = folder.write(name, msgspec.json.encode(result))
        context.emit(msgspec.structs.replace(result, results=brief(result.results)))
        context.emit(Artifact(kind="analysis", path=name, size=size))
        context.emit(Progress(done=number + 1, total=len(subsets), unit="subset"))


def _rank(context: OpContext) -> Callable[[str], tuple[int, str]]:
    """Keeps the subsets in the order in which the config predicts them."""
    prediction = context.of("prediction")
    known = list((prediction or {}).get("datasets") or ())
    return lambda subset: (known.index(subset) if subset in known else len(known), subset)


def _true(subset: str, classes: pd.Series[str], labels: list[str]) -> NDArray[np.intp]:
    index = {label: number for number, label in enumerate(labels)}
    unknown = sorted(set(classes.astype(str)) - set(index))
    if unknown:
        raise OpError(f"{subset} holds images of {', '.join(unknown)}, which was not predicted; leave them out")
    return np.asarray(classes.astype(str).map(index), np.intp)


def _check(subset: str, probabilities: NDArray[Any]) -> None:
    if not len(probabilities):
        raise OpError(f"the predictions of {subset} have no rows; it has no images")
    broken = int((~np.isfinite(probabilities)).any(axis=1).sum())
    if broken:
        raise OpError(f"the model predicts nan for {broken} of {len(probabilities)} images of {subset}")

"""The op `analysis`: how good the predictions of each subset are."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from niceml_engine.errors import OpError
from niceml_engine.events import Analysis, Artifact, Curve, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.build import build

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ROC_POINTS = 400  #: a curve of more points is thinned out; a screen shows no more


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
            The metrics, the area under the ROC curve (`auc`) among them; `None` where one cannot be computed.

        Raises:
            OpError: The table has no probabilities.
        """
        from sklearn.metrics import confusion_matrix

        columns = [name for name in table.columns if name.startswith(self.prefix)]
        if len(columns) < 2:
            raise OpError(
                f"the predictions of {subset} have no columns {self.prefix}*; use the prediction handler's prefix",
                key="ops.analysis.config.analyzer.prefix",
            )
        labels = [name.removeprefix(self.prefix) for name in columns]
        true = table["class"].map({name: index for index, name in enumerate(labels)}).to_numpy()
        probabilities = table[columns].to_numpy()
        predicted = self._predict(probabilities)
        roc = _roc(true, probabilities, labels)
        measured = {name: float(function(true, predicted)) for name, function in self.metrics.items()}
        areas = [curve.area for curve in roc if curve.area is not None]
        measured["auc"] = float(np.mean(areas)) if areas else math.nan
        confusion = confusion_matrix(true, predicted, labels=range(len(labels)))
        return Analysis(
            subset=subset,
            metrics={name: value if math.isfinite(value) else None for name, value in measured.items()},
            labels=tuple(labels),
            confusion=tuple(tuple(int(count) for count in row) for row in confusion),
            roc=roc,
        )

    def _predict(self, probabilities: NDArray[Any]) -> NDArray[np.int64]:
        if self.threshold is not None and probabilities.shape[1] == 2:
            return (probabilities[:, 1] >= self.threshold).astype(np.int64)
        return np.asarray(probabilities.argmax(axis=1), np.int64)


def run(context: OpContext) -> None:
    """Analyses every predicted subset and writes `analysis/<subset>.json`.

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
    for number, subset in enumerate(subsets):
        table = pd.read_parquet(io.BytesIO(folder.read(f"predictions/{subset}.parquet")))
        with context.phase(f"analyse {subset}"):
            result = analyzer.analyse(subset, table)
        context.emit(result)
        name = f"analysis/{subset}.json"
        size = folder.write(name, msgspec.json.format(msgspec.json.encode(result)))
        context.emit(Artifact(kind="analysis", path=name, size=size))
        context.emit(Progress(done=number + 1, total=len(subsets), unit="subset"))
        shown = "  ".join(f"{key} {'-' if value is None else f'{value:.4f}'}" for key, value in result.metrics.items())
        context.log(f"{subset}  {shown}")


def _rank(context: OpContext) -> Callable[[str], tuple[int, str]]:
    """Keeps the subsets in the order in which the config predicts them."""
    from omegaconf import OmegaConf

    known = list(OmegaConf.select(context.config, "ops.prediction.config.datasets") or ())
    return lambda subset: (known.index(subset) if subset in known else len(known), subset)


def _roc(true: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str]) -> tuple[Curve, ...]:
    """One curve for the second of two classes, or one for each of several against the rest."""
    from sklearn.metrics import auc, roc_curve

    curves = []
    for index in [1] if len(labels) == 2 else range(len(labels)):
        positive = true == index
        if positive.all() or not positive.any():
            continue
        x, y, _ = roc_curve(positive, probabilities[:, index])
        points = np.unique(np.linspace(0, len(x) - 1, min(len(x), ROC_POINTS)).round().astype(int))
        curves.append(
            Curve(label=labels[index], x=tuple(x[points].tolist()), y=tuple(y[points].tolist()), area=float(auc(x, y)))
        )
    return tuple(curves)
